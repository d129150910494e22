//! Embeds the demo book and tells the tests whether the real records are there.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    embed_demo_book();
    find_real_records();
}

/// Writes a list of the demo book's files, each with its bytes, for `app::demo`.
fn embed_demo_book() {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("sample-data/book");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let _ = writeln!(list, "    ({name:?}, include_bytes!({:?})),", file.display().to_string());
    }
    list.push_str("]\n");
    let to = PathBuf::from(variable("OUT_DIR")).join("demo_book.rs");
    if let Err(error) = fs::write(&to, list) {
        panic!("cannot write {}: {error}", to.display());
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.file_name().is_some_and(|name| name == "store") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Sets `cfg(real_records)` where the folder of real records is there; without it those tests are reported as ignored.
#[expect(clippy::disallowed_methods, reason = "a build script is told by variables")]
fn find_real_records() {
    println!("cargo::rustc-check-cfg=cfg(real_records)");
    println!("cargo::rerun-if-env-changed=SERVICEBOOK_REAL_RECORDS");
    let folder = env::var("SERVICEBOOK_REAL_RECORDS").unwrap_or_else(|_| "../shared/data".into());
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join(folder);
    println!("cargo::rerun-if-changed={}", folder.join("TRUTH.md").display());
    if folder.join("TRUTH.md").is_file() {
        println!("cargo::rustc-cfg=real_records");
        println!("cargo::rustc-env=SERVICEBOOK_REAL_RECORDS_AT={}", folder.display());
    }
}

#[expect(clippy::disallowed_methods, reason = "a build script is told by variables")]
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

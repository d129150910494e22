//! CPU utilisation of EC2 instances (Numenta Anomaly Benchmark): a mean hides what a percentile shows.

use super::{assert_printed, record};
use crate::expected::Figures;
use crate::program::Desk;

const CONFIG: &str = r#"
[book]
title = "Processor load"
zone = "UTC"

[[service]]
id = "compute"
name = "Compute"

[[source]]
id = "cloudwatch"
connector = "cloudwatch-cpu"
files = ["ec2_cpu_utilization_*.csv"]
settings = { zone = "UTC" }
"#;

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn processor_load_gives_the_figures_that_were_recomputed() {
    let truth = [
        // resource, mean, p95, percent over 80, samples over 80
        ("825cc2", "89.7913", "96.2416", "96.65", 3_897),
        ("77c1ca", "10.5182", "89.7726", "7.66", 309),
        ("ac20cd", "40.9851", "99.2020", "11.33", 457),
    ];
    let resources = truth.map(|(resource, ..)| {
        format!("\n[[resource]]\nid = \"{resource}\"\nservice = \"compute\"\nmetric = \"cpu\"\nunit = \"%\"\nthreshold = 80.0\n")
    });
    let config = format!("{CONFIG}{}", resources.concat());
    let desk = Desk::new();
    let book = desk.book("processor-load", &[("config.toml", &config)]);
    for entry in std::fs::read_dir(record("nab_aws_cloudwatch")).unwrap() {
        let (path, name) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name())
        };
        if name.to_str().unwrap().starts_with("ec2_cpu_utilization_") {
            std::fs::copy(path, book.join(name)).unwrap();
        }
    }
    let report = desk.on(&book, &["report", "--period", "2014", "--format", "json"]).ends(0).json();
    let figures = Figures::of(&report);
    for (resource, mean, p95, over, samples) in truth {
        let id = |measure: &str| format!("capacity.{measure}/service=compute/metric=cpu/resource={resource}");
        assert_printed(&id("average"), figures.value(&id("average")), mean);
        assert_printed(&id("p95"), figures.value(&id("p95")), p95);
        assert_printed(&id("over_threshold"), figures.value(&id("over_threshold")), over);
        assert_eq!(figures.get(&id("over_threshold"))["numerator"], samples);
        assert_eq!(figures.get(&id("over_threshold"))["denominator"], 4_032);
    }
    // A resource that the config does not name is still shown, without the figures that need a threshold.
    let unnamed = "capacity.over_threshold/metric=cpu/resource=24ae8d";
    assert_eq!(figures.get(unnamed)["missing"]["kind"], "not_configured");
    let findings = report["findings"].as_array().unwrap();
    let unnamed = findings.iter().find(|finding| finding["kind"] == "reading_without_resource").unwrap();
    assert_eq!(unnamed["count"], 5 * 4_032);
}

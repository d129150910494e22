//! `connector`: which there are, what they ask, and a first look at a tool.

use super::{CommandError, Common, ConnectorCommand, Outcome, environment, output};
use crate::app::connector::{self, Asking, Manifest, PERSONAL, Preview, SettingKind, Trial, TriedTable};
use crate::app::pull::{Cancel, Progress};
use crate::app::{Book, SessionError};
use crate::text::{screen_lines, screen_str};
use std::path::Path;

/// Carries out one of the commands.
pub fn connector(common: &Common, command: &ConnectorCommand) -> Result<Outcome, CommandError> {
    let root = connector::folder(&environment::wanted_book(common.book.as_ref()));
    match command {
        ConnectorCommand::List => {
            output::answer(list(root.as_deref()).as_bytes())?;
            Ok(Outcome::Complete)
        }
        ConnectorCommand::Show { tool } => {
            let manifest = connector::manifest(tool, root.as_deref()).map_err(|fault| refused(&fault))?;
            let text = show(&manifest).map_err(|fault| refused(&fault))?;
            output::answer(text.as_bytes())?;
            Ok(Outcome::Complete)
        }
        ConnectorCommand::Check { file } => check(common, file),
        ConnectorCommand::Plan { of, period } => {
            let book = root.as_deref().map(Book::open).transpose()?;
            let (source, preview) = connector::plan(of, root.as_deref(), book.as_ref(), period.as_deref())?;
            output::answer(plan(&source.id, &source.connector, &preview).as_bytes())?;
            Ok(Outcome::Complete)
        }
        ConnectorCommand::Test { source, unmasked } => {
            let (manifest, tried) = with_tool(common, |book, asking| Ok(connector::test(book, source, asking)?))?;
            output::answer(trial(&manifest, &tried, *unmasked).as_bytes())?;
            let failed = tried.requests.iter().any(|request| request.records == 0 && request.failed.is_some());
            let failed = failed || tried.tables.iter().any(|table| table.failed.is_some());
            Ok(if failed { Outcome::Failed } else { Outcome::Complete })
        }
        ConnectorCommand::Record { source, to, pages, unscrubbed } => {
            let specimen = with_tool(common, |book, asking| {
                Ok(connector::record(book, source, to, usize::from(*pages), !unscrubbed, asking)?)
            })?;
            let mut text = String::new();
            for (request, pages) in &specimen.pages {
                text.push_str(&format!("{request}: {pages} pages\n"));
            }
            output::answer(text.as_bytes())?;
            for (request, error) in &specimen.failed {
                output::say(common.color, "error", &format!("[request.{request}]: {}", screen_lines(error)));
            }
            if !common.quiet {
                let shown = screen_str(&to.display().to_string());
                output::talk(&if *unscrubbed {
                    format!("recorded to {shown}; names and texts are in it as the tool gave them")
                } else {
                    format!(
                        "recorded to {shown}; {} texts are pseudonyms; look through it before you give it away",
                        specimen.replaced
                    )
                });
            }
            Ok(if specimen.failed.is_empty() { Outcome::Complete } else { Outcome::Failed })
        }
    }
}

/// Opens the book and asks its tool, with a line that says how far it is.
fn with_tool<T>(
    common: &Common,
    ask: impl FnOnce(&Book, &mut Asking<'_>) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let book = Book::find(&environment::wanted_book(common.book.as_ref()))?;
    let cancel = Cancel::default();
    output::cancel_on_interrupt(&cancel);
    let mut line = output::ProgressLine::new(common.quiet);
    let mut progress = |said: &Progress| line.show("first look", said);
    let mut asking = Asking { period: None, environment: &environment::variable, progress: &mut progress, cancel };
    let came = ask(&book, &mut asking);
    line.clear();
    came
}

fn refused(fault: &connector::ManifestError) -> CommandError {
    CommandError::Session(SessionError::Source(fault.clone().into()))
}

fn list(root: Option<&Path>) -> String {
    let header = ["connector", "feeds", "reads", "proven"].map(str::to_owned);
    let mut rows = Vec::new();
    let mut wrong = String::new();
    for one in connector::list(root) {
        let own = if one.own { " (own)" } else { "" };
        match &one.manifest {
            Ok(manifest) => rows.push(vec![
                format!("{}{own}", screen_str(&one.name)),
                connector::feeds(manifest),
                (if manifest.asks() { "tool" } else { "files" }).to_owned(),
                screen_str(&manifest.connector.proven),
            ]),
            Err(fault) => wrong.push_str(&format!("{}{own}: {fault}\n", screen_str(&one.name))),
        }
    }
    output::columns(&header, &[], &rows) + &wrong
}

/// Writes everything that a connector's manifest says, in sentences.
fn show(manifest: &Manifest) -> Result<String, connector::ManifestError> {
    let head = &manifest.connector;
    let mut text = format!("{}: {}\n", screen_str(&head.name), screen_str(&head.title));
    let mut line = |name: &str, said: &str| text.push_str(&format!("{name:<10}{}\n", screen_str(said)));
    line("feeds", &connector::feeds(manifest));
    line("proven", &head.proven);
    line("rights", head.rights.as_deref().unwrap_or("to read its files"));
    line("docs", head.docs.as_deref().unwrap_or("–"));
    line("settings", if manifest.settings.is_empty() { "none" } else { "" });
    for (name, setting) in &manifest.settings {
        let kind = match setting.kind {
            SettingKind::Text => "text",
            SettingKind::Zone => "zone",
            SettingKind::Url => "url",
            SettingKind::Secret => "secret",
        };
        let default = match &setting.default {
            None => "required".to_owned(),
            Some(default) if default.is_empty() => "default: nothing".into(),
            Some(default) => format!("default {default:?}"),
        };
        line(&format!("  {name}"), &format!(" ({kind}, {default}) {}", setting.hint));
    }
    if let Some(asking) = manifest.asking_in_words()? {
        line("asks as", &asking.auth);
        if let Some(check) = &asking.check {
            line("check", &format!("{check}, before all others"));
        }
        line("rate", &format!("at most {}", asking.rate));
        line("requests", "");
        for request in &asking.requests {
            line(&format!("  {}", request.name), &format!(" {}", request.asked));
            for (word, said) in [
                ("for", request.each.as_deref().unwrap_or_default()),
                ("pages", &request.paging),
                ("order", &request.order),
                ("a pull", &request.window),
                ("complete", &request.complete),
            ] {
                if !said.is_empty() {
                    line(&format!("    {word}"), &format!("  {said}"));
                }
            }
        }
        for (name, when) in &asking.only_with {
            line(&format!("  {name}"), &format!(" only where {when} is given"));
        }
        for sweep in &asking.sweeps {
            line("deleted", sweep);
        }
    }
    for limit in &head.limits {
        line("limit", limit);
    }
    Ok(text)
}

fn check(common: &Common, file: &Path) -> Result<Outcome, CommandError> {
    match connector::check(file)? {
        Ok(manifest) => {
            let name = screen_str(&manifest.connector.name);
            output::answer(format!("{name}: in order; feeds {}\n", connector::feeds(&manifest)).as_bytes())?;
            Ok(Outcome::Complete)
        }
        Err(faults) => {
            for fault in &faults {
                output::say(common.color, "error", &fault.to_string());
            }
            Ok(Outcome::Failed)
        }
    }
}

fn plan(source: &str, tool: &str, preview: &Preview) -> String {
    let mut text =
        format!("{} by {}: the first page of each list; nothing was sent\n", screen_str(source), screen_str(tool));
    for before in &preview.before {
        text.push_str(&format!("\n{}\n", screen_str(before)));
    }
    for request in &preview.requests {
        text.push_str(&format!("\n[request.{}]\n  {}\n", screen_str(&request.name), screen_str(&request.line)));
        if let Some(body) = &request.body {
            text.push_str(&format!("  body      {}\n", screen_str(body)));
        }
        if let Some(each) = &request.each {
            text.push_str(&format!("  for       {}\n", screen_str(each)));
        }
        text.push_str(&format!("  goes on   {}\n", screen_str(&request.goes_on)));
        let windows = match (&request.window, request.windows) {
            (_, 0) => "none: there is no time to ask for".to_owned(),
            (None, _) => "none: everything is asked".into(),
            (Some(first), windows) => {
                let written = "%Y-%m-%dT%H:%M:%SZ";
                format!("{windows}, the first from {} to {}", first.from.format(written), first.to.format(written))
            }
        };
        text.push_str(&format!("  windows   {windows}\n  complete  {}\n", screen_str(&request.complete)));
    }
    text
}

/// Writes what a first look showed.
fn trial(manifest: &Manifest, tried: &Trial, unmasked: bool) -> String {
    let head = &manifest.connector;
    let mut text = format!("{}: {}\n", screen_str(&head.name), screen_str(&head.title));
    text.push_str(&format!("rights    {}\n", screen_str(head.rights.as_deref().unwrap_or("–"))));
    if let Some(check) = &tried.check {
        text.push_str(&format!("check     {}\n", screen_str(check)));
    }
    let clock = match tried.skew_s {
        None => "the tool does not tell its time".to_owned(),
        Some(0) => "the same as ours".into(),
        Some(ahead) if ahead > 0 => format!("{ahead} s ahead of ours"),
        Some(behind) => format!("{} s behind ours", behind.unsigned_abs()),
    };
    text.push_str(&format!("clock     {clock}\n"));
    for request in &tried.requests {
        text.push_str(&format!("\n[request.{}]\n", screen_str(&request.name)));
        if !request.asked.is_empty() {
            text.push_str(&format!("  asked     {}\n", screen_str(&request.asked)));
        }
        if let Some(failed) = &request.failed {
            text.push_str(&format!("  failed    {}\n", screen_lines(failed)));
            continue;
        }
        let of = request.total.map(|total| format!(" of {total} that the tool has")).unwrap_or_default();
        text.push_str(&format!("  records   {}{of}\n  complete  {}\n", request.records, screen_str(&request.complete)));
    }
    for table in &tried.tables {
        text.push_str(&rows(table, unmasked));
    }
    text
}

fn rows(table: &TriedTable, unmasked: bool) -> String {
    let mut text = format!("\n{}: {} rows in these pages\n", table.table, table.rows);
    if let Some(failed) = &table.failed {
        text.push_str(&format!("  failed    {}\n", screen_lines(failed)));
    }
    for (at, row) in table.first.iter().enumerate() {
        text.push_str(&format!("  row {}\n", at + 1));
        for (column, cell) in row {
            let masked = !unmasked && PERSONAL.contains(&column.as_str());
            let shown = if masked { "(masked)".into() } else { crate::text::fit(&screen_str(cell), 90) };
            text.push_str(&format!("    {column:<20}{shown}\n"));
        }
    }
    if !table.absent.is_empty() {
        text.push_str(&format!("  in no record: {}\n", table.absent.join(", ")));
    }
    for found in &table.found {
        text.push_str(&format!("  found: {}\n", screen_str(found)));
    }
    text
}

use super::*;

const GOOD: &str = r#"[connector]
name = "desk"
title = "Desk"
version = 1
language = 1
proven = "here"

[settings.zone]
kind = "zone"
hint = "zone = \"Europe/Berlin\""

[table.tickets.file]
files = ["*.csv"]

[table.tickets.complete]
kind = "whole_file"

[table.tickets.columns]
source_key = { from = "id" }
type = { const = "incident" }
opened_at = { from = "opened", format = "%d/%m/%Y %H:%M", zone = "{zone}" }
"#;

/// A connector that asks a tool.
const ASKING: &str = r#"[connector]
name = "desk"
title = "Desk"
version = 1
language = 1
proven = "here"
rights = "may read"

[settings.url]
kind = "url"
hint = "url = \"https://desk.example\""

[settings.key]
kind = "secret"
hint = "key = \"env:KEY\""

[http]
base = "{url}"
rate = "60/min"

[http.auth]
kind = "header"
name = "X-Key"
value = "{key}"

[request.issues]
path = "/issues.json"
query = [["sort", "id"], ["limit", "{page.rows}"], ["offset", "{page.offset}"], ["since", "{window.from}"]]
rows = "/issues/*"
key = "/id"
order = ["id"]
window = { kind = "changed" }
paging = { kind = "offset", rows = 100 }
complete = { kind = "total", at = "/total" }

[table.tickets]
request = "issues"

[table.tickets.columns]
source_key = { from = "/id" }
type = { const = "incident" }
opened_at = { from = "/opened", format = "rfc3339", zone = "offset" }
"#;

#[test]
fn wrong_words_of_requests_are_told_with_line_and_hint() {
    let cases = [
        ("rights = \"may read\"\n", "", 1, "which rights the account needs", "add `rights"),
        ("kind = \"header\"", "kind = \"haeder\"", 22, "unknown variant `haeder`", "did you mean `header`?"),
        ("base = \"{url}\"", "base = \"{uri}\"", 18, "there is no setting `uri`", ""),
        ("rate = \"60/min\"", "rate = \"fast\"", 19, "`fast`", "rate = "),
        ("order = [\"id\"]\n", "", 26, "does not say by what the tool sorts", "order = "),
        ("order = [\"id\"]", "order = [\"created\"]", 26, "`created`, which the request does not say", "ordered"),
        (", [\"offset\", \"{page.offset}\"]", "", 26, "never says `{page.offset}`", "every page would be the first"),
        ("{page.offset}", "{page.cursor}", 26, "never says `{page.offset}`", ""),
        ("window = { kind = \"changed\" }\n", "", 26, "says `{window.from}`, which nothing fills", ""),
        ("kind = \"changed\"", "kind = \"changed\", overlap = \"1m\"", 26, "shorter than 10 minutes", ""),
        ("paging = { kind = \"offset\", rows = 100 }\n", "", 26, "how its pages follow each other", ""),
        ("complete = { kind = \"total\", at = \"/total\" }", "", 26, "how completeness is known", ""),
        ("key = \"/id\"\n", "", 26, "what identifies a record", ""),
        ("rows = \"/issues/*\"", "rows = \"issues/*\"", 26, "`issues/*` is no path", ""),
        ("request = \"issues\"", "request = \"isues\"", 37, "there is no request `isues`", "did you mean `issues`?"),
        ("source_key = { from = \"/id\" }\n", "", 37, "need a `source_key`", "the next pull"),
        ("from = \"/opened\"", "from = \"/opened\", lookup = \"x\"", 42, "there is no lookup `x`", ""),
        ("value = \"{key}\"", "value = \"{token2}\"", 21, "there is no setting `token2`", ""),
        ("const = \"incident\"", "const = \"{key}\"", 41, "or a secret", ""),
    ];
    Manifest::parse(ASKING, "connectors/desk.toml").unwrap();
    for (good, wrong, line, message, hint) in cases {
        assert!(ASKING.contains(good), "{good}");
        let error = Manifest::parse(&ASKING.replacen(good, wrong, 1), "connectors/desk.toml").unwrap_err();
        assert!(error.message.contains(message), "{wrong}: {}", error.message);
        assert_eq!(error.line, line, "{wrong}: {}", error.message);
        assert!(error.hint.contains(hint), "{wrong}: {}", error.hint);
    }
}

#[test]
fn settings_are_checked_by_kind_and_no_message_repeats_a_secret() {
    let manifest = Manifest::parse(ASKING, "connectors/desk.toml").unwrap();
    let filled = |url: &str, key: &str| {
        manifest.fill(&BTreeMap::from([("url".to_owned(), url.to_owned()), ("key".to_owned(), key.to_owned())]))
    };
    assert!(filled("https://desk.example/base", "env:KEY").is_ok());
    assert!(filled("https://me:hunter22@desk.example", "env:KEY").unwrap_err().contains("settings of their own"));
    assert!(filled("ftp://desk.example", "env:KEY").unwrap_err().contains("no http(s) address"));
    assert!(filled("https://desk.example?key=1", "env:KEY").unwrap_err().contains("without a query"));
    let literal = filled("https://desk.example", "hunter22").unwrap_err();
    assert!(literal.contains("env:") && !literal.contains("hunter22"), "{literal}");
}

#[test]
fn wrong_words_are_told_with_line_and_hint() {
    let cases = [
        ("title = \"Desk\"", "titel = \"Desk\"", 3, "unknown field `titel`", "did you mean `title`?"),
        ("language = 1", "language = 2", 1, "the manifest is in language 2", "this program reads manifest language 1"),
        ("name = \"desk\"", "name = \"disk\"", 1, "the connector is named `disk`, its file `desk`", "give both"),
        (
            "[table.tickets.file]",
            "[table.tikets.file]",
            12,
            "`tikets` is no canonical table",
            "did you mean `tickets`?",
        ),
        ("kind = \"zone\"", "kind = \"tz\"", 9, "unknown variant `tz`", ""),
        ("kind = \"whole_file\"", "kind = \"whole\"", 16, "unknown variant `whole`", ""),
        ("kind = \"whole_file\"", "kind = \"unknowable\"", 15, "`unknowable` needs a reason", "add `reason"),
        ("source_key =", "source_ky =", 19, "tickets has no column `source_ky`", "did you mean `source_key`?"),
        ("from = \"id\"", "form = \"id\"", 19, "unknown field `form`", "did you mean `from`?"),
        ("from = \"id\"", "from = \"id\", const = \"x\"", 19, "`source_key` needs exactly one of", ""),
        ("from = \"id\"", "from = \"id\", zone = \"UTC\"", 19, "`zone` says nothing about `source_key`", ""),
        ("from = \"id\"", "file_name = \"a.csv\"", 19, "`a.csv` must hold `{}` once", ""),
        (", zone = \"{zone}\"", "", 21, "`opened_at` is an instant and has no zone", "add `zone"),
        ("format = \"%d/%m/%Y %H:%M\", ", "", 21, "`opened_at` is an instant and has no format", ""),
        ("{zone}", "{zoen}", 21, "there is no setting `zoen`", ""),
        ("{zone}", "offset", 21, "the format `%d/%m/%Y %H:%M` carries no offset; name the zone", ""),
        ("type = { const = \"incident\" }\n", "", 12, "`type` is required in tickets and is not filled", "add `type`"),
        ("files = [\"*.csv\"]", "delimiter = \";;\"", 13, "`;;` is not one ASCII character", ""),
        ("files = [\"*.csv\"]", "encoding = \"latin-1\"", 13, "unknown variant `latin-1`", ""),
        (
            "[table.tickets.complete]\nkind = \"whole_file\"\n",
            "",
            12,
            "the table does not say how completeness",
            "add [",
        ),
        ("[table.tickets.file]\nfiles = [\"*.csv\"]\n", "", 13, "the table does not say where its records", "add ["),
    ];
    Manifest::parse(GOOD, "connectors/desk.toml").unwrap();
    for (good, wrong, line, message, hint) in cases {
        assert!(GOOD.contains(good), "{good}");
        let error = Manifest::parse(&GOOD.replacen(good, wrong, 1), "connectors/desk.toml").unwrap_err();
        assert!(error.message.starts_with(message), "{wrong}: {}", error.message);
        assert_eq!(error.line, line, "{wrong}: {error}");
        assert!(error.hint.starts_with(hint), "{wrong}: {}", error.hint);
    }
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let cases = [
        ("[table.tickets]\nshape = \"events\"\n", "the shape is `events`, but nothing says which"),
        ("[table.tickets]\nselect = \"DROP TABLE raw\"\n", "`DROP` is not allowed here; write one SELECT"),
        ("[table.tickets]\nselect = \"SELECT * FROM tickets\"\n", "there is no table `tickets`; there are raw"),
        ("[table.tickets.values.type]\nmap = {}\nunlisted = \"drop\"\n", "unknown variant `drop`"),
        ("[table.tickets.values.type]\nmap = {}\n", "missing field `unlisted`"),
        (
            "[table.tickets.values.status]\nmap = {}\nunlisted = \"keep\"\n",
            "`status` has a value map and is not filled",
        ),
        ("[table.tickets.values.opened_at]\nmap = {}\nunlisted = \"keep\"\n", "`opened_at` is no text"),
    ];
    for (added, message) in cases {
        let error = Manifest::parse(&format!("{GOOD}{added}"), "connectors/desk.toml").unwrap_err();
        assert!(error.message.contains(message), "{added}: {error}");
    }
    let events = |track: &str| {
        let at = "at = { from = \"at\", format = \"unix\", zone = \"UTC\" }";
        let added = format!(
            "[table.tickets]\nshape = \"events\"\n[table.tickets.events]\nkey = \"source_key\"\n{at}\ntrack = [\"{track}\"]\n"
        );
        Manifest::parse(&format!("{GOOD}status = {{ from = \"state\" }}\n{added}"), "connectors/desk.toml")
    };
    events("status").unwrap();
    assert_eq!(events("priority").unwrap_err().message, "`priority` is not filled");
    assert_eq!(events("type").unwrap_err().message, "the history of `type` is not kept");
}

#[test]
fn settings_are_checked_before_anything_is_read() {
    let manifest = Manifest::parse(GOOD, "connectors/desk.toml").unwrap();
    let fill = |name: &str, value: &str| manifest.fill(&BTreeMap::from([(name.to_owned(), value.to_owned())]));
    assert!(fill("zone", "Europe/Berlin").is_ok());
    assert!(fill("zone", "CEST").unwrap_err().starts_with("the setting `zone` is `CEST`, which is no IANA zone"));
    assert!(fill("zonne", "UTC").unwrap_err().ends_with("did you mean `zone`?"));
    assert!(manifest.fill(&BTreeMap::new()).unwrap_err().starts_with("the setting `zone` is missing"));
}

#[test]
fn the_shipped_manifests_are_the_files_and_all_are_sound() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
        .collect();
    files.sort();
    assert_eq!(SHIPPED.iter().map(|(name, _)| *name).collect::<Vec<_>>(), files);
    for (name, text) in SHIPPED {
        Manifest::parse(text, &format!("connectors/{name}.toml")).unwrap();
    }
}

#[test]
fn a_book_can_put_its_own_manifest_in_place_of_a_shipped_one() {
    let book = tempfile::tempdir().unwrap();
    assert_eq!(find("csv-tickets", book.path()).unwrap().connector.title, "Tickets from CSV, one row a ticket");
    std::fs::create_dir(book.path().join("connectors")).unwrap();
    let own = GOOD.replace("\"desk\"", "\"csv-tickets\"");
    std::fs::write(book.path().join("connectors/csv-tickets.toml"), own).unwrap();
    assert_eq!(find("csv-tickets", book.path()).unwrap().connector.title, "Desk");
    assert_eq!(find("csv-ticket", book.path()).unwrap_err().hint, "did you mean `csv-tickets`?");
    assert!(find("../config", book.path()).is_err());
}

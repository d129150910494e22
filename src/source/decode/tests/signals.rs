//! Single texts that tell how to ask for the next page.

use super::super::*;

fn paths(texts: &[&str]) -> Vec<FieldPath> {
    texts.iter().map(|text| FieldPath::parse(text).unwrap()).collect()
}

const PAGE: &[u8] =
    br#"{"total": 120, "isLast": false, "nextPageToken": null, "@links": {"next": [{"uri": "/v1?a=\u0026"}]},
    "issues": [{"id": 5}, {"id": 9}], "links": [{"rel": "self", "href": "x"}, {"rel": "next", "href": "y"}]}"#;

#[test]
fn single_texts_are_found_from_the_document_on() {
    let found =
        scalars(PAGE, &paths(&["/@links/next/0/uri", "/total", "$/isLast", "/nextPageToken", "/none/x"])).unwrap();
    assert_eq!(found, [Some("/v1?a=&".into()), Some("120".into()), Some("false".into()), None, None]);
    assert_eq!(
        scalars(PAGE, &paths(&["/links/[rel=next]/href", "/total"])).unwrap(),
        [Some("y".into()), Some("120".into())]
    );
    assert_eq!(scalars(b"\xef\xbb\xbf[]", &[]).unwrap(), []);
}

#[test]
fn what_is_no_single_text_is_an_error() {
    let error = scalars(PAGE, &paths(&["/issues"])).unwrap_err().to_string();
    assert!(error.contains("`/issues` is a list of lists or objects"), "{error}");
    assert!(scalars(PAGE, &paths(&["/total/x"])).unwrap_err().to_string().contains("`/total` is a number"));
    assert!(scalars(br#"{"a": 1, "a": 2}"#, &paths(&["/a"])).unwrap_err().to_string().contains("two members"));
    assert!(scalars(br#"{"a": "\ud800"}"#, &paths(&["/a"])).unwrap_err().to_string().contains("half a character"));
    for end in 0..PAGE.len() {
        assert!(matches!(scalars(&PAGE[..end], &paths(&["/total"])), Err(DecodeError::NotJson { .. })), "{end}");
    }
}

#[test]
fn first_and_last_rows_tell_where_the_next_page_begins() {
    let (rows, id) = (RowPath::parse("/issues/*").unwrap(), FieldPath::parse("/id").unwrap());
    assert_eq!(first_row(Format::Json, PAGE, &rows, &id).unwrap(), Some("5".into()));
    assert_eq!(last_row(Format::Json, PAGE, &rows, &id).unwrap(), Some("9".into()));
    assert_eq!(last_row(Format::Json, br#"{"issues": []}"#, &rows, &id).unwrap(), None);
    assert_eq!(last_row(Format::Json, br#"{"issues": [{"id": 1}, {}]}"#, &rows, &id).unwrap(), None);
    assert_eq!(first_row(Format::Json, br#"{"issues": [{"id": null}, {"id": 1}]}"#, &rows, &id).unwrap(), None);
    assert!(last_row(Format::Json, br#"{"issues": [{"id": 1}, {"id": {}}]}"#, &rows, &id).is_err());
    assert!(last_row(Format::Json, br#"{"errors": []}"#, &rows, &id).is_err());
    let lines = b"{\"id\": 1}\n{\"id\": 2}\n";
    assert_eq!(last_row(Format::Ndjson, lines, &RowPath::default(), &id).unwrap(), Some("2".into()));
}

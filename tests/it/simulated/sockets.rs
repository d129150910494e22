//! The desk behind real sockets: the same walks over the client that users have.

use super::desk::Desk;
use super::speech::{Speech, Style};
use super::walk;
use crate::http::server::{Seen, Server};
use std::sync::{Arc, Mutex};

/// Seeds of each style; the walks within the process are many more.
const SEEDS: u64 = 20;

/// A server that speaks for a desk.
pub fn serve(desk: Arc<Mutex<Desk>>, speech: Arc<Speech>) -> Server {
    Server::start(move |seen, connection| {
        let (headers, body) = speech.answered(&mut desk.lock().unwrap(), &url(seen));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        connection.answer(200, &headers, body.as_bytes());
    })
}

/// What was asked for, as an address.
pub fn url(seen: &Seen) -> url::Url {
    url::Url::parse("http://desk.example").unwrap().join(&seen.target).unwrap()
}

#[test]
fn twenty_desks_of_each_style_are_the_same_over_sockets() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let walks = Style::ALL.map(|style| {
            scope.spawn(move || {
                let seeds = 1_000_001..=1_000_000 + SEEDS;
                let wrong =
                    seeds.filter_map(|seed| walk(style, seed, true).err().map(|error| format!("seed {seed}: {error}")));
                wrong.collect::<Vec<String>>()
            })
        });
        walks.into_iter().flat_map(|walk| walk.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {} seeds are wrong:\n{}", wrong.len(), SEEDS * 8, wrong[0]);
}

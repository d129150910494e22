//! Records from the thread that reads a page to the one that takes them, so that both work at once.
//!
//! Batches keep the order. Must not know what records mean.

use super::DecodeError;
use super::assembly::Sink;
use crate::source::split::Record;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

/// From what size on a page is worth a thread, in bytes.
const WORTH: usize = 1 << 20;
/// How much is handed over at once, in bytes.
const BATCH: usize = 256 << 10;
/// How many rows are handed over at once.
const BATCH_ROWS: usize = 4_096;
/// How many batches may wait.
const WAITING: usize = 4;

/// Runs a reader of records; of a big page on a thread of its own, while this one takes the records.
pub(super) fn between(
    size: usize,
    take: &mut dyn FnMut(Record<'_>, Result<(), String>),
    read: impl FnOnce(&mut Sink<'_>) -> Result<(), DecodeError> + Send,
) -> Result<(), DecodeError> {
    if size < WORTH {
        return read(&mut |record, outcome| take(record, outcome));
    }
    std::thread::scope(|scope| {
        let (full, batches) = sync_channel(WAITING);
        let (used, empty) = channel();
        let reader = scope.spawn(move || {
            let mut sender = Sender { batch: Batch::default(), full, empty };
            let outcome = read(&mut |record, outcome| sender.add(record, outcome));
            sender.send();
            outcome
        });
        for mut batch in batches {
            batch.drain(take);
            // The reader may be done already.
            let _ = used.send(batch);
        }
        match reader.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

struct Sender {
    batch: Batch,
    full: SyncSender<Batch>,
    empty: Receiver<Batch>,
}

impl Sender {
    fn add(&mut self, record: Record<'_>, outcome: Result<(), String>) {
        self.batch.add(record, outcome);
        if self.batch.bytes.len() > BATCH || self.batch.rows.len() >= BATCH_ROWS {
            self.send();
        }
    }

    fn send(&mut self) {
        let next = self.empty.try_recv().unwrap_or_default();
        // The other side hangs up only where it panics, and then takes us with it.
        let _ = self.full.send(std::mem::replace(&mut self.batch, next));
    }
}

/// Some records, one after the other.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    rows: Vec<Row>,
}

struct Row {
    bytes_end: usize,
    ends_end: usize,
    line: u64,
    too_long: bool,
    outcome: Result<(), String>,
}

impl Batch {
    fn add(&mut self, record: Record<'_>, outcome: Result<(), String>) {
        self.bytes.extend_from_slice(record.bytes);
        self.ends.extend_from_slice(record.ends);
        self.rows.push(Row {
            bytes_end: self.bytes.len(),
            ends_end: self.ends.len(),
            line: record.line,
            too_long: record.too_long,
            outcome,
        });
    }

    fn drain(&mut self, take: &mut dyn FnMut(Record<'_>, Result<(), String>)) {
        let (mut byte, mut end) = (0, 0);
        for row in self.rows.drain(..) {
            let record = Record {
                bytes: &self.bytes[byte..row.bytes_end],
                ends: &self.ends[end..row.ends_end],
                line: row.line,
                too_long: row.too_long,
            };
            (byte, end) = (row.bytes_end, row.ends_end);
            take(record, row.outcome);
        }
        self.bytes.clear();
        self.ends.clear();
    }
}

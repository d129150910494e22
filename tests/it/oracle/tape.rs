//! Cases that are made from tapes of numbers, and tapes that shrink while a difference stays.
//!
//! A number that is missing or nought stands for the simplest choice, so that shrinking is to cut, to wipe and to halve.

use crate::calendar_oracle::{PLACES, cases};

/// The numbers that one case is made from.
pub type Tape = Vec<u32>;

/// Reads choices off a tape.
pub struct Draw<'a>(std::slice::Iter<'a, u32>);

impl<'a> Draw<'a> {
    pub fn of(tape: &'a [u32]) -> Self {
        Self(tape.iter())
    }

    /// 0 to `bound` − 1.
    pub fn below(&mut self, bound: i64) -> i64 {
        let number = self.0.next().copied().unwrap_or(0);
        (i64::from(number) * bound) >> 32
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(to - from)
    }

    /// True once in `bound` times; not on an empty tape.
    pub fn one_in(&mut self, bound: i64) -> bool {
        self.below(bound) == bound - 1
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as i64) as usize].clone()
    }
}

/// Where oracle and program do not agree.
#[derive(Debug)]
pub struct Difference {
    /// Which case of the batch.
    pub case: usize,
    pub text: String,
}

/// How many numbers a batch and each of its cases have, and how many cases stand in one book.
#[derive(Clone, Copy)]
pub struct Size {
    pub head: usize,
    pub case: usize,
    pub batch: usize,
}

/// Compares as many cases as are asked for, a batch in one book, each batch at the next place. `compare` returns how
/// many answers said something; the sum must be at least `telling` in a hundred cases.
pub fn walk(
    seed: u64,
    size: Size,
    telling: usize,
    compare: impl Fn(usize, &Tape, &[Tape]) -> Result<usize, Difference>,
) {
    let mut state = seed;
    let mut numbers = |count: usize| -> Tape { (0..count).map(|_| next(&mut state)).collect() };
    let (mut walked, mut told) = (0, 0);
    for batch in 0.. {
        if walked >= cases() {
            break;
        }
        let place = batch % PLACES.len();
        let head = numbers(size.head);
        let tapes: Vec<Tape> = (0..size.batch).map(|_| numbers(size.case)).collect();
        walked += tapes.len();
        match compare(place, &head, &tapes) {
            Ok(answers) => told += answers,
            Err(found) => {
                let single = |head: &Tape, tape: &Tape| compare(place, head, std::slice::from_ref(tape)).err();
                let text = match single(&head, &tapes[found.case]) {
                    Some(alone) => shrink(head, tapes[found.case].clone(), alone, single).text,
                    None => format!("only beside the other cases of its book: {}", found.text),
                };
                panic!("batch {batch}, case {} at {:?}: {text}", found.case, PLACES[place]);
            }
        }
    }
    assert!(told * 100 >= telling * walked, "only {told} answers of {walked} cases say something");
}

/// SplitMix64: the same cases on each run and machine.
fn next(state: &mut u64) -> u32 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 32) as u32
}

/// Makes both tapes simpler for as long as there is a difference.
fn shrink(
    mut head: Tape,
    mut tape: Tape,
    mut difference: Difference,
    compare: impl Fn(&Tape, &Tape) -> Option<Difference>,
) -> Difference {
    let mut tries = 700;
    loop {
        let before = (head.clone(), tape.clone());
        for of_head in [false, true] {
            let mut length = if of_head { head.len() } else { tape.len() };
            while length > 0 {
                let mut from = 0;
                while from < if of_head { head.len() } else { tape.len() } {
                    for way in [Way::Cut, Way::Wipe, Way::Halve] {
                        let old = if of_head { &head } else { &tape };
                        let Some(simpler) = way.simpler(old, from, length) else { continue };
                        let (new_head, new_tape) =
                            if of_head { (simpler, tape.clone()) } else { (head.clone(), simpler) };
                        tries -= 1;
                        if let Some(still) = compare(&new_head, &new_tape) {
                            (head, tape, difference) = (new_head, new_tape, still);
                            break;
                        }
                        if tries <= 0 {
                            return difference;
                        }
                    }
                    from += length;
                }
                length /= 2;
            }
        }
        if before == (head.clone(), tape.clone()) {
            return difference;
        }
    }
}

#[derive(Clone, Copy)]
enum Way {
    Cut,
    Wipe,
    Halve,
}

impl Way {
    fn simpler(self, tape: &[u32], from: usize, length: usize) -> Option<Tape> {
        let to = (from + length).min(tape.len());
        let mut simpler = tape.to_vec();
        match self {
            Self::Cut => drop(simpler.drain(from..to)),
            Self::Wipe => simpler[from..to].fill(0),
            Self::Halve if length <= 2 => simpler[from..to].iter_mut().for_each(|number| *number /= 2),
            Self::Halve => return None,
        }
        (simpler != tape).then_some(simpler)
    }
}

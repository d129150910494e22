//! Bodies as they come: counted, unpacked and held to their limits, chunk by chunk.
//!
//! Nothing grows past its limit by more than one step of the unpacker, some 32 KB. Must not know where chunks come
//! from.

use super::Limits;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// As it is.
    None,
    /// gzip, in one member or many.
    Gzip,
}

impl Packing {
    /// Reads the values of `Content-Encoding`; an error is what else was found.
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let words: Vec<String> =
            values.flat_map(|value| value.split(',')).map(|word| word.trim().to_ascii_lowercase()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] | ["identity"] => Ok(Self::None),
            ["gzip" | "x-gzip"] => Ok(Self::Gzip),
            others => Err(others.join(", ")),
        }
    }
}

/// Why a body is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is larger than a body may be.
    Large,
    /// It grows more than a body may grow.
    Bomb,
    /// Its packing is damaged, ends early, or is followed by something else.
    Damaged(String),
}

/// A body that is being read.
pub(super) enum Unpacker {
    /// Kept as it comes.
    Plain(Held),
    /// Unpacked as it comes.
    Gzip(Box<MultiGzDecoder<Held>>),
}

/// What was unpacked so far, and the limits it is held to.
pub(super) struct Held {
    bytes: Vec<u8>,
    packed: usize,
    limits: Limits,
    refusal: Option<Refusal>,
}

impl Unpacker {
    pub(super) fn new(packing: Packing, limits: &Limits) -> Self {
        let held = Held { bytes: Vec::new(), packed: 0, limits: limits.clone(), refusal: None };
        match packing {
            Packing::None => Self::Plain(held),
            Packing::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(held))),
        }
    }

    /// Takes a chunk as it came.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        match self {
            Self::Plain(held) => {
                held.count(chunk)?;
                let written = held.write_all(chunk);
                held.outcome(written)
            }
            Self::Gzip(decoder) => {
                decoder.get_mut().count(chunk)?;
                let written = decoder.write_all(chunk);
                decoder.get_mut().outcome(written)
            }
        }
    }

    /// Ends the body and returns it unpacked.
    pub(super) fn finish(self) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Plain(held) => Ok(held.bytes),
            Self::Gzip(mut decoder) => {
                let ended = decoder.try_finish();
                let held = decoder.get_mut();
                held.outcome(ended)?;
                Ok(std::mem::take(&mut held.bytes))
            }
        }
    }
}

impl Held {
    /// Counts what came. Packing that unpacks to nothing, without end, has an end here.
    fn count(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        self.packed += chunk.len();
        if self.packed > self.limits.unpacked_bytes { Err(Refusal::Large) } else { Ok(()) }
    }

    /// The refusal of our own where there is one, else what the unpacker found wrong.
    fn outcome(&mut self, result: std::io::Result<()>) -> Result<(), Refusal> {
        result.map_err(|error| self.refusal.take().unwrap_or_else(|| Refusal::Damaged(error.to_string())))
    }
}

impl Write for Held {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        let size = self.bytes.len() + more.len();
        self.refusal = if size > self.limits.unpacked_bytes {
            Some(Refusal::Large)
        } else if size > self.limits.ratio_from_bytes && size / self.limits.ratio.max(1) > self.packed {
            Some(Refusal::Bomb)
        } else {
            None
        };
        if self.refusal.is_some() {
            return Err(std::io::Error::other("refused"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Unpacks in steps of some bytes, as a network gives them.
    fn unpacked(bytes: &[u8], step: usize, limits: &Limits) -> Result<Vec<u8>, Refusal> {
        let mut unpacker = Unpacker::new(Packing::Gzip, limits);
        for chunk in bytes.chunks(step) {
            unpacker.take(chunk)?;
        }
        unpacker.finish()
    }

    #[test]
    fn many_members_are_one_body_in_whatever_chunks() {
        let bytes = [packed(b"first "), packed(b""), packed(b"second")].concat();
        for step in 1..bytes.len() {
            assert_eq!(unpacked(&bytes, step, &Limits::default()).unwrap(), b"first second", "{step}");
        }
    }

    #[test]
    fn an_early_end_and_anything_behind_the_end_are_damage() {
        let whole = packed(b"all of it, and a little more");
        for end in 1..whole.len() {
            for step in [1, 1000] {
                let result = unpacked(&whole[..end], step, &Limits::default());
                assert!(matches!(result, Err(Refusal::Damaged(_))), "{end} by {step}: {result:?}");
            }
        }
        for tail in [&b"x"[..], b"\0\0\0\0", b"more text behind the end", &[0x1f], &[0x1f, 0x8b, 8]] {
            for step in [1, 7, 1000] {
                let result = unpacked(&[&whole, tail].concat(), step, &Limits::default());
                assert!(matches!(result, Err(Refusal::Damaged(_))), "{tail:?} by {step}: {result:?}");
            }
        }
        let mut wrong_sum = whole.clone();
        let at = wrong_sum.len() - 6;
        wrong_sum[at] ^= 1;
        assert!(matches!(unpacked(&wrong_sum, 1000, &Limits::default()), Err(Refusal::Damaged(_))));
    }

    #[test]
    fn a_bomb_ends_at_its_limit_and_holds_no_more() {
        let bomb = packed(&vec![0; 8 << 20]);
        let limits = Limits { unpacked_bytes: 1 << 20, ratio: 1_000_000, ..Limits::default() };
        let mut unpacker = Unpacker::new(Packing::Gzip, &limits);
        assert_eq!(unpacker.take(&bomb), Err(Refusal::Large));
        let Unpacker::Gzip(decoder) = &mut unpacker else { unreachable!() };
        assert!(decoder.get_mut().bytes.len() <= 1 << 20);

        assert_eq!(unpacked(&bomb, 1000, &Limits::default()), Err(Refusal::Bomb));
        // Below the first MB anything goes: small answers of many like rows pack well.
        assert_eq!(unpacked(&packed(&vec![0; 1 << 20]), 1000, &Limits::default()).unwrap().len(), 1 << 20);
    }

    #[test]
    fn members_without_anything_in_them_have_an_end_too() {
        let limits = Limits { unpacked_bytes: 1 << 10, ..Limits::default() };
        assert_eq!(unpacked(&packed(b"").repeat(100), 64, &limits), Err(Refusal::Large));
    }

    #[test]
    fn what_is_packed_otherwise_is_named() {
        let of = |values: &[&'static str]| Packing::of(values.iter().copied());
        assert_eq!(of(&[]), Ok(Packing::None));
        assert_eq!(of(&["identity"]), Ok(Packing::None));
        assert_eq!(of(&["GZIP"]), Ok(Packing::Gzip));
        for other in ["deflate", "br", "zstd", "gzip, gzip", "gzip, br"] {
            assert_eq!(of(&[other]), Err(other.to_owned()));
        }
        assert_eq!(of(&["gzip", "gzip"]), Err("gzip, gzip".to_owned()));
    }
}

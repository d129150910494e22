//! What the console survives, and how it ends: lost lines, signals, panics, kills, stops, storms of sizes, pastes, garbage.
//!
//! `SERVICEBOOK_TRIALS` repeats each way of ending so often; once is the default.

use super::line::{Line, Start, computed, demo, signal, stat};
use super::tour::HOME;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(2);

#[expect(clippy::disallowed_methods, reason = "how often is said by who runs the test")]
fn trials() -> usize {
    std::env::var("SERVICEBOOK_TRIALS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

#[track_caller]
fn is_gone(pid: u32) {
    let start = Instant::now();
    while stat(pid).is_some_and(|fields| fields[0] != "Z") {
        assert!(start.elapsed() < SOON, "process {pid} is still there: {:?}", stat(pid));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts in a shell, with what it was before noted, and waits for Home.
fn opened(shell: &str) -> (Line, String) {
    let line = Line::start(&Start { shell, ..Start::default() });
    let before = line.modes();
    line.wait_shown(HOME);
    (line, before)
}

#[test]
fn nobody_stays_when_the_line_is_cut() {
    for _ in 0..trials() {
        for shell in ["exec \"$0\"", "trap '' HUP; exec \"$0\"", "trap '' HUP; \"$0\"", "\"$0\"; true"] {
            let (mut line, _) = opened(shell);
            let chain = line.chain();
            line.cut.store(true, Ordering::SeqCst);
            // The reader lets go of the line at the answer to this key.
            line.press("j");
            std::thread::sleep(Duration::from_millis(60));
            let computed_before = computed(*chain.last().unwrap()).unwrap_or(0);
            line.writer = None;
            line.master = None;
            let start = Instant::now();
            let mut spent = 0;
            while let Some(so_far) = computed(*chain.last().unwrap()).filter(|_| start.elapsed() < SOON) {
                spent = so_far - computed_before;
                std::thread::sleep(Duration::from_millis(2));
            }
            assert!(spent <= 20, "{spent} hundredths of a second computed after the line was cut");
            chain.into_iter().skip(1).for_each(is_gone);
            let code = line.ends_within(SOON);
            // A shell that waits is itself ended by the signal.
            assert!(code == 129 || shell.ends_with("true"), "{shell}: {code}");
        }
    }
}

#[test]
fn the_console_ends_when_the_process_that_waits_for_it_is_killed() {
    for _ in 0..trials() {
        let (mut line, _) = opened("\"$0\"; true");
        // The shell may tell of the killed process before the console has given its screen back.
        line.violent = true;
        let chain = line.chain();
        let [_, guard, console] = chain[..] else { panic!("{chain:?}") };
        signal(guard, "KILL");
        is_gone(console);
        line.ends_within(SOON);
        line.wait_until("the terminal back", || !line.seen_alternate());
    }
}

#[test]
fn signals_give_the_terminal_back_whoever_gets_them() {
    for _ in 0..trials() {
        for (name, number) in [("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)] {
            for to_console in [false, true] {
                let (mut line, before) = opened("exec \"$0\"");
                let chain = line.chain();
                signal(if to_console { *chain.last().unwrap() } else { chain[0] }, name);
                assert_eq!(line.ends_within(SOON), 128 + number, "{name}");
                line.is_given_back();
                assert_eq!(line.modes(), before);
            }
        }
    }
}

#[test]
fn a_killed_console_leaves_the_terminal_as_it_was_and_says_why() {
    for _ in 0..trials() {
        for (name, number) in [("KILL", 9), ("ABRT", 6)] {
            let (mut line, before) = opened("exec \"$0\"");
            signal(*line.chain().last().unwrap(), name);
            assert_eq!(line.ends_within(SOON), 128 + number, "{name}");
            assert!(!line.text().contains("\u{1b}[23;2t"), "the window had no name of ours");
            line.wait_until("the modes as before", || line.modes() == before);
            line.wait_shown("the console is gone");
            line.is_given_back();
        }
    }
}

#[test]
fn a_console_that_ends_before_its_last_bytes_are_taken_leaves_the_modes_as_they_were() {
    let mut line = Line::start(&Start { size: (200, 60), ..Start::default() });
    let before = line.modes();
    line.wait_shown(HOME);
    // Nobody reads what the terminal gets any more, so that it takes no bytes once it is full. It takes some more at each
    // signal to who waits for it, until it is really full.
    line.cut.store(true, Ordering::SeqCst);
    let console = *line.chain().last().unwrap();
    for _ in 0..60 {
        line.press("\u{c}");
        signal(console, "WINCH");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_ne!(line.modes(), before);
    signal(console, "TERM");
    assert_eq!(line.ends_within(2 * SOON), 143);
    assert_eq!(line.modes(), before);
}

#[test]
fn an_abort_at_any_place_leaves_the_terminal_as_it_was() {
    for place in ["terminal.taken!", "frame.drawn!", "keys.start!", "event.answer!"] {
        let mut line = Line::start(&Start { variables: &[("SERVICEBOOK_FAILPOINT", place)], ..Start::default() });
        assert_eq!(line.ends_within(Duration::from_secs(20)), 134, "{place}");
        line.wait_shown("the console is gone");
        line.is_given_back();
    }
}

/// Where it is made to break, and the keys that lead there from Home; at `>` what they ask for is awaited.
const PLACES: &[(&str, &str)] = &[
    ("terminal.before", ""),
    ("terminal.taken", ""),
    ("keys.start", ""),
    ("keys.bytes", "j"),
    ("answers.start", ""),
    ("answers.answer", ""),
    ("signals.start", ""),
    ("effect.ask", ""),
    ("effect.repaint", "\u{c}"),
    ("effect.suspend", "\u{1a}"),
    ("effect.quit", "q\r"),
    ("frame.before", ""),
    ("frame.drawn", ""),
    ("frame.shown", ""),
    ("event.answer", ""),
    ("event.letter", "j"),
    ("event.control", "\u{4}"),
    ("event.enter", "\r"),
    ("event.esc", "\u{1b}"),
    ("event.tab", "\t"),
    ("event.move", "\u{1b}[B"),
    ("event.paste", "\u{1b}[200~x\u{1b}[201~"),
    ("event.burst", "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj"),
    ("event.mouse", "\u{1b}[<0;5;5M"),
    ("effect.copy", "yf"),
    ("effect.mouse", ":mouse\r"),
    ("screen.Home", ""),
    ("screen.Service report", "gs"),
    ("screen.SLA", "gl"),
    ("screen.Availability", "ga"),
    ("screen.Capacity", "gc"),
    ("screen.Continuity", "gn"),
    ("screen.Backlog", "gb"),
    ("screen.Measures", "gm"),
    ("screen.Sources", "go"),
    ("overlay.log", ":log\r"),
    ("overlay.columns", "gt>c"),
    ("overlay.plain", "Y"),
    ("overlay.palette", ":"),
    ("overlay.record", "go\r"),
    ("overlay.help", "?"),
    ("overlay.why", "i"),
    ("overlay.export", "e"),
    ("overlay.quit", "q"),
    ("body.figures", ""),
    ("body.rows", "gt"),
    ("body.sql", "gq"),
    ("body.ticket", "gt>\r"),
    ("event.backspace", "/x\u{7f}"),
    ("event.tick", ""),
];

/// What is worked on beside the console when it is made to break, and the keys that ask for it.
const WORK: &[(&str, &str)] = &[
    ("worker.open", ""),
    ("worker.document", ""),
    ("worker.rows", "gt"),
    ("worker.ticket", "gt>\r"),
    ("worker.tables", "gq"),
    ("worker.export", "e>>\r"),
];

#[test]
fn a_panic_at_any_place_is_told_on_the_normal_screen() {
    let mut trouble = Vec::new();
    for (place, keys) in PLACES {
        let mut line = Line::start(&Start { variables: &[("SERVICEBOOK_FAILPOINT", place)], ..Start::default() });
        let before = line.modes();
        press(&mut line, keys);
        let code = line.ends_within(Duration::from_secs(20));
        line.is_given_back();
        let said = line.shown();
        if code != 1 || !said.contains(&format!("failpoint {place}")) || line.modes() != before {
            trouble.push(format!("{place}: exit code {code}, {said}"));
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}

/// Presses keys on Home, with waits where they say so.
fn press(line: &mut Line, keys: &str) {
    if keys.is_empty() {
        return;
    }
    line.wait_shown(HOME);
    for (at, part) in keys.split('>').enumerate() {
        if at == 1 && keys.starts_with("gt") {
            line.wait_shown("Row 1 of");
        } else if at > 0 {
            // What follows a burst of keys confirms nothing.
            std::thread::sleep(Duration::from_millis(300));
            line.settle();
        }
        line.press(part);
    }
}

#[test]
fn a_window_that_changes_while_the_console_breaks_is_given_back_too() {
    for place in ["event.resize", "signals.window"] {
        let mut line = Line::start(&Start { variables: &[("SERVICEBOOK_FAILPOINT", place)], ..Start::default() });
        line.wait_shown(HOME);
        line.resize((100, 30));
        assert_eq!(line.ends_within(Duration::from_secs(20)), 1, "{place}");
        line.is_given_back();
        line.wait_shown(&format!("failpoint {place}"));
    }
}

#[test]
fn a_panic_of_a_worker_leaves_the_console_usable_and_is_told_when_it_is_left() {
    for (place, keys) in WORK {
        let mut line = Line::start(&Start { variables: &[("SERVICEBOOK_FAILPOINT", place)], ..Start::default() });
        press(&mut line, keys);
        line.wait_until("the console", || line.seen_alternate());
        std::thread::sleep(Duration::from_millis(1500));
        line.settle();
        line.press("\u{3}\u{3}");
        assert_eq!(line.ends_within(SOON), 1, "{place}");
        line.is_given_back();
        line.wait_shown(&format!("failpoint {place}"));
    }
}

#[test]
fn a_stop_goes_back_to_the_shell_and_on_again_also_in_another_size() {
    // A shell with jobs: each line that is typed brings the console to the front.
    let shell = "set -m; \"$0\"; while [ $? -gt 128 ]; do echo STOPPED; read -r _; fg >/dev/null; done; echo LEFT";
    let (mut line, before) = opened(shell);
    for cycle in 0..4 * trials() {
        line.press("\u{1a}");
        line.wait_until("the shell", || line.text().matches("STOPPED").count() == cycle + 1);
        assert!(!line.seen_alternate());
        assert_eq!(line.modes(), before);
        let size = if cycle % 2 == 0 { (100, 30) } else { (80, 24) };
        line.resize(size);
        line.press("\n");
        line.wait_until("the console", || line.seen_alternate());
        line.wait_shown(HOME);
        assert_ne!(line.modes(), before);
    }
    // Stopped and continued by others, without a word to the console.
    let console = *line.chain().last().unwrap();
    signal(console, "STOP");
    std::thread::sleep(Duration::from_millis(50));
    signal(console, "CONT");
    line.wait_shown(HOME);
    line.press("q\r");
    line.wait_for("LEFT");
    line.ends_within(SOON);
    line.is_given_back();
    assert_eq!(line.modes(), before);
}

#[test]
fn a_stop_from_outside_gives_the_terminal_back_first() {
    // So long after it goes on, a stop is the one before, heard twice.
    const SAME_STOP: Duration = Duration::from_millis(500);
    let shell = "set -m; \"$0\"; while [ $? -gt 128 ]; do echo STOPPED; read -r _; fg >/dev/null; done; echo LEFT";
    let (mut line, before) = opened(shell);
    let chain = line.chain();
    for (at, pid) in chain[1..].iter().enumerate() {
        signal(*pid, "TSTP");
        line.wait_until("the shell", || line.text().matches("STOPPED").count() == at + 1);
        assert!(!line.seen_alternate());
        assert_eq!(line.modes(), before);
        line.press("\n");
        line.wait_until("the console", || line.seen_alternate());
        std::thread::sleep(SAME_STOP);
        line.wait_shown(HOME);
    }
    line.press("q\r");
    line.wait_for("LEFT");
    line.ends_within(SOON);
}

#[test]
fn a_stop_of_the_whole_job_is_one_stop() {
    let shell = "set -m; \"$0\"; while [ $? -gt 128 ]; do echo STOPPED; read -r _; fg >/dev/null; done; echo LEFT";
    let (mut line, _) = opened(shell);
    let job = format!("-{}", line.chain()[1]);
    for cycle in 0..3 * trials() {
        std::process::Command::new("/bin/kill").args(["-s", "TSTP", "--", &job]).status().unwrap();
        line.wait_until("the shell", || line.text().matches("STOPPED").count() == cycle + 1);
        std::thread::sleep(Duration::from_millis(100));
        line.press("\n");
        line.wait_until("the console", || line.seen_alternate());
        // A second stop would be heard now; the next one of this test is later than that.
        std::thread::sleep(Duration::from_millis(700));
        line.wait_shown(HOME);
        assert_eq!(line.text().matches("STOPPED").count(), cycle + 1, "it stopped again");
    }
    line.press("q\r");
    line.wait_for("LEFT");
    line.ends_within(SOON);
}

#[test]
fn a_stopped_console_that_is_ended_leaves_the_terminal_alone() {
    for _ in 0..3 * trials() {
        for stop in ["\u{1a}", "STOP"] {
            // As a shell does it for `kill %1`: the signal, then the word to go on.
            let shell = "set -m; \"$0\"; echo STOPPED; stty -echo; kill -TERM -- -$(jobs -p); kill -CONT -- -$(jobs -p); \
                         wait %1; echo ENDED $?; stty echo";
            let (mut line, before) = opened(shell);
            let chain = line.chain();
            if stop == "STOP" {
                line.violent = true;
                let job = format!("-{}", chain[1]);
                std::process::Command::new("/bin/kill").args(["-s", "STOP", "--", &job]).status().unwrap();
            } else {
                line.press(stop);
            }
            line.wait_for("ENDED 143");
            chain.into_iter().skip(1).for_each(is_gone);
            line.ends_within(SOON);
            assert!(!line.seen_alternate());
            // Where the console was stopped without a word to it, modes are the affair of the shell, and this one has none.
            assert!(stop == "STOP" || line.modes() == before);
        }
    }
}

#[test]
fn a_stop_is_not_offered_where_nobody_would_continue_it() {
    for shell in ["exec \"$0\"", "\"$0\"; true", "set -m; trap '' TSTP; \"$0\"; true"] {
        let (mut line, _) = opened(shell);
        line.press("\u{1a}");
        line.wait_shown("There is no shell to go back to.");
        line.leave();
    }
}

#[test]
fn after_a_storm_of_sizes_the_screen_is_right() {
    let mut line = Line::open((80, 24));
    let began = Instant::now();
    let mut at = 0_u16;
    while began.elapsed() < Duration::from_secs(2) {
        at = at.wrapping_add(1);
        line.resize((1 + at * 37 % 220, 1 + at * 13 % 70));
        std::thread::sleep(Duration::from_millis(5));
    }
    line.resize((100, 30));
    let last = Instant::now();
    let fresh = Line::open((100, 30));
    let waited = last.elapsed();
    line.wait_until("the screen of a fresh console", || line.shown() == fresh.shown());
    assert!(last.elapsed() < waited + Duration::from_millis(200) + SOON);
    line.press("\u{c}");
    line.settle();
    assert_eq!(line.grid().to_snapshot(), fresh.grid().to_snapshot());
    fresh.leave();
    line.leave();
}

#[test]
fn one_cell_is_enough_to_start() {
    let line = Line::start(&Start { size: (1, 1), ..Start::default() });
    line.wait_for("\u{1b}[?2026l");
    line.settle();
    line.resize((80, 24));
    line.wait_shown(HOME);
    line.leave();
}

#[test]
fn every_kind_of_terminal_gets_a_screen_that_it_can_show() {
    for term in ["vt100", "linux", "screen", "xterm-256color", "nobody-knows-this-one"] {
        for language in [None, Some("C"), Some("C.UTF-8")] {
            let mut shell = format!("export TERM={term}; unset LANG; ");
            if let Some(language) = language {
                shell.push_str(&format!("export LANG={language}; "));
            }
            let line = Line::start(&Start { shell: &format!("{shell} exec \"$0\""), ..Start::default() });
            line.wait_shown(HOME);
            let ascii = line.seen().model.bytes().is_ascii();
            assert_eq!(ascii, language != Some("C.UTF-8") || ["vt100", "linux"].contains(&term), "{term} {language:?}");
            line.leave();
        }
    }
}

#[test]
fn without_a_full_screen_it_says_what_to_do_instead() {
    for shell in ["TERM=dumb exec \"$0\"", "unset TERM; exec \"$0\"", "exec \"$0\" | cat; exit ${PIPESTATUS[0]}"] {
        let mut line = Line::start(&Start { shell, ..Start::default() });
        let before = line.modes();
        line.wait_for("--format plain");
        assert_eq!(line.ends_within(SOON), 1);
        assert!(!line.text().contains("\u{1b}[?1049h"));
        assert_eq!(line.modes(), before);
    }
}

fn files() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(demo().path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Leaves after very much was pressed, of which some may still wait.
fn leave_when_heard(mut line: Line) {
    for _ in 0..10 {
        line.press("\u{3}\u{3}");
        let start = Instant::now();
        while start.elapsed() < SOON {
            if let Some(status) = line.child.try_wait().unwrap() {
                assert_eq!(status.exit_code(), 0);
                line.is_given_back();
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    panic!("the key to quit is not heard:\n{}", line.shown());
}

#[test]
fn ten_megabytes_marked_as_a_paste_do_nothing() {
    let mut line = Line::open((80, 24));
    let before = line.shown();
    let mut paste = b"\x1b[200~".to_vec();
    paste.extend(b"e\rq\r\x1b[B\x03".iter().cycle().take(10_000_000));
    paste.extend(b"\x1b[201~");
    line.press_bytes(&paste);
    line.wait_shown("Nothing is being typed here");
    // But for the line that says so, nothing has changed.
    let but_two = |shown: &str| shown.lines().take(21).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(but_two(&line.shown()), but_two(&before));
    line.leave();
}

#[test]
fn ten_megabytes_that_are_not_marked_confirm_nothing() {
    let written = files();
    let mut line = Line::open((80, 24));
    let flood: Vec<u8> = b"e\rq\ryn7\r".iter().copied().cycle().take(10_000_000).collect();
    line.press_bytes(&flood);
    std::thread::sleep(Duration::from_millis(400));
    leave_when_heard(line);
    assert_eq!(files(), written, "a burst wrote a file");
}

#[test]
fn garbage_breaks_nothing_and_no_answer_of_a_terminal_is_a_key() {
    let mut line = Line::open((80, 24));
    let before = line.grid().to_snapshot();
    for answer in [
        "\u{1b}[?62;22c",
        "\u{1b}[24;80R",
        "\u{1b}[0;0R",
        "\u{1b}]11;rgb:1616/1818/1d1d\u{1b}\\",
        "\u{1b}]10;rgb:ffff/eeee/qqqq\u{7}",
        "\u{1b}P>|XTerm(354)\u{1b}\\",
        "\u{1b}[?2026;2$y",
        "\u{1b}[M !!",
        "\u{1b}[<0;3;4M",
    ] {
        line.press(answer);
        // In two pieces, as over a slow line.
        let (one, two) = answer.split_at(answer.len() / 2);
        line.press(one);
        std::thread::sleep(Duration::from_millis(120));
        line.press(two);
    }
    std::thread::sleep(Duration::from_millis(200));
    line.settle();
    assert_eq!(line.grid().to_snapshot(), before);
    let mut number = 7_u32;
    let garbage: Vec<u8> = (0..200_000)
        .map(|_| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [.., byte] = number.rotate_left(8).to_le_bytes();
            match byte % 5 {
                0 => 0x1b,
                1 => b"[]OP_?;<~Mu"[usize::from(byte) % 11],
                // Neither Ctrl-c nor Ctrl-z: these are keys, not garbage.
                _ if byte == 3 || byte == 0x1a => 0,
                _ => byte,
            }
        })
        .collect();
    line.press_bytes(&garbage);
    std::thread::sleep(Duration::from_millis(600));
    leave_when_heard(line);
}

#[test]
fn an_idle_console_neither_writes_nor_computes() {
    let line = Line::open((80, 24));
    std::thread::sleep(Duration::from_millis(300));
    let spent = |line: &Line| line.chain().into_iter().filter_map(computed).sum::<u64>();
    let (bytes, before) = (line.written(), spent(&line));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(line.written(), bytes);
    // A hundredth of a second is the finest that the system tells.
    assert!(spent(&line) - before <= 1);
    line.leave();
}

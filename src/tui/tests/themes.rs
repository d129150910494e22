//! Themes: whole, readable, and apart for eyes of other kinds.

use super::*;
use crate::tui::theme::NAMES;
use ratatui::style::Style;

/// Returns red, green and blue, 0 to 1, of a colour that every terminal shows alike: those of the 256 above the first
/// sixteen.
fn rgb(colour: Color) -> [f64; 3] {
    let level = |at: u8| if at == 0 { 0.0 } else { f64::from(55 + 40 * at) / 255.0 };
    match colour {
        Color::Indexed(grey @ 232..) => [f64::from(8 + 10 * (u16::from(grey) - 232)) / 255.0; 3],
        Color::Indexed(at @ 16..) => [(at - 16) / 36, (at - 16) / 6 % 6, (at - 16) % 6].map(level),
        other => panic!("{other:?} is shown as the terminal likes"),
    }
}

fn linear(part: f64) -> f64 {
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

/// Contrast as WCAG 2 defines it, 1 to 21.
fn contrast(one: Color, other: Color) -> f64 {
    let luminance = |colour| {
        let [r, g, b] = rgb(colour).map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// Every style of a theme with the name that it has in a file. A field that is forgotten here does not compile.
fn styles(theme: &Theme) -> Vec<(&'static str, Style)> {
    let Theme {
        name: _,
        text,
        muted,
        title,
        heading,
        accent,
        selection,
        met,
        risk,
        missed,
        unknown,
        gap,
        stamp,
        info,
        warn,
        error,
        chart,
        chart_2,
        chart_3,
        chart_4,
        border,
    } = theme;
    vec![
        ("text", *text),
        ("muted", *muted),
        ("title", *title),
        ("heading", *heading),
        ("accent", *accent),
        ("selection", *selection),
        ("met", *met),
        ("risk", *risk),
        ("missed", *missed),
        ("unknown", *unknown),
        ("gap", *gap),
        ("stamp", *stamp),
        ("info", *info),
        ("warn", *warn),
        ("error", *error),
        ("chart_1", *chart),
        ("chart_2", *chart_2),
        ("chart_3", *chart_3),
        ("chart_4", *chart_4),
        ("border", *border),
    ]
}

fn named(name: &str) -> &'static Theme {
    Theme::named(name).unwrap()
}

#[test]
fn every_shipped_theme_is_understood() {
    for name in NAMES {
        let text = std::fs::read_to_string(format!("src/tui/themes/{name}.toml")).unwrap();
        assert_eq!(*named(name), Theme::parse(name, &text).unwrap());
    }
    assert_eq!(Theme::ansi().name, "ansi");
    assert_eq!(Theme::mono().name, "mono");
}

#[test]
fn mono_names_no_colour_and_ansi_only_the_sixteen_on_the_terminal_s_background() {
    for (meaning, style) in styles(Theme::mono()) {
        assert!(matches!((style.fg, style.bg), (None | Some(Color::Reset), None | Some(Color::Reset))), "{meaning}");
    }
    for (meaning, style) in styles(Theme::ansi()) {
        assert!(!matches!(style.fg, Some(Color::Indexed(_) | Color::Rgb(..))), "{meaning}");
        assert!(matches!(style.bg, None | Some(Color::Reset)), "{meaning}");
    }
}

#[test]
fn the_cursor_is_reverse_video_in_every_theme() {
    for name in NAMES {
        assert!(named(name).selection.add_modifier.contains(Modifier::REVERSED), "{name}");
    }
    let own = Theme::parse("own", "selection = { fg = 'red', underlined = true }").unwrap();
    assert!(own.selection.add_modifier.contains(Modifier::REVERSED | Modifier::UNDERLINED));
}

#[test]
fn every_meaning_is_readable_on_its_background() {
    for (name, least) in [("contrast", 7.0), ("dark", 4.5), ("light", 4.5), ("cvd", 4.5)] {
        let theme = named(name);
        let (text, ground) = (theme.text.fg.unwrap(), theme.text.bg.unwrap());
        for (meaning, style) in styles(theme).into_iter().filter(|(meaning, _)| *meaning != "selection") {
            let colour = style.fg.unwrap_or(text);
            // Rules and frames say nothing; 3 to 1 is what WCAG asks of them.
            let least = if meaning == "border" && name != "contrast" { 3.0 } else { least };
            let reached = contrast(colour, style.bg.unwrap_or(ground));
            assert!(reached >= least, "{name}: {meaning} reaches {reached:.2}, not {least}");
        }
    }
}

/// What an eye without one kind of cones sees (Viénot, Brettel and Mollon 1999), as CIE L*a*b*.
fn seen(colour: Color, matrix: [[f64; 3]; 3]) -> [f64; 3] {
    let lit = rgb(colour).map(linear);
    let apply = |matrix: [[f64; 3]; 3], parts: [f64; 3]| {
        matrix.map(|row| row.iter().zip(parts).map(|(share, part)| share * part).sum::<f64>())
    };
    let [across, up, deep] = apply(TO_XYZ, apply(matrix, lit))
        .map(|part| if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 });
    [116.0 * up - 16.0, 500.0 * (across - up), 200.0 * (up - deep)]
}

/// From linear sRGB to CIE XYZ, as shares of white.
const TO_XYZ: [[f64; 3]; 3] = [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]];
const ALL_CONES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
const PROTANOPIA: [[f64; 3]; 3] = [[0.112_38, 0.887_62, 0.0], [0.112_38, 0.887_62, 0.0], [0.004_01, -0.004_01, 1.0]];
const DEUTERANOPIA: [[f64; 3]; 3] = [[0.292_75, 0.707_25, 0.0], [0.292_75, 0.707_25, 0.0], [-0.022_34, 0.022_34, 1.0]];

/// The least distance between two of a theme's three verdicts, for an eye.
fn apart(theme: &Theme, eye: [[f64; 3]; 3]) -> f64 {
    let [met, risk, missed] = [theme.met, theme.risk, theme.missed].map(|style| seen(style.fg.unwrap(), eye));
    let distance = |one: [f64; 3], other: [f64; 3]| {
        one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
    };
    distance(met, risk).min(distance(met, missed)).min(distance(risk, missed))
}

#[test]
fn met_at_risk_and_missed_differ_for_eyes_that_do_not_tell_red_from_green() {
    for (eye, matrix) in [("all cones", ALL_CONES), ("protanopia", PROTANOPIA), ("deuteranopia", DEUTERANOPIA)] {
        let reached = apart(named("cvd"), matrix);
        assert!(reached >= 30.0, "{eye}: {reached:.1}");
    }
    // The measure tells themes apart: the one of many colours does not reach it.
    assert!(apart(named("dark"), DEUTERANOPIA) < 30.0, "{}", apart(named("dark"), DEUTERANOPIA));
}

#[test]
fn three_meanings_make_a_theme() {
    let own = Theme::parse("own", "text = { fg = '252', bg = '17' }\naccent = 'cyan'\nmissed = '#ff8700'\n").unwrap();
    assert_eq!(own.error.fg, Some(Color::Rgb(255, 135, 0)));
    for style in [own.heading, own.risk, own.info, own.chart, own.warn, own.stamp] {
        assert_eq!(style.fg, Some(Color::Cyan));
    }
    // What is neither has no colour of its own and gets that of the text on the way to the screen.
    assert!([own.met, own.muted, own.border, own.unknown, own.gap].iter().all(|style| style.fg.is_none()));
    assert!(own.title.add_modifier.contains(Modifier::BOLD));
}

#[test]
fn a_wrong_theme_is_told_with_its_place() {
    for (text, at, part) in [
        ("text = 'white'\nmised = 'red'", 15, "unknown field `mised`"),
        ("text = 'white'\nmissed = 'rod'", 24, "`rod` is no colour"),
        ("text = 'white'\nmissed = { fg = '#ééé' }", 24, "`#ééé` is no colour"),
        ("missed = { bold = 1 }", 18, "invalid type"),
        ("missed = { blink = true }", 11, "unknown field `blink`"),
        ("missed = 7", 9, "a colour as \"light red\""),
    ] {
        let error = Theme::parse("own", text).unwrap_err();
        assert!(error.message().contains(part), "{error}");
        let span = error.span().unwrap();
        assert!(span.start <= at && at <= span.end, "{span:?} {error}");
    }
}

#[test]
fn the_next_theme_comes_round_by_way_of_an_own_one() {
    let own: &'static Theme = Box::leak(Box::new(Theme::parse("own.toml", "").unwrap()));
    for (own, stops) in [(own, 7), (Theme::ansi(), 6)] {
        let look = Look { theme: own, ..Look::default() };
        let mut seen = vec![own];
        while seen.len() < 10 {
            seen.push(look.theme_after(seen[seen.len() - 1]));
        }
        assert_eq!(seen[0], seen[stops]);
        assert_eq!(
            seen[..stops].iter().map(|theme| &theme.name).collect::<std::collections::BTreeSet<_>>().len(),
            stops
        );
    }
    let look = Look { theme: Theme::mono(), coloured: false, ..Look::default() };
    assert_eq!(look.theme_after(Theme::mono()), Theme::mono());
    assert_eq!(look.with_theme(Theme::ansi()).theme, Theme::mono());
}

#[test]
fn a_theme_with_a_background_covers_the_whole_frame_of_every_screen() {
    for name in ["dark", "light", "contrast", "cvd"] {
        let theme = named(name);
        for keys in TOUR {
            let mut session = Session::with(120, 40, Look { theme, ..Look::default() });
            session.keys(keys);
            for cell in &session.buffer().content {
                assert_eq!(Some(cell.bg), theme.text.bg, "{name} {keys:?} {:?}", cell.symbol());
                assert_ne!(cell.fg, Color::Reset, "{name} {keys:?} {:?}", cell.symbol());
            }
        }
        let tiny = Session::with(20, 5, Look { theme, ..Look::default() }).buffer();
        assert!(tiny.content.iter().all(|cell| Some(cell.bg) == theme.text.bg), "{name}");
    }
}

#[test]
fn no_theme_breaks_the_budget_of_a_first_frame() {
    for name in NAMES {
        let session = Session::with(80, 24, Look { theme: named(name), ..Look::default() });
        let first = Painter::new((80, 24)).unwrap().frame(&session.state).unwrap().len();
        assert!(first <= 6_144, "{name}: {first}");
    }
}

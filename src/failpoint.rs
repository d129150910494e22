//! Named places at which a test lets the program break: that what it leaves behind is in order also then.
//!
//! In builds without debug assertions nothing is ever asked and nothing breaks. Knows names only.

#[cfg(debug_assertions)]
static WANTED: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Says where the program is to break: `room.place`, or `room.place!` to abort as a lack of memory does. The caller reads
/// it from the environment.
pub fn arm(wanted: Option<String>) {
    #[cfg(debug_assertions)]
    if let Some(wanted) = wanted {
        let _ = WANTED.set(wanted);
    }
    #[cfg(not(debug_assertions))]
    drop(wanted);
}

/// Breaks here, if that is wanted.
#[inline]
pub fn reach(room: &str, place: &str) {
    #[cfg(debug_assertions)]
    if let Some((wanted, named)) = WANTED.get().and_then(|wanted| wanted.split_once('.'))
        && wanted == room
    {
        if named == place {
            std::panic::panic_any(format!("failpoint {room}.{place}"));
        }
        if named.strip_suffix('!') == Some(place) {
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = (room, place);
}

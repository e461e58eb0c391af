//! Numbers, durations, sizes and times as people read them.
//!
//! A unit is joined to its number by a space that never breaks.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

const NBSP: char = '\u{a0}';

/// A duration in two digits that matter: `84 ms`, `1.2 s`, `34 s`, `2 min 47 s`, `1 h 12 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    // Rounded before the unit is chosen, so that 59.7 s does not become "60 s".
    let seconds = (millis + 500) / 1000;
    match millis {
        0..=999 => format!("{millis}{NBSP}ms"),
        1000..=9949 => format!("{}.{}{NBSP}s", (millis + 50) / 1000, (millis + 50) / 100 % 10),
        _ if seconds < 60 => format!("{seconds}{NBSP}s"),
        _ if seconds < 600 => two(seconds, 60, ("min", "s")),
        _ => match (seconds + 30) / 60 {
            minutes @ ..60 => format!("{minutes}{NBSP}min"),
            minutes => two(minutes, 60, ("h", "min")),
        },
    }
}

/// `n` in two units, of which the larger holds `ratio` of the smaller.
fn two(n: u128, ratio: u128, (large, small): (&str, &str)) -> String {
    match n % ratio {
        0 => format!("{}{NBSP}{large}", n / ratio),
        rest => format!("{}{NBSP}{large} {rest}{NBSP}{small}", n / ratio),
    }
}

/// The day in UTC: `2026-11-21`.
#[must_use]
pub fn date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// The minute in UTC: `2026-11-21 10:24 UTC`.
#[must_use]
pub fn minute(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The millisecond of the day in UTC, for lines of logs and steps: `10:24:07.744`.
#[must_use]
pub fn clock(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%H:%M:%S%.3f").to_string()
}

/// A whole number with its thousands set apart: `12,345`.
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 run`, `12,345 runs`.
#[must_use]
pub fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{}{NBSP}{noun}{plural}", number(n))
}

/// `k` of `n` in percent; `100 %` means all and `0 %` means none, never "almost".
#[must_use]
pub fn percent(k: u64, n: u64) -> String {
    if n == 0 {
        return "–".to_owned();
    }
    if k >= n {
        return format!("100{NBSP}%");
    }
    let tenths = (u128::from(k) * 1000 + u128::from(n) / 2) / u128::from(n);
    let tenths = if k == 0 { 0 } else { tenths.clamp(1, 999) };
    match tenths % 10 {
        0 => format!("{}{NBSP}%", tenths / 10),
        rest => format!("{}.{rest}{NBSP}%", tenths / 10),
    }
}

/// A size in decimal units: `512 B`, `4.1 kB`, `61 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut unit = 0;
    let (mut whole, mut tenth) = (n, 0);
    while whole >= 1000 && unit + 1 < units.len() {
        tenth = whole % 1000 / 100;
        whole /= 1000;
        unit += 1;
    }
    let unit_name = units[unit];
    if unit > 0 && whole < 10 {
        format!("{whole}.{tenth}{NBSP}{unit_name}")
    } else {
        format!("{whole}{NBSP}{unit_name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_humane() {
        let told = |millis| duration(Duration::from_millis(millis)).replace(NBSP, " ");
        let cases = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (1_240, "1.2 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (59_700, "1 min"),
            (167_799, "2 min 48 s"),
            (599_999, "10 min"),
            (4_320_000, "1 h 12 min"),
        ];
        for (millis, words) in cases {
            assert_eq!(told(millis), words, "{millis} ms");
        }
    }

    #[test]
    fn almost_all_is_not_all() {
        let told = |k, n| percent(k, n).replace(NBSP, " ");
        assert_eq!(told(99_999, 100_000), "99.9 %");
        assert_eq!(told(1, 100_000), "0.1 %");
        assert_eq!(told(191, 194), "98.5 %");
        assert_eq!(
            (told(0, 3), told(3, 3), told(0, 0)),
            ("0 %".into(), "100 %".into(), "–".into())
        );
    }

    #[test]
    fn numbers_and_sizes() {
        assert_eq!([number(0), number(999), number(1_234_567)], ["0", "999", "1,234,567"]);
        assert_eq!(bytes(4_096).replace(NBSP, " "), "4.0 kB");
        assert_eq!(bytes(u64::MAX).replace(NBSP, " "), "18 EB");
        assert_eq!(counted(1, "run").replace(NBSP, " "), "1 run");
        let time: Timestamp = "2026-11-21T10:24:07.744Z".parse().expect("a time");
        assert_eq!(date(time), "2026-11-21");
        assert_eq!(minute(time), "2026-11-21 10:24 UTC");
        assert_eq!(clock(time), "10:24:07.744");
    }
}

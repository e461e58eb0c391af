//! Figures with units: times, shares and rates, as they are written.

use std::time::Duration;

/// More than an hour is a slip, not a network.
const LONGEST: f64 = 3600.0;

/// `100ms`, `1.5s`.
pub(super) fn time(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => return None,
    };
    (seconds <= LONGEST).then(|| Duration::from_micros((seconds * 1e6).round() as u64))
}

/// `2%`, in parts of a million.
pub(super) fn share(text: &str) -> Option<u32> {
    let (number, unit) = split(text)?;
    (unit == "%" && number <= 100.0).then(|| (number * 1e4).round() as u32)
}

/// `500kbit`, in bits a second.
pub(super) fn rate(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let unit = unit.to_ascii_lowercase();
    let bits = match unit.as_str() {
        "bit" => number,
        "kbit" => number * 1e3,
        "mbit" => number * 1e6,
        "gbit" => number * 1e9,
        _ => return None,
    };
    (1e3..=1e10).contains(&bits).then(|| bits.round() as u64)
}

pub(super) fn show_time(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        _ if micros.is_multiple_of(1_000_000) => format!("{}s", micros / 1_000_000),
        _ if micros.is_multiple_of(1_000) => format!("{}ms", micros / 1_000),
        _ => format!("{micros}us"),
    }
}

pub(super) fn show_share(millionths: u32) -> String {
    format!("{}%", f64::from(millionths) / 1e4)
}

pub(super) fn show_rate(bits: u64) -> String {
    match bits {
        _ if bits.is_multiple_of(100_000) => format!("{}mbit", bits as f64 / 1e6),
        _ if bits.is_multiple_of(100) => format!("{}kbit", bits as f64 / 1e3),
        _ => format!("{bits}bit"),
    }
}

/// A number that is not below zero, and what follows it.
fn split(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim()))
}

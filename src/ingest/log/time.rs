//! Points in time as programs write them.

use jiff::{Timestamp, civil, tz::TimeZone};

/// What a log leaves out of its times.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Where clocks show the times that name no zone.
    pub zone: TimeZone,
    /// The year of the times that name none: that of the run.
    pub year: i16,
}

impl Clock {
    /// A clock that shows UTC.
    #[must_use]
    pub const fn utc(year: i16) -> Self {
        Self { zone: TimeZone::UTC, year }
    }
}

/// A time at the start of a text, and how many bytes it takes.
pub(super) type Timed = Option<(Timestamp, usize)>;

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The number of the `len` digits at `at`.
pub(super) fn number(text: &[u8], at: usize, len: usize) -> Option<i64> {
    let digits = text.get(at..at + len)?;
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// The number of the month that is called so at `at`.
pub(super) fn month(text: &[u8], at: usize) -> Option<i64> {
    let name = text.get(at..at + 3)?;
    MONTHS.iter().position(|it| it.eq_ignore_ascii_case(name)).map(|n| n as i64 + 1)
}

/// `2026-11-21T09:05:55.798Z` and its kin: a blank or `/`, comma or point, any zone or none
/// ([RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) and ISO 8601).
pub(super) fn date_time(text: &[u8], clock: &Clock) -> Timed {
    let apart = *text.get(4)?;
    if !matches!(apart, b'-' | b'/')
        || text.get(7) != Some(&apart)
        || !matches!(text.get(10)?, b'T' | b't' | b' ' | b'_')
    {
        return None;
    }
    let date = [number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?];
    clock_time(text, 11, date, clock)
}

/// The time of day at `at`, with fraction and zone, on a day of year, month, day.
pub(super) fn clock_time(text: &[u8], at: usize, date: [i64; 3], clock: &Clock) -> Timed {
    if text.get(at + 2) != Some(&b':') || text.get(at + 5) != Some(&b':') {
        return None;
    }
    let [hour, minute, second] =
        [number(text, at, 2)?, number(text, at + 3, 2)?, number(text, at + 6, 2)?];
    let (nanos, end) = fraction(text, at + 8);
    let (offset, end) = zone(text, end);
    let [year, month, day] = date;
    if !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let local = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let time = match offset {
        Some(offset) => Timestamp::new(local - offset, nanos).ok()?,
        None if clock.zone == TimeZone::UTC => Timestamp::new(local, nanos).ok()?,
        None => {
            let small = |n: i64| i8::try_from(n).ok();
            let date =
                civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
            let time =
                civil::Time::new(small(hour)?, small(minute)?, small(second.min(59))?, nanos)
                    .ok()?;
            clock.zone.to_timestamp(date.to_datetime(time)).ok()?
        }
    };
    Some((time, end))
}

/// The nanoseconds after a point or comma at `at`, and where they end.
fn fraction(text: &[u8], at: usize) -> (i32, usize) {
    if !matches!(text.get(at), Some(b'.' | b',')) {
        return (0, at);
    }
    let digits = text[at + 1..].iter().take_while(|b| b.is_ascii_digit());
    let (mut nanos, mut unit, mut len) = (0, 100_000_000, 0);
    for digit in digits {
        nanos += i32::from(digit - b'0') * unit;
        unit /= 10;
        len += 1;
    }
    if len == 0 { (0, at) } else { (nanos, at + 1 + len) }
}

/// The seconds east of UTC that stand at `at`, and where they end.
fn zone(text: &[u8], at: usize) -> (Option<i64>, usize) {
    let bare = if text.get(at) == Some(&b' ') { at + 1 } else { at };
    match text.get(bare) {
        Some(b'Z' | b'z') => (Some(0), bare + 1),
        Some(b'U') if text[bare..].starts_with(b"UTC") => (Some(0), bare + 3),
        Some(sign @ (b'+' | b'-')) => {
            let Some(hours) = number(text, bare + 1, 2) else { return (None, at) };
            let colon = usize::from(text.get(bare + 3) == Some(&b':'));
            let minutes = number(text, bare + 3 + colon, 2);
            // After a blank, only four digits are a zone: `- 12` is a list.
            if minutes.is_none() && bare != at {
                return (None, at);
            }
            let east = hours * 3600 + minutes.unwrap_or(0) * 60;
            let end = bare + 3 + minutes.map_or(0, |_| colon + 2);
            (Some(if *sign == b'-' { -east } else { east }), end)
        }
        _ => (None, at),
    }
}

/// Days since 1970-01-01
/// ([algorithm](https://howardhinnant.github.io/date_algorithms.html#days_from_civil)).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size.
pub(super) fn epoch(text: &[u8]) -> Option<Timestamp> {
    let whole = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(9..=19).contains(&whole) {
        return None;
    }
    let n = number(text, 0, whole.min(18))?;
    match whole {
        9 | 10 => Timestamp::new(n, fraction(text, whole).0).ok(),
        11..=13 => Timestamp::from_millisecond(n).ok(),
        14..=16 => Timestamp::from_microsecond(n).ok(),
        _ => Timestamp::from_nanosecond(i128::from(n) * if whole == 19 { 10 } else { 1 }).ok(),
    }
}

//! Requirements that only report: what they would refuse goes on, for a while.

use std::fmt;
use std::num::NonZeroU32;

use crate::time::Timestamp;

/// That denials of a requirement are reported and not enforced, and until when.
///
/// It is for a service that gets its gates while it is in use. Only what an admin can grant or switch on is let
/// pass, which are the codes of [`Code::is_reportable`](crate::Code::is_reportable): never who nobody knows, an
/// error, a kill, or an org that the subject may not know. The handler is given a [`Passage`](crate::Passage), and
/// never a permit.
///
/// ```
/// use gatepost::{Org, ReportOnly, Requirement};
///
/// const CREATE: Requirement = Requirement::new("chat", "create")
///     .org(Org::path("org"))
///     .report_only(ReportOnly::until("2027-01-31"));
///
/// let report_only = CREATE.reports_only().unwrap();
/// assert_eq!(report_only.to_string(), "until 2027-01-31");
/// assert!(report_only.is_over("2027-01-31T00:00:00Z".parse()?));
/// # Ok::<(), gatepost::TimestampError>(())
/// ```
///
/// ```compile_fail
/// const NEVER: gatepost::ReportOnly = gatepost::ReportOnly::until("2027-02-29");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
// Small, since requirements are handed about by value: the day on which it is over, counted from 1970 as 1.
pub struct ReportOnly(NonZeroU32);

impl ReportOnly {
    /// Until the code says otherwise.
    pub const ALWAYS: Self = Self(NonZeroU32::MAX);

    /// Until the beginning of a day in UTC, written `2027-01-31`; from then on denials are enforced.
    ///
    /// # Panics
    ///
    /// When there is no such day; in a `const`, that is a compile error.
    pub const fn until(day: &str) -> Self {
        let day = number(day.as_bytes());
        assert!(day.is_some(), "a day is of the form 2027-01-31");
        match day {
            Some(day) => Self(day),
            None => Self::ALWAYS,
        }
    }

    /// The day, such as `2027-01-31`, where one was told.
    pub fn day(self) -> Option<String> {
        let mut text = self.end()?.to_string();
        text.truncate("2027-01-31".len());
        Some(text)
    }

    /// Whether denials are enforced at a moment.
    pub fn is_over(self, at: Timestamp) -> bool {
        self.end().is_some_and(|end| at >= end)
    }

    /// When it is over, if ever.
    fn end(self) -> Option<Timestamp> {
        const DAY: i64 = 86_400_000;
        if self == Self::ALWAYS {
            return None;
        }
        Timestamp::from_millis((i64::from(self.0.get()) - 1) * DAY)
    }
}

impl fmt::Display for ReportOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day() {
            Some(day) => write!(f, "until {day}"),
            None => f.write_str("without an end"),
        }
    }
}

/// A day's number, where 1970-01-01 is 1.
const fn number(text: &[u8]) -> Option<NonZeroU32> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text else {
        return None;
    };
    let (Some(century), Some(year), Some(month), Some(day)) =
        (two(y0, y1), two(y2, y3), two(m0, m1), two(d0, d1))
    else {
        return None;
    };
    let year = century * 100 + year;
    // The last moment that there is lies within the year 9999.
    if year < 1970
        || year > 9998
        || month < 1
        || month > 12
        || day < 1
        || day > days_in(year, month)
    {
        return None;
    }
    let (mut days, mut past) = (day - 1, 1970);
    while past < year {
        days += if is_leap(past) { 366 } else { 365 };
        past += 1;
    }
    let mut past = 1;
    while past < month {
        days += days_in(year, past);
        past += 1;
    }
    NonZeroU32::new(days + 1)
}

const fn two(tens: u8, ones: u8) -> Option<u32> {
    if tens.is_ascii_digit() && ones.is_ascii_digit() {
        Some(((tens - b'0') * 10 + (ones - b'0')) as u32)
    } else {
        None
    }
}

const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_it_does_for_everybody() {
        for day in [
            "1970-01-01",
            "1999-12-31",
            "2000-02-29",
            "2024-02-29",
            "2027-01-31",
            "2100-03-01",
            "9998-12-31",
        ] {
            let at: Timestamp = format!("{day}T00:00:00Z").parse().unwrap();
            let report_only = ReportOnly(number(day.as_bytes()).unwrap());
            assert_eq!(report_only.end(), Some(at), "{day}");
            assert_eq!(report_only.day().as_deref(), Some(day));
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2027-1-31",
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-04-31",
            "2027-01-00",
            "1969-12-31",
            "2027/01/31",
            "2027-01-31T",
            "+027-01-31",
            "9999-01-01",
        ] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn it_is_over_with_the_first_moment_of_the_day() {
        let until = ReportOnly::until("2027-01-31");
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(!until.is_over(at("2027-01-30T23:59:59.999Z")));
        assert!(until.is_over(at("2027-01-31T00:00:00Z")));
        assert!(!ReportOnly::ALWAYS.is_over(Timestamp::MAX));
    }

    #[test]
    fn of_two_the_lesser_is_over_first() {
        let (one, other) = (
            ReportOnly::until("2027-01-31"),
            ReportOnly::until("2026-12-31"),
        );
        assert!(other < one && one < ReportOnly::ALWAYS);
    }
}

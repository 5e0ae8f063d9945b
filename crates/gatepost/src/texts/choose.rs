//! Which of a catalogue's languages a client reads.
//!
//! Our own, because no crate does it. `accept-language` 3.1 compares whole tags, so that `de-AT`
//! and `DE` miss `de`; it takes `de;q=0` for a wish; and a header with enough `q=NaN` panics in
//! its sort. `fluent-langneg` 0.14 does not read weights: `en;q=0.1, de` is English.

use std::cmp::Reverse;

use super::{Catalogue, Language};

/// More than any browser sends, and little enough to look through once per language.
const MAX_HEADER_BYTES: usize = 256;

/// As many ranges as browsers send, and some more: so many are read once, and more of them once per language.
const FEW: usize = 12;

/// A range of the header with its weight in thousandths.
type Range<'h> = (&'h [u8], u16);

impl Catalogue {
    /// The language for a client that sent this `Accept-Language` (RFC 9110, section 12.5.4).
    ///
    /// It is looked up as RFC 4647, section 3.4, says: `de-AT` finds `de`, the higher weight goes
    /// first, then what stands first. `*` finds the first language that is not refused (`q=0`),
    /// and so does a header that names none. Where there is no header, one that is malformed or
    /// longer than 256 bytes, or one that refuses every language, it is the catalogue's first: a
    /// denial is never left unsaid.
    ///
    /// ```
    /// use gatepost::Catalogue;
    ///
    /// let catalogue = Catalogue::shipped();
    /// assert_eq!(catalogue.choose(Some("fr, de-AT;q=0.8, en;q=0.5")).tag, "de");
    /// assert_eq!(catalogue.choose(Some("*")).tag, "en");
    /// assert_eq!(catalogue.choose(Some("fr, en;q=0")).tag, "de");
    /// assert_eq!(catalogue.choose(Some("de;q=high")).tag, "en");
    /// ```
    pub fn choose(&self, accept_language: Option<&str>) -> Language {
        // One that says nothing is as good as none.
        let header = accept_language.filter(|header| header.len() <= MAX_HEADER_BYTES);
        let Some(header) = header else {
            return self.fallback;
        };
        let mut few = [(&b""[..], 0); FEW];
        let mut found = 0;
        for range in ranges(header.as_bytes()) {
            let Some(range) = range else {
                return self.fallback;
            };
            if let Some(place) = few.get_mut(found) {
                *place = range;
            }
            found += 1;
        }
        match few.get(..found) {
            Some(all) => self.best(&all.iter().copied()),
            None => self.best(&ranges(header.as_bytes()).flatten()),
        }
    }

    fn best<'h>(&self, ranges: &(impl Iterator<Item = Range<'h>> + Clone)) -> Language {
        // The last of equals is the highest: turned round, the catalogue's first.
        self.languages()
            .rev()
            .filter(|language| !is_refused(language.tag.as_bytes(), ranges.clone()))
            .max_by_key(|language| rank(language.tag.as_bytes(), ranges.clone()))
            .unwrap_or(self.fallback)
    }
}

/// Whether the most specific range that the tag falls under has weight 0.
fn is_refused<'h>(tag: &[u8], ranges: impl Iterator<Item = Range<'h>>) -> bool {
    let found = ranges.filter_map(|(range, weight)| Some((shared(range, tag, range)?, weight)));
    found.max().is_some_and(|(_, weight)| weight == 0)
}

/// The best range that finds the tag: by its weight, then its place, then how much of it the tag is.
fn rank<'h>(
    tag: &[u8],
    ranges: impl Iterator<Item = Range<'h>>,
) -> Option<(u16, Reverse<usize>, usize)> {
    let weighed = ranges.enumerate();
    let found = weighed.filter_map(|(place, (range, weight))| {
        Some((weight, Reverse(place), shared(range, range, tag)?))
    });
    found.filter(|(weight, ..)| *weight > 0).max()
}

/// The length of `start`, where `text` is it or goes on with `-` behind it; 0 for the range `*`, which shares nothing.
fn shared(range: &[u8], text: &[u8], start: &[u8]) -> Option<usize> {
    if range == b"*" {
        return Some(0);
    }
    let (begin, rest) = text.split_at_checked(start.len())?;
    let starts = begin.eq_ignore_ascii_case(start) && matches!(rest, [] | [b'-', ..]);
    starts.then_some(start.len())
}

/// The header's ranges with their weights; `None` for one that is malformed.
fn ranges(header: &[u8]) -> impl Iterator<Item = Option<Range<'_>>> + Clone {
    let elements = header.split(|byte| *byte == b',').map(trim);
    // RFC 9110, section 5.6.1.2: empty elements count for nothing.
    let elements = elements.filter(|element| !element.is_empty());
    elements.map(|element| {
        let end = element.iter().position(|byte| *byte == b';');
        let (range, weight) = match end.and_then(|end| element.split_at_checked(end)) {
            Some((range, weight)) => (trim_end(range), thousandths(weight.get(1..)?)?),
            None => (element, MOST),
        };
        let is_subtag =
            |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric);
        let is_range = range == b"*" || range.split(|byte| *byte == b'-').all(is_subtag);
        is_range.then_some((range, weight))
    })
}

/// The weight of what has none of its own.
const MOST: u16 = 1000;

/// Without optional whitespace (RFC 9110, section 5.6.3) around it.
fn trim(text: &[u8]) -> &[u8] {
    trim_start(trim_end(text))
}

fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

fn trim_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// A weight (RFC 9110, section 12.4.2): `q=`, and 0 to 1 with up to three decimals.
fn thousandths(weight: &[u8]) -> Option<u16> {
    let [b'q' | b'Q', b'=', whole, decimals @ ..] = trim_start(weight) else {
        return None;
    };
    let decimals = match decimals {
        [] => decimals,
        [b'.', decimals @ ..] => decimals,
        _ => return None,
    };
    let is_number = decimals.len() <= 3 && decimals.iter().all(u8::is_ascii_digit);
    let digits = decimals.iter().chain(b"000").take(3);
    match (whole, is_number) {
        (b'0', true) => Some(digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))),
        (b'1', true) => (decimals.iter().all(|digit| *digit == b'0')).then_some(MOST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// English first, then German, then two that share a language.
    fn catalogue() -> Catalogue {
        ["zh-Hant", "zh"]
            .into_iter()
            .fold(Catalogue::shipped(), |catalogue, tag| {
                catalogue.with(Language {
                    tag,
                    ..Language::ENGLISH
                })
            })
    }

    #[test]
    fn a_client_gets_the_language_that_it_weighs_highest_of_those_there_are() {
        let rows = [
            // What is named is found, in any case, with any subtags behind it.
            ("en", "en"),
            ("de", "de"),
            ("DE", "de"),
            ("de-AT", "de"),
            ("De-at-1996", "de"),
            ("de-x-a", "de"),
            ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de"),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
            ("deu", "en"),
            ("d", "en"),
            ("fr", "en"),
            // The longest tag that a range starts with.
            ("zh-Hant-TW", "zh-Hant"),
            ("zh-TW", "zh"),
            ("zh", "zh"),
            // The higher weight, then the first.
            ("en;q=0.5, de", "de"),
            ("en;q=0.5, de;q=0.501", "de"),
            ("de, en", "de"),
            ("en, de", "en"),
            ("fr, de;q=0.1", "de"),
            ("de;q=1.000, en", "de"),
            ("de;Q=0.9, en;Q=0.8", "de"),
            ("de ; q=0.9\t,\ten;q=0.8", "de"),
            ("zh;q=0.9, zh-Hant;q=0.8", "zh"),
            // Everything, which is the first of it.
            ("*", "en"),
            ("de, *", "de"),
            ("*, de;q=0.5", "en"),
            ("*;q=0.5, de", "de"),
            ("fr, *;q=0.1", "en"),
            // What is refused, and only that.
            ("en;q=0", "de"),
            ("en;q=0.000, *", "de"),
            ("fr, EN;q=0", "de"),
            ("en-GB;q=0", "en"),
            ("de-AT, de;q=0", "en"),
            ("zh;q=0, zh-Hant-TW;q=0.5, *;q=0.1", "en"),
            ("zh;q=0, zh-Hant", "zh-Hant"),
            ("zh-Hant;q=0, zh-Hant-TW", "zh"),
            ("de, *;q=0", "de"),
            ("de;q=0, *;q=0", "en"),
            ("en;q=0, *;q=0", "en"),
            // Nothing at all, and elements that are nothing.
            ("", "en"),
            (" \t", "en"),
            (",, ,de,", "de"),
        ];
        for (header, tag) in rows {
            assert_eq!(catalogue().choose(Some(header)).tag, tag, "{header}");
        }
        assert_eq!(catalogue().choose(None).tag, "en");
    }

    #[test]
    fn a_malformed_header_says_nothing() {
        let rows = [
            "de;",
            "de;q",
            "de;q=",
            "de;q=high",
            "de;q=NaN",
            "de;q=-1",
            "de;q=+1",
            "de;q=.9",
            "de;q=1.001",
            "de;q=2",
            "de;q=0.1234",
            "de;q= 0.9",
            "de;q=0.9;q=0.8",
            "de;level=1",
            "de, en;q=?",
            "de_AT",
            "de AT",
            "de-",
            "-de",
            "de--AT",
            "de-*",
            "**",
            ";q=1, de",
            "de, d\u{e9}",
            "de\0",
            "de\n",
        ];
        for header in rows {
            assert_eq!(catalogue().choose(Some(header)).tag, "en", "{header:?}");
        }
    }

    #[test]
    fn a_header_is_read_up_to_its_bound_and_not_beyond() {
        let longest = format!("de{}", ",".repeat(MAX_HEADER_BYTES - 2));
        assert_eq!(catalogue().choose(Some(&longest)).tag, "de");
        let longer = format!("{longest},");
        assert_eq!(catalogue().choose(Some(&longer)).tag, "en");
    }

    #[test]
    fn many_ranges_are_read_like_few() {
        for (header, tag) in [
            ("zh;q=0.9, zh-Hant;q=0.8", "zh"),
            ("de, en;q=0", "de"),
            ("de, x;q=?", "en"),
        ] {
            for others in 0..2 * FEW {
                let many = format!("{}{header}", "fr,".repeat(others));
                assert_eq!(catalogue().choose(Some(&many)).tag, tag, "{many}");
            }
        }
    }

    #[test]
    fn whatever_is_sent_there_is_a_language() {
        let tags: Vec<_> = catalogue().languages().map(|held| held.tag).collect();
        let mut random = fastrand::Rng::with_seed(0x6761_7465);
        let parts = [
            "de",
            "en",
            "zh",
            "-",
            "AT",
            "Hant",
            ",",
            ";",
            "q=",
            "0",
            "1",
            ".",
            "5",
            "*",
            " ",
            "\t",
            "\u{e9}",
            "\u{1f6aa}",
        ];
        for _ in 0..20_000 {
            let length = random.usize(..48);
            let header: String = if random.bool() {
                let bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            } else {
                (0..length)
                    .map(|_| parts[random.usize(..parts.len())])
                    .collect()
            };
            let chosen = catalogue().choose(Some(&header)).tag;
            assert!(tags.contains(&chosen), "{header:?}");
        }
    }
}

//! Moments in a document: RFC 3339 and nothing else, of which jiff reads more.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Unexpected, Visitor};

use crate::time::Timestamp;

/// A date-time that TOML wrote without quotes arrives as a map with this key alone.
pub(super) const NATIVE_MOMENT: &str = "$__toml_private_datetime";

/// Reads an optional moment that, where its key is written, must be one.
pub(super) fn present_moment<'de, D>(from: D) -> Result<Option<Timestamp>, D::Error>
where
    D: Deserializer<'de>,
{
    Moment::deserialize(from).map(|Moment(moment)| Some(moment))
}

/// Reads a moment, or none where the key is absent or `null`.
pub(crate) fn moment<'de, D>(from: D) -> Result<Option<Timestamp>, D::Error>
where
    D: Deserializer<'de>,
{
    let moment = Option::<Moment>::deserialize(from)?;
    Ok(moment.map(|Moment(moment)| moment))
}

struct Moment(Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Form).map(Self)
    }
}

struct Form;

impl<'de> Visitor<'de> for Form {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time with an offset")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        if !is_rfc_3339(text) {
            let shown: String = text.chars().take(64).collect();
            return Err(E::custom(format_args!(
                "`{}` is no RFC 3339 time with an offset, such as `2027-01-01T00:00:00Z`",
                shown.escape_debug()
            )));
        }
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Timestamp, A::Error> {
        if map.next_key::<String>()?.as_deref() != Some(NATIVE_MOMENT) {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        map.next_value::<String>()?
            .parse()
            .map_err(A::Error::custom)
    }
}

/// Whether the text has the form of RFC 3339's `date-time`; whether there is such a day is asked elsewhere.
fn is_rfc_3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is = |form: &[u8], bytes: &[u8]| {
        form.len() == bytes.len()
            && form.iter().zip(bytes).all(|(form, byte)| match form {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't' | b' '),
                form => form == byte,
            })
    };
    let Some((start, rest)) = bytes.split_at_checked(19) else {
        return false;
    };
    let rest = match rest.split_first() {
        Some((b'.', rest)) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest.get(digits..).filter(|_| digits > 0)
        }
        _ => Some(rest),
    };
    let offset = match rest {
        Some([b'Z' | b'z']) => true,
        Some([b'+' | b'-', clock @ ..]) => is(b"00:00", clock) && clock < b"24".as_slice(),
        _ => false,
    };
    is(b"0000-00-00T00:00:00", start) && offset
}

#[cfg(test)]
mod tests {
    use super::is_rfc_3339;

    #[test]
    fn a_moment_has_the_form_of_rfc_3339() {
        for good in [
            "2027-01-01T00:00:00Z",
            "2027-01-01t00:00:00z",
            "2027-01-01 00:00:00.5+23:59",
            "2027-01-01T00:00:00.000000000-08:00",
        ] {
            assert!(is_rfc_3339(good), "{good}");
        }
        for bad in [
            "",
            "2027-01-01T00:00:00",
            "2027-01-01T00:00Z",
            "2027-01-01T00:00:00.Z",
            "2027-01-01T00:00:00,5Z",
            "2027-01-01T00:00:00+0200",
            "2027-01-01T00:00:00+24:00",
            "2027-01-01T00:00:00+01:00[Europe/Berlin]",
            "20270101T000000Z",
            "+002027-01-01T00:00:00Z",
            "２027-01-01T00:00:00Z",
        ] {
            assert!(!is_rfc_3339(bad), "{bad}");
        }
    }
}

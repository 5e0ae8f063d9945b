//! Moments: RFC 3339 on the outside, comparable on the inside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment on the UTC time line, to the nanosecond.
///
/// Written and read as RFC 3339 with an offset.
///
/// ```
/// use gatepost::Timestamp;
///
/// let noon: Timestamp = "2027-01-01T12:00:00Z".parse()?;
/// assert_eq!(noon, "2027-01-01T13:00:00+01:00".parse()?);
/// assert!("2027-01-01T12:00:00".parse::<Timestamp>().is_err());
/// # Ok::<(), gatepost::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Behind every other moment.
    pub const MAX: Self = Self(jiff::Timestamp::MAX);
    /// Before every other moment.
    pub(crate) const MIN: Self = Self(jiff::Timestamp::MIN);

    /// The wall clock's moment.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now())
    }

    /// Seconds since 1970, and nanoseconds of the same sign.
    pub(crate) fn to_parts(self) -> (i64, i32) {
        (self.0.as_second(), self.0.subsec_nanosecond())
    }

    /// The moment of these parts; none that is not on the time line.
    pub(crate) fn from_parts(second: i64, nanosecond: i32) -> Option<Self> {
        jiff::Timestamp::new(second, nanosecond).ok().map(Self)
    }

    /// For how long it is before `later`; not at all, where it is behind.
    #[cfg(feature = "revocation")]
    pub(crate) fn until(self, later: Self) -> std::time::Duration {
        std::time::Duration::try_from(self.0.duration_until(later.0)).unwrap_or_default()
    }

    /// The moment so many milliseconds since 1970-01-01T00:00:00Z; none that is not on the time line.
    ///
    /// ```
    /// use gatepost::Timestamp;
    ///
    /// let moment = Timestamp::from_millis(1_798_761_600_000);
    /// assert_eq!(moment, "2027-01-01T00:00:00Z".parse().ok());
    /// assert_eq!(Timestamp::from_millis(i64::MAX), None);
    /// ```
    pub fn from_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().map(Self)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Says that a text is no RFC 3339 moment with an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampError(String);

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no RFC 3339 time with an offset, such as `2027-01-01T00:00:00Z`",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for TimestampError {}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        text.parse()
            .map(Self)
            .map_err(|_| TimestampError(text.chars().take(64).collect()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Moment)
    }
}

struct Moment;

impl<'de> de::Visitor<'de> for Moment {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time with an offset")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(E::custom)
    }

    /// A date-time that TOML wrote without quotes arrives as a map of its own.
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Timestamp, A::Error> {
        let native =
            toml::value::Datetime::deserialize(de::value::MapAccessDeserializer::new(map))?;
        native.to_string().parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

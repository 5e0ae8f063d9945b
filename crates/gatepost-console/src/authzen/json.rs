//! JSON as it is read here: of each object every name once (RFC 7493, 2.3), and no deeper than anybody writes it.

use std::fmt;

use http::{HeaderMap, header};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Refusal;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Whether a request says, once, that its body is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(given), None) = (given.next(), given.next()) else {
        return false;
    };
    let given = given.to_str().unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// Reads an object.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Strict(Value::Object(object))) => Ok(object),
        Ok(Strict(_)) => Err(Refusal::bad_request("the body is no JSON object")),
        // What the body holds is not quoted: it may be long, and it is not ours.
        Err(error) if error.is_data() => Err(Refusal::bad_request(
            "the body gives a member of an object twice",
        )),
        Err(_) => Err(Refusal::bad_request("the body is not JSON")),
    }
}

/// A member of an object; `null` is not there.
pub(super) fn member<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A member that is a text, if it is there; `path` is that of the object.
pub(super) fn text<'v>(
    object: &'v Object,
    path: &str,
    name: &str,
) -> Result<Option<&'v str>, Refusal> {
    let Some(value) = member(object, name) else {
        return Ok(None);
    };
    let text = value.as_str();
    let text = text.ok_or_else(|| Refusal::bad_request(format!("`{path}.{name}` is no string")))?;
    Ok(Some(text))
}

/// A member that is an object, if it is there; `path` is its own.
pub(super) fn object_in<'v>(
    object: &'v Object,
    name: &str,
    path: &str,
) -> Result<Option<&'v Object>, Refusal> {
    let Some(value) = member(object, name) else {
        return Ok(None);
    };
    let inner = value.as_object();
    let inner = inner.ok_or_else(|| Refusal::bad_request(format!("`{path}` is no object")))?;
    Ok(Some(inner))
}

/// A value in which no object gives a name twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(name) = map.next_key::<String>()? {
            let Strict(value) = map.next_value()?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is given twice"));
            }
        }
        Ok(object.into())
    }
}

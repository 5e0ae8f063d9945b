//! Bytes as a row writes them down.

use serde::Deserialize;

/// Text, or what is no text, or what is too long to be read.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Bytes {
    Text(String),
    Hex(Hex),
    Around(Around),
    /// As they are; no row says so.
    #[serde(skip)]
    Raw(Vec<u8>),
}

/// `{ hex = "ff 00" }`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hex {
    hex: String,
}

/// `{ repeat = "a", times = 255 }`, with text before and behind it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Around {
    #[serde(default)]
    before: String,
    repeat: String,
    times: usize,
    #[serde(default)]
    behind: String,
}

impl Bytes {
    /// The bytes.
    ///
    /// # Panics
    ///
    /// Where what is said to be hex is not.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Raw(bytes) => bytes.clone(),
            Self::Text(text) => text.clone().into_bytes(),
            Self::Hex(Hex { hex }) => {
                let digits: Vec<u8> = hex.bytes().filter(|byte| *byte != b' ').collect();
                let pairs = digits
                    .chunks(2)
                    .map(|pair| std::str::from_utf8(pair).unwrap());
                pairs
                    .map(|pair| u8::from_str_radix(pair, 16).expect(hex))
                    .collect()
            }
            Self::Around(Around {
                before,
                repeat,
                times,
                behind,
            }) => format!("{before}{}{behind}", repeat.repeat(*times)).into_bytes(),
        }
    }
}

//! What asks for the next page: where the last one ended, sealed.
//!
//! It may have ended with a candidate that was not found, of which nobody is to be told. So a token is encrypted,
//! and all are of one length; it is bound to the query and to whoever asks, and can be opened by the process that
//! made it alone.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The bytes of a tag, and of a block of what the text is covered with.
const TAG: usize = 32;
/// The most bytes of an id: its length is one byte.
const ID: usize = u8::MAX as usize;
/// The limit, the length of the id, the id.
const TEXT: usize = 4 + 1 + ID;

/// Where a page ended, and how many results it had room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) limit: u32,
    /// The last candidate that is done with; none where the page was the first, and had no room.
    pub(super) last: Option<String>,
}

/// The process's own key; there is none as long as the system has no random bytes.
fn key() -> Option<&'static [u8; TAG]> {
    static KEY: OnceLock<[u8; TAG]> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Some(key);
    }
    let mut bytes = [0; TAG];
    getrandom::fill(&mut bytes).ok()?;
    Some(KEY.get_or_init(|| bytes))
}

/// Makes the token. The text is covered by what its own tag yields: equal texts of one query have equal tokens, and
/// of others nothing is in common.
pub(super) fn seal(query: &[u8], ended: &Ended) -> Option<String> {
    let key = key()?;
    let mut text = written(ended)?;
    let tag: [u8; TAG] = tag(key, query, &text)?.finalize().into_bytes().into();
    cover(key, &tag, &mut text)?;
    Some(URL_SAFE_NO_PAD.encode([&tag[..], &text[..]].concat()))
}

/// Reads a token of this query; any other text is none.
pub(super) fn open(query: &[u8], token: &str) -> Option<Ended> {
    let key = key()?;
    let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (given, text) = sealed.split_first_chunk::<TAG>()?;
    let mut text: [u8; TEXT] = text.try_into().ok()?;
    cover(key, given, &mut text)?;
    // Compared in a time that tells nothing of it.
    tag(key, query, &text)?.verify_slice(given).ok()?;
    read(&text)
}

fn written(ended: &Ended) -> Option<[u8; TEXT]> {
    let id = ended.last.as_deref().unwrap_or_default().as_bytes();
    let length = u8::try_from(id.len()).ok()?;
    let mut text = Vec::with_capacity(TEXT);
    text.extend(ended.limit.to_be_bytes());
    text.push(length);
    text.extend(id);
    text.resize(TEXT, 0);
    text.try_into().ok()
}

fn read(text: &[u8; TEXT]) -> Option<Ended> {
    let (limit, rest) = text.split_first_chunk()?;
    let (length, id) = rest.split_first()?;
    let id = std::str::from_utf8(id.get(..usize::from(*length))?).ok()?;
    Some(Ended {
        limit: u32::from_be_bytes(*limit),
        last: (!id.is_empty()).then(|| id.to_owned()),
    })
}

/// What authenticates a text as one of this query.
fn tag(key: &[u8], query: &[u8], text: &[u8]) -> Option<Hmac<Sha256>> {
    let mut tag = Hmac::<Sha256>::new_from_slice(key).ok()?;
    tag.update(b"tag");
    tag.update(&u64::try_from(query.len()).ok()?.to_be_bytes());
    tag.update(query);
    tag.update(text);
    Some(tag)
}

/// Covers a text, or uncovers it.
fn cover(key: &[u8], tag: &[u8], text: &mut [u8]) -> Option<()> {
    for (at, block) in (0_u32..).zip(text.chunks_mut(TAG)) {
        let mut cover = Hmac::<Sha256>::new_from_slice(key).ok()?;
        cover.update(b"cover");
        cover.update(&at.to_be_bytes());
        cover.update(tag);
        let cover = cover.finalize().into_bytes();
        for (byte, with) in block.iter_mut().zip(cover) {
            *byte ^= with;
        }
    }
    Some(())
}

//! What bodies say, read once each.

use std::collections::HashMap;

use crate::fact::{FactError, Stated};

/// How many bodies are remembered.
const MOST: usize = 1024;
/// How many bytes of them.
const MOST_BYTES: usize = 1 << 20;

/// The bodies that were read last, with what they say.
///
/// Nearly all members of a large policy have one of a few bodies, and to read one takes longer than all else that
/// is done with it.
pub(super) struct Known<T> {
    places: HashMap<String, usize>,
    pieces: Vec<(String, T)>,
    bytes: usize,
    /// Where the last one was found: the next is often the same.
    last: usize,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            pieces: Vec::new(),
            bytes: 0,
            last: 0,
        }
    }
}

impl<T> Known<T> {
    /// What a fact says, by `read` where no other with the same body was read before.
    pub(super) fn read<'s>(
        &mut self,
        fact: Stated<'s>,
        read: impl FnOnce(&Stated<'s>) -> Result<T, FactError>,
    ) -> Result<&T, FactError> {
        let body = fact.body;
        let last = self.pieces.get(self.last);
        if last.is_none_or(|(known, _)| known != body) {
            self.last = match self.places.get(body) {
                Some(place) => *place,
                None => self.push(body, read(&fact)?),
            };
        }
        let found = self.pieces.get(self.last);
        found
            .map(|(_, piece)| piece)
            .ok_or_else(|| fact.error("was read and lost"))
    }

    fn push(&mut self, body: &str, piece: T) -> usize {
        if self.pieces.len() >= MOST || self.bytes.saturating_add(body.len()) > MOST_BYTES {
            self.places.clear();
            self.pieces.clear();
            self.bytes = 0;
        }
        let place = self.pieces.len();
        self.places.insert(body.to_owned(), place);
        self.pieces.push((body.to_owned(), piece));
        self.bytes = self.bytes.saturating_add(body.len());
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::FactKind;

    fn fact(body: &str) -> Stated<'_> {
        Stated {
            kind: FactKind::Member,
            a: "acme",
            b: "alice",
            body,
        }
    }

    #[test]
    fn each_body_is_read_once_and_no_more_than_so_many_are_kept() {
        let mut known = Known::default();
        let mut reads = 0;
        let mut read = |known: &mut Known<String>, body: &str| {
            let piece = known.read(fact(body), |fact| {
                reads += 1;
                Ok(fact.body.to_owned())
            });
            assert_eq!(piece.unwrap(), body);
            reads
        };
        for _ in 0..3 {
            for body in ["{}", r#"{"roles":[]}"#, r#"{"roles":[]}"#] {
                read(&mut known, body);
            }
        }
        assert_eq!(read(&mut known, "{}"), 2);
        for number in 0..5 * MOST {
            read(&mut known, &number.to_string());
            assert!(known.pieces.len() <= MOST && known.places.len() <= MOST);
        }
        let large = "x".repeat(2 * MOST_BYTES);
        read(&mut known, &large);
        assert_eq!(known.pieces.len(), 1);
        read(&mut known, "{}");
        assert_eq!(known.pieces.len(), 1, "the large one is kept");
    }

    #[test]
    fn what_is_not_understood_is_not_remembered() {
        let mut known = Known::<()>::default();
        for _ in 0..2 {
            let read = known.read(fact("{"), |fact| Err(fact.error("is no table")));
            assert!(read.is_err());
        }
    }
}

//! Finds the line of a key path in a document's text.
//!
//! Only documents with something to say about them come here, so the text is
//! read a second time rather than every good document carrying its places along.

use std::collections::HashMap;

use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{KeyPath, Step};
use super::text::PolicyFormat;

/// The places of every key of one document.
pub(super) struct Places {
    root: Node,
    line_starts: Vec<usize>,
}

#[derive(Default)]
struct Node {
    offset: usize,
    members: HashMap<String, Node>,
    items: Vec<Node>,
}

impl Places {
    pub(super) fn of(text: &str, format: PolicyFormat) -> Self {
        let root = match format {
            PolicyFormat::Toml => DeTable::parse(text)
                .map(|table| toml_table(0, table.get_ref()))
                .unwrap_or_default(),
            PolicyFormat::Json => serde_json::from_str(text)
                .map(|value| json_node(text, value))
                .unwrap_or_default(),
        };
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Self { root, line_starts }
    }

    /// The line of a path, counted from 1; of its nearest ancestor where it is not in the text.
    pub(super) fn line(&self, path: &KeyPath) -> usize {
        let mut node = &self.root;
        for step in path.steps() {
            let below = match step {
                Step::Key(key) => node.members.get(key),
                Step::Index(index) => node.items.get(*index),
            };
            let Some(below) = below else { break };
            node = below;
        }
        self.line_at(node.offset)
    }

    /// The line of a byte offset, counted from 1.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= offset)
            .max(1)
    }
}

fn toml_table(offset: usize, table: &DeTable<'_>) -> Node {
    let members = table.iter().map(|(key, value)| {
        (
            key.get_ref().to_string(),
            toml_node(key.span().start, value),
        )
    });
    Node {
        offset,
        members: members.collect(),
        items: Vec::new(),
    }
}

/// `start` is where the key is, or the item in a list.
fn toml_node(start: usize, value: &Spanned<DeValue<'_>>) -> Node {
    match value.get_ref() {
        DeValue::Table(table) => toml_table(start, table),
        DeValue::Array(array) => Node {
            offset: start,
            members: HashMap::new(),
            items: array
                .iter()
                .map(|item| toml_node(item.span().start, item))
                .collect(),
        },
        _ => Node {
            offset: start,
            ..Node::default()
        },
    }
}

/// A `RawValue` borrows its piece of the text, so where it lies tells the offset.
fn json_node(text: &str, value: &RawValue) -> Node {
    let offset = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let members = match value.get().as_bytes().first() {
        Some(b'{') => {
            serde_json::from_str::<HashMap<String, &RawValue>>(value.get()).unwrap_or_default()
        }
        _ => HashMap::new(),
    };
    let items = match value.get().as_bytes().first() {
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value.get()).unwrap_or_default(),
        _ => Vec::new(),
    };
    Node {
        offset,
        members: members
            .into_iter()
            .map(|(key, value)| (key, json_node(text, value)))
            .collect(),
        items: items
            .into_iter()
            .map(|value| json_node(text, value))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toml_path_is_found_in_headers_inline_tables_and_lists() {
        let text = "a = 1\n[b.c]\nd = [\n  1,\n  2,\n]\n[b.e]\nf = { g = 1 }\n";
        let rows = [
            (KeyPath::of(["a"]), 1),
            (KeyPath::of(["b", "c"]), 2),
            (KeyPath::of(["b", "c", "d"]), 3),
            (KeyPath::of(["b", "c", "d"]).index(1), 5),
            (KeyPath::of(["b", "e"]), 7),
            (KeyPath::of(["b", "e", "f", "g"]), 8),
            (KeyPath::of(["b", "e", "missing"]), 7),
            (KeyPath::default(), 1),
        ];
        let places = Places::of(text, PolicyFormat::Toml);
        for (path, want) in rows {
            assert_eq!(places.line(&path), want, "{path}");
        }
    }

    #[test]
    fn a_json_path_is_found() {
        let text = "{\n \"a\": 1,\n \"b\": {\n  \"c\": [\n   1,\n   2]\n }\n}";
        let rows = [
            (KeyPath::of(["a"]), 2),
            (KeyPath::of(["b"]), 3),
            (KeyPath::of(["b", "c"]), 4),
            (KeyPath::of(["b", "c"]).index(1), 6),
            (KeyPath::of(["b", "missing"]), 3),
            (KeyPath::default(), 1),
        ];
        let places = Places::of(text, PolicyFormat::Json);
        for (path, want) in rows {
            assert_eq!(places.line(&path), want, "{path}");
        }
    }
}

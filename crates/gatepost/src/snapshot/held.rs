//! Sets of role names, as members and subjects hold them.

use super::Map;
use super::compile::position;
use super::facts::OrgIndex;

/// Every set of names that somebody holds, once: as names, so that it can be told anew what they mean.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldNames {
    texts: Vec<Name>,
    number_of: Map<Box<str>, u32>,
    /// The numbers of names in their order, and behind them the org that the set was met in, where that matters.
    sets: Vec<Box<[u32]>>,
    row_of: Map<Box<[u32]>, u32>,
    numbers: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Name {
    text: Box<str>,
    /// Whether it means the same in every org.
    is_plain: bool,
}

const NO_ORG: u32 = u32::MAX;

impl HeldNames {
    /// Which set these names are, and whether it is a new one. It was met in `org`, which counts where a name is
    /// not plain: not the same everywhere.
    pub(super) fn set(
        &mut self,
        held: &[String],
        org: Option<OrgIndex>,
        is_plain: impl Fn(&str) -> bool,
    ) -> (u32, bool) {
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.clear();
        let mut all_plain = true;
        for name in held {
            let number = self.number(name, &is_plain);
            all_plain &= self
                .texts
                .get(number as usize)
                .is_some_and(|it| it.is_plain);
            numbers.push(number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.push(org.filter(|_| !all_plain).map_or(NO_ORG, |org| org.0));
        let found = self.row_of.get(numbers.as_slice()).copied();
        let row = found.unwrap_or_else(|| {
            let row = position(self.sets.len());
            self.sets.push(numbers.as_slice().into());
            self.row_of.insert(numbers.as_slice().into(), row);
            row
        });
        self.numbers = numbers;
        (row, found.is_none())
    }

    /// Which set these names are, if it was met before.
    pub(super) fn find(&self, held: &[String], org: Option<OrgIndex>) -> Option<u32> {
        let mut numbers = Vec::with_capacity(held.len() + 1);
        let mut all_plain = true;
        for name in held {
            let number = *self.number_of.get(name.as_str())?;
            all_plain &= self.texts.get(number as usize)?.is_plain;
            numbers.push(number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.push(org.filter(|_| !all_plain).map_or(NO_ORG, |org| org.0));
        self.row_of.get(numbers.as_slice()).copied()
    }

    fn number(&mut self, name: &str, is_plain: impl Fn(&str) -> bool) -> u32 {
        if let Some(number) = self.number_of.get(name) {
            return *number;
        }
        let number = position(self.texts.len());
        self.texts.push(Name {
            text: name.into(),
            is_plain: is_plain(name),
        });
        self.number_of.insert(name.into(), number);
        number
    }

    pub(super) fn len(&self) -> usize {
        self.sets.len()
    }

    /// The names of a set.
    pub(super) fn names(&self, set: usize) -> impl Iterator<Item = &str> {
        let set = self.sets.get(set).and_then(|set| set.split_last());
        let numbers = set.map_or(&[][..], |(_, numbers)| numbers);
        let names = numbers.iter().filter_map(|it| self.texts.get(*it as usize));
        names.map(|name| &*name.text)
    }

    /// The org that a set was met in, where that matters.
    pub(super) fn org(&self, set: usize) -> Option<OrgIndex> {
        let org = self.sets.get(set)?.last()?;
        (*org != NO_ORG).then_some(OrgIndex(*org))
    }

    /// Takes note of which names are plain now; false where that leaves sets of which it cannot be told any more
    /// where they were met, though it matters.
    #[must_use]
    pub(super) fn retell(&mut self, is_plain: impl Fn(&str) -> bool) -> bool {
        for name in &mut self.texts {
            name.is_plain = is_plain(&name.text);
        }
        let texts = &self.texts;
        let is_plain = |number: &u32| texts.get(*number as usize).is_some_and(|it| it.is_plain);
        self.sets.iter().all(|set| match set.split_last() {
            Some((&NO_ORG, numbers)) => numbers.iter().all(is_plain),
            _ => true,
        })
    }
}

/// Sets that were met before, by the names as somebody held them: most hold what others do.
#[derive(Debug)]
pub(super) struct Met<S>(Map<Box<[String]>, S>);

/// As many are kept; who meets more is told of the others by [`HeldNames`] alone.
const MET: usize = 1 << 12;

impl<S: Copy> Met<S> {
    pub(super) fn new() -> Self {
        Self(Map::default())
    }

    /// Which set it is, if it was met before.
    pub(super) fn find(&self, held: &[String]) -> Option<S> {
        self.0.get(held).copied()
    }

    /// Keeps a set that means the same wherever it is met.
    pub(super) fn keep(&mut self, held: &[String], set: S) {
        if self.0.len() < MET {
            self.0.insert(held.into(), set);
        }
    }
}

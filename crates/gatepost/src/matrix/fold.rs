//! What is the same for several is said once.

use std::collections::HashMap;
use std::hash::Hash;

use super::Strip;

/// What is the same for all of these, in all of these places.
pub(super) struct Line<T> {
    pub(super) whos: Vec<usize>,
    pub(super) places: Vec<usize>,
    /// What each cell is, and for which columns; one for all of them where all are the same.
    pub(super) groups: Vec<(T, Vec<usize>)>,
}

/// Says of strips, sorted by who and place, what they say, in as few lines as it takes: whoever is answered the same
/// everywhere stands with the first of them, and so do a line's places and a place's columns.
pub(super) fn fold<T: Copy + Eq + Hash>(strips: &[Strip<T>]) -> Vec<Line<T>> {
    let each = strips.chunk_by(|one, other| one.who == other.who);
    let mut same: Together<Vec<(usize, &[T])>> = Together::default();
    for of_one in each {
        let Some(first) = of_one.first() else {
            continue;
        };
        let places = of_one.iter().map(|strip| (strip.place, &*strip.cells));
        same.add(places.collect(), first.who);
    }
    let lines = same.0.into_iter().flat_map(|(cells_in, whos)| {
        let mut same: Together<&[T]> = Together::default();
        for (place, cells) in cells_in {
            same.add(cells, place);
        }
        let lines = same.0.into_iter().map(move |(cells, places)| {
            let mut same: Together<T> = Together::default();
            for (column, cell) in cells.iter().enumerate() {
                same.add(*cell, column);
            }
            (whos.clone(), places, same.0)
        });
        lines.collect::<Vec<_>>()
    });
    let line = |(whos, places, groups)| Line {
        whos,
        places,
        groups,
    };
    lines.map(line).collect()
}

/// Equal things, each with where it was met, in the order in which they were met first.
struct Together<K>(Vec<(K, Vec<usize>)>, HashMap<K, usize>);

impl<K> Default for Together<K> {
    fn default() -> Self {
        Self(Vec::new(), HashMap::new())
    }
}

impl<K: Clone + Eq + Hash> Together<K> {
    fn add(&mut self, key: K, at: usize) {
        let Self(all, position) = self;
        let next = all.len();
        let position = *position.entry(key.clone()).or_insert(next);
        match all.get_mut(position) {
            Some((_, met)) => met.push(at),
            None => all.push((key, vec![at])),
        }
    }
}

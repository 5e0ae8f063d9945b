//! What is different between two matrices, in words.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use super::axis::{NO_ORG, NO_SITE_ROLE, NON_MEMBER};
use super::fold::{Line, fold};
use super::text::{every_state, some};
use super::{By, Label, Matrix, MatrixCell, PUBLIC, Row, Strip};

/// What is different between two matrices, route by route; [`Display`](fmt::Display) prints a line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixChanges(Vec<MatrixChange>);

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatrixChange {
    /// Of what: `POST /orgs/{org}/chats chat:create#foreground, org on`.
    pub about: String,
    /// How: `developer with agents-access: allow → org_off`.
    pub what: String,
    /// Whether it lets something through that was not let through before.
    pub is_laxer: bool,
}

/// What a cell was and is.
type Flip = (MatrixCell, MatrixCell);

impl Matrix {
    /// What is different in another matrix of the same service.
    ///
    /// A role, a subject or a route that only one of them has is one change; what it is answered stands in the text.
    pub fn changes(&self, other: &Self) -> MatrixChanges {
        if self.by != other.by {
            let what = format!("by {} → by {}", self.by.as_str(), other.by.as_str());
            return MatrixChanges(vec![MatrixChange::new("the matrix", what, false)]);
        }
        let mut changes = Vec::new();
        let (of_who, of_column) = match self.by {
            By::Roles => ("site role", "org role"),
            By::Subjects => ("subject", ""),
        };
        axis(of_who, &self.whos, &other.whos, &mut changes);
        axis(of_column, &self.columns, &other.columns, &mut changes);
        if self.by == By::Subjects {
            self.memberships(other, &mut changes);
        }
        let routes = |matrix: &Self| -> Vec<(String, String)> {
            let keys = matrix.rows.iter();
            keys.map(|row| (row.path.clone(), row.method.clone()))
                .collect()
        };
        let all: BTreeSet<_> = routes(self).into_iter().chain(routes(other)).collect();
        let (old, new) = (self.by_route(), other.by_route());
        for route in all {
            let of = |rows: &HashMap<_, Vec<_>>| rows.get(&route).cloned().unwrap_or_default();
            self.route(other, of(&old), of(&new), &mut changes);
        }
        MatrixChanges(changes)
    }

    fn by_route(&self) -> HashMap<(String, String), Vec<&Row>> {
        let mut rows = HashMap::<_, Vec<_>>::new();
        for row in &self.rows {
            let route = (row.path.clone(), row.method.clone());
            rows.entry(route).or_default().push(row);
        }
        rows
    }

    /// Who was asked somewhere, and now is not, or the other way round.
    fn memberships(&self, other: &Self, changes: &mut Vec<MatrixChange>) {
        let asked = |matrix: &Self| -> BTreeSet<(Label, Label)> {
            let strips = matrix.rows.iter().flat_map(|row| &row.strips);
            let pairs = strips.filter_map(|strip| {
                let place = matrix.places.get(strip.place)?;
                Some((matrix.whos.get(strip.who)?.clone(), place.clone()))
            });
            pairs.filter(|(_, place)| *place != NO_ORG).collect()
        };
        let (old, new) = (asked(self), asked(other));
        // Where routes no longer ask in orgs, or did not, that is told of each of them.
        if old.is_empty() || new.is_empty() {
            return;
        }
        for (who, place) in old.symmetric_difference(&new) {
            let is_known = self.whos.contains(who) && other.whos.contains(who);
            if is_known {
                let is_new = new.contains(&(who.clone(), place.clone()));
                let about = format!("{who} in {place}");
                changes.push(MatrixChange::new(about, presence(is_new), false));
            }
        }
    }

    /// What is different about one route.
    fn route(
        &self,
        other: &Self,
        mut old: Vec<&Row>,
        mut new: Vec<&Row>,
        changes: &mut Vec<MatrixChange>,
    ) {
        let mut pairs = Vec::new();
        let known: HashSet<&str> = old.iter().map(|row| &*row.asks).collect();
        // The same asked in the same way first, then in whatever way.
        let same_how: fn(&Row, &Row) -> bool = |one, other| one.how == other.how;
        for is_same in [
            same_how,
            |one, other| one.strips == other.strips,
            |_, _| true,
        ] {
            old.retain(|one| {
                let same = new
                    .iter()
                    .position(|other| other.asks == one.asks && is_same(one, other));
                pairs.extend(same.map(|at| (*one, new.remove(at))));
                same.is_none()
            });
        }
        // What asks for something else in the same mode is the same row.
        let mode = |row: &Row| row.asks.split_once('#').map(|(_, mode)| mode.to_owned());
        if let ([one], [another]) = (&*old, &*new)
            && mode(one) == mode(another)
            && ![&one.asks, &another.asks].contains(&&PUBLIC.to_owned())
        {
            let what = format!("asks {} → {}", one.asks, another.asks);
            let about = format!("{} {}", another.method, another.path);
            changes.push(MatrixChange::new(about, what, false));
            pairs.push((*one, *another));
            (old, new) = (Vec::new(), Vec::new());
        }
        let alone = |row: &Row, is_new: bool| {
            // Beside what asks for the same, it is one more way to be let through.
            let is_beside = known.contains(&*row.asks) && row.allows();
            let is_laxer = is_new && (row.asks == PUBLIC || is_beside);
            MatrixChange::new(row.heading(), presence(is_new), is_laxer)
        };
        changes.extend(old.into_iter().map(|row| alone(row, false)));
        changes.extend(new.into_iter().map(|row| alone(row, true)));
        for (one, another) in pairs {
            if !one.how.is_empty() && !another.how.is_empty() && one.how != another.how {
                let what = format!("asked ({}) → asked ({})", one.how, another.how);
                let about = format!("{} {} {}", another.method, another.path, another.asks);
                changes.push(MatrixChange::new(about, what, false));
            }
            self.asked_elsewhere(other, one, another, changes);
            self.flips(other, one, another, changes);
        }
    }

    /// Where a row was asked, in orgs or without one, and where it is now; the cells there are in the text.
    fn asked_elsewhere(&self, other: &Self, old: &Row, new: &Row, changes: &mut Vec<MatrixChange>) {
        let (then, now) = (self.asked_in(old), other.asked_in(new));
        let (Some(then), Some(now)) = (then, now) else {
            return;
        };
        if then != now {
            let is_new = |strip: &&Strip<MatrixCell>| {
                let is_in_org = other.is_in_org(strip);
                is_in_org && !then.in_orgs || !is_in_org && !then.without_org
            };
            let is_laxer = new.strips.iter().filter(is_new).any(Strip::allows);
            let what = format!("asked {then} → asked {now}");
            changes.push(MatrixChange::new(new.heading(), what, is_laxer));
        }
    }

    fn asked_in(&self, row: &Row) -> Option<AskedWhere> {
        let places = || row.strips.iter().map(|strip| self.is_in_org(strip));
        let (in_orgs, without_org) = (places().any(|is| is), places().any(|is| !is));
        (in_orgs || without_org).then_some(AskedWhere {
            in_orgs,
            without_org,
        })
    }

    fn is_in_org(&self, strip: &Strip<MatrixCell>) -> bool {
        self.places.get(strip.place) != Some(&NO_ORG)
    }

    /// The cells of a row that are different.
    fn flips(&self, other: &Self, old: &Row, new: &Row, changes: &mut Vec<MatrixChange>) {
        let (whos, places) = (position(&self.whos), position(&self.places));
        let columns = position(&self.columns);
        let was: HashMap<_, _> = (old.strips.iter())
            .map(|strip| ((strip.who, strip.place), strip))
            .collect();
        let strip = |strip: &Strip<MatrixCell>| {
            let who = whos.get(other.whos.get(strip.who)?)?;
            let place = places.get(other.places.get(strip.place)?)?;
            let then = was.get(&(*who, *place))?;
            let flip = |(column, now): (usize, &MatrixCell)| -> Option<Flip> {
                let then = then.cells.get(*columns.get(other.columns.get(column)?)?)?;
                (then != now).then_some((*then, *now))
            };
            let cells: Vec<Option<Flip>> = strip.cells.iter().enumerate().map(flip).collect();
            let (who, place) = (strip.who, strip.place);
            let is_any = cells.iter().any(Option::is_some);
            is_any.then_some(Strip { who, place, cells })
        };
        let flipped: Vec<_> = new.strips.iter().filter_map(strip).collect();
        for line in fold(&flipped) {
            for (flip, columns) in &line.groups {
                if let Some(flip) = flip {
                    changes.push(other.flip(new, &line, *flip, columns));
                }
            }
        }
    }

    fn flip(
        &self,
        row: &Row,
        line: &Line<Option<Flip>>,
        (then, now): Flip,
        columns: &[usize],
    ) -> MatrixChange {
        let is_no_org = |at: &usize| self.places.get(*at) == Some(&NO_ORG);
        let (unnamed, named): (Vec<usize>, Vec<usize>) =
            line.places.iter().partition(|at| is_no_org(at));
        let place = match self.by {
            _ if named.is_empty() => String::new(),
            By::Roles if every_state(&named) => ", every org".to_owned(),
            By::Roles => format!(", org {}", some(&self.places, &named)),
            By::Subjects => format!(" in {}", some(&self.places, &named)),
        };
        let is_asked_both_ways = row.strips.iter().any(|strip| self.is_in_org(strip));
        let place = match (unnamed.is_empty(), named.is_empty()) {
            (false, false) => format!("{place} and where none is named"),
            (false, true) if is_asked_both_ways => ", where no org is named".to_owned(),
            (true, _) | (false, true) => place,
        };
        let who = match self.by {
            By::Roles => self.role_text(&line.whos, columns),
            By::Subjects => some(&self.whos, &line.whos),
        };
        MatrixChange {
            about: format!("{}{place}", row.heading()),
            what: format!("{who}: {then} → {now}"),
            is_laxer: now.is_laxer_than(then),
        }
    }

    /// `guest, developer with agents-access`
    fn role_text(&self, whos: &[usize], columns: &[usize]) -> String {
        let said = |label: &Label, of: &str| {
            if label == &NON_MEMBER || label == &NO_SITE_ROLE {
                of.to_owned()
            } else {
                label.to_string()
            }
        };
        let words = |labels: &[Label], which: &[usize], of: &str| -> Vec<String> {
            let labels = which.iter().filter_map(|at| labels.get(*at));
            labels.map(|label| said(label, of)).collect()
        };
        let roles = if columns.len() == self.columns.len() {
            "everybody".to_owned()
        } else {
            words(&self.columns, columns, "a non-member").join(", ")
        };
        if whos.len() == self.whos.len() && whos.len() > 1 {
            return format!("{roles} with any site role or none");
        }
        match &*words(&self.whos, whos, "no site role") {
            [one] if one == "no site role" => format!("{roles} without a site role"),
            several => format!("{roles} with {}", several.join(" or ")),
        }
    }
}

/// In orgs, without one, or both.
#[derive(Clone, Copy, PartialEq, Eq)]
struct AskedWhere {
    in_orgs: bool,
    without_org: bool,
}

impl fmt::Display for AskedWhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.in_orgs, self.without_org) {
            (true, true) => "in orgs and where none is named",
            (true, false) => "in orgs",
            (false, _) => "without an org",
        })
    }
}

fn position(labels: &[Label]) -> HashMap<&Label, usize> {
    let labels = labels.iter().enumerate();
    labels.map(|(at, label)| (label, at)).collect()
}

/// What one axis has and the other has not, and where what both have stands in another order: org roles stand in
/// that of their levels.
fn axis(of: &str, old: &[Label], new: &[Label], changes: &mut Vec<MatrixChange>) {
    let (then, now): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
    for label in then.symmetric_difference(&now) {
        let about = format!("{of} {label}");
        changes.push(MatrixChange::new(
            about,
            presence(now.contains(*label)),
            false,
        ));
    }
    let in_order = |labels: &[Label], both: &BTreeSet<&Label>| -> Vec<String> {
        let both = labels.iter().filter(|label| both.contains(label));
        both.map(ToString::to_string).collect()
    };
    let (before, after) = (in_order(old, &now), in_order(new, &then));
    if before != after {
        let what = format!("{} → {}", before.join(", "), after.join(", "));
        changes.push(MatrixChange::new(format!("{of}s in order"), what, false));
    }
}

const fn presence(is_new: bool) -> &'static str {
    if is_new { "new" } else { "gone" }
}

impl MatrixChanges {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is different, by path and method.
    pub fn changes(&self) -> &[MatrixChange] {
        &self.0
    }

    /// The same for whoever reviews them: those that are laxer first.
    pub fn laxer_first(&self) -> impl Iterator<Item = &MatrixChange> {
        let (laxer, others) = self
            .changes()
            .iter()
            .partition::<Vec<_>, _>(|it| it.is_laxer);
        laxer.into_iter().chain(others)
    }
}

impl MatrixChange {
    fn new(about: impl Into<String>, what: impl Into<String>, is_laxer: bool) -> Self {
        Self {
            about: about.into(),
            what: what.into(),
            is_laxer,
        }
    }
}

impl fmt::Display for MatrixChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, change) in self.0.iter().enumerate() {
            let before = if at == 0 { "" } else { "\n" };
            write!(f, "{before}{change}")?;
        }
        Ok(())
    }
}

impl fmt::Display for MatrixChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.what)?;
        f.write_str(if self.is_laxer { "  (laxer)" } else { "" })
    }
}

//! The rules, each over the whole run.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::overlay::overlaid;
use super::{BACK_WITHIN, Breach, Decision, Heal, History, MS, Rule};
use crate::oracle::{Oracle, Request};

/// How many breaches of one rule are told.
const TOLD: usize = 5;

/// What a sound run came to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// How many replicas answered.
    pub replicas: usize,
    /// How many versions there were.
    pub versions: usize,
    /// How many answers were allows.
    pub allows: usize,
    /// How many were denials.
    pub denials: usize,
    /// How many were errors.
    pub errors: usize,
    /// How many were denials by a kill that was laid over older facts.
    pub overlaid: usize,
    /// The longest that a replica went on allowing what an acknowledged version denied, in milliseconds.
    pub latest_allow: u64,
    /// The longest that a replica took to be right again after healing, in milliseconds.
    pub slowest_back: u64,
}

/// What a request is answered by a version.
type Answer = (&'static str, Option<&'static str>);

struct Checker<'h> {
    history: &'h History,
    requests: Vec<Request>,
    oracles: BTreeMap<u64, Oracle>,
    answers: HashMap<(u64, usize), Answer>,
    /// By facts of the first version, and kills of the second.
    overlaid: HashMap<(u64, u64, usize), Answer>,
    /// Acknowledged versions: the moment, and the greatest version by then.
    acknowledged: Vec<(u64, u64)>,
    breaches: BTreeMap<Rule, Vec<String>>,
    summary: Summary,
}

/// Checks a run.
///
/// # Errors
///
/// Every rule that was breached, with the first breaches of each.
pub fn check(history: &History) -> Result<Summary, Vec<Breach>> {
    let mut checker = Checker::new(history);
    let mut of_each: BTreeMap<&str, Vec<&Decision>> = BTreeMap::new();
    for decision in &history.decisions {
        of_each.entry(&decision.replica).or_default().push(decision);
    }
    for decisions in of_each.values() {
        checker.replica(decisions);
    }
    for heal in &history.heals {
        let decisions = of_each.get(heal.replica.as_str());
        checker.heal(heal, decisions.map_or(&[], Vec::as_slice));
    }
    checker.summary.replicas = of_each.len();
    checker.summary.versions = history.commits.len();
    if checker.summary.allows == 0 || checker.summary.denials == 0 {
        let what = format!("not both allows and denials: {}", checker.summary);
        checker.breach(Rule::Empty, what);
    }
    if checker.breaches.is_empty() {
        return Ok(checker.summary);
    }
    let told = checker.breaches.into_iter().flat_map(|(rule, all)| {
        let more = all.len().saturating_sub(TOLD);
        let more = (more > 0).then(|| format!("and {more} more"));
        let first = all.into_iter().take(TOLD).chain(more);
        first.map(move |what| Breach { rule, what })
    });
    Err(told.collect())
}

impl<'h> Checker<'h> {
    fn new(history: &'h History) -> Self {
        let read = |request| Request::from_json(request).unwrap_or_else(|why| panic!("{why}"));
        let oracle = |policy| Oracle::new(policy).unwrap_or_else(|why| panic!("{why}"));
        let oracles = history.commits.iter();
        let oracles = oracles.map(|(version, commit)| (*version, oracle(&commit.policy)));
        let mut acknowledged: Vec<(u64, u64)> = history
            .commits
            .iter()
            .filter_map(|(version, commit)| Some((commit.acknowledged?, *version)))
            .collect();
        acknowledged.sort_unstable();
        let mut greatest = 0;
        for (_, version) in &mut acknowledged {
            greatest = greatest.max(*version);
            *version = greatest;
        }
        Self {
            history,
            requests: history.requests.iter().map(read).collect(),
            oracles: oracles.collect(),
            answers: HashMap::new(),
            overlaid: HashMap::new(),
            acknowledged,
            breaches: BTreeMap::new(),
            summary: Summary::default(),
        }
    }

    fn replica(&mut self, decisions: &[&Decision]) {
        let mut newest = 0;
        for decision in decisions {
            match decision.decision.as_str() {
                "allow" => self.summary.allows += 1,
                "deny" => self.summary.denials += 1,
                _ => self.summary.errors += 1,
            }
            if let Some(version) = decision.version {
                if version < newest {
                    self.breach(Rule::WentBack, format!("{decision}, behind {newest}"));
                }
                newest = newest.max(version);
                self.answer_is_right(decision, version);
            }
            self.is_within_the_lease(decision);
            if decision.allows() {
                self.allow_is_not_stale(decision);
            }
            self.is_fresh(decision);
        }
    }

    /// What is decided by is at most a lease older than the newest; a stricter rule than that for allows.
    fn is_within_the_lease(&mut self, decision: &Decision) {
        let bound = decision.begun.saturating_sub(self.history.lease);
        let known = self.acknowledged_before(bound);
        if decision.version.is_some() && decision.version < known {
            let what = format!("{decision}, and version {known:?} is older than the lease");
            self.breach(Rule::Outdated, what);
        }
    }

    /// No allow begins later than a lease after a version that denies it, but where a later one allows it.
    fn allow_is_not_stale(&mut self, decision: &Decision) {
        let lease = self.history.lease;
        let bound = decision.begun.saturating_sub(lease);
        let known = self.acknowledged_before(bound);
        if let Some(known) = known {
            let versions: Vec<u64> = self.history.commits.range(known..).map(|c| *c.0).collect();
            let request = decision.request;
            if !versions
                .iter()
                .any(|version| self.answer(*version, request).0 == "allow")
            {
                let what = format!("{decision}, and no version since {known} allows it");
                self.breach(Rule::StaleAllow, what);
            }
        }
        // How much of the lease was used, for the record.
        let newest = self.acknowledged_before(decision.begun);
        if let (Some(newest), Some(version)) = (newest, decision.version)
            && newest > version
            && let Some(overtaken) = self.denied_since(version, newest, decision.request)
        {
            let late = decision.begun.saturating_sub(overtaken) / MS;
            self.summary.latest_allow = self.summary.latest_allow.max(late);
        }
    }

    /// Since when a request is denied by every version up to `newest`, where it is.
    fn denied_since(&mut self, version: u64, newest: u64, request: usize) -> Option<u64> {
        let range = version.saturating_add(1)..=newest;
        let versions: Vec<u64> = self.history.commits.range(range).map(|c| *c.0).collect();
        let mut since = None;
        for version in versions.into_iter().rev() {
            if self.answer(version, request).0 == "allow" {
                break;
            }
            let commit = self.history.commits.get(&version);
            since = commit.and_then(|commit| commit.acknowledged).or(since);
        }
        since
    }

    fn answer_is_right(&mut self, decision: &Decision, version: u64) {
        if !self.oracles.contains_key(&version) {
            let what = format!("{decision}, which nobody committed");
            return self.breach(Rule::WrongAnswer, what);
        }
        let said = (decision.decision.as_str(), decision.code.as_deref());
        let right = self.answer(version, decision.request);
        if said == right {
            return;
        }
        let later = version.saturating_add(1);
        let later: Vec<u64> = self.history.commits.range(later..).map(|c| *c.0).collect();
        let by_kill = said.0 == "deny"
            && later
                .iter()
                .any(|killer| self.by_kill(version, *killer, decision.request) == said);
        if by_kill {
            self.summary.overlaid += 1;
            return;
        }
        let (word, code) = right;
        let what = format!("{decision}, where {word} {} is right", code.unwrap_or(""));
        self.breach(Rule::WrongAnswer, what);
    }

    /// With nothing broken, nothing is stale, and a change is seen within the time of [`BACK_WITHIN`].
    fn is_fresh(&mut self, decision: &Decision) {
        let healthy = self.history.healthy.iter().any(|healthy| {
            let replica = healthy.replica.as_ref();
            replica.is_none_or(|replica| *replica == decision.replica)
                && (healthy.from..=healthy.to).contains(&decision.begun)
        });
        if !healthy {
            return;
        }
        if decision.is_error() {
            return self.breach(Rule::NotFresh, format!("{decision}, and nothing is broken"));
        }
        let due = self.acknowledged_before(decision.begun.saturating_sub(BACK_WITHIN));
        if decision.version < due {
            let what = format!("{decision}, and version {due:?} is due");
            self.breach(Rule::NotFresh, what);
        }
    }

    /// Each request is answered by the newest version, from no later than [`BACK_WITHIN`] after healing.
    fn heal(&mut self, heal: &Heal, decisions: &[&Decision]) {
        let replica = &heal.replica;
        let newest = self.acknowledged_before(heal.at);
        for request in 0..self.requests.len() {
            let since = decisions
                .iter()
                .filter(|decision| decision.request == request && decision.begun >= heal.at);
            let back = since
                .into_iter()
                .find(|decision| !decision.is_error() && decision.version >= newest);
            let Some(back) = back else {
                let what = format!("{replica}, request {request}: never after healing");
                self.breach(Rule::NotBack, what);
                continue;
            };
            let took = back.begun.saturating_sub(heal.at);
            self.summary.slowest_back = self.summary.slowest_back.max(took / MS);
            if took > BACK_WITHIN {
                let what = format!("{back}, {} ms after healing", took / MS);
                self.breach(Rule::NotBack, what);
            }
        }
    }

    /// The greatest version that had been acknowledged by then.
    fn acknowledged_before(&self, moment: u64) -> Option<u64> {
        let known = self.acknowledged.partition_point(|(at, _)| *at < moment);
        let last = self.acknowledged.get(..known)?.last()?;
        Some(last.1)
    }

    fn answer(&mut self, version: u64, request: usize) -> Answer {
        let Self {
            answers,
            oracles,
            requests,
            ..
        } = self;
        *answers.entry((version, request)).or_insert_with(|| {
            match (oracles.get(&version), requests.get(request)) {
                (Some(oracle), Some(request)) => asked(oracle, request),
                _ => ("none", None),
            }
        })
    }

    fn by_kill(&mut self, older: u64, newer: u64, request: usize) -> Answer {
        let Self {
            overlaid: known,
            history,
            requests,
            ..
        } = self;
        *known.entry((older, newer, request)).or_insert_with(|| {
            let policy = |version| Some(&history.commits.get(version)?.policy);
            let (Some(older), Some(newer)) = (policy(&older), policy(&newer)) else {
                return ("none", None);
            };
            match (Oracle::new(&overlaid(older, newer)), requests.get(request)) {
                (Ok(oracle), Some(request)) => asked(&oracle, request),
                _ => ("none", None),
            }
        })
    }

    fn breach(&mut self, rule: Rule, what: String) {
        self.breaches.entry(rule).or_default().push(what);
    }
}

fn asked(oracle: &Oracle, request: &Request) -> Answer {
    let answer = oracle.decide(request);
    (answer.decision, answer.code)
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            replicas,
            versions,
            allows,
            denials,
            errors,
            overlaid,
            latest_allow,
            slowest_back,
        } = self;
        write!(
            f,
            "{replicas} replicas, {versions} versions, {allows} allows, {denials} denials ({overlaid} by a kill \
             over older facts), {errors} errors; last stale allow {latest_allow} ms after the commit, back within \
             {slowest_back} ms"
        )
    }
}

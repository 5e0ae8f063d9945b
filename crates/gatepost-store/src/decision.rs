//! Decisions, as far as they are written into the store to be looked for.

use std::time::Duration;

use gatepost::Timestamp;

/// The longest text of one, in bytes.
const LONGEST: usize = 256;
/// The longest record of one, in bytes. It is JSON, and not cut: one that is longer is not kept.
pub(crate) const LONGEST_RECORD: usize = 32 << 10;

/// A decision that is written into the store, with what it is looked for by.
///
/// Texts are cut at 256 bytes. The record is JSON, which the store does not look into.
///
/// ```
/// use gatepost::Timestamp;
/// use gatepost_store::DecisionNote;
///
/// let mut note = DecisionNote::new("01KAPX3V6M8Z0000", Timestamp::now(), "deny", "{}");
/// note.code = Some("org_off".into());
/// assert_eq!(note.number, 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecisionNote {
    /// Its number in the store, by which there is an order; 0 before it was noted.
    pub number: u64,
    /// When it was taken, by the clock of whoever took it, to the millisecond.
    pub at: Timestamp,
    /// The decision's id.
    pub decision: String,
    /// `allow`, `deny` or `error`.
    pub outcome: String,
    /// Why not, where it was not allowed.
    pub code: Option<String>,
    /// Who asked, where that was found out.
    pub subject: Option<String>,
    /// The org, where there was one.
    pub org: Option<String>,
    /// The resource that was asked for.
    pub resource: String,
    /// The action that was asked for.
    pub action: String,
    /// All that is known of it, as JSON of at most 32 KiB.
    pub record: String,
}

impl DecisionNote {
    /// A decision of which nothing else is known.
    pub fn new(
        decision: impl Into<String>,
        at: Timestamp,
        outcome: impl Into<String>,
        record: impl Into<String>,
    ) -> Self {
        Self {
            number: 0,
            at,
            decision: decision.into(),
            outcome: outcome.into(),
            code: None,
            subject: None,
            org: None,
            resource: String::new(),
            action: String::new(),
            record: record.into(),
        }
    }

    /// As it is kept.
    pub(crate) fn cut(&self) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(cut);
        Self {
            number: self.number,
            at: self.at,
            decision: cut(&self.decision),
            outcome: cut(&self.outcome),
            code: text(&self.code),
            subject: text(&self.subject),
            org: text(&self.org),
            resource: cut(&self.resource),
            action: cut(&self.action),
            record: self.record.replace('\0', "?"),
        }
    }
}

/// The beginning of a text, without what PostgreSQL stores no text with.
fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST);
    let text = text.get(..end).unwrap_or_default();
    text.replace('\0', "?")
}

/// How many decisions are kept, and for how long: the newest million, of 30 days, unless said otherwise.
///
/// Whoever notes takes away what is over, so a store that nobody notes in keeps what it has.
///
/// ```
/// use std::time::Duration;
/// use gatepost_store::DecisionRetention;
///
/// let week = DecisionRetention::default().newest(100_000).age(Duration::from_hours(7 * 24));
/// assert_ne!(week, DecisionRetention::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it is given to `PolicyStore::note_decisions`"]
pub struct DecisionRetention {
    pub(crate) newest: u64,
    pub(crate) age: Duration,
}

impl Default for DecisionRetention {
    fn default() -> Self {
        Self {
            newest: 1_000_000,
            age: Duration::from_hours(30 * 24),
        }
    }
}

impl DecisionRetention {
    /// At most so many.
    pub fn newest(mut self, count: u64) -> Self {
        self.newest = count;
        self
    }

    /// For at most so long.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

/// Which decisions are looked for: the newest 100, unless said otherwise.
///
/// ```
/// use gatepost_store::DecisionFilter;
///
/// let filter = DecisionFilter::default().org("acme").code("org_off").limit(20);
/// assert_ne!(filter, DecisionFilter::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is given to `PolicyStore::decisions`"]
pub struct DecisionFilter {
    /// In the order of [`Self::TEXTS`].
    pub(crate) texts: [Option<String>; 7],
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) before: Option<u64>,
    pub(crate) limit: usize,
}

impl Default for DecisionFilter {
    fn default() -> Self {
        Self {
            texts: [const { None }; 7],
            since: None,
            until: None,
            before: None,
            limit: 100,
        }
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $place:literal;)+) => {
        impl DecisionFilter {
            $($(#[$doc])*
            pub fn $name(mut self, text: impl Into<String>) -> Self {
                if let Some(place) = self.texts.get_mut($place) {
                    *place = Some(text.into());
                }
                self
            })+
        }
    };
}

texts! {
    /// Only the decision of this id.
    decision = 0;
    /// Only decisions about this subject.
    subject = 1;
    /// Only decisions in this org.
    org = 2;
    /// Only decisions with this code.
    code = 3;
    /// Only decisions with this outcome: `allow`, `deny` or `error`.
    outcome = 4;
    /// Only decisions about this resource.
    resource = 5;
    /// Only decisions about this action.
    action = 6;
}

impl DecisionFilter {
    /// The columns of `texts`.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres")),
        allow(dead_code, reason = "there is no store to ask")
    )]
    pub(crate) const TEXTS: [&str; 7] = [
        "decision", "subject", "org", "code", "outcome", "resource", "action",
    ];

    /// Only decisions that were taken then or later.
    pub fn since(mut self, moment: Timestamp) -> Self {
        self.since = Some(moment);
        self
    }

    /// Only decisions that were taken before then.
    pub fn until(mut self, moment: Timestamp) -> Self {
        self.until = Some(moment);
        self
    }

    /// Only decisions of a lower [number](DecisionNote::number).
    pub fn before(mut self, number: u64) -> Self {
        self.before = Some(number);
        self
    }

    /// At most so many.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether nothing can be let through: no text with a zero byte is kept.
    pub(crate) fn asks_for_nothing(&self) -> bool {
        let texts = self.texts.iter().flatten();
        texts.into_iter().any(|text| text.contains('\0'))
    }
}

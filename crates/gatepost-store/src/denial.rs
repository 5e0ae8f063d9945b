//! Denials, as far as they are kept to be looked at.

use gatepost::{Code, Timestamp};

/// How many are kept.
pub(crate) const KEPT: usize = 10_000;
/// The longest text of one, in bytes.
const LONGEST: usize = 256;

/// A denial that was noted.
///
/// It is a sample and no log: of many alike one is noted, and a store keeps the newest 10,000. Texts are cut at 256
/// bytes.
///
/// ```
/// use gatepost::Code;
/// use gatepost_store::DenialNote;
///
/// let mut note = DenialNote::new(Code::OrgOff);
/// note.org = Some("acme".into());
/// assert_eq!(note.code, "org_off");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DenialNote {
    /// Its number in the store, by which there is an order; 0 before it was noted.
    pub number: u64,
    /// When it was answered, by the clock of whoever answered it, to the millisecond.
    pub at: Timestamp,
    /// The code.
    pub code: String,
    /// Who asked, where that was found out.
    pub subject: Option<String>,
    /// For whom the subject acted, if for anyone.
    pub acting_for: Option<String>,
    /// The org, where one was named.
    pub org: Option<String>,
    /// The resource that was asked for.
    pub resource: Option<String>,
    /// The action that was asked for.
    pub action: Option<String>,
    /// The mode, where it was read.
    pub mode: Option<String>,
    /// The route, such as `POST /orgs/{org}/chats`.
    pub route: Option<String>,
    /// Who answered: the name of a replica.
    pub replica: Option<String>,
    /// The id of the decision, as the answer had it.
    pub decision: Option<String>,
    /// For how many alike it stands, itself included.
    pub times: u64,
}

impl DenialNote {
    /// A denial of now, of which nothing but the code is known.
    pub fn new(code: Code) -> Self {
        Self {
            number: 0,
            at: Timestamp::now(),
            code: code.as_str().to_owned(),
            subject: None,
            acting_for: None,
            org: None,
            resource: None,
            action: None,
            mode: None,
            route: None,
            replica: None,
            decision: None,
            times: 1,
        }
    }

    /// As it is kept.
    pub(crate) fn cut(&self) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(cut);
        Self {
            number: self.number,
            at: self.at,
            code: cut(&self.code),
            subject: text(&self.subject),
            acting_for: text(&self.acting_for),
            org: text(&self.org),
            resource: text(&self.resource),
            action: text(&self.action),
            mode: text(&self.mode),
            route: text(&self.route),
            replica: text(&self.replica),
            decision: text(&self.decision),
            times: self.times,
        }
    }
}

/// The beginning of a text, without what PostgreSQL stores no text with.
fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST);
    let text = text.get(..end).unwrap_or_default();
    text.replace('\0', "?")
}

/// Which denials are looked at: the newest 100, unless said otherwise.
///
/// ```
/// use gatepost_store::DenialFilter;
///
/// let filter = DenialFilter::default().org("acme").code("org_off").limit(20);
/// assert_ne!(filter, DenialFilter::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is given to `PolicyStore::denials`"]
pub struct DenialFilter {
    pub(crate) org: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) before: Option<u64>,
    pub(crate) limit: usize,
}

impl Default for DenialFilter {
    fn default() -> Self {
        Self {
            org: None,
            subject: None,
            code: None,
            before: None,
            limit: 100,
        }
    }
}

impl DenialFilter {
    /// Only denials in this org.
    pub fn org(mut self, id: impl Into<String>) -> Self {
        self.org = Some(id.into());
        self
    }

    /// Only denials of this subject.
    pub fn subject(mut self, id: impl Into<String>) -> Self {
        self.subject = Some(id.into());
        self
    }

    /// Only denials with this code.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Only denials of a lower [number](DenialNote::number).
    pub fn before(mut self, number: u64) -> Self {
        self.before = Some(number);
        self
    }

    /// Whether nothing can be let through: no text with a zero byte is kept.
    pub(crate) fn asks_for_nothing(&self) -> bool {
        let texts = [&self.org, &self.subject, &self.code];
        texts.into_iter().flatten().any(|text| text.contains('\0'))
    }

    /// At most so many.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

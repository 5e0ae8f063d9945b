//! Problem documents put together out of prepared parts: what is the same each time is rendered once.
//!
//! Parts are known by what a service says of itself: its resources, its action, its languages, and the library's
//! codes and modes. Nothing that a request brings is kept, so whoever is refused a million times with a million
//! ids fills no memory.

use std::sync::OnceLock;

use super::ProblemDocument;
use crate::code::Code;
use crate::decision::Whose;
use crate::decision_id::DecisionId;
use crate::denial::Denial;
use crate::texts::{Catalogue, Language};
use crate::vocabulary::Mode;

/// The problem documents of a route's denials, in the languages of a catalogue.
///
/// The bytes are those of [`ProblemDocument::to_json`]; what is the same for each denial of a kind is rendered
/// at the first one.
///
/// ```
/// use gatepost::{Catalogue, Code, Denial, Language, PreparedProblems};
///
/// let prepared = PreparedProblems::new(["chat"], "create", &Catalogue::shipped());
/// let denial = Denial::new(Code::OrgOff).asked("chat", "create");
/// assert_eq!(
///     prepared.to_json(&denial, Language::GERMAN),
///     denial.problem_in(Language::GERMAN).to_json(),
/// );
/// ```
#[derive(Debug)]
pub struct PreparedProblems {
    action: &'static str,
    rows: Vec<Row>,
}

/// The documents about one resource, in one language.
#[derive(Debug)]
struct Row {
    resource: &'static str,
    language: Language,
    /// A place for each kind, made when the first is asked for.
    kinds: OnceLock<Box<[OnceLock<Box<Parts>>]>>,
}

/// None, foreground, background.
const MODES: usize = 3;

impl PreparedProblems {
    /// Those of an action of these resources; none is rendered yet.
    pub fn new(
        resources: impl IntoIterator<Item = &'static str>,
        action: &'static str,
        catalogue: &Catalogue,
    ) -> Self {
        let rows = resources.into_iter().flat_map(|resource| {
            catalogue.languages().map(move |language| Row {
                resource,
                language,
                kinds: OnceLock::new(),
            })
        });
        Self {
            action,
            rows: rows.collect(),
        }
    }

    /// The bytes of the document that the client gets.
    pub fn to_json(&self, denial: &Denial, language: Language) -> Vec<u8> {
        if denial.is_hidden() {
            return not_found(denial.decision());
        }
        match self.row(denial, language) {
            Some(row) => row.to_json(denial),
            None => denial.problem_in(language).to_json(),
        }
    }

    /// `None` of a denial that is not of these resources, or in none of these languages.
    fn row(&self, denial: &Denial, language: Language) -> Option<&Row> {
        let resource = denial.resource?;
        if denial.action? != self.action {
            return None;
        }
        let is_it = |row: &&Row| row.resource == resource && row.language.is_same(language);
        self.rows.iter().find(is_it)
    }
}

impl Row {
    fn to_json(&self, denial: &Denial) -> Vec<u8> {
        let kinds = self.kinds.get_or_init(|| {
            let kinds = Code::ALL.len() * MODES;
            (0..kinds).map(|_| OnceLock::new()).collect()
        });
        let mode = match denial.mode {
            None => 0,
            Some(Mode::Foreground) => 1,
            Some(Mode::Background) => 2,
        };
        let Some(kind) = kinds.get(denial.code as usize * MODES + mode) else {
            return denial.problem_in(self.language).to_json();
        };
        let parts = kind.get_or_init(|| {
            let kind = denial.kind();
            Box::new(Parts::of(&kind.problem_in(self.language)))
        });
        parts.to_json(denial)
    }
}

/// The document of a missing object, and of a denial that is hidden as one.
fn not_found(decision: DecisionId) -> Vec<u8> {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    let parts = PARTS.get_or_init(|| Parts::of(&ProblemDocument::not_found(decision)));
    let mut bytes = Vec::with_capacity(parts.text.len() + DecisionId::LENGTH + END.len());
    bytes.extend_from_slice(&parts.text);
    finish(&mut bytes, decision);
    bytes
}

/// A document without what differs from one denial of its kind to the next.
#[derive(Debug)]
struct Parts {
    text: Box<[u8]>,
    /// Where the detail begins, which a reason stands in for.
    detail: usize,
    /// Where it ends.
    behind_detail: usize,
    /// Where the org goes, whose it was, and the required role.
    varying: usize,
}

/// What follows the decision's id.
const END: &[u8] = b"\"}";
/// What precedes it, where it is the first behind the other members.
const DECISION: &[u8] = b",\"decision\":\"";

impl Parts {
    /// The parts of a document that tells no org, no role, and not whose it was.
    ///
    /// Where one part ends is told from the document itself, with fewer members each time.
    fn of(document: &ProblemDocument<'_>) -> Self {
        let without_remedy = ProblemDocument {
            remedy: None,
            ..document.clone()
        };
        let to_detail = ProblemDocument {
            detail: document.detail.clone(),
            ..document.begun()
        };
        let mut text = document.to_json();
        text.truncate(text.len().saturating_sub(DecisionId::LENGTH + END.len()));
        Self {
            detail: document.begun().length_to_decision(),
            behind_detail: to_detail.length_to_decision(),
            varying: without_remedy.length_to_decision(),
            text: text.into_boxed_slice(),
        }
    }

    fn to_json(&self, denial: &Denial) -> Vec<u8> {
        let Denial {
            org,
            whose,
            required_role,
            reason,
            ..
        } = denial;
        let org = org.as_ref().map(crate::id::OrgId::as_str);
        let whose = whose.map(Whose::as_str);
        let (role, reason) = (required_role.as_deref(), reason.as_deref());
        let members = [
            (ORG, org),
            (WHOSE, whose),
            (ROLE, role),
            // In the place of the detail, which has room of its own: more than enough.
            (DETAIL, reason),
        ];
        let varying = members.iter().filter_map(|(name, value)| {
            let value = (*value)?;
            Some(name.len() + value.len() + 1)
        });
        // Exact, unless there is something to escape: bytes without room behind them are handed on as they are.
        let replaced = reason.map_or(0, |_| self.behind_detail.saturating_sub(self.detail));
        let length = self.text.len() + varying.sum::<usize>() + DecisionId::LENGTH + END.len();
        let mut bytes = Vec::with_capacity(length.saturating_sub(replaced));
        let piece = |from, to| self.text.get(from..to).unwrap_or_default();
        if reason.is_none() {
            bytes.extend_from_slice(piece(0, self.varying));
        } else {
            bytes.extend_from_slice(piece(0, self.detail));
            member(&mut bytes, DETAIL, reason);
            bytes.extend_from_slice(piece(self.behind_detail, self.varying));
        }
        member(&mut bytes, ORG, org);
        member(&mut bytes, WHOSE, whose);
        member(&mut bytes, ROLE, role);
        bytes.extend_from_slice(piece(self.varying, self.text.len()));
        finish(&mut bytes, denial.decision());
        bytes
    }
}

const DETAIL: &str = ",\"detail\":\"";
const ORG: &str = ",\"org\":\"";
const WHOSE: &str = ",\"whose\":\"";
const ROLE: &str = ",\"required_role\":\"";

/// A member whose value is a text.
fn member(bytes: &mut Vec<u8>, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    bytes.extend_from_slice(name.as_bytes());
    // RFC 8259, section 7: all others stand for themselves.
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if value.bytes().all(is_plain) {
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'"');
    } else {
        bytes.pop();
        // There is no text that JSON cannot write, nor memory that cannot be written.
        drop(serde_json::to_writer(bytes, value));
    }
}

fn finish(bytes: &mut Vec<u8>, decision: DecisionId) {
    bytes.extend_from_slice(&decision.digits());
    bytes.extend_from_slice(END);
}

impl ProblemDocument<'_> {
    /// The members that each document has, and no other.
    fn begun(&self) -> Self {
        ProblemDocument {
            r#type: self.r#type.clone(),
            title: self.title,
            status: self.status,
            ..Self::not_found(self.decision)
        }
    }

    /// How long it is in front of the decision.
    fn length_to_decision(&self) -> usize {
        let behind = DECISION.len() + DecisionId::LENGTH + END.len();
        self.to_json().len().saturating_sub(behind)
    }
}

#[cfg(test)]
mod tests;

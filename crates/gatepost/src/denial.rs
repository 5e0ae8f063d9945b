//! What a client sees of a request that was not allowed.

use std::borrow::Cow;

use ecow::EcoString;

use crate::code::{Code, CodeClass, Tier};
use crate::decision::{Deny, Whose};
use crate::decision_id::DecisionId;
use crate::id::OrgId;
use crate::problem::ProblemDocument;
use crate::subject::Subject;
use crate::texts::Language;
use crate::vocabulary::Mode;

/// A request that was not allowed: policy's no, or an error.
///
/// ```
/// use gatepost::{Code, Denial};
///
/// let denial = Denial::new(Code::SiteOff).asked("chat", "create");
/// assert_eq!(denial.status(), 403);
/// let problem = serde_json::to_value(denial.problem())?;
/// assert_eq!(problem["code"], "site_off");
/// assert_eq!(problem["remedy"]["who"], "site_admin");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Denial {
    pub(crate) code: Code,
    pub(crate) resource: Option<&'static str>,
    pub(crate) action: Option<&'static str>,
    pub(crate) mode: Option<Mode>,
    pub(crate) org: Option<OrgId>,
    pub(crate) whose: Option<Whose>,
    /// Most names of roles stand here: no allocation.
    pub(crate) required_role: Option<EcoString>,
    pub(crate) reason: Option<Cow<'static, str>>,
    pub(crate) hidden: bool,
    pub(crate) decision: DecisionId,
}

impl Denial {
    /// A denial or error of which nothing but the code is known.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            resource: None,
            action: None,
            mode: None,
            org: None,
            whose: None,
            required_role: None,
            reason: None,
            hidden: false,
            decision: DecisionId::new(),
        }
    }

    /// A request that cannot be read as one that can be decided. The reason quotes no id.
    pub fn bad_request(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::new(Code::BadRequest)
        }
    }

    /// What [`decide`](crate::decide) said no with, of a question that no route's gate was asked.
    ///
    /// It tells the org that the question named.
    ///
    /// ```
    /// use gatepost::{Code, Decision, Denial, OrgId, PolicyText, Request, Step, Subject, SubjectId, decide};
    ///
    /// let facts = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n").compile(1)?;
    /// let alice = Subject::new(SubjectId::new("alice")?);
    /// let acme = OrgId::new("acme")?;
    /// let request = Request::new("chat", "read").subject(&alice).org(&acme);
    /// let Step::Done(Decision::Deny(deny)) = decide(&facts, &request) else {
    ///     panic!("denied, since chat has no gate");
    /// };
    /// let denial = Denial::of(&deny, &alice).asked("chat", "read");
    /// assert_eq!(denial.code(), Code::SiteOff);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(deny: &Deny<'_>, subject: &Subject) -> Self {
        Self::by_policy(deny, subject.delegator().is_some())
    }

    /// What policy said no with.
    pub(crate) fn by_policy(deny: &Deny<'_>, acts_for: bool) -> Self {
        Self {
            mode: deny.mode,
            org: deny.org.cloned(),
            whose: acts_for.then_some(deny.whose),
            required_role: deny.required_role.map(EcoString::from),
            ..Self::new(deny.code)
        }
    }

    /// Does not tell the org.
    pub(crate) fn untell_org(&mut self) {
        self.org = None;
    }

    /// Says what was asked for.
    #[must_use]
    pub fn asked(mut self, resource: &'static str, action: &'static str) -> Self {
        self.ask(resource, action);
        self
    }

    pub(crate) fn ask(&mut self, resource: &'static str, action: &'static str) {
        self.resource = Some(resource);
        self.action = Some(action);
    }

    /// Answers it as if the object did not exist, where that may be: once a subject was found and the policy could be read.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hide(hidden);
        self
    }

    pub(crate) fn hide(&mut self, hidden: bool) {
        let may_hide = match self.code {
            Code::Unauthenticated
            | Code::PolicyUnavailable
            | Code::PolicyStale
            | Code::PermitMissing => false,
            Code::SubjectSuspended
            | Code::DelegatorMissing
            | Code::ScopeMissing
            | Code::SiteOff
            | Code::SiteDenied
            | Code::SiteGrantMissing
            | Code::SiteModeOff
            | Code::OrgRequired
            | Code::OrgConflict
            | Code::NoDefaultOrg
            | Code::NotAMember
            | Code::OrgSuspended
            | Code::OrgOff
            | Code::OrgModeOff
            | Code::OrgDenied
            | Code::OrgGrantMissing
            | Code::ModeFloor
            | Code::BadRequest
            | Code::BodyTooLarge
            | Code::TicketInvalid
            | Code::TicketExpired => true,
        };
        self.hidden = hidden && may_hide;
    }

    /// Why; the client is not told where the denial is hidden.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Where the decision fell.
    pub fn tier(&self) -> Option<Tier> {
        self.code.tier()
    }

    /// Whether no answer could be given, rather than policy having said no.
    pub fn is_error(&self) -> bool {
        self.code.class() == CodeClass::Error
    }

    /// The id that is in the answer and in the log.
    pub fn decision(&self) -> DecisionId {
        self.decision
    }

    /// The org that the request named.
    pub fn org(&self) -> Option<&OrgId> {
        self.org.as_ref()
    }

    /// How the work would have run, where that was known.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// Whose request was refused, where the subject acts for somebody.
    pub fn whose(&self) -> Option<Whose> {
        self.whose
    }

    /// What a request that could not be read had wrong.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether the client is told nothing but that there is no such object.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// The HTTP status (RFC 9110) that the client gets.
    pub fn status(&self) -> u16 {
        if self.hidden {
            ProblemDocument::NOT_FOUND
        } else {
            self.code.status()
        }
    }

    /// The document that the client gets (RFC 9457), in English.
    pub fn problem(&self) -> ProblemDocument<'_> {
        self.problem_in(Language::ENGLISH)
    }

    /// The document that the client gets (RFC 9457), in the language that its reader reads. The code is the same in each.
    ///
    /// ```
    /// use gatepost::{Code, Denial, Language};
    ///
    /// let denial = Denial::new(Code::SiteOff).asked("chat", "create");
    /// let problem = denial.problem_in(Language::GERMAN);
    /// assert_eq!(problem.title, "Auf dieser Plattform ausgeschaltet");
    /// assert_eq!(problem.code, Some(Code::SiteOff));
    /// ```
    pub fn problem_in(&self, language: Language) -> ProblemDocument<'_> {
        if self.hidden {
            return ProblemDocument::not_found(self.decision);
        }
        let text = language.say(self.code, self.resource, self.mode);
        // A reason is for whoever wrote the client, and names the keys and headers that the
        // programs exchange: it stays English, as the log has it.
        let reason = self.reason.as_deref().map(Cow::Borrowed);
        ProblemDocument {
            r#type: Cow::Owned(format!("https://gatepost.dev/codes/{}", self.code)),
            title: text.title,
            status: self.code.status(),
            detail: Some(reason.unwrap_or(text.detail)),
            code: Some(self.code),
            tier: self.code.tier(),
            resource: self.resource,
            action: self.action,
            mode: self.mode,
            org: self.org.as_ref(),
            whose: self.whose.map(Whose::as_str),
            required_role: self.required_role.as_deref(),
            remedy: text.remedy,
            decision: self.decision,
        }
    }

    /// A denial that has in common with this one what its document has in common with others of its kind.
    pub(crate) fn kind(&self) -> Self {
        Self {
            resource: self.resource,
            action: self.action,
            mode: self.mode,
            ..Self::new(self.code)
        }
    }

    /// The document's bytes.
    pub fn body(&self) -> Vec<u8> {
        self.problem().to_json()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 2] = [Language::ENGLISH, Language::GERMAN];

    #[test]
    fn a_language_changes_the_words_and_nothing_else() {
        for code in Code::ALL {
            let denial = Denial::new(*code).asked("chat", "create");
            let [english, german] = LANGUAGES.map(|language| {
                let mut document = serde_json::to_value(denial.problem_in(language)).unwrap();
                let words = ["title", "detail"].map(|word| document[word].take());
                let action = document.pointer_mut("/remedy/action");
                (words, action.map(serde_json::Value::take), document)
            });
            assert_ne!(english.0, german.0, "{code}");
            assert_eq!(english.1.is_some(), german.1.is_some(), "{code}");
            assert_eq!(english.2, german.2, "{code}");
        }
    }

    #[test]
    fn a_reason_stays_as_it_is_in_every_language() {
        let denial = Denial::bad_request("`x-org` is given twice");
        for language in LANGUAGES {
            let detail = denial.problem_in(language).detail;
            assert_eq!(detail.as_deref(), Some("`x-org` is given twice"));
        }
        let unreasoned = Denial::new(Code::BadRequest);
        let detail = unreasoned.problem_in(Language::GERMAN).detail;
        assert_eq!(detail.as_deref(), Some("Die Anfrage ist nicht lesbar."));
    }

    #[test]
    fn a_hidden_denial_is_what_a_missing_object_gets_in_every_language() {
        let denial = Denial::new(Code::OrgOff).hidden(true);
        let missing = ProblemDocument::not_found(denial.decision()).to_json();
        for language in LANGUAGES {
            assert_eq!(denial.problem_in(language).to_json(), missing);
        }
    }
}

//! What each code says to people, in their language. It quotes no id and no role that the client does not hold.

use std::borrow::Cow;
use std::iter;

use crate::code::Code;
use crate::problem::{Remedy, Who};
use crate::vocabulary::Mode;

/// The rows of one language. A code without a row stops the build.
macro_rules! words {
    ($($code:ident: $title:literal, $detail:literal $(, $remedy:literal)?;)+) => {
        const fn words(code: Code) -> Words {
            match code {
                $(Code::$code => Words { title: $title, detail: $detail, remedy: words!(@ $($remedy)?) },)+
            }
        }
    };
    (@ $remedy:literal) => { Some($remedy) };
    (@) => { None };
}

mod choose;
mod de;
mod en;

/// What one code says in one language.
///
/// In `detail` and `remedy`, `{what}` stands for the resource that was asked for and `{how}` for
/// the mode, in backticks and as the policy has them: `` `chat` ``, `` `background` ``. In a
/// language that inflects, a noun before the place keeps the sentence right for every name.
///
/// ```
/// use gatepost::{Code, Language};
///
/// let words = (Language::ENGLISH.words)(Code::OrgOff);
/// assert_eq!(words.title, "Switched off in this organization");
/// assert_eq!(words.detail, "An admin of the organization can turn {what} on.");
/// assert_eq!(words.remedy, Some("switch on {what}"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The kind of problem. Nothing is filled in: RFC 9457 wants it the same each time.
    pub title: &'static str,
    /// This problem, in sentences.
    pub detail: &'static str,
    /// What to do about it, without a full stop: "switch on {what}". Who can do it belongs to the
    /// code, and needs no words; `None` leaves the document's whole `remedy` out.
    pub remedy: Option<&'static str>,
}

/// One language's words for every code.
///
/// A service writes its own with a `match` that has no wildcard, so that a new code stops its
/// build too, or takes a shipped one and replaces what it wants to say differently:
///
/// ```
/// use gatepost::{Catalogue, Code, Denial, Language, Words};
///
/// fn ours(code: Code) -> Words {
///     let shipped = (Language::ENGLISH.words)(code);
///     match code {
///         Code::Unauthenticated => Words { remedy: Some("sign in at the front desk"), ..shipped },
///         _ => shipped,
///     }
/// }
///
/// const OURS: Language = Language { words: ours, ..Language::ENGLISH };
///
/// let catalogue = Catalogue::shipped().with(OURS);
/// let denial = Denial::new(Code::Unauthenticated);
/// let problem = serde_json::to_value(denial.problem_in(catalogue.choose(Some("en-GB"))))?;
/// assert_eq!(problem["remedy"]["action"], "sign in at the front desk");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// Its tag (RFC 5646), as short as holds: `pt` is found by a client that reads `pt-BR`, but not the reverse.
    pub tag: &'static str,
    /// What stands for `{what}` where no resource was asked for.
    pub what: &'static str,
    /// What stands for `{how}` where no mode was asked for.
    pub how: &'static str,
    /// The words for each code.
    pub words: fn(Code) -> Words,
}

impl Language {
    /// English, as in [`Denial::problem`](crate::Denial::problem).
    ///
    /// ```
    /// assert_eq!(gatepost::Language::ENGLISH.tag, "en");
    /// ```
    pub const ENGLISH: Self = en::LANGUAGE;

    /// German.
    ///
    /// ```
    /// use gatepost::{Code, Language};
    ///
    /// assert_eq!((Language::GERMAN.words)(Code::NotAMember).title, "Kein Mitglied");
    /// ```
    pub const GERMAN: Self = de::LANGUAGE;

    /// What is said of a code, about the resource and mode that were asked for.
    ///
    /// ```
    /// use gatepost::{Code, Language, Mode};
    ///
    /// let said = Language::ENGLISH.say(Code::ModeFloor, Some("agent"), Some(Mode::Background));
    /// assert_eq!(said.title, "A higher role is required");
    /// assert_eq!(said.detail, "Running `agent` in `background` takes a higher role in the organization.");
    /// ```
    pub fn say(self, code: Code, resource: Option<&str>, mode: Option<Mode>) -> Said {
        let words = (self.words)(code);
        Said {
            title: words.title,
            detail: self.fill(words.detail, resource, mode),
            remedy: Who::can_change(code)
                .zip(words.remedy)
                .map(|(who, action)| Remedy {
                    who,
                    action: self.fill(action, resource, mode).into_owned(),
                }),
        }
    }

    /// Whether both say the same in the same words. Of two that are made alike it may be denied.
    pub(crate) fn is_same(self, other: Self) -> bool {
        let same =
            |one: &'static str, another: &'static str| std::ptr::eq(one, another) || one == another;
        std::ptr::fn_addr_eq(self.words, other.words)
            && same(self.tag, other.tag)
            && same(self.what, other.what)
            && same(self.how, other.how)
    }

    fn fill(
        self,
        template: &'static str,
        resource: Option<&str>,
        mode: Option<Mode>,
    ) -> Cow<'static, str> {
        if !template.contains('{') {
            return Cow::Borrowed(template);
        }
        let what = resource.map_or(Cow::Borrowed(self.what), |name| format!("`{name}`").into());
        let how = mode.map_or(Cow::Borrowed(self.how), |mode| format!("`{mode}`").into());
        Cow::Owned(template.replace("{what}", &what).replace("{how}", &how))
    }
}

/// A language's words for one denial, every place filled. They quote no id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// The kind of problem.
    pub title: &'static str,
    /// This problem.
    pub detail: Cow<'static, str>,
    /// Who can change the answer, and how.
    pub remedy: Option<Remedy>,
}

/// The languages that a service answers in.
///
/// ```
/// use gatepost::{Catalogue, Code, Denial};
///
/// let catalogue = Catalogue::shipped();
/// let denial = Denial::new(Code::OrgOff).asked("chat", "create");
/// let problem = serde_json::to_value(denial.problem_in(catalogue.choose(Some("de-AT"))))?;
/// assert_eq!(problem["title"], "In dieser Organisation ausgeschaltet");
/// assert_eq!(problem["code"], "org_off");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Catalogue {
    fallback: Language,
    others: Vec<Language>,
}

impl Catalogue {
    /// One language, which is also the one for clients that read none of the catalogue's.
    ///
    /// ```
    /// use gatepost::{Catalogue, Language};
    ///
    /// let catalogue = Catalogue::new(Language::GERMAN).with(Language::ENGLISH);
    /// assert_eq!(catalogue.choose(Some("fr")).tag, "de");
    /// ```
    pub const fn new(fallback: Language) -> Self {
        Self {
            fallback,
            others: Vec::new(),
        }
    }

    /// English, and German for those who read it.
    ///
    /// ```
    /// use gatepost::Catalogue;
    ///
    /// assert_eq!(Catalogue::shipped().choose(None).tag, "en");
    /// ```
    pub fn shipped() -> Self {
        Self::new(Language::ENGLISH).with(Language::GERMAN)
    }

    /// Adds a language behind the others, or puts it in the place of the one with its tag.
    ///
    /// ```
    /// use gatepost::{Catalogue, Language};
    ///
    /// let austrian = Language { tag: "de-AT", ..Language::GERMAN };
    /// let catalogue = Catalogue::shipped().with(austrian);
    /// assert_eq!(catalogue.choose(Some("de-AT")).tag, "de-AT");
    /// assert_eq!(catalogue.choose(Some("de-CH")).tag, "de");
    /// ```
    #[must_use]
    pub fn with(mut self, language: Language) -> Self {
        let same = iter::once(&mut self.fallback)
            .chain(&mut self.others)
            .find(|held| held.tag.eq_ignore_ascii_case(language.tag));
        match same {
            Some(held) => *held = language,
            None => self.others.push(language),
        }
        self
    }

    pub(crate) fn languages(&self) -> impl DoubleEndedIterator<Item = Language> {
        iter::once(self.fallback).chain(self.others.iter().copied())
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::shipped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped_words() -> impl Iterator<Item = (&'static str, Code, Words)> {
        let languages: Vec<_> = Catalogue::shipped().languages().collect();
        languages.into_iter().flat_map(|language| {
            let of = move |code: &Code| (language.tag, *code, (language.words)(*code));
            Code::ALL.iter().map(of)
        })
    }

    #[test]
    fn every_place_in_a_text_is_filled() {
        for language in Catalogue::shipped().languages() {
            for code in Code::ALL {
                for (resource, mode) in [(None, None), (Some("chat"), Some(Mode::Background))] {
                    let text = language.say(*code, resource, mode);
                    let action = text.remedy.map(|remedy| remedy.action).unwrap_or_default();
                    for text in [text.title, &text.detail, &action] {
                        assert!(!text.contains(['{', '}']), "{code}: {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_text_names_what_was_asked_for_as_the_policy_does() {
        let rows = [
            (
                Language::ENGLISH,
                Some("chat"),
                Some(Mode::Background),
                "An admin of the organization can turn `background` on for `chat`.",
            ),
            (
                Language::ENGLISH,
                None,
                None,
                "An admin of the organization can turn this way of running on for this.",
            ),
            (
                Language::GERMAN,
                Some("chat"),
                Some(Mode::Background),
                "Die Administration der Organisation kann den Modus `background` für die Ressource `chat` einschalten.",
            ),
            (
                Language::GERMAN,
                None,
                None,
                "Die Administration der Organisation kann den Modus dieser Anfrage für die Ressource dieser Anfrage einschalten.",
            ),
        ];
        for (language, resource, mode, detail) in rows {
            let said = language.say(Code::OrgModeOff, resource, mode);
            assert_eq!(said.detail, detail);
        }
    }

    #[test]
    fn every_language_has_words_for_every_code() {
        for (tag, code, words) in shipped_words() {
            assert!(!words.title.is_empty(), "{tag} {code}");
            assert!(!words.title.ends_with('.'), "{tag} {code}");
            assert!(words.detail.ends_with('.'), "{tag} {code}");
            assert!(
                words
                    .remedy
                    .is_none_or(|remedy| !remedy.is_empty() && !remedy.ends_with('.'))
            );
        }
    }

    #[test]
    fn a_remedy_is_said_where_somebody_can_change_the_answer_and_nowhere_else() {
        for (tag, code, words) in shipped_words() {
            let somebody = Who::can_change(code).is_some();
            assert_eq!(words.remedy.is_some(), somebody, "{tag} {code}");
        }
    }

    #[test]
    fn every_language_names_the_same_things() {
        for code in Code::ALL {
            let english = (Language::ENGLISH.words)(*code);
            let german = (Language::GERMAN.words)(*code);
            for place in ["{what}", "{how}"] {
                let names = |text: Option<&str>| text.is_some_and(|text| text.contains(place));
                assert_eq!(
                    names(Some(english.detail)),
                    names(Some(german.detail)),
                    "{code}"
                );
                assert_eq!(names(english.remedy), names(german.remedy), "{code}");
            }
        }
    }

    #[test]
    fn german_is_not_english() {
        for code in Code::ALL {
            let english = (Language::ENGLISH.words)(*code);
            let german = (Language::GERMAN.words)(*code);
            assert_ne!(english.title, german.title, "{code}");
            assert_ne!(english.detail, german.detail, "{code}");
        }
    }

    #[test]
    fn the_words_of_a_tag_are_replaced_where_they_stand() {
        fn ours(code: Code) -> Words {
            let shipped = (Language::ENGLISH.words)(code);
            Words {
                title: "Ours",
                ..shipped
            }
        }
        let catalogue = Catalogue::shipped().with(Language {
            tag: "EN",
            words: ours,
            ..Language::ENGLISH
        });
        let tags: Vec<_> = catalogue.languages().map(|language| language.tag).collect();
        assert_eq!(tags, ["EN", "de"]);
        let said = catalogue.choose(None).say(Code::OrgOff, None, None);
        assert_eq!(said.title, "Ours");
    }
}

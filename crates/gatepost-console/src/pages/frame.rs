//! What stands around every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::link::{Links, id};
use crate::views::MeView;

/// The part of the console that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Home,
    Site,
    Orgs,
    Subjects,
    Why,
    Routes,
    Audit,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Home,
        Self::Site,
        Self::Orgs,
        Self::Subjects,
        Self::Why,
        Self::Routes,
        Self::Audit,
    ];

    /// Its word, and its page behind the base.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Home => ("Your orgs", ""),
            Self::Site => ("Site", "site"),
            Self::Orgs => ("Orgs", "orgs"),
            Self::Subjects => ("Subjects", "subjects"),
            Self::Why => ("Why", "why"),
            Self::Routes => ("Routes", "routes"),
            Self::Audit => ("Audit", "audit"),
        }
    }

    /// Whether there is something in it for somebody.
    const fn is_for(self, me: &MeView) -> bool {
        match self {
            Self::Why => true,
            // The others have it by the sign alone.
            Self::Home => !me.may_read_site,
            Self::Site | Self::Orgs | Self::Subjects | Self::Routes => me.may_read_site,
            Self::Audit => me.may_audit_site,
        }
    }
}

/// Who looks at a page, and what its forms carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looker<'a> {
    /// Where the other pages are.
    pub(crate) links: Links<'a>,
    /// Who looks.
    pub(crate) me: &'a MeView,
    /// What each form carries, against forms of other sites.
    pub(crate) csrf: &'a str,
}

/// What stands around a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    links: Links<'a>,
    looker: Option<Looker<'a>>,
    part: Option<Part>,
    version: Option<u64>,
}

impl<'a> Frame<'a> {
    /// For somebody who is known.
    pub(crate) const fn of(looker: Looker<'a>) -> Self {
        Self {
            links: looker.links,
            looker: Some(looker),
            part: None,
            version: None,
        }
    }

    /// For nobody in particular.
    pub(crate) const fn plain(links: Links<'a>) -> Self {
        Self {
            links,
            looker: None,
            part: None,
            version: None,
        }
    }

    /// Lights a part in the navigation.
    pub(crate) const fn part(mut self, part: Part) -> Self {
        self.part = Some(part);
        self
    }

    /// Says from which policy version the page was made.
    pub(crate) const fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// The whole page.
    pub(crate) fn around(self, title: &str, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (title) " · Gatepost" }
                    link rel="stylesheet" href=(self.links.to("assets/console.css"));
                    link rel="icon" type="image/svg+xml" href=(self.links.to("assets/console.svg"));
                    script defer src=(self.links.to("assets/console.js")) {}
                }
                body {
                    a.skip href="#content" { "Skip to the content" }
                    header.top { div { (self.top()) } }
                    main #content tabindex="-1" { (content) }
                    @if let Some(version) = self.version {
                        footer { p { "Policy version " span.number { (version) } } }
                    }
                }
            }
        }
    }

    fn top(self) -> Markup {
        html! {
            a.brand href=(self.links.to("")) { (SIGN) "Gatepost" }
            @if let Some(looker) = self.looker {
                nav aria-label="Console" {
                    ul {
                        @for part in Part::ALL.into_iter().filter(|part| part.is_for(looker.me)) {
                            @let (word, page) = part.words();
                            li { a href=(self.links.to(page)) aria-current=[self.current(part)] { (word) } }
                        }
                    }
                }
                (looker.who())
            }
        }
    }

    fn current(self, part: Part) -> Option<&'static str> {
        (self.part == Some(part)).then_some("page")
    }
}

impl Looker<'_> {
    fn who(self) -> Markup {
        html! {
            div.who {
                span {
                    span.unseen { "Logged in as " } (id(&self.me.subject))
                    @if let Some(delegator) = &self.me.acting_for { " for " (id(delegator)) }
                }
                @if self.me.can_log_out {
                    form method="post" action=(self.links.to("logout")) {
                        (self.guard())
                        button.plain { "Log out" }
                    }
                }
            }
        }
    }

    /// What a form carries against forms of other sites.
    pub(crate) fn guard(self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.csrf); }
    }
}

/// A gate between its posts. It is no data: nothing is left unescaped but this.
const SIGN: PreEscaped<&str> = PreEscaped(
    r#"<svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M4 3v16M18 3v16M4 8h14M4 14h14M11 8v6"/></svg>"#,
);

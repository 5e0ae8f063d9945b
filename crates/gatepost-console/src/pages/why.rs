//! Why a request is answered as it is: the fifteen checks, which one decided, and where it can be changed.

use gatepost::{Code, Language, Mode, RequestDocument, Said};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer;
use super::form::{Choice, Field};
use super::frame::{Frame, Looker, Part};
use super::org::{Place, Tab};
use super::route::{self, Open, Route};
use super::visit::{Readable, Visit};
use crate::ask::{Asked, Checked, InPath};
use crate::fault::Fault;
use crate::ops::Scope;
use crate::views::WhyView;

/// What is put to the policy, as the form has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    pub(super) subject: String,
    pub(super) org: String,
    /// `chat:create`, or a route: `POST /orgs/{org}/chats`.
    pub(super) what: String,
    /// Of a route whose path chooses it.
    pub(super) resource: String,
    pub(super) mode: String,
    pub(super) owner: String,
    pub(super) acting_for: String,
    pub(super) scopes: String,
    pub(super) org_rule: String,
}

impl Checked for Question {
    /// What is wrong with it is told above the form.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// The page that anybody has: about oneself, and for those who audit the site about others.
pub(crate) async fn show_site(
    visit: Visit,
    Asked(question): Asked<Question>,
) -> Result<Markup, Fault> {
    show(&visit, None, question).await
}

/// The page of an org, about its members.
pub(crate) async fn show_org(
    visit: Visit,
    InPath(org): InPath<String>,
    Asked(question): Asked<Question>,
) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    show(&visit, Some(Place { org: &org, rights }), question).await
}

async fn show(
    visit: &Visit,
    place: Option<Place<'_>>,
    mut question: Question,
) -> Result<Markup, Fault> {
    let looker = visit.looker();
    let routes = if looker.me.may_read_site || place.is_some() {
        route::routes(&visit.kept.known_routes().await?, place.is_some())
    } else {
        Vec::new()
    };
    if question.subject.is_empty() {
        question.subject.clone_from(&looker.me.subject);
    }
    if let Some(place) = place {
        place.org.clone_into(&mut question.org);
    }
    let scope = place.map_or(Scope::Site, |place| Scope::Org(place.org));
    let route = question.route(&routes);
    let put = match &route {
        Ok(Some(route)) => route.asked(&question),
        Ok(None) => Ok(question.clone()),
        Err(why) => Err(why.clone()),
    };
    let answer = if question.what.is_empty() {
        None
    } else {
        Some(
            match put.as_ref().map_err(Clone::clone).and_then(Question::read) {
                Ok(request) => visit
                    .kept
                    .why(&visit.asker, scope, &request)
                    .await
                    .map_err(|fault| said(&fault)),
                Err(why) => Err(why),
            },
        )
    };
    let route = route.ok().flatten();
    let readable = match &answer {
        Some(Ok(why)) => visit.readable(answer::orgs_of(why)).await?,
        Some(Err(_)) | None => Readable::default(),
    };
    let content = html! {
        @match &answer {
            Some(Ok(why)) => {
                (answer::shown(looker, &readable, why, put.as_ref().ok().and_then(|put| put.told(why)).as_ref()))
                @if let (Some(route), Ok(put)) = (route, &put) { (route.taken(put)) }
            }
            Some(Err(why)) => div.note.no role="alert" { p { bdi { (why) } } },
            None => div.note { p { "The answer stands here: each check, what it went by, and what would change it." } }
        }
    };
    let version = answer.and_then(Result::ok).map(|why| why.version);
    Ok(page(
        looker,
        place,
        version,
        &html! {
            div.split { (form(looker, place, &question, &routes, route)) div.stack #answer { (content) } }
        },
    ))
}

/// A refusal, in a line above the form that can be mended.
fn said(fault: &Fault) -> String {
    let problem = fault.problem();
    match &problem.detail {
        Some(detail) => format!("{}. {detail}", problem.title),
        None => problem.title.clone(),
    }
}

impl Question {
    /// The route that is asked about; none where a resource and an action are.
    fn route<'r>(&self, routes: &'r [Route]) -> Result<Option<&'r Route>, String> {
        let what = self.what.trim();
        if what.is_empty() || self.pair().is_some() {
            return Ok(None);
        }
        route::find(routes, what).map(Some)
    }

    fn read(&self) -> Result<RequestDocument, String> {
        let (resource, action) = self.pair().unwrap_or_default();
        let scopes: Vec<&str> = self.scopes.split_whitespace().collect();
        let said = [
            ("subject", &*self.subject),
            ("org", &self.org),
            ("org_rule", &self.org_rule),
            ("resource", resource),
            ("action", action),
            ("mode", &self.mode),
            ("owner", &self.owner),
            ("acting_for", &self.acting_for),
        ];
        let mut request: Map<String, Value> = said
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.to_owned(), text.into()))
            .collect();
        if !scopes.is_empty() {
            request.insert("scopes".to_owned(), scopes.into());
        }
        serde_json::from_value(Value::Object(request)).map_err(|error| error.to_string())
    }

    /// What a client is told of the answer.
    fn told(&self, why: &WhyView) -> Option<Said> {
        let code = why.code.as_deref()?;
        let code = Code::ALL.iter().find(|one| one.as_str() == code)?;
        let (resource, _) = self.pair()?;
        let mode = Mode::ALL.iter().find(|one| one.as_str() == self.mode);
        Some(Language::ENGLISH.say(*code, Some(resource), mode.copied()))
    }

    /// The resource and action that are asked for by themselves.
    fn pair(&self) -> Option<(&str, &str)> {
        let what = self.what.trim();
        what.split_once(':').filter(|_| !what.contains('/'))
    }
}

fn page(
    looker: Looker<'_>,
    place: Option<Place<'_>>,
    version: Option<u64>,
    content: &Markup,
) -> Markup {
    let content = html! {
        @match place {
            Some(place) => (place.head(looker, Tab::Why, &html! {})),
            None => div.head {
                h1 { "Why" }
                p.lead { "Put a request to the policy as it is now. Fifteen checks, in order; the first that fails is the answer." }
            }
        }
        (content)
    };
    let mut frame = Frame::of(looker).part(if place.is_some() {
        Part::Orgs
    } else {
        Part::Why
    });
    if let Some(version) = version {
        frame = frame.version(version);
    }
    let title = place.map_or_else(|| "Why".to_owned(), |place| place.title(Tab::Why));
    frame.around(&title, &content)
}

const MODES: [Choice<'static>; 3] = [
    ("", "none: it only reads or edits records"),
    ("foreground", "foreground: the caller waits"),
    ("background", "background: queued or detached"),
];

const RULES: [Choice<'static>; 3] = [
    ("", "required: it is refused"),
    ("default", "default: the subject’s default org"),
    ("none", "none: the site alone decides"),
];

fn form(
    looker: Looker<'_>,
    place: Option<Place<'_>>,
    question: &Question,
    routes: &[Route],
    route: Option<&Route>,
) -> Markup {
    let open = route.map_or(Open::ALL, Route::open);
    let hint = if routes.is_empty() {
        "A resource and an action, such as chat:create."
    } else {
        "A resource and an action, such as chat:create, or a route."
    };
    let rarely = [&question.acting_for, &question.scopes, &question.org_rule];
    let is_rare = rarely.iter().any(|text| !text.is_empty());
    html! {
        // The fragment brings a narrow window to the answer.
        form.card method="get" action={ (looker.links.of(place.map(|place| place.org), "why")) "#answer" } {
            div.inner {
                (Field::new("Subject", "subject").value(&question.subject).line())
                @if place.is_none() && open.org {
                    (Field::new("Org", "org").value(&question.org).hint("Nothing, where the request names none.").line())
                }
                (Field::new("What", "what").value(&question.what).required().list("whats")
                    .hint(hint).line())
                (offered(routes))
                @if !open.resources.is_empty() {
                    (Field::new("Resource", "resource").value(&question.resource)
                        .hint("The path says which.").choice(&resources(&open)))
                }
                @if open.mode { (Field::new("Mode", "mode").value(&question.mode).choice(modes(route))) }
                @if open.owner {
                    (Field::new("Owner", "owner").value(&question.owner)
                        .hint("The subject that owns the object, where there is one.").line())
                }
                details open[is_rare] {
                    summary { "More" }
                    div.stack {
                        (Field::new("Acting for", "acting_for").value(&question.acting_for).hint("Whom an agent or service acts for.").line())
                        (Field::new("Scopes", "scopes").value(&question.scopes).hint("Of its token. Nothing: it is not limited.").line())
                        @if place.is_none() && route.is_none() { (Field::new("Without an org", "org_rule").value(&question.org_rule).choice(&RULES)) }
                    }
                }
                button.main { "Show why" }
            }
        }
    }
}

/// The modes to choose from: of a route that runs something, none is none of them.
fn modes(route: Option<&Route>) -> &'static [Choice<'static>] {
    match (route, MODES.split_first()) {
        (Some(_), Some((_, running))) => running,
        _ => &MODES,
    }
}

fn resources(open: &Open) -> Vec<Choice<'_>> {
    let named = open.resources.iter().map(String::as_str);
    named.map(|resource| (resource, resource)).collect()
}

/// What the field offers: routes, and what they require.
fn offered(routes: &[Route]) -> Markup {
    let asked = |route: &Route| {
        let action = route.requires.action.clone();
        let resources = route.requires.resource.names().into_iter();
        let asked = resources.map(|resource| format!("{resource}:{action}"));
        asked.collect::<Vec<_>>()
    };
    let mut asked: Vec<String> = routes.iter().flat_map(asked).collect();
    asked.sort_unstable();
    asked.dedup();
    html! {
        datalist id="whats" {
            @for what in asked { option value=(what) {} }
            @for route in routes { option value=(route.name) {} }
        }
    }
}

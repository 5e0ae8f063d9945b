//! Why a request is answered as it is: the fifteen checks, which one decided, and where it can be changed.

use gatepost::{Code, Language, Mode, RequestDocument, Said};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer;
use super::form::{Choice, Field};
use super::frame::{Frame, Looker, Part};
use super::org::{Place, Tab};
use super::visit::{Readable, Visit};
use crate::ask::{Asked, Checked, InPath};
use crate::fault::Fault;
use crate::ops::Scope;
use crate::views::{RoutesView, WhyView};

/// What is put to the policy, as the form has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    subject: String,
    org: String,
    /// `chat:create`, or a route: `POST /orgs/{org}/chats`.
    what: String,
    mode: String,
    owner: String,
    acting_for: String,
    scopes: String,
    org_rule: String,
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
    let routes = if looker.me.may_read_site {
        visit.kept.routes().await?
    } else {
        RoutesView {
            services: Vec::new(),
        }
    };
    if question.subject.is_empty() {
        question.subject.clone_from(&looker.me.subject);
    }
    if let Some(place) = place {
        place.org.clone_into(&mut question.org);
    }
    let scope = place.map_or(Scope::Site, |place| Scope::Org(place.org));
    let answer = if question.what.is_empty() {
        None
    } else {
        Some(match question.read(&routes) {
            Ok(request) => visit
                .kept
                .why(&visit.asker, scope, &request)
                .await
                .map_err(|fault| said(&fault)),
            Err(why) => Err(why),
        })
    };
    let readable = match &answer {
        Some(Ok(why)) => visit.readable(answer::orgs_of(why)).await?,
        Some(Err(_)) | None => Readable::default(),
    };
    let content = html! {
        @match &answer {
            Some(Ok(why)) => (answer::shown(looker, &readable, why, question.told(&routes, why).as_ref())),
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
            div.split { (form(looker, place, &question, &routes)) div.stack #answer { (content) } }
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
    fn read(&self, routes: &RoutesView) -> Result<RequestDocument, String> {
        let (resource, action) = self.what(routes)?;
        let scopes: Vec<&str> = self.scopes.split_whitespace().collect();
        let said = [
            ("subject", &self.subject),
            ("org", &self.org),
            ("org_rule", &self.org_rule),
            ("resource", &resource),
            ("action", &action),
            ("mode", &self.mode),
            ("owner", &self.owner),
            ("acting_for", &self.acting_for),
        ];
        let mut request: Map<String, Value> = said
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.to_owned(), text.as_str().into()))
            .collect();
        if !scopes.is_empty() {
            request.insert("scopes".to_owned(), scopes.into());
        }
        serde_json::from_value(Value::Object(request)).map_err(|error| error.to_string())
    }

    /// What a client is told of the answer.
    fn told(&self, routes: &RoutesView, why: &WhyView) -> Option<Said> {
        let code = why.code.as_deref()?;
        let code = Code::ALL.iter().find(|one| one.as_str() == code)?;
        let (resource, _) = self.what(routes).ok()?;
        let mode = Mode::ALL.iter().find(|one| one.as_str() == self.mode);
        Some(Language::ENGLISH.say(*code, Some(&resource), mode.copied()))
    }

    /// The resource and action that are asked for, by themselves or by a route that requires them.
    fn what(&self, routes: &RoutesView) -> Result<(String, String), String> {
        let what = self.what.trim();
        if let Some((resource, action)) = what.split_once(':').filter(|_| !what.contains('/')) {
            return Ok((resource.to_owned(), action.to_owned()));
        }
        let mut all = routes.services.iter().flat_map(|service| &service.routes);
        let route = all.find(|route| format!("{} {}", route.method, route.path) == what);
        let route = route.ok_or("what is asked is a resource and an action, such as `chat:create`, or a route that is listed")?;
        match (&route.resource, &route.action) {
            (Some(resource), Some(action)) => Ok((resource.clone(), action.clone())),
            _ if route.public.is_some() => {
                Err("that route is public: nobody is asked for anything".to_owned())
            }
            _ => Err(
                "that route’s resource is in its path: name it, as in `agent-planner:execute`"
                    .to_owned(),
            ),
        }
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
    routes: &RoutesView,
) -> Markup {
    let rarely = [&question.acting_for, &question.scopes, &question.org_rule];
    let is_rare = rarely.iter().any(|text| !text.is_empty());
    html! {
        // The fragment brings a narrow window to the answer.
        form.card method="get" action={ (looker.links.of(place.map(|place| place.org), "why")) "#answer" } {
            div.inner {
                (Field::new("Subject", "subject").value(&question.subject).line())
                @if place.is_none() {
                    (Field::new("Org", "org").value(&question.org).hint("Nothing, where the request names none.").line())
                }
                (Field::new("What", "what").value(&question.what).required().list("whats")
                    .hint("A resource and an action, such as chat:create, or a route.").line())
                (offered(routes))
                (Field::new("Mode", "mode").value(&question.mode).choice(&MODES))
                (Field::new("Owner", "owner").value(&question.owner)
                    .hint("The subject that owns the object, where there is one.").line())
                details open[is_rare] {
                    summary { "More" }
                    div.stack {
                        (Field::new("Acting for", "acting_for").value(&question.acting_for).hint("Whom an agent or service acts for.").line())
                        (Field::new("Scopes", "scopes").value(&question.scopes).hint("Of its token. Nothing: it is not limited.").line())
                        @if place.is_none() { (Field::new("Without an org", "org_rule").value(&question.org_rule).choice(&RULES)) }
                    }
                }
                button.main { "Show why" }
            }
        }
    }
}

/// What the field offers: routes, and what they require.
fn offered(routes: &RoutesView) -> Markup {
    let all = || routes.services.iter().flat_map(|service| &service.routes);
    let mut asked: Vec<String> = all()
        .filter_map(|route| {
            Some(format!(
                "{}:{}",
                route.resource.as_ref()?,
                route.action.as_ref()?
            ))
        })
        .collect();
    asked.sort_unstable();
    asked.dedup();
    html! {
        datalist id="whats" {
            @for what in asked { option value=(what) {} }
            @for route in all().filter(|route| route.public.is_none()) {
                option value={ (route.method) " " (route.path) } {}
            }
        }
    }
}

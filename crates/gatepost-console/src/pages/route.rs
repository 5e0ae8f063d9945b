//! The request that a route makes: what its requirement says is taken from it, and what it leaves open is asked for.

use gatepost::{Mode, OrgRule, RequiredMode, RequirementRecord};
use maud::{Markup, html};

use super::why::Question;
use crate::ops::Known;

/// A route that can be asked about.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// What it is called: `POST /orgs/{org}/chats`, and what it asks where that is not enough.
    pub(crate) name: String,
    /// What it requires.
    pub(crate) requires: RequirementRecord,
}

/// What is asked for in the form.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// The resources to choose from, where there is a choice.
    pub(crate) resources: Vec<String>,
    /// The mode.
    pub(crate) mode: bool,
    /// The org.
    pub(crate) org: bool,
    /// Who owns the object.
    pub(crate) owner: bool,
}

impl Open {
    /// All that there is to ask of a resource and an action.
    pub(crate) const ALL: Self = Self {
        resources: Vec::new(),
        mode: true,
        org: true,
        owner: true,
    };
}

/// The routes that can be asked about, each once: those that are not public; in an org, those that it can be named to.
pub(crate) fn routes(services: &[Known], is_in_org: bool) -> Vec<Route> {
    let all = services.iter().flat_map(|service| service.routes.routes());
    let required = all.filter_map(|route| {
        let requires = route.requirement()?;
        (!is_in_org || !requires.org.is_empty()).then(|| Route {
            name: format!("{} {}", route.method, route.path),
            requires: requires.clone(),
        })
    });
    let mut routes: Vec<Route> = Vec::new();
    for route in required {
        let is_it = |one: &Route| one.name == route.name && one.requires == route.requires;
        if !routes.iter().any(is_it) {
            routes.push(route);
        }
    }
    let is_one_of_several: Vec<bool> = routes
        .iter()
        .map(|route| routes.iter().filter(|one| one.name == route.name).count() > 1)
        .collect();
    for (route, is_one_of_several) in routes.iter_mut().zip(is_one_of_several) {
        if is_one_of_several {
            route.name = format!("{} {}", route.name, route.requires.asks());
        }
    }
    routes
}

/// The route of a name.
pub(crate) fn find<'r>(routes: &'r [Route], name: &str) -> Result<&'r Route, String> {
    let mut found = routes.iter().filter(|route| route.name == name);
    match (found.next(), found.next()) {
        (Some(route), None) => Ok(route),
        (Some(_), Some(_)) => Err(
            "services require different things there: name the resource and the action".to_owned(),
        ),
        (None, _) => Err(
            "what is asked is a resource and an action, such as `chat:create`, or a route that is listed; \
             a public one asks nobody"
                .to_owned(),
        ),
    }
}

impl Route {
    /// What it leaves open.
    pub(crate) fn open(&self) -> Open {
        let names = self.requires.resource.names();
        let has_choice = names.len() > 1;
        Open {
            resources: names
                .into_iter()
                .filter(|_| has_choice)
                .map(ToOwned::to_owned)
                .collect(),
            mode: self.requires.mode == Some(RequiredMode::Body),
            org: !self.requires.org.is_empty(),
            owner: self.requires.has_other_owners(),
        }
    }

    /// The question that a request to it puts; what is open stands as it was typed.
    pub(crate) fn asked(&self, typed: &Question) -> Result<Question, String> {
        let open = self.open();
        let mut asked = typed.clone();
        let resource = match (&*self.requires.resource.names(), &typed.resource) {
            ([only], _) => *only,
            (_, named) if open.resources.contains(named) => named,
            _ => return Err("of that route, its path says which resource: choose one".to_owned()),
        };
        asked.what = format!("{resource}:{}", self.requires.action);
        match self.requires.modes() {
            [None] => asked.mode.clear(),
            [Some(mode)] => mode.as_str().clone_into(&mut asked.mode),
            _ if Mode::parse(&typed.mode).is_some() => {}
            _ => {
                return Err(
                    "of that route, its body says how the work runs: choose a mode".to_owned(),
                );
            }
        }
        if !open.org {
            asked.org.clear();
        } else if typed.org.is_empty() && names_in_path(&self.requires.org) {
            return Err("of that route, its path names the org: say which".to_owned());
        }
        self.requires
            .org_rule
            .as_str()
            .clone_into(&mut asked.org_rule);
        if !open.owner {
            asked.owner = match self.requires.owner {
                // Of what is made by somebody for another, the other is the owner.
                Some(_) if !typed.acting_for.is_empty() => typed.acting_for.clone(),
                Some(_) => typed.subject.clone(),
                None => String::new(),
            };
        } else if typed.owner.is_empty() && names_in_path(&self.requires.owner) {
            return Err("of that route, its path names the owner: say who".to_owned());
        }
        Ok(asked)
    }

    /// What was taken from it.
    pub(crate) fn taken(&self, asked: &Question) -> Markup {
        let requires = &self.requires;
        let org = match (&*asked.org, requires.org_rule) {
            ("", OrgRule::Required) => "none is named: refused",
            ("", OrgRule::Default) => "none is named: the subject’s default org",
            ("", _) => "none: the site alone decides",
            (named, _) => named,
        };
        let owner = match (requires.owner.as_deref(), &*asked.owner) {
            (None, _) => "not known to the route",
            (Some(_), "") => "nobody",
            (Some(_), _) if !requires.has_other_owners() => {
                "the subject itself, or the one it acts for"
            }
            (Some(_), owner) => owner,
        };
        let mode = if asked.mode.is_empty() {
            "none"
        } else {
            &asked.mode
        };
        html! {
            section.card aria-labelledby="taken" {
                header { h2 id="taken" { "Taken from the route" } code.small { (self.name) } }
                div.inner { dl.facts {
                    dt { "Asked for" } dd { code { (asked.what) } }
                    dt { "Mode" } dd { (mode) }
                    dt { "Org" } dd { bdi { (org) } }
                    dt { "Owner" } dd { bdi { (owner) } }
                } }
            }
        }
    }
}

/// Whether a path parameter is among the sources.
fn names_in_path<'a>(sources: impl IntoIterator<Item = &'a String>) -> bool {
    let mut sources = sources.into_iter();
    sources.any(|source| source.starts_with("path "))
}

//! The kill drill: each resource and each mode is switched off, and every route of it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatepost::{Mode, PolicyDocument, Requirement, SiteSwitch, Subject, SubjectId};
use gatepost_store::{Author, Command};

use super::{Followed, Server, ines, policy};
use crate::calls;
use crate::served::{Adapter, Ran, Takes};
use crate::table::{Row, Table, routes};

/// So long that nothing but a switch closes anything.
const LEASE: Duration = Duration::from_mins(1);

/// A request that is allowed as long as nothing is switched off.
struct Asked {
    row: Row,
    resource: &'static str,
    action: &'static str,
    hidden: bool,
    ran: Ran,
}

impl Asked {
    fn new(row: Row, requirement: &Requirement, resource: &'static str, ran: Ran) -> Self {
        Self {
            row,
            resource,
            action: requirement.action(),
            hidden: requirement.is_hidden(),
            ran,
        }
    }
}

/// What is asked of a server: every row of the table, or every call, that is allowed.
fn asked(adapter: Option<Adapter>) -> Vec<Asked> {
    let Some(adapter) = adapter else {
        let calls = calls::allowed().into_iter();
        let asked = calls.map(|(row, requirement, ran)| {
            Asked::new(row, &requirement, requirement.resource().name(), ran)
        });
        return asked.collect();
    };
    let routes = routes();
    let requirements: BTreeMap<_, _> = routes
        .iter()
        .filter_map(|route| match route.takes {
            Takes::Permit(requirement) | Takes::Entity(requirement) => {
                Some((route.name, (route.path, requirement)))
            }
            Takes::Nothing
            | Takes::AnotherPermit(_)
            | Takes::Passage(_)
            | Takes::EntityInPassing(_) => None,
        })
        .collect();
    let rows = Table::load().rows.into_iter().filter(|row| {
        let plain = row.method != "HEAD" && row.fits(crate::table::Protocol::H1);
        plain && row.is_like_the_others(adapter)
    });
    let asked = rows.filter_map(|row| {
        let ran = row.expect.ran.clone()?;
        let (path, requirement) = requirements.get(&*ran.route)?;
        let resource = requirement
            .resource()
            .resolve(|name| param(path, &row.path.to_vec(), name));
        Some(Asked::new(row, requirement, resource, ran))
    });
    asked.collect()
}

/// A parameter of a path, where nothing of it is encoded.
fn param(route: &str, path: &[u8], name: &str) -> Option<String> {
    let path = String::from_utf8_lossy(path).into_owned();
    let path = path.split('?').next().unwrap_or_default();
    let mut segments = route.split('/').zip(path.split('/'));
    let found = segments.find(|(route, _)| *route == format!("{{{name}}}"));
    found.map(|(_, given)| given.to_owned())
}

/// What is switched off.
#[derive(Clone, Copy, Debug)]
struct Kill {
    resource: &'static str,
    mode: Option<Mode>,
}

impl Kill {
    fn command(&self, to: SiteSwitch) -> Command {
        Command::SiteSwitch {
            resource: self.resource.into(),
            mode: self.mode,
            to,
        }
    }

    /// The code by which it refuses a request, if it does.
    fn code(&self, asked: &Asked, policy: &PolicyDocument) -> Option<&'static str> {
        let actions = &policy.site.gates[self.resource].actions;
        // An action that the gate does not govern goes round it.
        let governed = actions
            .as_ref()
            .is_none_or(|actions| actions.iter().any(|action| action == asked.action));
        if asked.resource != self.resource || !governed {
            return None;
        }
        match self.mode {
            None => Some("site_off"),
            Some(mode) => {
                (asked.ran.mode.as_deref() == Some(mode.as_str())).then_some("site_mode_off")
            }
        }
    }
}

/// Every resource that has a gate, and each mode of one that the site speaks of.
fn kills(policy: &PolicyDocument, resources: &BTreeSet<&'static str>) -> Vec<(Kill, SiteSwitch)> {
    let mut kills = Vec::new();
    for resource in resources {
        let gate = &policy.site.gates[*resource];
        let modes = [
            (Mode::Foreground, &gate.foreground),
            (Mode::Background, &gate.background),
        ];
        let switches = modes.into_iter().filter_map(|(mode, gate)| {
            let switch = gate.as_ref()?.switch;
            Some((Some(mode), switch.unwrap_or(SiteSwitch::On)))
        });
        let own = [(None, gate.switch.unwrap_or(SiteSwitch::Off))];
        let all = own.into_iter().chain(switches);
        let on = all.filter(|(_, switch)| *switch != SiteSwitch::Off);
        kills.extend(on.map(|(mode, switch)| (Kill { resource, mode }, switch)));
    }
    kills
}

impl Server {
    /// Asks, and checks that the answer is a refusal by this code, or what the row expects.
    async fn check(&mut self, asked: &Asked, code: Option<&str>, when: &str) {
        let reply = self.client.ask(&asked.row, &asked.row.method).await;
        let reply = reply.unwrap_or_else(|| panic!("{}: {when}: no answer", self.name));
        let told = if self.adapter.is_some() {
            reply.code().or((reply.status == 404).then(String::new))
        } else {
            calls::refused(&reply)
        };
        let what = format!("{}: {when}: {}", self.name, asked.row);
        let ran: Vec<_> = self.canary.take().into_iter().map(|run| run.ran).collect();
        match code {
            None => {
                assert_eq!(told, None, "{what}");
                assert_eq!(ran, std::slice::from_ref(&asked.ran), "{what}");
            }
            Some(code) => {
                let code = if asked.hidden { "" } else { code };
                assert_eq!(told.as_deref(), Some(code), "{what}");
                assert_eq!(ran, [], "{what}");
                if self.adapter.is_some() && !asked.hidden {
                    assert_eq!(reply.status, 403, "{what}");
                    reply.assert_refused(code);
                }
            }
        }
    }
}

#[tokio::test]
async fn a43_what_is_switched_off_is_off_on_every_route_and_nothing_else_is() {
    let policy = policy();
    let followed = Followed::nothing(LEASE).await;
    // They start before there is a policy: some of their routes ask for what it does not declare.
    let servers = followed.servers().await;
    let store = followed.make(&policy).await;
    let mut servers: Vec<_> = servers
        .into_iter()
        .map(|server| {
            let asked = asked(server.adapter);
            (server, asked)
        })
        .collect();
    let resources: BTreeSet<_> = servers
        .iter()
        .flat_map(|(_, asked)| asked)
        .map(|asked| asked.resource)
        .collect();
    let connie = || Author::Subject(Subject::new(SubjectId::new("connie").unwrap()));
    let (mut refused, mut by_admins) = (0, 0);
    for (kill, before) in kills(&policy, &resources) {
        let when = format!("{kill:?}");
        let off = kill.command(SiteSwitch::Off);
        followed.change(&store, off, ines()).await;
        for (server, all) in &mut servers {
            // All of the resource, and one route of each of the others.
            let mut others = BTreeSet::new();
            for asked in all.iter() {
                if asked.resource == kill.resource || others.insert(asked.resource) {
                    let code = kill.code(asked, &policy);
                    refused += usize::from(code.is_some());
                    let by_admin = asked.ran.subject.as_deref() == Some("root");
                    by_admins += usize::from(code.is_some() && by_admin);
                    server.check(asked, code, &when).await;
                }
            }
            if server.adapter.is_some() {
                console(server).await;
            }
        }
        // The console is no resource that can be killed: it switches it on again.
        let on = kill.command(before);
        followed.change(&store, on, connie()).await;
        for (server, all) in &mut servers {
            let killed = all.iter().find(|asked| asked.resource == kill.resource);
            if let Some(asked) = killed {
                server.check(asked, None, "switched on again").await;
            }
        }
    }
    for name in ["gatepost-site", "gatepost-org"] {
        let resource = name;
        let kill = Kill {
            resource,
            mode: None,
        };
        let change = gatepost_store::Change::new(kill.command(SiteSwitch::Off), ines(), "a drill");
        assert!(store.write(&change).await.is_err(), "{name}");
    }
    println!("{refused} refused, of site admins {by_admins}");
    assert!(refused >= 100 && by_admins >= 4, "{refused} {by_admins}");
}

/// Connie's console answers, whatever is off.
async fn console(server: &mut Server) {
    let mut wire = crate::wire::Wire::connect(server.address).await;
    let path = "/orgs/acme/things/gatepost-org";
    wire.send(crate::service::request("GET", path, "connie", "", ""))
        .await;
    assert_eq!(wire.reply().await.status, 200, "{}", server.name);
    assert_eq!(server.canary.take().len(), 1, "{}", server.name);
}

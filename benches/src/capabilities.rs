//! What it costs to answer a subject what it may do on 1,000 routes.

use std::error::Error;
use std::fmt::Write;
use std::net::IpAddr;
use std::panic::Location;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gatepost::{
    Denial, Evaluation, Gate, Given, NamedOrg, Next, Org, OrgId, Owner, PolicyText, RequestHead,
    Requirement, Subject, SubjectId,
};
use gatepost_enforce::{Answer, Capabilities, Enforcer, Registered};

use crate::options::Options;
use crate::race::Race;
use crate::table::Table;

const ACTIONS: usize = 16;

/// What is in front of the documents that are asked for.
struct Head(&'static str);

impl RequestHead for Head {
    fn path_params(&mut self, _: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
        Ok(())
    }
    fn header(&self, _: &str) -> Given<'_> {
        Given::Absent
    }
    fn query(&self) -> Option<&str> {
        Some(self.0)
    }
    fn authority(&self) -> Option<&str> {
        None
    }
    fn major_version(&self) -> u8 {
        1
    }
    fn peer(&self) -> Option<IpAddr> {
        None
    }
}

/// Runs the bench.
///
/// # Errors
///
/// When an answer is not what its row says, or the figures cannot be written.
pub fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let mut table = Table::new("capabilities", options);
    let routes = options.pick(1_000, 20);
    let gate = Gate::fixed(PolicyText::toml(policy(routes)).compile(1)?);
    let alice = Subject::new(SubjectId::new("alice")?);
    let acme = OrgId::new("acme")?;
    let requirements = requirements(routes, Owner::Subject);
    let known = capabilities(&gate, &requirements);
    let by_owner = capabilities(&gate, &self::requirements(routes, Owner::Loaded));
    let ask = |of: &Capabilities, org| answer(of, &alice, org);

    for (of, org, told) in [
        (&known, "org=acme", r#""outcome":"allow""#),
        (&known, "org=globex", r#""code":"org_grant_missing""#),
        (&by_owner, "org=initech", r#""on":["owner"]"#),
    ] {
        let answer = ask(of, org).ok_or("nothing was answered")?;
        let body = String::from_utf8(answer.body)?;
        if body.matches(told).count() != routes {
            return Err(format!("{told} is not said of {routes} routes in {org}").into());
        }
        let bytes = u32::try_from(body.len())?;
        table.row(format!("the document, {told}"), bytes.into(), "bytes");
    }

    let mut race = Race::new(options.plan(31, 20));
    race.column("as many decisions from the beginning", || {
        let facts = gate.snapshot();
        let admitted = requirements.iter().filter(|requirement| {
            let resource = requirement.resource().name();
            let mut evaluation = Evaluation::new(requirement, resource, Some(alice.clone()));
            evaluation.org(NamedOrg::Named(acme.clone()));
            let facts = facts.as_ref();
            facts.is_ok_and(|facts| matches!(evaluation.next(facts), Next::Admit(_)))
        });
        admitted.count()
    });
    race.column("all are allowed", || ask(&known, "org=acme"));
    race.column("all are denied", || ask(&known, "org=globex"));
    race.column("all depend on the owner", || ask(&by_owner, "org=initech"));
    table.operations(&format!("an answer about {routes} routes"), race.run());
    table.finish()?;
    println!(
        "An answer: subject and query to the bytes of the document and their tag. Each time is the median of rounds \
         in which all columns took turns; in brackets the quickest and the slowest."
    );
    Ok(())
}

/// A subject that is allowed all in acme, nothing in globex, and its own in initech.
fn policy(routes: usize) -> String {
    let mut text = String::from("version = 1\n[resources]\n");
    for resource in 0..=routes / ACTIONS {
        let actions: Vec<_> = (0..ACTIONS)
            .map(|action| format!("\"do-{action}\""))
            .collect();
        let _ = writeln!(text, "thing-{resource} = [{}]", actions.join(", "));
    }
    for resource in 0..=routes / ACTIONS {
        let _ = writeln!(
            text,
            "[site.gates.thing-{resource}]\nswitch = \"on\"\naccess = \"everyone\""
        );
    }
    text.push_str(
        "[org_roles.all]\nlevel = 10\ngrants = [\"*:*\"]\n[org_roles.own]\nlevel = 5\ngrants = [\"*:*@own\"]\n\
         [org_roles.none]\nlevel = 1\n[orgs.acme.members.alice]\nroles = [\"all\"]\n\
         [orgs.globex.members.alice]\nroles = [\"none\"]\n[orgs.initech.members.alice]\nroles = [\"own\"]\n",
    );
    text
}

/// Names for the life of the process, as those of a service are.
fn requirements(routes: usize, owner: Owner) -> Vec<&'static Requirement> {
    let all = (0..routes).map(|route| {
        let resource = format!("thing-{}", route / ACTIONS);
        let action = format!("do-{}", route % ACTIONS);
        let requirement = Requirement::new(resource.leak(), action.leak());
        requirement.org(Org::path("org")).owner(owner).kept()
    });
    all.collect()
}

fn capabilities(gate: &Gate, requirements: &[&'static Requirement]) -> Capabilities {
    let routes = requirements.iter().map(|requirement| Registered {
        method: "POST".to_owned(),
        path: format!(
            "/orgs/{{org}}/{}/{}",
            requirement.resource().name(),
            requirement.action()
        ),
        requirement: Ok(**requirement),
        source: Location::caller(),
    });
    Capabilities::new(vec![(Enforcer::new(gate.clone()), routes.collect())])
}

/// Nothing has to be awaited.
fn answer(of: &Capabilities, subject: &Subject, query: &'static str) -> Option<Answer> {
    let head = Head(query);
    let answering = pin!(of.answer(vec![Some(subject.clone())], &head));
    match answering.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.ok(),
        Poll::Pending => None,
    }
}

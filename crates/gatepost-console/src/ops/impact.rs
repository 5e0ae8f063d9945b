//! Whose answers a change would flip: counted exactly, or not at all.

use gatepost::{Impact, ImpactSide, Inventory, Snapshot};
use gatepost_store::Preview;

use super::counting::Whole;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::{ExampleView, ImpactRouteView, ImpactView, SideView};

/// How many orgs and subjects a policy may have for a console to hold a second copy of it.
const MOST_FACTS: usize = 400_000;
/// For how many members it is asked at most.
const MOST_MEMBERS: usize = 200_000;

impl Kept {
    /// Whose answers a change would flip.
    pub(super) async fn impact(&self, preview: &Preview) -> Result<ImpactView, Fault> {
        let facts = self.gate.snapshot()?;
        if facts.looks_through() {
            let why = "the memberships are read one by one where a decision needs them";
            return Ok(ImpactView::not_counted(why));
        }
        let is_large = |facts: &Snapshot| {
            let orgs = facts.orgs().count();
            orgs.saturating_add(facts.subjects().count()) > MOST_FACTS
        };
        if is_large(&facts) {
            let why = format!("the policy has more than {MOST_FACTS} orgs and subjects");
            return Ok(ImpactView::not_counted(why));
        }
        drop(facts);
        let known = self.known_routes().await?;
        let names: Vec<String> = known.iter().map(|known| known.name.clone()).collect();
        let routes = known
            .into_iter()
            .map(|known| known.routes)
            .reduce(Inventory::and);
        let preview = preview.clone();
        let version = preview.version;
        let counted = self
            .counting
            .by(&self.store, version, move |whole| {
                count(whole, &preview, routes)
            })
            .await;
        let counted = counted.unwrap_or_else(|| {
            Err("the policy was changed while it was counted, or cannot be counted by".to_owned())
        });
        Ok(match counted {
            Ok(impact) => ImpactView {
                is_counted: true,
                not_counted: None,
                counted_by: names,
                losing: Some(side(impact.losing)),
                gaining: Some(side(impact.gaining)),
            },
            Err(why) => ImpactView::not_counted(why),
        })
    }
}

fn count(whole: &Whole, preview: &Preview, routes: Option<Inventory>) -> Result<Impact, String> {
    let after = preview.apply(&whole.document);
    let after = after.map_err(|_| "the change does not fit the policy that was counted by")?;
    let after = Snapshot::compile(&after, whole.version);
    let after = after.map_err(|_| "the policy as it would be cannot be compiled")?;
    let routes = routes.unwrap_or_else(|| Inventory::of_actions(&after));
    Impact::between(&whole.facts, &after, &routes, MOST_MEMBERS).map_err(|why| why.to_string())
}

fn side(side: ImpactSide) -> SideView {
    let routes = side.routes.into_iter().map(|route| ImpactRouteView {
        method: route.method,
        path: route.path,
        asks: route.asks,
        members: route.members,
    });
    let examples = side.examples.into_iter().map(|example| ExampleView {
        subject: example.subject.to_string(),
        org: example.org.map(|org| org.to_string()),
        method: example.method,
        path: example.path,
        asks: example.asks,
        before: example.before.to_string(),
        after: example.after.to_string(),
    });
    SideView {
        members: side.members,
        subjects: side.subjects,
        orgs: side.orgs,
        routes: routes.collect(),
        examples: examples.collect(),
    }
}

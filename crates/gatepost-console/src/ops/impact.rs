//! Whose answers a change would flip: counted exactly, or not at all.

use gatepost::{Impact, ImpactSide, Inventory, Snapshot};
use gatepost_store::{Effect, FactKind, Preview};

use super::counting::{Uncounted, Whole};
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::Scope;
use crate::views::{ExampleView, ImpactRouteView, ImpactView, LeftOutView, SideView};

/// How many orgs a policy may have for a console to hold a second copy of it.
const MOST_ORGS: usize = 200_000;
/// For how many subjects and members it is asked at most.
const MOST_MEMBERS: usize = 200_000;

impl Kept {
    /// Whose answers a change would flip.
    async fn impact(&self, preview: &Preview) -> Result<ImpactView, Fault> {
        let facts = self.gate.snapshot()?;
        if facts.looks_through() {
            let why = "the memberships are read one by one where a decision needs them";
            return Ok(ImpactView::not_counted(why));
        }
        if facts.orgs().len() > MOST_ORGS {
            let why = format!("the policy has more than {MOST_ORGS} orgs");
            return Ok(ImpactView::not_counted(why));
        }
        if facts.subjects().len() > MOST_MEMBERS {
            return Ok(ImpactView::not_counted(too_many()));
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
            .by(&self.store, version, MOST_MEMBERS, move |whole| {
                count(whole, &preview, routes)
            })
            .await;
        let counted = counted.unwrap_or_else(|why| {
            Err(match why {
                Uncounted::Busy => "it is counted for others at the moment".to_owned(),
                Uncounted::Changed => {
                    "the policy was changed while it was counted, or cannot be counted by"
                        .to_owned()
                }
                Uncounted::TooLarge => too_many(),
            })
        });
        Ok(match counted {
            Ok(impact) => ImpactView {
                is_counted: true,
                not_counted: None,
                counted_by: names,
                left_out: Some(LeftOutView {
                    all_orgs_subjects: impact.left_out.all_orgs_subjects,
                    public_orgs: impact.left_out.public_orgs,
                    agents: impact.left_out.agents,
                }),
                losing: Some(side(impact.losing)),
                gaining: Some(side(impact.gaining)),
            },
            Err(why) => ImpactView::not_counted(why),
        })
    }
}

impl Kept {
    /// Whose answers a change would flip, as far as whoever asks may know.
    ///
    /// The admins of an org are told the numbers, and no subject or org that is not theirs, nor the names of
    /// services. What would flip for somebody who is no member yet tells what the site says of that subject: it is
    /// for those who may audit the site.
    pub(super) async fn impact_told(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        preview: &Preview,
    ) -> Result<ImpactView, Fault> {
        let Scope::Org(path) = scope else {
            return self.impact(preview).await;
        };
        if preview.effects.iter().any(brings_in) && !asker.may_audit_site().await? {
            let why = "what flips for a subject that is no member yet is told to the auditors of the site";
            return Ok(ImpactView::not_counted(why));
        }
        let mut impact = self.impact(preview).await?;
        if !asker.may_read_site().await? {
            impact.counted_by.clear();
        }
        let sides = [&mut impact.losing, &mut impact.gaining];
        for side in sides.into_iter().flatten() {
            side.examples
                .retain(|example| example.org.as_deref() == Some(path));
        }
        Ok(impact)
    }
}

/// Whether somebody becomes a member who was none there.
fn brings_in(effect: &Effect) -> bool {
    effect.key.kind == FactKind::Member && effect.before.is_none()
}

fn too_many() -> String {
    format!("there are more than {MOST_MEMBERS} members to ask for")
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
        alone: route.alone,
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
        alone: side.alone,
        subjects: side.subjects,
        orgs: side.orgs,
        distinct_routes: side.distinct_routes,
        routes: routes.collect(),
        examples: examples.collect(),
    }
}

//! Laws that hold of every policy, tried on random ones with a grid of requests each.

mod changes;
mod order;
mod policies;
mod questions;
mod reported;

use std::collections::{BTreeMap, BTreeSet};

use gatepost::{Mode, PolicyDocument, PolicyText};
use gatepost_tests::apart::Apart;
use gatepost_tests::question::Question;
use gatepost_tests::twin::{Twin, engine};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use policies::{ORGS, Policy, SUBJECTS, deny, grant, policy};
use questions::{QUESTIONS, verdicts};

/// How many changes are tried on each policy, each by itself.
const CHANGES: usize = 4;

fn config() -> Config {
    Config {
        cases: 128,
        failure_persistence: None,
        ..Config::default()
    }
}

/// The policy after a change.
fn changed(before: &Policy, change: impl FnOnce(&mut PolicyDocument)) -> Policy {
    let mut after = before.clone();
    change(&mut after.0);
    after
}

/// Whatever is allowed by one of the others is allowed by the policy itself too.
fn allows_all_that(
    policy: &Policy,
    others: &[Policy],
    asked: impl Fn(&Question) -> bool,
) -> Result<(), TestCaseError> {
    let facts = policy.compile();
    let asked: Vec<&Question> = QUESTIONS
        .iter()
        .filter(|question| asked(question))
        .collect();
    let allowed: Vec<bool> = asked
        .iter()
        .map(|question| engine(&facts, question).allows())
        .collect();
    for other in others {
        let facts = other.compile();
        for (question, allowed) in asked.iter().zip(&allowed) {
            prop_assert!(
                *allowed || !engine(&facts, question).allows(),
                "{:?}\nby{:?}",
                question.oracle,
                other
            );
        }
    }
    Ok(())
}

/// Whatever is allowed by the policy is allowed by each of the others too.
fn allows_nothing_but_what(policy: &Policy, others: &[Policy]) -> Result<(), TestCaseError> {
    let facts = policy.compile();
    let allowed: Vec<_> = verdicts(&facts)
        .filter(|(_, verdict)| verdict.allows())
        .collect();
    for other in others {
        let facts = other.compile();
        for (question, _) in &allowed {
            let verdict = engine(&facts, question);
            prop_assert!(
                verdict.allows(),
                "{verdict}: {:?}\nby{:?}",
                question.oracle,
                other
            );
        }
    }
    Ok(())
}

/// Both say the same to each of the questions.
fn agree<'a>(
    one: &Policy,
    other: &Policy,
    questions: impl IntoIterator<Item = &'a Question>,
) -> Result<(), TestCaseError> {
    let (one, other) = (one.compile(), other.compile());
    for question in questions {
        prop_assert_eq!(
            engine(&one, question),
            engine(&other, question),
            "{:?}",
            question.oracle
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn turning_a_switch_down_never_allows_more(policy in policy(), turns in vec(any::<(Index, Index)>(), CHANGES)) {
        let after: Vec<_> = turns
            .into_iter()
            .map(|(which, steps)| changed(&policy, |policy| changes::turn_down(policy, which, steps)))
            .collect();
        allows_all_that(&policy, &after, |_| true)?;
    }

    #[test]
    fn adding_a_deny_never_allows_more(policy in policy(), denies in vec((any::<Index>(), deny()), CHANGES)) {
        let after: Vec<_> = denies
            .into_iter()
            .map(|(which, deny)| changed(&policy, |policy| changes::add_grant(policy, which, deny)))
            .collect();
        allows_all_that(&policy, &after, |_| true)?;
    }

    #[test]
    fn raising_a_floor_never_allows_more(
        policy in policy(),
        resource in select(vec!["chat", "agent", "doc"]),
        mode in select(Mode::ALL.to_vec()),
        raises in vec(any::<(Index, Index)>(), 4 * CHANGES),
    ) {
        let after: Vec<_> = raises
            .into_iter()
            .map(|(which, to)| changed(&policy, |policy| changes::raise_floor(policy, resource, mode, which, to)))
            .collect();
        allows_all_that(&policy, &after, |question| {
            question.oracle.resource == resource && question.oracle.mode.as_deref() == Some(mode.as_str())
        })?;
    }

    #[test]
    fn adding_a_grant_never_loses_an_allow(policy in policy(), grants in vec((any::<Index>(), grant()), CHANGES)) {
        let after: Vec<_> = grants
            .into_iter()
            .map(|(which, grant)| changed(&policy, |policy| changes::add_grant(policy, which, grant)))
            .collect();
        allows_nothing_but_what(&policy, &after)?;
    }

    #[test]
    fn raising_the_level_of_a_role_that_is_no_floor_never_loses_an_allow(
        policy in policy(),
        raises in vec((any::<Index>(), 1_i64..50), CHANGES),
    ) {
        let after: Vec<_> = raises
            .into_iter()
            .map(|(which, by)| changed(&policy, |policy| changes::raise_level(policy, which, by)))
            .collect();
        allows_nothing_but_what(&policy, &after)?;
    }

    /// "Everybody has `anyone` in a public org, members too": who holds no role that denies loses
    /// nothing by being a member. Levels do not stand against it, since none is below a stranger's 0.
    /// It holds in every org that the request names, a private one being shut to strangers anyway;
    /// not under rule `default`, where one more membership can leave a subject without a default org.
    #[test]
    fn a_membership_without_denies_takes_nothing_away(policy in policy(), who: Index) {
        let who = *who.get(&SUBJECTS);
        let member = changed(&policy, |policy| {
            let own = policy.orgs.values_mut().flat_map(|org| org.roles.values_mut());
            let shared = policy.org_roles.iter_mut().filter(|(name, _)| *name != "anyone");
            for role in own.chain(shared.map(|(_, role)| role)) {
                role.grants.retain(|grant| !grant.starts_with('!'));
            }
        });
        let stranger = changed(&member, |policy| {
            for org in policy.orgs.values_mut() {
                org.members.remove(who);
            }
        });
        let (member, stranger) = (member.compile(), stranger.compile());
        for (question, verdict) in verdicts(&stranger).filter(|(question, _)| question.oracle.org_rule.as_deref() != Some("default")) {
            let as_member = engine(&member, question);
            prop_assert!(as_member.allows() || !verdict.allows(), "{}: {:?}", as_member, question.oracle);
        }
    }

    #[test]
    fn the_order_of_lists_changes_no_answer(policy in policy(), seed: u64) {
        let shuffled = changed(&policy, |policy| order::shuffle_lists(policy, seed));
        agree(&policy, &shuffled, &*QUESTIONS)?;
    }

    #[test]
    fn the_order_of_keys_changes_nothing_that_is_read(policy in policy(), seed: u64) {
        let text = order::json_with_shuffled_keys(&serde_json::to_value(&policy.0).unwrap(), seed);
        prop_assert_eq!(Policy(PolicyText::json(text).parse().unwrap()), policy);
    }

    /// The default org aside: which that is depends on where else the subject is a member.
    #[test]
    fn an_answer_in_an_org_depends_on_no_org_but_its_ancestors(policy in policy(), org: Index) {
        let org = *org.get(&ORGS);
        let path = path(&policy.0, org);
        let alone = changed(&policy, |policy| policy.orgs.retain(|id, _| path.contains(id)));
        agree(&policy, &alone, QUESTIONS.iter().filter(|question| question.oracle.org.as_deref() == Some(org)))?;
    }

    #[test]
    fn the_engine_says_what_the_oracle_says(policy in policy()) {
        let twin = Twin::of(&serde_json::to_value(&policy.0).unwrap());
        for question in &*QUESTIONS {
            prop_assert_eq!(twin.engine(question), twin.oracle(question), "{:?}", question.oracle);
        }
    }

    #[test]
    fn memberships_that_are_elsewhere_change_no_answer_and_are_asked_for_late(policy in policy()) {
        let (here, elsewhere) = (policy.compile(), Apart::of(&policy.0));
        for question in &*QUESTIONS {
            let verdict = engine(&here, question);
            let (apart, asked) = elsewhere.engine(question);
            prop_assert_eq!(apart, verdict, "{:?}", question.oracle);
            // Whatever the subject itself is refused for before the org costs no load.
            let is_early = matches!(verdict.tier, Some("identity" | "site")) && verdict.whose != Some("acting_for");
            prop_assert!(!is_early || asked.is_empty(), "{}: {:?}", verdict, question.oracle);
        }
    }

    #[test]
    fn a_document_is_read_as_it_was_written(policy in policy()) {
        let toml = Policy(PolicyText::toml(policy.0.to_toml().unwrap()).parse().unwrap());
        let json = Policy(PolicyText::json(serde_json::to_string(&policy.0).unwrap()).parse().unwrap());
        prop_assert_eq!(&toml, &policy);
        prop_assert_eq!(&json, &policy);
        agree(&policy, &toml, &*QUESTIONS)?;
    }
}

fn path(policy: &PolicyDocument, org: &str) -> BTreeSet<String> {
    let next = |id: &String| policy.orgs[id].parent.clone();
    std::iter::successors(Some(org.to_owned()), next).collect()
}

/// Where a deny is held, the text promises nothing of the kind: "within a tier a deny beats every grant".
#[test]
fn a_member_that_holds_a_deny_may_have_less_than_a_stranger() {
    let policy = PolicyText::toml(
        r#"
        version = 1
        resources.chat = ["read", "create"]
        site.gates.chat = { switch = "on", access = "everyone" }
        org_roles.anyone.grants = ["chat:read"]
        org_roles.muted = { level = 10, grants = ["!chat:*"] }
        orgs.o0 = { visibility = "public", members.u0.roles = ["muted"] }
        "#,
    );
    let snapshot = policy.compile(1).unwrap();
    let says = |who: &str| {
        let request = serde_json::json!({ "subject": who, "org": "o0", "resource": "chat", "action": "read" });
        engine(&snapshot, &Question::read(&request).unwrap()).to_string()
    };
    assert_eq!(says("stranger"), "allow any");
    assert_eq!(says("u0"), "deny org_denied org");
}

/// A law about what is allowed says nothing where nothing is.
#[test]
fn the_random_policies_allow_and_refuse_in_every_tier() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..40 {
        let policy = policy().new_tree(&mut runner).unwrap().current();
        for (_, verdict) in verdicts(&policy.compile()) {
            *seen.entry(verdict.code.unwrap_or("allow")).or_default() += 1;
            *seen.entry("own").or_default() += usize::from(verdict.reach == Some("own"));
            *seen.entry("via").or_default() += usize::from(verdict.via_all_orgs);
        }
    }
    let all = 40 * QUESTIONS.len();
    assert!(seen["allow"] * 12 > all, "{seen:?} of {all}");
    for outcome in [
        "own",
        "via",
        "subject_suspended",
        "delegator_missing",
        "scope_missing",
        "site_off",
        "site_denied",
        "site_grant_missing",
        "site_mode_off",
        "org_required",
        "no_default_org",
        "not_a_member",
        "org_suspended",
        "org_off",
        "org_mode_off",
        "org_denied",
        "org_grant_missing",
        "mode_floor",
    ] {
        assert!(
            seen.get(outcome).is_some_and(|count| *count > 50),
            "{outcome}: {seen:?}"
        );
    }
}

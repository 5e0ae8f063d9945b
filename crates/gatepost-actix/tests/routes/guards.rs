//! Guards choose and do not protect: what one refused is no other route's, unless that says so.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Service;
use actix_web::guard::{Any, Not};
use actix_web::test::init_service;
use actix_web::web::{get, resource, scope};
use actix_web::{App, HttpRequest, Route};
use gatepost_actix::{Gate, Gated, Permit, Requirement, RequirementGuard, SourceError};

use crate::fixture::{Canary, KILLED, READ, SITE_WIDE, UPDATE, ask, facts, gated, who};

const PATTERN: &str = "/orgs/{org}/chats";
const PATH: &str = "/orgs/acme/chats";

fn guard(requirement: Requirement) -> RequirementGuard {
    gated().guard(requirement).at(PATTERN)
}

/// What each of these gets on a resource of these routes, with this default.
async fn said(routes: Vec<Route>, default: Option<Route>, whos: &[&str]) -> Vec<String> {
    let mut chats = resource(PATTERN);
    for route in routes {
        chats = chats.route(route);
    }
    if let Some(default) = default {
        chats = chats.default_service(default);
    }
    let app = init_service(App::new().wrap(gated().identify()).service(chats)).await;
    let mut said = Vec::new();
    for who in whos {
        said.push(ask(&app, "GET", PATH, who).await.said());
    }
    said
}

const WHOS: &[&str] = &["alice", "gina", "mallory", "", "store down"];

#[actix_web::test]
async fn a15_a_gated_sibling_does_not_take_over_what_a_guard_refused() {
    let canary = Canary::default();
    let gate = gated();
    let refused = [
        "200",
        "org_grant_missing",
        "not_a_member",
        "unauthenticated",
        "policy_unavailable",
    ];
    let update = || {
        gate.get(UPDATE, canary.handler("update"))
            .guard(guard(UPDATE))
    };
    let sibling = gate.get(READ, canary.handler("read"));
    assert_eq!(said(vec![update(), sibling], None, WHOS).await, refused);
    assert_eq!(canary.only().name, "update");
    // Nor where the sibling stands elsewhere, or is a choice.
    for elsewhere in [false, true] {
        let first = resource(PATTERN).guard(guard(UPDATE));
        let first = first.route(gate.get(UPDATE, canary.handler("update")));
        let app = App::new().wrap(gate.identify()).service(first);
        let app = if elsewhere {
            let second =
                scope("/orgs/{org}").route("/chats", gate.get(READ, canary.handler("read")));
            init_service(app.service(second)).await
        } else {
            let second = gate.choice(PATTERN).when(READ, canary.handler("read"));
            init_service(app.service(second)).await
        };
        for (who, said) in WHOS.iter().zip(refused) {
            assert_eq!(
                ask(&app, "GET", PATH, who).await.said(),
                said,
                "{elsewhere}"
            );
        }
        assert_eq!(canary.only().name, "update");
    }
}

#[actix_web::test]
async fn a15_a_route_that_stands_instead_takes_over_by_its_own_requirement() {
    let canary = Canary::default();
    let gate = gated();
    let update = gate
        .get(UPDATE, canary.handler("update"))
        .guard(guard(UPDATE));
    let instead = gate.instead().get(READ, canary.handler("read"));
    let got = said(vec![update, instead], None, WHOS).await;
    let want = [
        "200",
        "200",
        "not_a_member",
        "unauthenticated",
        "policy_unavailable",
    ];
    assert_eq!(got, want);
    assert_eq!(canary.ran(), ["update", "read"]);
    let permit = canary.hits()[1].permit.clone().unwrap();
    assert!(permit.requirement().is_same(&READ));
    // It is decided for itself, and not by whoever was let in before it.
    canary.reset();
    let update = gate
        .get(UPDATE, canary.handler("update"))
        .guard(guard(UPDATE));
    let killed = gate.instead().get(KILLED, canary.handler("killed"));
    let got = said(vec![update, killed], None, &["alice", "gina"]).await;
    assert_eq!(got, ["200", "site_off"]);
}

#[actix_web::test]
async fn a15_denials_answers_with_the_refusal_instead_of_404_or_405() {
    let canary = Canary::default();
    let gate = gated();
    let update = || {
        gate.get(UPDATE, canary.handler("update"))
            .guard(guard(UPDATE))
    };
    let want = [
        "200",
        "org_grant_missing",
        "not_a_member",
        "unauthenticated",
        "policy_unavailable",
    ];
    let got = said(vec![update()], Some(gate.denials()), WHOS).await;
    assert_eq!(got, want);
    let got = said(vec![update()], None, WHOS).await;
    assert_eq!(got, ["200", "405", "405", "405", "405"]);
    canary.reset();

    // At a scope, and at the application.
    let guarded = || {
        let chats = resource("/chats").guard(guard(UPDATE));
        scope("/orgs/{org}").service(chats.route(gate.get(UPDATE, canary.handler("update"))))
    };
    let at_scope = guarded().default_service(gate.denials());
    let at_scope = init_service(App::new().wrap(gate.identify()).service(at_scope)).await;
    let at_app = App::new().wrap(gate.identify()).service(guarded());
    let at_app = init_service(at_app.default_service(gate.denials())).await;
    for (who, said) in WHOS.iter().zip(want) {
        assert_eq!(ask(&at_scope, "GET", PATH, who).await.said(), said);
        assert_eq!(ask(&at_app, "GET", PATH, who).await.said(), said);
        // What no guard refused is not there, or has not this method.
        assert_eq!(
            ask(&at_scope, "GET", "/orgs/acme/none", who).await.said(),
            "404"
        );
        assert_eq!(ask(&at_app, "GET", "/none", who).await.said(), "404");
    }
    assert_eq!(canary.ran(), ["update", "update"]);
    let other_method = resource(PATTERN)
        .route(gate.get(READ, canary.handler("read")))
        .default_service(gate.denials());
    let app = init_service(App::new().service(other_method)).await;
    assert_eq!(ask(&app, "DELETE", PATH, "alice").await.said(), "405");
}

#[actix_web::test]
async fn what_a_guard_refused_ends_with_its_request() {
    let canary = Canary::default();
    let gate = gated();
    let chats = resource(PATTERN)
        .route(
            gate.get(UPDATE, canary.handler("update"))
                .guard(guard(UPDATE)),
        )
        .route(gate.post(READ, canary.handler("read")));
    let other = resource("/orgs/{org}/other").route(gate.get(READ, canary.handler("other")));
    let app = App::new()
        .wrap(gate.identify())
        .service(chats)
        .service(other);
    let app = init_service(app).await;
    for _ in 0..3 {
        assert_eq!(ask(&app, "GET", PATH, "gina").await.said(), "405");
        // Requests are used again: none keeps what the last one was refused.
        for (method, path) in [("GET", "/orgs/acme/other"), ("POST", PATH)] {
            assert_eq!(ask(&app, method, path, "gina").await.said(), "200");
        }
        assert_eq!(
            ask(&app, "GET", "/orgs/acme/other", "mallory").await.said(),
            "not_a_member"
        );
    }
    assert_eq!(canary.ran().len(), 6);
}

#[actix_web::test]
async fn of_several_refusals_an_error_is_told_before_a_denial_and_else_the_last_one() {
    let canary = Canary::default();
    let gate = gated();
    let route = |requirement| {
        gate.get(requirement, canary.handler("none"))
            .guard(guard(requirement))
    };
    for (first, second, code) in [
        (UPDATE, KILLED, "site_off"),
        (KILLED, UPDATE, "org_grant_missing"),
    ] {
        let routes = vec![route(first), route(second)];
        assert_eq!(said(routes, Some(gate.denials()), &["gina"]).await, [code]);
    }
    // The first guard was not told where the org is: an error of the service, whatever the second says.
    let blind = gate
        .get(UPDATE, canary.handler("none"))
        .guard(gate.guard(UPDATE));
    let routes = vec![blind, route(KILLED)];
    let got = said(routes, Some(gate.denials()), &["gina", "alice"]).await;
    assert_eq!(got, ["permit_missing", "permit_missing"]);
    canary.assert_silent();
}

#[actix_web::test]
async fn no_route_stands_instead_of_one_whose_guard_could_not_tell() {
    let canary = Canary::default();
    let gate = gated();
    for (guard, said) in [
        (gate.guard(UPDATE), "permit_missing"),
        (guard(UPDATE), "200"),
    ] {
        let update = gate.get(UPDATE, canary.handler("update")).guard(guard);
        let instead = gate.instead().get(READ, canary.handler("read"));
        let chats = resource(PATTERN).route(update).route(instead);
        let app = init_service(App::new().wrap(gate.identify()).service(chats)).await;
        assert_eq!(ask(&app, "GET", PATH, "gina").await.said(), said);
    }
    assert_eq!(canary.only().name, "read");
    // The subject source was away when the guard asked, and is back.
    let asked = AtomicBool::new(false);
    let flaky = Gated::new(Gate::fixed(facts()), move |request: &HttpRequest| {
        if asked.swap(true, Ordering::SeqCst) {
            who(request)
        } else {
            Err(SourceError::unavailable("away"))
        }
    });
    let update = flaky
        .get(UPDATE, canary.handler("update"))
        .guard(guard(UPDATE));
    let instead = flaky.instead().get(READ, canary.handler("read"));
    let chats = resource(PATTERN).route(update).route(instead);
    let app = init_service(App::new().wrap(flaky.identify()).service(chats)).await;
    assert_eq!(
        ask(&app, "GET", PATH, "gina").await.said(),
        "policy_unavailable"
    );
    canary.assert_silent();
}

#[actix_web::test]
async fn a23_a_guard_that_is_not_told_who_asks_or_where_the_org_is_chooses_nothing() {
    let canary = Canary::default();
    let gate = gated();
    let of = |guard: RequirementGuard| {
        resource(PATTERN)
            .route(gate.get(READ, canary.handler("read")).guard(guard))
            .default_service(gate.denials())
    };
    let unidentified = init_service(App::new().service(of(guard(READ)))).await;
    let blind = of(gate.guard(READ));
    let blind = init_service(App::new().wrap(gate.identify()).service(blind)).await;
    let elsewhere = of(gate.guard(READ).at("/else/{org}"));
    let elsewhere = init_service(App::new().wrap(gate.identify()).service(elsewhere)).await;
    for who in ["", "mallory", "alice"] {
        assert_eq!(
            ask(&unidentified, "GET", PATH, who).await.said(),
            "permit_missing"
        );
        assert_eq!(ask(&blind, "GET", PATH, who).await.said(), "permit_missing");
    }
    assert_eq!(
        ask(&elsewhere, "GET", PATH, "alice").await.said(),
        "org_required"
    );
    canary.assert_silent();
}

#[actix_web::test]
async fn a_guard_reads_the_path_as_the_route_does() {
    let canary = Canary::default();
    let gate = gated();
    let route = gate.get(READ, canary.handler("read")).guard(guard(READ));
    let chats = resource(PATTERN)
        .route(route)
        .default_service(gate.denials());
    let app = init_service(App::new().wrap(gate.identify()).service(chats)).await;
    for (org, said) in [
        ("a%2Fb", "200"),
        ("a+b", "200"),
        ("a%2Bb", "200"),
        ("a%252Fb", "200"),
        ("%25", "200"),
        ("a%252fb", "not_a_member"),
        ("%ff", "bad_request"),
        ("%2%35", "bad_request"),
        ("%zz", "bad_request"),
        ("a%00", "bad_request"),
    ] {
        let path = format!("/orgs/{org}/chats");
        assert_eq!(ask(&app, "GET", &path, "edna").await.said(), said, "{org}");
    }
}

#[actix_web::test]
async fn a_guard_lends_no_permit() {
    let takes_permit = async |permit: Permit| permit.subject().to_string();
    let plain = get().guard(guard(READ)).to(takes_permit);
    assert_eq!(said(vec![plain], None, &["gina"]).await, ["permit_missing"]);
}

#[actix_web::test]
async fn guards_can_be_put_together_and_what_one_refused_is_still_refused() {
    let canary = Canary::default();
    let gate = gated();
    let run = |name| canary.handler(name);
    // Those who may not update; the guard has refused them, so the route has to stand instead.
    for (gate, want) in [(gate.clone(), "org_grant_missing"), (gate.instead(), "200")] {
        let readers = gate.get(READ, run("readers")).guard(Not(guard(UPDATE)));
        assert_eq!(
            said(vec![readers], None, &["gina", "alice"]).await,
            [want, "405"]
        );
    }
    canary.reset();
    for (gate, want) in [(gate.clone(), "org_grant_missing"), (gate.instead(), "200")] {
        let either = gate
            .get(READ, run("either"))
            .guard(Any(guard(UPDATE)).or(guard(READ)));
        assert_eq!(
            said(vec![either], None, &["alice", "gina"]).await,
            ["200", want]
        );
    }
}

#[actix_web::test]
async fn the_identity_that_a_guard_goes_by_is_not_that_of_the_last_request() {
    let canary = Canary::default();
    let gate = gated();
    let site_wide = gate
        .get(SITE_WIDE, canary.handler("read"))
        .guard(gate.guard(SITE_WIDE));
    let chats = resource("/chats")
        .route(site_wide)
        .default_service(gate.denials());
    let app = init_service(App::new().wrap(gate.identify()).service(chats)).await;
    assert!(
        futures_util::future::poll_fn(|context| app.poll_ready(context))
            .await
            .is_ok()
    );
    for (who, said) in [
        ("gina", "200"),
        ("", "unauthenticated"),
        ("gina", "200"),
        ("panic", "policy_unavailable"),
    ] {
        assert_eq!(ask(&app, "GET", "/chats", who).await.said(), said);
    }
}

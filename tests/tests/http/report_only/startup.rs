//! What start-up refuses of routes that only report, and what it tells of those that it does not.

use ::axum::body::Body;
use ::axum::middleware::map_request;
use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use gatepost::{Gate, Inventory, Mode, Org, ReportOnly, Requirement, Resource};
use gatepost_tests::log::log;
use tower::ServiceExt;
use tracing::level_filters::LevelFilter;

use crate::served::{actix, axum};
use crate::service::{POLICY, facts};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const PATH: &str = "/orgs/{org}/chats";
const BY_PATH: Requirement = Requirement::on(
    Resource::ByPath {
        param: "org",
        map: &[("agents", "agent")],
        otherwise: "chat",
    },
    "read",
)
.org(Org::header("x-org"));

type OnAxum = gatepost_axum::Gated;
type OnActix = gatepost_actix::Gated;

fn on_axum() -> OnAxum {
    OnAxum::new(Gate::fixed(facts(POLICY)), axum::who)
}

fn on_actix() -> OnActix {
    OnActix::new(Gate::fixed(facts(POLICY)), actix::who)
}

/// What start-up says of one route, in both frameworks.
fn refusals(
    requirement: Requirement,
    axum: impl FnOnce(OnAxum) -> OnAxum,
    actix: impl FnOnce(OnActix) -> OnActix,
) -> [Option<String>; 2] {
    let gated = axum(on_axum()).get(PATH, requirement, async || ());
    let of_axum = gated.into_router().err();
    let routes = actix(on_actix()).routes(move |app, gate| {
        app.service(web::resource(PATH).route(gate.get(requirement, HttpResponse::Ok)));
    });
    let of_actix = routes.err();
    [
        of_axum.map(|error| error.to_string()),
        of_actix.map(|error| error.to_string()),
    ]
}

#[track_caller]
fn assert_each(refusals: [Option<String>; 2], why: Option<&str>) {
    for refusal in refusals {
        match (&refusal, why) {
            (None, None) => {}
            (Some(refusal), Some(why)) => assert!(refusal.contains(why), "{refusal}"),
            _ => panic!("{refusal:?} and not {why:?}"),
        }
    }
}

#[test]
fn what_is_bound_or_written_down_does_not_only_report() {
    const ALWAYS: ReportOnly = ReportOnly::ALWAYS;
    assert_each(refusals(READ.report_only(ALWAYS), |it| it, |it| it), None);
    let bound = "only reports and is bound";
    let logged = "only reports and admits nobody without a log";
    let until = ReportOnly::until("2026-01-01");
    for (requirement, why) in [(READ.bound(), bound), (READ.logged(), logged)] {
        for report_only in [ALWAYS, until] {
            let own = requirement.report_only(report_only);
            assert_each(refusals(own, |it| it, |it| it), Some(why));
            let of_resource = refusals(
                requirement,
                |gated| gated.report_only("chat", report_only),
                |gated| gated.report_only("chat", report_only),
            );
            assert_each(of_resource, Some(why));
        }
    }
}

#[test]
fn what_is_to_be_written_down_has_a_journal() {
    let refused = refusals(READ.logged(), |it| it, |it| it);
    assert_each(refused, Some("add `.journal(..)`"));
}

#[test]
fn what_is_to_report_only_is_about_some_route_and_all_of_it() {
    const ALWAYS: ReportOnly = ReportOnly::ALWAYS;
    let refused = refusals(
        READ,
        |gated| gated.report_only("agent", ALWAYS),
        |gated| gated.report_only("agent", ALWAYS),
    );
    assert_each(
        refused,
        Some("`agent` is to report only, and no route is about it"),
    );
    let in_part = refusals(
        BY_PATH,
        |gated| gated.report_only("chat", ALWAYS),
        |gated| gated.report_only("chat", ALWAYS),
    );
    assert_each(in_part, Some("of which some report only"));
}

#[test]
fn nobody_chooses_between_handlers_by_what_only_reports() {
    let reports = READ.report_only(ReportOnly::ALWAYS);
    let choice = |gated: OnActix, requirement: Requirement| {
        let routes = gated.routes(move |app, gate| {
            let choice = gate.choice(PATH).method(Method::GET);
            app.service(choice.when(requirement, HttpResponse::Ok));
        });
        routes.err().map(|error| error.to_string())
    };
    let guard = |gated: OnActix, requirement: Requirement| {
        let routes = gated.routes(move |app, gate| {
            let guarded = gate.get(READ.mode(Mode::Foreground), HttpResponse::Ok);
            let guarded = guarded.guard(gate.guard(requirement).at(PATH));
            app.service(web::resource(PATH).route(guarded));
        });
        routes.err().map(|error| error.to_string())
    };
    let of_chats = || on_actix().report_only("chat", ReportOnly::ALWAYS);
    for refusal in [
        choice(on_actix(), reports),
        choice(of_chats(), READ),
        guard(on_actix(), reports),
        guard(of_chats(), READ),
    ] {
        let refusal = refusal.expect("start-up refuses it");
        assert!(refusal.contains("decided in earnest"), "{refusal}");
    }
}

#[test]
fn the_inventory_says_what_only_reports_and_that_more_of_it_is_laxer() {
    let of = |report_only: Option<ReportOnly>| {
        let gated = on_axum().get(PATH, READ, async || ());
        let gated = match report_only {
            Some(report_only) => gated.report_only("chat", report_only),
            None => gated,
        };
        let on_actix = match report_only {
            Some(report_only) => on_actix().report_only("chat", report_only),
            None => on_actix(),
        };
        let routes = on_actix.routes(|app, gate| {
            app.service(web::resource(PATH).route(gate.get(READ, HttpResponse::Ok)));
        });
        let all = [gated.routes(), routes.unwrap().inventory().clone()];
        let [one, other] = all.map(Inventory::without_sources);
        let of_get = |inventory: &Inventory| {
            let mut rows = inventory
                .routes()
                .iter()
                .filter_map(|row| row.requirement());
            rows.next().cloned()
        };
        assert_eq!(of_get(&one), of_get(&other));
        one
    };
    let enforced = of(None);
    let early = of(Some(ReportOnly::until("2027-01-31")));
    let late = of(Some(ReportOnly::until("2027-02-01")));
    let always = of(Some(ReportOnly::ALWAYS));
    assert!(!enforced.to_table().contains("REPORTED ONLY"));
    assert!(early.to_table().contains("REPORTED ONLY (2027-01-31)"));
    assert!(always.to_table().contains("REPORTED ONLY"));
    let stages = [enforced, early, late, always];
    for (at, old) in stages.iter().enumerate() {
        assert_eq!(Inventory::from_json(&old.to_json()).unwrap(), *old);
        for (to, new) in stages.iter().enumerate() {
            let changes = old.changes(new);
            assert_eq!(changes.is_empty(), at == to);
            let told = changes.to_string();
            assert_eq!(told.contains("(laxer)"), at < to, "{told}");
        }
    }
}

#[tokio::test]
async fn a89_start_up_and_each_request_that_is_let_pass_say_so_in_the_log() {
    let logged = log(LevelFilter::INFO);
    let until = ReportOnly::until("9998-12-31");
    let gated = on_axum().get(PATH, READ, async || "ran");
    let gated = gated.post(PATH, READ.report_only(until), async || "ran");
    let mounted = on_actix().report_only("chat", ReportOnly::ALWAYS);
    let mounted = mounted.routes(|app, gate| {
        app.service(web::resource(PATH).route(gate.get(READ, HttpResponse::Ok)));
    });
    drop(mounted.unwrap());
    let router = gated
        .into_router()
        .unwrap()
        .layer(map_request(axum::authenticate));
    let banners = || {
        let text = logged.text();
        let lines = text.lines().filter(|line| line.contains("NOT ENFORCED"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let [actix, axum] = &*banners() else {
        panic!("{:#?}", banners());
    };
    assert!(
        actix.contains("WARN gatepost::report_only") && actix.contains("GET /orgs/{org}/chats")
    );
    assert!(
        actix.contains("chat:read") && !actix.contains("until="),
        "{actix}"
    );
    assert!(
        axum.contains("POST /orgs/{org}/chats") && axum.contains("9998-12-31"),
        "{axum}"
    );
    for (method, who, enforced) in [("GET", "ret", true), ("POST", "otto", false)] {
        let request = http::Request::builder().method(method);
        let request = request.uri("/orgs/acme/chats");
        let request = request.header("authorization", format!("Bearer {who}"));
        let reply = router.clone().oneshot(request.body(Body::empty()).unwrap());
        let reply = reply.await.unwrap();
        assert_eq!(reply.status() == 200, !enforced, "{method}");
        let text = logged.text();
        let mut lines = text
            .lines()
            .filter(|line| line.contains("gatepost::decision"));
        let line = lines.next_back().unwrap();
        assert!(line.contains("outcome=\"deny\""), "{line}");
        assert_eq!(line.contains("enforced=false"), !enforced, "{line}");
    }
    assert_eq!(banners().len(), 2);
}

//! Every way to add a route to an application that nothing decides, and how it is found.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, fn_service};
use actix_web::http::Method;
use actix_web::test::init_service;
use actix_web::web::{self, ServiceConfig, get, post, resource, scope, to};
use actix_web::{App, Error, HttpRequest, HttpResponse, guard};
use futures_util::FutureExt;
use gatepost_actix::Gated;
use gatepost_actix::testing::assert_decided;

use crate::fixture::{Canary, READ, SITE_WIDE, ask, assert_refused, gated, request, send};

/// How a route that nothing decides is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// The service does not start.
    AtStartUp,
    /// By the probe, in the service's tests; and late as well.
    ByProbe,
    /// Where it is asked: what it answers does not leave.
    Late,
    /// Not at all.
    Never,
}

struct Way {
    what: &'static str,
    how: How,
    /// What start-up or the probe names.
    named: &'static str,
    asked: (&'static str, &'static str),
    /// Within the routes that are tried out.
    within: fn(&mut ServiceConfig, &Gated, &Canary),
    /// Behind them, in the application alone.
    beside: fn(&mut ServiceConfig, &Canary),
}

/// A way within the routes.
const fn within(
    what: &'static str,
    how: How,
    named: &'static str,
    asked: (&'static str, &'static str),
    within: fn(&mut ServiceConfig, &Gated, &Canary),
) -> Way {
    let beside: fn(&mut ServiceConfig, &Canary) = |_, _| {};
    Way {
        what,
        how,
        named,
        asked,
        within,
        beside,
    }
}

/// A way beside them.
const fn beside(
    what: &'static str,
    named: &'static str,
    asked: (&'static str, &'static str),
    beside: fn(&mut ServiceConfig, &Canary),
) -> Way {
    let within: fn(&mut ServiceConfig, &Gated, &Canary) = |_, _, _| {};
    Way {
        what,
        how: How::ByProbe,
        named,
        asked,
        within,
        beside,
    }
}

#[actix_web::get("/macro")]
async fn by_macro() -> &'static str {
    "plain"
}

/// A service as other crates bring them, for files say.
struct Foreign;

impl HttpServiceFactory for Foreign {
    fn register(self, config: &mut AppService) {
        let answer = async |request: ServiceRequest| {
            Ok::<_, Error>(request.into_response(HttpResponse::Ok().body("plain")))
        };
        config.register_service(
            ResourceDef::prefix("/files"),
            None,
            fn_service(answer),
            None,
        );
    }
}

async fn socket(request: HttpRequest, body: web::Payload) -> Result<HttpResponse, Error> {
    Ok(actix_ws::handle(&request, body)?.0)
}

/// Not when it is tried out.
fn is_worker() -> bool {
    static WAS_TRIED: AtomicBool = AtomicBool::new(false);
    WAS_TRIED.swap(true, Ordering::SeqCst)
}

fn asks_for_debug() -> impl guard::Guard {
    guard::fn_guard(|context| context.head().uri.query() == Some("debug"))
}

#[rustfmt::skip]
const WAYS: &[Way] = &[
    within("a plain resource", How::AtStartUp, "`GET /plain`", ("GET", "/plain"), |app, _, run| {
        app.service(resource("/plain").get(run.handler("plain")));
    }),
    within("a plain route", How::AtStartUp, "`POST /plain`", ("POST", "/plain"), |app, _, run| {
        app.route("/plain", post().to(run.handler("plain")));
    }),
    within("a plain method beside a gated one", How::AtStartUp, "`POST /{org}/x`", ("POST", "/acme/x"), |app, gate, run| {
        app.service(resource("/{org}/x").route(gate.get(READ, run.handler("gated"))).post(run.handler("plain")));
    }),
    within("a plain `HEAD` in front of a gated `GET`", How::AtStartUp, "`HEAD /{org}/x`", ("HEAD", "/acme/x"), |app, gate, run| {
        app.service(resource("/{org}/x").route(web::head().to(run.handler("plain"))).route(gate.get(READ, run.handler("gated"))));
    }),
    within("a service of actix's macros", How::AtStartUp, "`GET /macro`", ("GET", "/macro"), |app, _, _| {
        app.service(by_macro);
    }),
    within("a route of a plain scope", How::AtStartUp, "`GET /in/plain`", ("GET", "/in/plain"), |app, _, run| {
        app.service(scope("/in").route("/plain", get().to(run.handler("plain"))));
    }),
    within("a route of a nested scope", How::AtStartUp, "`GET /in/{deep}/plain`", ("GET", "/in/a/plain"), |app, gate, run| {
        let deep = scope("/{deep}").route("/plain", get().to(run.handler("plain")));
        app.service(scope("/in").service(gate.resource("/{org}").get(READ, run.handler("gated"))).service(deep));
    }),
    within("a module of its own", How::AtStartUp, "`GET /in/plain`", ("GET", "/in/plain"), |app, _, run| {
        let run = run.clone();
        app.service(scope("/in").configure(move |app| {
            app.route("/plain", get().to(run.handler("plain")));
        }));
    }),
    within("a route for every method", How::AtStartUp, "`* /plain`", ("PURGE", "/plain"), |app, _, run| {
        app.service(resource("/plain").to(run.handler("plain")));
    }),
    within("a service of another crate", How::AtStartUp, "`* /files`", ("GET", "/files/x"), |app, _, _| {
        app.service(Foreign);
    }),
    within("a redirection", How::AtStartUp, "`* /old`", ("GET", "/old"), |app, _, _| {
        app.service(web::redirect("/old", "/new"));
    }),
    within("a WebSocket", How::AtStartUp, "`GET /socket`", ("GET", "/socket"), |app, _, _| {
        app.route("/socket", get().to(socket));
    }),
    within("a tail", How::AtStartUp, "`GET /files/{tail}*`", ("GET", "/files/a/b"), |app, _, run| {
        app.route("/files/{tail}*", get().to(run.handler("plain")));
    }),
    within("a public route without a reason", How::AtStartUp, "`GET /public` is public and does not say why", ("GET", "/public"), |app, gate, run| {
        app.service(gate.resource("/public").public(Method::GET, " ", run.handler("plain")));
    }),
    within("another handler for a gated route", How::AtStartUp, "Route middleware", ("GET", "/acme"), |app, gate, run| {
        app.route("/{org}", gate.get(READ, run.handler("gated")).to(run.handler("plain")));
    }),
    within("a guard without a requirement behind it", How::AtStartUp, "`GET /{org}/x`", ("GET", "/acme/x"), |app, gate, run| {
        app.service(resource("/{org}/x").route(get().guard(gate.guard(READ).at("/{org}/x")).to(run.handler("plain"))));
    }),
    within("a plain resource in front of a gated one", How::AtStartUp, "`GET /{org}/x` stands behind another route", ("GET", "/acme/x"), |app, gate, run| {
        app.route("/{org}/x", get().to(run.handler("plain")))
            .service(gate.resource("/{org}/x").get(READ, run.handler("gated")));
    }),
    within("a plain resource in front of a gated one in a scope", How::AtStartUp, "`GET /{org}/x` is mounted as", ("GET", "/acme/x"), |app, gate, run| {
        app.route("/{org}/x", get().to(run.handler("plain")))
            .service(scope("/{org}").service(gate.resource("/x").get(READ, run.handler("gated"))));
    }),
    within("a plain scope in front of a gated one", How::AtStartUp, "`GET /{org}/x` stands behind another scope", ("GET", "/acme/x"), |app, gate, run| {
        app.service(scope("/{org}").route("/x", get().to(run.handler("plain"))))
            .service(scope("/{org}").service(gate.resource("/x").get(READ, run.handler("gated"))));
    }),
    within("a plain resource beside the gated scope of its path", How::AtStartUp, "`GET /admin/plain`", ("GET", "/admin/plain"), |app, gate, run| {
        app.route("/admin/plain", get().to(run.handler("plain")))
            .service(gate.scope("/admin", SITE_WIDE).route("/x", get().to(run.handler("gated"))));
    }),
    within("a plain scope beside the gated scope of its path", How::AtStartUp, "`GET /admin/deep/x`", ("GET", "/admin/deep/x"), |app, gate, run| {
        app.service(scope("/admin/deep").route("/x", get().to(run.handler("plain"))))
            .service(gate.scope("/admin", SITE_WIDE).route("/x", get().to(run.handler("gated"))));
    }),
    within("a plain scope in front of the gated scope of its path", How::AtStartUp, "`* /admin` stands behind another scope", ("GET", "/admin/x"), |app, gate, run| {
        app.service(scope("/admin").route("/x", get().to(run.handler("plain"))))
            .service(gate.scope("/admin", SITE_WIDE).route("/x", get().to(run.handler("gated"))));
    }),
    within("a plain resource where a gated scope begins", How::AtStartUp, "`GET /admin`", ("GET", "/admin"), |app, gate, run| {
        app.route("/admin", get().to(run.handler("plain")))
            .service(gate.scope("/admin", SITE_WIDE).route("/x", get().to(run.handler("gated"))));
    }),
    within("a plain resource beside a gated scope without a path", How::AtStartUp, "`GET /plain`", ("GET", "/plain"), |app, gate, run| {
        app.route("/plain", get().to(run.handler("plain"))).service(gate.scope("", SITE_WIDE));
    }),
    within("a plain sibling of a choice", How::AtStartUp, "`POST /{org}/x`", ("POST", "/acme/x"), |app, gate, run| {
        app.route("/{org}/x", post().to(run.handler("plain")))
            .service(gate.choice("/{org}/x").when(READ, run.handler("gated")));
    }),
    within("a route for every method behind a gated one", How::ByProbe, "`POST /{org}/x` is answered 200", ("POST", "/acme/x"), |app, gate, run| {
        app.service(resource("/{org}/x").route(gate.get(READ, run.handler("gated"))).to(run.handler("plain")));
    }),
    within("a default of a gated resource", How::ByProbe, "`POST /{org}/x` is answered 200", ("POST", "/acme/x"), |app, gate, run| {
        let gated = gate.get(READ, run.handler("gated"));
        app.service(resource("/{org}/x").route(gated).default_service(to(run.handler("plain"))));
    }),
    within("a default of a scope", How::ByProbe, "`GET /in/x1/gatepost-is-not-here`", ("GET", "/in/acme/none"), |app, gate, run| {
        let gated = gate.resource("/{org}").get(READ, run.handler("gated"));
        app.service(scope("/in").service(gated).default_service(to(run.handler("plain"))));
    }),
    within("a default of the application", How::ByProbe, "`DELETE /gatepost-is-not-here`", ("GET", "/none"), |app, _, run| {
        app.default_service(to(run.handler("plain")));
    }),
    within("a sibling that a header chooses", How::ByProbe, "`GET /{org}/x` is answered 200", ("GET", "/acme/x"), |app, gate, run| {
        app.service(
            resource("/{org}/x")
                .route(get().guard(guard::Header("x-debug", "1")).to(run.handler("plain")))
                .route(gate.get(READ, run.handler("gated"))),
        );
    }),
    within("a plain resource where a gated scope begins that has one there", How::ByProbe, "`GET /admin` is answered 200", ("GET", "/admin"), |app, gate, run| {
        app.route("/admin", get().to(run.handler("plain")))
            .service(gate.scope("/admin", SITE_WIDE).route("", get().to(run.handler("gated"))));
    }),
    within("a route that only the workers have", How::ByProbe, "`GET /plain` is answered 200", ("GET", "/plain"), |app, _, run| {
        if is_worker() {
            app.route("/plain", get().to(run.handler("plain")));
        }
    }),
    beside("a route of the application", "`GET /plain` is answered 200", ("GET", "/plain"), |app, run| {
        app.route("/plain", get().to(run.handler("plain")));
    }),
    beside("a scope of the application", "`GET /in/{id:\\d+}` is answered 200", ("GET", "/in/1"), |app, run| {
        app.service(scope("/in").route(r"/{id:\d+}", get().to(run.handler("plain"))));
    }),
    beside("another crate's service in the application", "`GET /files` is answered 200", ("GET", "/files"), |app, _| {
        app.service(Foreign);
    }),
    within("a sibling that a guard of one's own chooses", How::Late, "", ("GET", "/acme/x?debug"), |app, gate, run| {
        app.service(
            resource("/{org}/x")
                .route(get().guard(asks_for_debug()).to(run.handler("plain")))
                .route(gate.get(READ, run.handler("gated"))),
        );
    }),
    within("a scope of a gated scope's path that a guard chooses", How::Late, "", ("GET", "/admin/x?debug"), |app, gate, run| {
        app.service(scope("/admin").guard(asks_for_debug()).route("/x", get().to(run.handler("plain"))))
            .service(gate.scope("/admin", SITE_WIDE).route("/x", get().to(run.handler("gated"))));
    }),
    within("what a public route hands on to", How::Never, "", ("GET", "/public"), |app, gate, run| {
        let inner = run.clone();
        app.service(gate.resource("/public").public(Method::GET, "a test", move |request: HttpRequest| {
            let inner = inner.clone();
            async move {
                let app = init_service(App::new().route("/public", get().to(inner.handler("plain")))).await;
                let asked = ask(&app, "GET", request.path(), "").await;
                HttpResponse::Ok().body(asked.body)
            }
        }));
    }),
];

/// What every application has beside.
fn base(app: &mut ServiceConfig, gate: &Gated) {
    app.service(gate.resource("/base/{org}").get(READ, async || "base"));
}

async fn assert_found(way: &Way) {
    let run = Canary::default();
    let inner = run.clone();
    let mount = way.within;
    let routes = gated().routes(move |app, gate| {
        mount(app, gate, &inner);
        base(app, gate);
    });
    let routes = match routes {
        Ok(routes) => routes,
        Err(why) => {
            let why = why.to_string();
            assert_eq!(way.how, How::AtStartUp, "{}: {why}", way.what);
            assert!(why.contains(way.named), "{}: {why}", way.what);
            run.assert_silent();
            return;
        }
    };
    assert_ne!(way.how, How::AtStartUp, "{}", way.what);
    let configured = |run: Canary| {
        let (routes, beside) = (&routes, way.beside);
        move |app: &mut ServiceConfig| {
            routes(app);
            beside(app, &run);
        }
    };
    let app = init_service(App::new().configure(configured(run.clone()))).await;
    let probed = AssertUnwindSafe(assert_decided(&app, routes.inventory()));
    let failed = probed.catch_unwind().await.err();
    let failed = failed.map(|failed| failed.downcast_ref::<String>().unwrap().clone());
    assert_eq!(
        failed.is_some(),
        way.how == How::ByProbe,
        "{}: {failed:?}",
        way.what
    );
    if let Some(failed) = failed {
        assert!(failed.contains(way.named), "{}: {failed}", way.what);
    }
    assert!(!run.ran().contains(&"gated"), "{}", way.what);
    run.reset();

    let app = App::new().configure(configured(run.clone()));
    let app = init_service(app.wrap(gated().only_decided())).await;
    let (method, path) = way.asked;
    let asked = request(method, path, "root").insert_header(("x-debug", "1"));
    let answer = send(&app, asked).await;
    if way.how == How::Never {
        assert_eq!(
            (answer.said().as_str(), &*answer.body),
            ("200", &b"plain"[..]),
            "{}",
            way.what
        );
        assert_eq!(run.ran(), ["plain"]);
    } else {
        assert_refused(&answer, "permit_missing", serde_json::json!({}));
    }
    assert!(!run.ran().contains(&"gated"), "{}", way.what);
}

#[actix_web::test]
async fn a01_a02_a03_every_way_to_an_undecided_route_is_found_but_what_a_decided_one_hands_on() {
    for way in WAYS {
        assert_found(way).await;
    }
    let of = |how| WAYS.iter().filter(|way| way.how == how).count();
    assert!(WAYS.len() >= 30 && of(How::Never) == 1 && of(How::AtStartUp) > WAYS.len() / 2);
}

#[actix_web::test]
async fn a02_an_application_that_answers_in_front_of_its_routes_is_found() {
    let routes = gated().routes(base).unwrap();
    let app = App::new()
        .configure(&*routes)
        .wrap_fn(|request: ServiceRequest, _| {
            ready(Ok::<_, Error>(
                request.into_response(HttpResponse::Ok().body("from nowhere")),
            ))
        });
    let app = init_service(app.wrap(gated().only_decided())).await;
    let answer = ask(&app, "GET", "/base/acme", "root").await;
    assert_refused(&answer, "permit_missing", serde_json::json!({}));
    let probed = AssertUnwindSafe(assert_decided(&app, routes.inventory()));
    let failed = probed.catch_unwind().await.err().unwrap();
    let failed = failed.downcast_ref::<String>().unwrap();
    assert!(failed.contains("`GET /base/{org}` is answered"), "{failed}");
    assert!(
        failed.contains("is in the inventory, and no request comes to it"),
        "{failed}"
    );
}

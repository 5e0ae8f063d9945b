//! What is added to a gated router, and how it is found.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, head, options, post, post_service};
use gatepost_tower::{Enforcer, RequireLayer};
use http::StatusCode;
use tower::ServiceExt;

use super::CHATS;
use crate::fixture::{Canary, READ, SITE_WIDE, UPDATE, gate, gated, request, who};

/// Something that is added to a gated router, and answers `secret`.
pub(super) struct Way {
    pub(super) attack: &'static str,
    pub(super) name: &'static str,
    pub(super) add: fn(Router, &Canary) -> Router,
    /// What it answers for: method and path.
    pub(super) ask: &'static str,
    pub(super) found: Found,
}

/// How it is found.
pub(super) enum Found {
    /// By the probe, which says this; and late.
    ByProbe(&'static str),
    /// By the probe, which says this, and only by it.
    ByProbeAlone(&'static str),
    /// When it is asked.
    Late,
}

const fn way(
    attack: &'static str,
    name: &'static str,
    add: fn(Router, &Canary) -> Router,
    ask: &'static str,
    found: Found,
) -> Way {
    Way {
        attack,
        name,
        add,
        ask,
        found,
    }
}

use Found::{ByProbe, ByProbeAlone, Late};

pub(super) const WAYS: &[Way] = &[
    way(
        "a01",
        "a route after `into_router`",
        |gated, canary| gated.route("/plain", get(secret(canary))),
        "GET /plain",
        ByProbe("`GET /plain` is decided by nothing, and answers 200"),
    ),
    way(
        "a01",
        "a router that is merged",
        |gated, canary| gated.merge(Router::new().route("/plain/{id}", post(secret(canary)))),
        "POST /plain/1",
        ByProbe("`POST /plain/gatepost-probe` is decided by nothing"),
    ),
    way(
        "a01",
        "a router that a gated one is merged into",
        |gated, canary| {
            Router::new()
                .route("/plain", delete(secret(canary)))
                .merge(gated)
        },
        "DELETE /plain",
        ByProbe("`DELETE /plain` is decided by nothing"),
    ),
    way(
        "a01",
        "a router that is nested",
        |gated, canary| gated.nest("/n/{m}", Router::new().route("/plain", get(secret(canary)))),
        "GET /n/1/plain",
        ByProbe("`GET /n/gatepost-probe/plain` is decided by nothing"),
    ),
    way(
        "a01",
        "a service that is nested",
        |gated, canary| {
            gated.nest_service("/s", Router::new().route("/plain", get(secret(canary))))
        },
        "GET /s/plain",
        ByProbe("`* /s` is a service of its own"),
    ),
    way(
        "a01",
        "a service on a route",
        |gated, canary| gated.route_service("/s", get(secret(canary))),
        "GET /s",
        ByProbe("`GET /s` is decided by nothing"),
    ),
    way(
        "a01",
        "a wildcard",
        |gated, canary| gated.route("/{*rest}", get(secret(canary))),
        "GET /orgs/acme",
        ByProbe("`GET /gatepost-probe` is decided by nothing"),
    ),
    way(
        "a01",
        "a route that shadows a gated one",
        |gated, canary| gated.route("/orgs/acme/chats", get(secret(canary))),
        "GET /orgs/acme/chats",
        ByProbe("`GET /orgs/acme/chats` is decided by nothing"),
    ),
    way(
        "a01",
        "a route behind layers",
        |gated, canary| {
            gated
                .layer(from_fn(pass))
                .route("/plain", get(secret(canary)))
        },
        "GET /plain",
        ByProbe("`GET /plain` is decided by nothing"),
    ),
    way(
        "a01",
        "a route behind a requirement that goes around the ones before it",
        |gated, canary| {
            let before = Router::new().route("/before", get(secret(canary)));
            let before = before.route_layer(require());
            gated.merge(before.route("/behind", get(secret(canary))))
        },
        "GET /behind",
        ByProbe("`GET /behind` is decided by nothing"),
    ),
    way(
        "a02",
        "a fallback",
        |gated, canary| gated.fallback(secret(canary)),
        "GET /nowhere",
        ByProbe("`GET /gatepost-probe` is decided by nothing"),
    ),
    way(
        "a02",
        "a fallback below a prefix",
        |gated, canary| gated.nest("/n", Router::new().fallback(secret(canary))),
        "POST /n/nowhere",
        ByProbe("`POST /n/gatepost-probe` is decided by nothing"),
    ),
    way(
        "a02",
        "a fallback for methods that a path has not",
        |gated, canary| gated.method_not_allowed_fallback(secret(canary)),
        "DELETE /orgs/acme/chats",
        ByProbe("`DELETE /orgs/gatepost-probe/chats` is decided by nothing"),
    ),
    way(
        "a02",
        "a whole router as the fallback",
        |gated, canary| gated.fallback_service(Router::new().route("/plain", get(secret(canary)))),
        "GET /plain",
        ByProbe("`GET /gatepost-probe` is decided by nothing, and answers 404"),
    ),
    way(
        "a02",
        "a fallback that looks something up, and else answers as axum does",
        |gated, canary| gated.fallback(looks_up("/plain", canary)),
        "GET /plain",
        ByProbe("`GET /gatepost-probe` is decided by nothing, and answers 404"),
    ),
    way(
        "a02",
        "the same below a prefix",
        |gated, canary| gated.nest("/n", Router::new().fallback(looks_up("/plain", canary))),
        "GET /n/plain",
        ByProbe("`GET /n/gatepost-probe` is decided by nothing, and answers 404"),
    ),
    way(
        "a02",
        "the same for methods that a path has not",
        |gated, canary| gated.method_not_allowed_fallback(looks_up("/orgs/acme/chats", canary)),
        "DELETE /orgs/acme/chats",
        ByProbe("`DELETE /orgs/gatepost-probe/chats` is decided by nothing, and answers 404"),
    ),
    way(
        "a02",
        "a fallback beside gated paths that have every segment",
        |_, canary| {
            let everywhere = gated()
                .get("/", SITE_WIDE, canary.handler("root"))
                .get("/{org}", READ, canary.handler("org"))
                .get(CHATS, READ, canary.handler("list"))
                .patch("/orgs/{org}/chats/{id}", UPDATE, canary.handler("update"))
                .public("/healthz", get(canary.handler("healthz")), "an example");
            everywhere.into_router().unwrap().fallback(secret(canary))
        },
        "GET /no/where",
        ByProbe("gatepost-probe/gatepost-probe` is decided by nothing, and answers 200"),
    ),
    way(
        "a03",
        "another method on a gated path that looks something up",
        |gated, canary| {
            gated.route(
                "/orgs/{org}/chats/{id}",
                delete(looks_up("/orgs/acme/chats/1", canary)),
            )
        },
        "DELETE /orgs/acme/chats/1",
        ByProbe(
            "`DELETE /orgs/gatepost-probe/chats/gatepost-probe` is decided by nothing, and answers 404",
        ),
    ),
    way(
        "a03",
        "a handler that answers 405 for what it does not find",
        |gated, canary| {
            let secret = secret(canary);
            let handler = move |request: Request| async move {
                match request.uri().path() {
                    "/orgs/acme/chats" => secret().await,
                    _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
                }
            };
            gated.route(CHATS, post(handler))
        },
        "POST /orgs/acme/chats",
        ByProbe("`POST /orgs/gatepost-probe/chats` is decided by nothing, and answers 405"),
    ),
    way(
        "a03",
        "a whole router as a method of a gated path",
        |gated, canary| {
            let inner = Router::new().route("/orgs/acme/chats", post(secret(canary)));
            gated.route(CHATS, post_service(inner))
        },
        "POST /orgs/acme/chats",
        ByProbe("`POST /orgs/gatepost-probe/chats` is decided by nothing, and answers 404"),
    ),
    way(
        "a03",
        "another method on a gated path",
        |gated, canary| gated.route(CHATS, post(secret(canary))),
        "POST /orgs/acme/chats",
        ByProbe("`POST /orgs/gatepost-probe/chats` is decided by nothing"),
    ),
    way(
        "a03",
        "every other method on a gated path",
        |gated, canary| gated.route(CHATS, any(secret(canary))),
        "QUERY /orgs/acme/chats",
        ByProbe("`PROBE /orgs/gatepost-probe/chats` is decided by nothing"),
    ),
    way(
        "a03",
        "a `HEAD` of its own on a gated path",
        |gated, canary| gated.route(CHATS, head(secret(canary))),
        "HEAD /orgs/acme/chats",
        ByProbe("`HEAD /orgs/gatepost-probe/chats` is decided by nothing"),
    ),
    way(
        "a03",
        "a method beside one that has its requirement on the wrong side",
        |gated, canary| {
            let beside = get(secret(canary)).layer(require());
            gated.route("/plain", beside.options(secret(canary)))
        },
        "OPTIONS /plain",
        ByProbe("`OPTIONS /plain` is decided by nothing"),
    ),
    way(
        "a03",
        "a fallback of a path's own beside a requirement",
        |gated, canary| {
            let beside = options(secret(canary)).route_layer(require());
            gated.route("/plain", beside.fallback(secret(canary)))
        },
        "GET /plain",
        ByProbe("`GET /plain` is decided by nothing"),
    ),
    way(
        "a13",
        "a handler that asks a public route and answers by itself",
        |gated, canary| {
            let (router, secret) = (gated.clone(), secret(canary));
            let dispatch = |request: Request| async move {
                let mut inner = crate::fixture::request("GET", "/healthz", "");
                *inner.extensions_mut() = request.extensions().clone();
                let _ = router.oneshot(inner).await;
                secret().await
            };
            gated.route("/plain", get(dispatch))
        },
        "GET /plain",
        ByProbeAlone("`GET /plain` is public, and is not in the inventory"),
    ),
    way(
        "a13",
        "a fallback that asks a gated route with the extensions that it has",
        |gated, canary| {
            let (router, secret) = (gated.clone(), secret(canary));
            let dispatch = |incoming: Request| async move {
                let mut inner = request("GET", "/orgs/acme/chats", "");
                *inner.extensions_mut() = incoming.extensions().clone();
                let _ = router.oneshot(inner).await;
                secret().await
            };
            gated.fallback(dispatch)
        },
        "GET /nowhere",
        ByProbe("`GET /gatepost-probe` requires `chat:read`, and is not in the inventory"),
    ),
    way(
        "a13",
        "a handler that asks a gated route with a request of its own",
        |gated, canary| {
            let (router, secret) = (gated.clone(), secret(canary));
            let dispatch = || async move {
                let _ = router.oneshot(request("GET", "/healthz", "")).await;
                secret().await
            };
            gated.route("/plain", get(dispatch))
        },
        "GET /plain",
        ByProbe("`GET /plain` is decided by nothing"),
    ),
    way(
        "a17",
        "a layer that answers for every route",
        |gated, canary| {
            let secret = secret(canary);
            gated.layer(from_fn(move |_: Request, _: Next| secret.clone()()))
        },
        "GET /orgs/acme/chats",
        ByProbe("`GET /orgs/{org}/chats` is in the inventory, and no request comes to it"),
    ),
    way(
        "a17",
        "a layer that answers for one value of a parameter",
        |gated, canary| {
            let secret = secret(canary);
            gated.layer(from_fn(move |request: Request, next: Next| {
                let secret = secret.clone();
                async move {
                    match request.uri().path() {
                        "/orgs/acme/chats" => secret().await,
                        _ => next.run(request).await,
                    }
                }
            }))
        },
        "GET /orgs/acme/chats",
        Late,
    ),
];

/// A handler that answers `secret` in all that an answer has.
fn secret(
    canary: &Canary,
) -> impl Fn() -> std::pin::Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static
{
    let canary = canary.clone();
    move || {
        let ran = canary.handler("secret");
        Box::pin(async move {
            let ran = axum::handler::Handler::<(), ()>::call(ran, Request::default(), ()).await;
            ([("x-secret", "secret")], ran).into_response()
        })
    }
}

/// A handler that has something on one path, and says of any other what axum would.
fn looks_up(
    path: &'static str,
    canary: &Canary,
) -> impl Fn(Request) -> std::pin::Pin<Box<dyn Future<Output = Response> + Send>>
+ Clone
+ Send
+ Sync
+ 'static {
    let secret = secret(canary);
    move |request: Request| {
        if request.uri().path() == path {
            secret()
        } else {
            Box::pin(async { StatusCode::NOT_FOUND.into_response() })
        }
    }
}

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// A requirement as a layer, which is put where it does not help.
fn require() -> RequireLayer {
    RequireLayer::new(&Enforcer::new(gate(), who), SITE_WIDE).unwrap()
}

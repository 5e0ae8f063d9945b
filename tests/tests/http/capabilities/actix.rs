//! The routes on actix-web.

use actix_http::Request;
use actix_web::App as Application;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::web::{self, ServiceConfig};
use actix_web::{Error, HttpResponse};
use gatepost::{Gate, ReportOnly};
use gatepost_actix::{Gated, Passage};

use super::axum::Anything;
use super::routes::{Ask, ROUTES};
use super::{App, CAPABILITIES, RESOURCES, Reply};
use crate::served::actix::{authenticate, who};

pub(super) struct InProcess<S>(S);

pub(super) async fn app(
    gate: Gate,
    report_only: Option<ReportOnly>,
) -> InProcess<impl Service<Request, Response = ServiceResponse, Error = Error>> {
    let gated = Gated::new(gate, who)
        .loader("chat", Anything)
        .loader("doc", Anything);
    let gated = report_only.iter().fold(gated, |gated, report_only| {
        let reported = RESOURCES.into_iter();
        reported.fold(gated, |gated, name| gated.report_only(name, *report_only))
    });
    let routes = gated.routes(mount).unwrap();
    let app = Application::new().wrap_fn(|request, service| {
        authenticate(&request);
        service.call(request)
    });
    InProcess(init_service(app.configure(&*routes)).await)
}

fn mount(app: &mut ServiceConfig, gate: &Gated) {
    let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    paths.dedup();
    for path in paths {
        let of_path = ROUTES.iter().filter(|route| route.path == path);
        app.service(of_path.fold(web::resource(path), |resource, route| {
            let method = if route.method == "GET" {
                Method::GET
            } else {
                Method::POST
            };
            resource.route(gate.on(method, route.requirement, async |_: Passage| {
                HttpResponse::Ok().body("ran")
            }))
        }));
    }
    app.service(gate.capabilities(CAPABILITIES));
    let probe = gate.resource("/healthz");
    app.service(probe.public(Method::GET, "probes have no identity", async || "ok"));
}

impl<S> App for InProcess<S>
where
    S: Service<Request, Response = ServiceResponse, Error = Error>,
{
    async fn send(&self, ask: Ask) -> Reply {
        let method = if ask.method == "GET" {
            Method::GET
        } else {
            Method::POST
        };
        let mut request = TestRequest::default().method(method).uri(&ask.target);
        request = request.insert_header(("authorization", format!("Bearer {}", ask.asker)));
        if let Some(org) = &ask.x_org {
            request = request.insert_header(("x-org", org.as_str()));
        }
        let request = request.set_payload(ask.body).to_request();
        let response = self.0.call(request).await.unwrap();
        Reply {
            status: response.status().as_u16(),
            body: read_body(response).await.to_vec(),
        }
    }
}

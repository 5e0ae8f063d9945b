//! A guard that chooses between siblings (A15): what it refused, no sibling takes over.

use actix_web::dev::Service;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use gatepost::{Gate, Org, Requirement};
use gatepost_actix::Gated;

use crate::served::actix::{authenticate, who};
use crate::served::{Canary, Ran};
use crate::service::{POLICY, facts};

const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));
const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const PATH: &str = "/orgs/{org}/chats";

async fn run(canary: web::Data<Canary>) -> HttpResponse {
    let running = canary.begin(Ran::public("ran"), None);
    HttpResponse::Ok().body(canary.end(running, Vec::new()))
}

#[tokio::test]
async fn a15_a_gated_sibling_does_not_take_over_what_a_guard_refused() {
    let canary = web::Data::new(Canary::default());
    let gated = Gated::new(Gate::fixed(facts(POLICY)), who);
    let routes = gated.routes(|app, gate| {
        let guarded = gate.get(UPDATE, run).guard(gate.guard(UPDATE).at(PATH));
        // Alice may read in globex, but the guard has refused her to update.
        let sibling = gate.get(READ, run);
        app.service(web::resource(PATH).route(guarded).route(sibling));
    });
    let routes = routes.unwrap();
    let app = App::new().app_data(canary.clone()).configure(&*routes);
    let app = app.wrap(gated.identify()).wrap_fn(|request, service| {
        authenticate(&request);
        service.call(request)
    });
    let app = init_service(app).await;
    for (org, who, status) in [
        ("acme", "alice", 200),
        ("globex", "alice", 403),
        ("acme", "mallory", 403),
        ("acme", "", 401),
    ] {
        let request = TestRequest::with_uri(&format!("/orgs/{org}/chats"));
        let request = match who {
            "" => request,
            who => request.insert_header(("authorization", format!("Bearer {who}"))),
        };
        let answer = app.call(request.to_request()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{who} in {org}");
        assert_eq!(
            canary.take().len(),
            usize::from(status == 200),
            "{who} in {org}"
        );
    }
}

//! What the service is, held against what was reviewed. `GATEPOST_ACCEPT=1` writes the files anew.

use actix_web::{App, test};
use chats::{Chats, Error};
use gatepost::{Gate, PolicyText};
use gatepost_actix::Gated;
use gatepost_actix::testing::{assert_decided, assert_matrix, assert_routes};

use crate::{routes, told};

const POLICY: &str = include_str!("../../axum-chats/policy.toml");

#[actix_web::test]
async fn the_routes_are_those_that_were_reviewed() -> Result<(), Error> {
    assert_routes(&told()?.routes, "routes.json");
    Ok(())
}

#[actix_web::test]
async fn who_may_do_what_is_what_was_reviewed() -> Result<(), Error> {
    let policy = PolicyText::toml(POLICY).parse()?;
    assert_matrix(&policy, &told()?.routes, "matrix.txt");
    Ok(())
}

#[actix_web::test]
async fn nothing_answers_that_nobody_decided() -> Result<(), Error> {
    let gate = Gate::fixed(PolicyText::toml(POLICY).compile(1)?);
    let (_, identity) = chats::unserved()?;
    let gated = Gated::new(gate, identity).loader("chat", Chats::default());
    let routes = gated.routes(routes::routes)?;
    let app = App::new().configure(&*routes).wrap(gated.only_decided());
    let app = test::init_service(app).await;
    assert_decided(&app, routes.inventory()).await;
    Ok(())
}

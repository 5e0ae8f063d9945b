//! What the service is, held against what was reviewed. `GATEPOST_ACCEPT=1` writes the files anew.

use chats::{Error, Policy, Runs};
use gatepost::PolicyText;
use gatepost_axum::testing::{assert_decided, assert_matrix, assert_routes};

use crate::routes;

const POLICY: &str = include_str!("../policy.toml");

#[test]
fn the_routes_are_those_that_were_reviewed() -> Result<(), Error> {
    assert_routes(&routes::told()?.routes, "routes.json");
    Ok(())
}

#[test]
fn who_may_do_what_is_what_was_reviewed() -> Result<(), Error> {
    let policy = PolicyText::toml(POLICY).parse()?;
    assert_matrix(&policy, &routes::told()?.routes, "matrix.txt");
    Ok(())
}

#[tokio::test]
async fn nothing_answers_that_nobody_decided() -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let runs = Runs::open(&folder.path().join("runs.db")).await?;
    let policy = Policy::fixed(PolicyText::toml(POLICY).compile(1)?);
    let (_, identity) = chats::unserved()?;
    let app = routes::service(&policy, identity, runs)?;
    assert_decided(app, &routes::told()?.routes).await;
    Ok(())
}

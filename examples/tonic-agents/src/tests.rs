//! What the service is, held against what was reviewed. `GATEPOST_ACCEPT=1` writes the file anew.

use chats::Error;
use gatepost_tonic::testing::assert_routes;

use crate::requirements;

#[test]
fn the_methods_are_those_that_were_reviewed() -> Result<(), Error> {
    assert_routes(&requirements::routes()?, "routes.json");
    Ok(())
}

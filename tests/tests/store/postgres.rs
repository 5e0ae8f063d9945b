//! Only on PostgreSQL: what may happen on the way there.

mod logins;
mod outage;
mod proxy;
mod secrets;
mod way;

use std::sync::Arc;

use gatepost_tests::postgres::Cluster;

use crate::place::Place;

/// The server of a place, and the name of its database.
fn server(place: &Place) -> (&Arc<Cluster>, &str) {
    match place {
        Place::Postgres(cluster, url) => (cluster, Cluster::database_of(url)),
        Place::Sqlite(_) => panic!("no server"),
    }
}

//! What is secret in an address is told nowhere.

use std::error::Error as _;

use gatepost_store::{PolicyStore, StoreUrl};

use super::server;
use crate::place::{Place, policy, run};
use crate::texts::kill;

const SECRET: &str = "hunter2";

#[test]
fn a_password_is_in_no_error_and_in_no_debug() {
    run(async {
        let place = Place::postgres();
        place.with(&policy()).await;
        let (cluster, database) = server(&place);
        let host = format!("127.0.0.1:{}", cluster.port());
        cluster.sql("postgres", "CREATE ROLE app LOGIN");
        for rest in [
            // Nobody listens there; there is no such host, database, role.
            format!("app:{SECRET}@127.0.0.1:1/{database}"),
            format!("app:{SECRET}@no.such.host.invalid/{database}"),
            format!("app:{SECRET}@{host}/none"),
            format!("nobody:{SECRET}@{host}/{database}"),
            format!("app:{SECRET}@{host}/{database}?sslmode=require"),
            format!("app:{SECRET}@{host}/{database}?password={SECRET}&nonsense=1"),
            format!("app:{SECRET}@{host}/{database}?channel_binding=require&password={SECRET}"),
            format!("app:{SECRET}/@{host}/{database}"),
            format!("app:{SECRET}@{host},:x/{database}"),
            // It may log in, and may not read.
            format!("app:{SECRET}@{host}/{database}"),
        ] {
            let url: StoreUrl = format!("postgres://{rest}").parse().unwrap();
            silent(&format!("{url} {url:?}"));
            let opened = PolicyStore::open(&url).await;
            // Trust asks for no password.
            let Err(error) = opened else {
                panic!("{url}");
            };
            silent(&format!(
                "{error} {error:?} {error:#?} {:?}",
                error.source()
            ));
            if let Err(error) = PolicyStore::init(&url).await {
                silent(&format!(
                    "{error} {error:?} {error:#?} {:?}",
                    error.source()
                ));
            }
        }
        let url = format!("postgres://gatepost:{SECRET}@{host}/{database}");
        let store = PolicyStore::open(&url.parse().unwrap()).await.unwrap();
        silent(&format!("{store:?} {:?}", store.url()));
        place.sql("DROP TABLE gatepost_effect");
        let error = store.write(&kill("chat")).await.unwrap_err();
        silent(&format!("{error} {error:?}"));
    });
}

fn silent(text: &str) {
    assert!(!text.contains(SECRET), "{text}");
}

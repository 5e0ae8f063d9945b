//! hint: no method named `route` found for struct `OnlyDecided<S>`
//! What lets nothing out that is not decided is no router: nothing is put behind it.

use axum::Router;
use axum::routing::get;

fn main() {
    let app = gatepost_axum::only_decided(Router::new());
    let app = app.route("/forgotten", get(async || "secret"));
    let _ = app;
}

//! The routes, each with what it requires; the requirements stand in the package `chats`.

use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use chats::{
    CAPABILITIES, CONSOLE, CREATE_CHAT, CREATE_CHAT_BY_BODY, CREATE_MY_CHAT, CREATE_SITE_CHAT,
    DELETE_CHAT, LIST_CHATS, READ_CHAT, RUN_AGENT, STREAM_CHAT, UPDATE_CHAT,
};
use gatepost_actix::Gated;
use gatepost_console::{Router, actix};

use crate::handlers::{
    add_tool_result, create, create_by_body, create_mine, create_site_wide, delete, document,
    health, list, promote, read, run_agent, stream,
};

/// The service, every route behind its requirement.
pub(crate) fn routes(app: &mut ServiceConfig, gate: &Gated) {
    let chats = gate.resource("/orgs/{org}/chats");
    app.service(chats.get(LIST_CHATS, list).post(CREATE_CHAT, create));
    let chat = gate.resource("/orgs/{org}/chats/{id}");
    app.service(chat.get(READ_CHAT, read).delete(DELETE_CHAT, delete));
    let events = gate.resource("/orgs/{org}/chats/{id}/stream");
    app.service(events.get(STREAM_CHAT, stream));
    let promotion = gate.resource("/orgs/{org}/chats/{id}/promote");
    app.service(promotion.post(UPDATE_CHAT, promote));
    let tool_results = gate.resource("/orgs/{org}/chats/{id}/tool-results");
    app.service(tool_results.post(UPDATE_CHAT, add_tool_result));
    let runs = gate.resource("/orgs/{org}/agents/{agent}/runs");
    app.service(runs.post(RUN_AGENT, run_agent));

    let by_body = gate.resource("/chats");
    app.service(by_body.post(CREATE_CHAT_BY_BODY, create_by_body));
    let mine = gate.resource("/me/chats");
    app.service(mine.post(CREATE_MY_CHAT, create_mine));
    let dashboard = gate.resource("/dashboard/chats");
    app.service(dashboard.post(CREATE_SITE_CHAT, create_site_wide));

    app.service(gate.capabilities(CAPABILITIES));
    let described = gate.resource("/openapi.json");
    let why = "it tells how to ask, and nothing that there is";
    app.service(described.public(Method::GET, why, document));
    let probe = gate.resource("/healthz");
    app.service(probe.public(Method::GET, "probes have no identity", health));
}

/// The console, where the policy is in a store.
pub(crate) fn console(app: &mut ServiceConfig, gate: &Gated, console: Option<&Router>) {
    let Some(console) = console else {
        return;
    };
    let why = "each route of the console has a requirement of its own";
    let scope = gate.public_scope(CONSOLE, why);
    app.service(scope.default_service(actix::route(console.clone())));
}

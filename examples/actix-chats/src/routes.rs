//! The routes, each with what it requires; the requirements stand in the package `chats`.

use actix_web::http::Method;
use actix_web::web::{ServiceConfig, resource, scope};
use chats::{
    CREATE_CHAT, CREATE_CHAT_BY_BODY, CREATE_MY_CHAT, CREATE_SITE_CHAT, DELETE_CHAT, LIST_CHATS,
    READ_CHAT, RUN_AGENT, UPDATE_CHAT,
};
use gatepost_actix::Gated;

use crate::handlers::{add_tool_result, create, delete, health, list, promote, read, run_agent};

/// The service, every route behind its requirement.
pub(crate) fn routes(app: &mut ServiceConfig, gate: &Gated) {
    let probe = gate.public(Method::GET, "probes have no identity", health);
    app.service(resource("/healthz").route(probe))
        .service(resource("/chats").route(gate.post(CREATE_CHAT_BY_BODY, create)))
        .service(resource("/me/chats").route(gate.post(CREATE_MY_CHAT, create)))
        .service(resource("/dashboard/chats").route(gate.post(CREATE_SITE_CHAT, create)))
        .service(
            resource("/orgs/{org}/chats")
                .route(gate.get(LIST_CHATS, list))
                .route(gate.post(CREATE_CHAT, create)),
        )
        .service(
            scope("/orgs/{org}/chats/{id}")
                .service(
                    resource("")
                        .route(gate.get(READ_CHAT, read))
                        .route(gate.delete(DELETE_CHAT, delete)),
                )
                .service(resource("/promote").route(gate.post(UPDATE_CHAT, promote)))
                .service(resource("/tool-results").route(gate.post(UPDATE_CHAT, add_tool_result))),
        )
        .service(
            resource("/orgs/{org}/agents/{agent}/runs").route(gate.post(RUN_AGENT, run_agent)),
        );
}

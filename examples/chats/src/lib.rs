//! What the example services share: all of a service but its web framework.
//!
//! `axum-chats` and `actix-chats` have the same routes, and each route has one of the requirements in
//! `requirements.rs`. Copy this package with the service that you copy.

mod cli;
mod console;
mod greeting;
mod mode;
mod policy;
mod requirements;
mod run;
mod runs;
mod secret;
mod store;
mod stream;
mod token;
mod told;

pub use cli::{QueueArgs, Start, asked_to_stop, health, log, main};
pub use console::{CONSOLE, console};
pub use mode::asked_of_a_run;
pub use policy::{Policy, PolicyArgs, Stored};
pub use requirements::{
    AGENTS, CREATE_CHAT, CREATE_CHAT_BY_BODY, CREATE_MY_CHAT, CREATE_SITE_CHAT, DELETE_CHAT,
    LIST_CHATS, READ_CHAT, RUN_AGENT, STREAM_CHAT, UPDATE_CHAT, resource_of,
};
pub use run::{NewRun, NotRun, Run};
pub use runs::{ListedRun, QUEUE, QueuedRun, Runs};
pub use secret::Secret;
pub use store::{Chat, Chats, NewChat, NewChatInOrg};
pub use token::{TokenArgs, identity};
pub use told::{CAPABILITIES, NotRead, RoutesArgs, Told, document, unserved};

pub use gatepost_enforce::jwt::Jwt;

/// What ends a service: told once, on its standard error.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

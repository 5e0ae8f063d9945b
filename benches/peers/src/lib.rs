//! Layers that decide whether a handler runs, on axum and on actix-web:
//! Gatepost's, other people's, and what one would write by hand.
//!
//! The same route everywhere, `POST /orgs/{org}/chats`, and a handler that
//! answers 201 with nothing. Who asks is in the request's extensions when it
//! arrives. Everybody is called in process and polled once: nothing here waits.

mod casbin;
pub mod contest;
pub mod duel;
pub mod engines;
pub mod on_actix;
pub mod on_axum;
pub mod scene;

//! What outlives its decision ends when its permit does (A69, A70, A71, A74, A88), on axum and tonic.

mod causes;
mod client;
mod gone;
mod grpc;
mod pipelined;
mod rig;
mod routes;
mod socket;
mod unread;
mod upload;

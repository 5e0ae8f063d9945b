//! What the tests share: a second implementation of the decision, and a way to
//! put one question to both and compare what they say.

#![allow(
    clippy::panic,
    reason = "a test states its assumptions by failing on them"
)]

pub mod apart;
pub mod data;
pub mod faults;
pub mod hand;
pub mod log;
pub mod oracle;
pub mod postgres;
pub mod question;
pub mod twin;
pub mod verdict;

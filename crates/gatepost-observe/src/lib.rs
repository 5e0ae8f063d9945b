//! What Gatepost decided, to be looked at.
//!
//! A [`LogRecord`] is one decision as the log has it.

mod record;

pub use record::{
    ActionRecord, ContextRecord, LogRecord, ResourceProperties, ResourceRecord, RouteRecord,
    SubjectProperties, SubjectRecord,
};

//! A decoded message, for the functions of a requirement that read one.

use gatepost::Denial;
use prost::Message;

/// Decodes the message in which a requirement looks for org, mode or object.
///
/// It is decoded as the service will decode it: unknown fields are skipped, and of a field that
/// is there twice the last one counts.
///
/// ```
/// use gatepost::{Denial, Mode, Org, Requirement};
/// use tonic_health::pb::HealthCheckRequest;
///
/// const CHECK: Requirement = Requirement::new("health", "read").org(Org::body(1024, org));
///
/// fn org(message: &[u8]) -> Result<Option<String>, Denial> {
///     let request: HealthCheckRequest = gatepost_tonic::message(message)?;
///     Ok(Some(request.service))
/// }
///
/// assert_eq!(org(b"\x0a\x04acme").unwrap().as_deref(), Some("acme"));
/// assert!(org(b"\x0a\x05acme").is_err());
/// # let _ = CHECK;
/// ```
///
/// # Errors
///
/// `bad_request` where the bytes are no such message.
pub fn message<M: Message + Default>(bytes: &[u8]) -> Result<M, Denial> {
    // What is wrong in it is not quoted: it is not ours.
    M::decode(bytes).map_err(|_| Denial::bad_request("the message cannot be decoded"))
}

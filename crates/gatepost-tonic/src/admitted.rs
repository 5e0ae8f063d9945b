//! What a method behind a requirement reads of its request.

use std::sync::Arc;

use gatepost::{Passage, Permit, ProblemDocument};
use gatepost_enforce::{Entity, Requires};
use http::Uri;
use tonic::{Request, Status};

use crate::status::status;

/// A request that came through its gate.
///
/// Who asks, in which org and in which mode, is read from the permit and nothing else: tonic merges the
/// trailers of a request into its metadata after the gate has read that.
///
/// ```
/// use gatepost_tonic::{Admitted, Mode};
/// use tonic::{Request, Response, Status};
///
/// async fn run(request: Request<String>) -> Result<Response<String>, Status> {
///     let permit = request.permit()?;
///     let input = request.into_inner();
///     match permit.mode() {
///         Some(Mode::Foreground) => Ok(Response::new(format!("{}: {input}", permit.subject()))),
///         _ => Ok(Response::new("queued".into())),
///     }
/// }
/// # let waiting = run(Request::new("never".into()));
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let std::task::Poll::Ready(Err(status)) = std::pin::pin!(waiting).poll(&mut context) else { panic!() };
/// # assert_eq!(status.code(), tonic::Code::Internal);
/// ```
pub trait Admitted {
    /// The proof that the request was allowed.
    ///
    /// # Errors
    ///
    /// `permit_missing`, INTERNAL, where the method has no requirement; an error is in the log.
    fn permit(&self) -> Result<Permit, Status>;

    /// What the request went on with: the permit, or where its requirement
    /// [only reports](gatepost::ReportOnly) what would have been answered. It is there behind every requirement.
    ///
    /// # Errors
    ///
    /// `permit_missing`, INTERNAL, where the method has no requirement; an error is in the log.
    fn passage(&self) -> Result<Passage, Status>;

    /// The proof that the request was allowed under this requirement.
    ///
    /// # Errors
    ///
    /// `permit_missing`, INTERNAL, where the method has another requirement or none; an error is in the log.
    fn permit_for<R: Requires>(&self) -> Result<Permit, Status>;

    /// The object that the request was decided on.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, with the bytes of a hidden denial, where there is none in the request's org;
    /// `permit_missing` where the method loads none, or another type.
    fn entity<E: Send + Sync + 'static>(&self) -> Result<Arc<E>, Status>;
}

impl<T> Admitted for Request<T> {
    fn permit(&self) -> Result<Permit, Status> {
        let permit = self.extensions().get::<Permit>().cloned();
        permit.ok_or_else(|| {
            let why = match self.extensions().get::<Passage>() {
                Some(_) => "the method only reports, and gives a passage",
                None => "the method has no requirement",
            };
            permit_missing(self, why)
        })
    }

    fn passage(&self) -> Result<Passage, Status> {
        let extensions = self.extensions();
        let permit = extensions.get::<Permit>().cloned().map(Passage::Permitted);
        let passage = permit.or_else(|| extensions.get::<Passage>().cloned());
        passage.ok_or_else(|| permit_missing(self, "the method has no requirement"))
    }

    fn permit_for<R: Requires>(&self) -> Result<Permit, Status> {
        let permit = self.permit()?;
        if permit.requirement().is_same(&R::REQUIREMENT) {
            Ok(permit)
        } else {
            Err(permit_missing(self, "the method has another requirement"))
        }
    }

    fn entity<E: Send + Sync + 'static>(&self) -> Result<Arc<E>, Status> {
        let Some(entity) = self.extensions().get::<Entity>() else {
            return Err(permit_missing(self, "the method loads no entity"));
        };
        match entity.get::<E>() {
            Some(Ok(entity)) => Ok(entity),
            Some(Err(not_there)) => Err(status(&ProblemDocument::not_found(not_there.decision()))),
            None => Err(permit_missing(
                self,
                "the method loads another type of entity",
            )),
        }
    }
}

/// The path of a call, in its extensions: tonic drops it before the method runs, and the log has to name it.
#[derive(Clone, Debug)]
pub(crate) struct Called(pub(crate) Uri);

fn permit_missing<T>(request: &Request<T>, why: &'static str) -> Status {
    let called = request.extensions().get::<Called>();
    let path = called.map_or("", |Called(uri)| uri.path());
    let denial = gatepost_enforce::permit_missing("POST", path, why);
    status(&denial.problem())
}

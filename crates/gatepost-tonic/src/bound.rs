//! A call that is bound to its permit: the method, the messages that it reads, and those that it sends.

use std::convert::Infallible;
use std::future::Future;

use gatepost::Language;
use gatepost_enforce::LastWord;
use gatepost_tower::{Binding, Ending};
use http::{HeaderMap, Response};
use http_body::Frame;
use tonic::Status;
use tonic::body::Body;

use crate::answer::denied;
use crate::status::status;

/// What binds a call.
pub(crate) struct Bound {
    pub(crate) binding: Binding,
    pub(crate) language: Language,
}

impl Bound {
    /// The messages of the client, as the method reads them: over, they end with the status.
    pub(crate) fn request(&self, body: Body) -> Body {
        let language = self.language;
        let ending = Ending::error(move |last_word| told(last_word, language).into());
        Body::new(self.binding.request(body, ending))
    }

    /// The method's answer, for as long as the permit holds; over, the call ends with the status.
    pub(crate) async fn answer(
        mut self,
        answering: impl Future<Output = Result<Response<Body>, Infallible>>,
    ) -> Result<Response<Body>, Infallible> {
        let language = self.language;
        let response = match self.binding.hold(answering).await {
            Ok(response) => response?,
            Err(last_word) => return Ok(denied((**last_word.denial()).clone(), language)),
        };
        let ending = Ending::frame(move |last_word| {
            let mut trailers = HeaderMap::new();
            // Every status of a refusal is one; should that ever fail, there is none, and the client has an error.
            let _ = told(last_word, language).add_header(&mut trailers);
            Frame::trailers(trailers)
        });
        Ok(response.map(|body| Body::new(self.binding.response(body, ending))))
    }
}

/// The status that the call would be refused with now.
fn told(last_word: &LastWord, language: Language) -> Status {
    status(&last_word.denial().problem_in(language))
}

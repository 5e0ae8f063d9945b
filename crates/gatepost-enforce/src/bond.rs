//! What lasts longer than its decision is bound to the permit: it ends when the permit does, with a last word.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use gatepost::{CodeClass, Denial, Language, Permit, RequestHead, Revoked};

use crate::answer::{Answer, Answers};
use crate::caught::caught;
use crate::event;
use crate::observe::Observer;
use crate::route::Route;

/// The bond between a permit and what goes on under it: a handler, a body, a socket.
///
/// Whoever is about to go on asks it first. It is polled by one task at a time, the last of which is woken.
#[derive(Debug)]
#[must_use = "nothing is bound by a bond that nobody polls"]
pub struct Bond {
    revoked: Revoked,
    permit: Permit,
    answers: Answers,
    language: Language,
    is_told: bool,
    observers: Vec<Arc<dyn Observer>>,
}

/// What is said last, where a permit was revoked: once, and nothing behind it.
#[derive(Clone, Debug)]
pub struct LastWord {
    denial: Arc<Denial>,
    answer: Answer,
}

impl Route {
    /// The bond of a request that was admitted, where the requirement [binds](gatepost::Requirement::bound) it.
    pub fn bond(&self, permit: &Permit, head: &impl RequestHead) -> Option<Bond> {
        let answers = self.enforcer().answers();
        let bind = || Bond {
            language: answers.language(head),
            answers: answers.clone(),
            observers: self.enforcer().observers().to_vec(),
            ..Bond::new(permit)
        };
        self.requirement().is_bound().then(bind)
    }
}

impl Bond {
    /// Binds something to a permit, whatever its requirement says.
    pub fn new(permit: &Permit) -> Self {
        Self {
            revoked: permit.revoked(),
            permit: permit.clone(),
            answers: Answers::default(),
            language: Language::ENGLISH,
            is_told: false,
            observers: Vec::new(),
        }
    }

    /// Another bond of the same permit, for what another task does. The log is told of a revocation by the
    /// first one alone.
    pub fn again(&self) -> Self {
        Self {
            revoked: self.permit.revoked(),
            permit: self.permit.clone(),
            answers: self.answers.clone(),
            language: self.language,
            is_told: true,
            observers: Vec::new(),
        }
    }

    /// The permit.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Whether to go on: ready while the permit holds; pending while that has to be found out, and nothing is
    /// read, sent or done meanwhile; ready with the last word once it does not.
    ///
    /// The task is woken whenever that changes.
    pub fn poll_holds(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LastWord>> {
        match self.revoked.poll_holds(context) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(denial)) => Poll::Ready(Err(self.last_word(denial))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn last_word(&mut self, denial: Denial) -> LastWord {
        if !std::mem::replace(&mut self.is_told, true) {
            event::revoked(&denial, &self.permit);
            for observer in &self.observers {
                // What it does changes nothing.
                drop(caught(|| observer.revoked(&self.permit, &denial)));
            }
        }
        LastWord {
            answer: self.answers.denied_in(&denial, self.language),
            denial: Arc::new(denial),
        }
    }
}

impl LastWord {
    /// Why.
    pub fn denial(&self) -> &Arc<Denial> {
        &self.denial
    }

    /// The answer that the request would get now, where none has begun yet.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The last event of a stream of server-sent events (HTML, 9.2.5): `denied`, with the answer's body as its
    /// data. An event that was begun before is ended first: where a handler sends events in parts, the client is
    /// given what there is of the last one.
    pub fn event(&self) -> Bytes {
        let mut event = b"\n\nevent: denied\n".to_vec();
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        for line in self.answer.body.split(is_end) {
            event.extend_from_slice(b"data: ");
            event.extend_from_slice(line);
            event.push(b'\n');
        }
        event.push(b'\n');
        event.into()
    }

    /// The close code of a WebSocket (RFC 6455, 7.4.1): 1008 where policy says no, 1013 where it may be asked again.
    pub fn close_code(&self) -> u16 {
        match self.denial.code().class() {
            CodeClass::Denial => 1008,
            CodeClass::Error => 1013,
        }
    }

    /// The reason in the close frame of a WebSocket: the code, and of a hidden denial that there is nothing.
    pub fn close_reason(&self) -> &'static str {
        if self.denial.is_hidden() {
            return "not_found";
        }
        self.denial.code().as_str()
    }
}

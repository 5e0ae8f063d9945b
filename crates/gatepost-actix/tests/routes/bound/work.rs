//! Handlers whose work lasts, and that tell how much of it goes on.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web::Payload;
use actix_web::{Error, Handler, HttpResponse, rt};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use gatepost_actix::Permit;

/// How much goes on, and what it met.
#[derive(Clone, Debug, Default)]
pub(super) struct Work(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    alive: AtomicUsize,
    received: AtomicUsize,
    broken: AtomicUsize,
    finished: AtomicUsize,
}

/// Goes on for as long as it lives.
pub(super) struct Alive(Arc<Counts>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Work {
    /// How many handlers, streams and tasks there are.
    pub(super) fn alive(&self) -> usize {
        self.0.alive.load(Ordering::SeqCst)
    }

    /// How many chunks or messages were received.
    pub(super) fn received(&self) -> usize {
        self.0.received.load(Ordering::SeqCst)
    }

    /// How much of what was received broke off, and how much ended.
    pub(super) fn ends(&self) -> (usize, usize) {
        let broken = self.0.broken.load(Ordering::SeqCst);
        (broken, self.0.finished.load(Ordering::SeqCst))
    }

    pub(super) fn begin(&self) -> Alive {
        self.0.alive.fetch_add(1, Ordering::SeqCst);
        Alive(self.0.clone())
    }

    /// Receives what comes, to its end.
    pub(super) async fn drain<T, E>(&self, mut what: impl Stream<Item = Result<T, E>> + Unpin) {
        let _alive = self.begin();
        while let Some(item) = what.next().await {
            if item.is_err() {
                self.0.broken.fetch_add(1, Ordering::SeqCst);
                return;
            }
            self.0.received.fetch_add(1, Ordering::SeqCst);
        }
        self.0.finished.fetch_add(1, Ordering::SeqCst);
    }

    /// An event every few milliseconds.
    fn ticks(&self) -> impl Stream<Item = Result<Bytes, Error>> + use<> {
        stream::unfold(self.begin(), |alive| async {
            rt::time::sleep(Duration::from_millis(5)).await;
            Some((Ok(Bytes::from_static(b"data: tick\n\n")), alive))
        })
    }

    /// More than anybody reads.
    fn blocks(&self) -> impl Stream<Item = Result<Bytes, Error>> + use<> {
        let alive = self.begin();
        stream::repeat_with(move || {
            let _still = &alive;
            Ok(Bytes::from_static(&[b'x'; 16 * 1024]))
        })
    }

    pub(super) fn events(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        self.answers(|work| {
            HttpResponse::Ok()
                .content_type("text/event-stream; charset=utf-8")
                .streaming(work.ticks())
        })
    }

    pub(super) fn text(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        self.answers(|work| HttpResponse::Ok().streaming(work.ticks()))
    }

    /// Events of a length that an event more does not keep to.
    pub(super) fn long(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        self.answers(|work| {
            HttpResponse::Ok()
                .content_type("text/event-stream")
                .no_chunking(1 << 20)
                .streaming(work.ticks())
        })
    }

    /// Events of an encoding among which no plain one can stand.
    pub(super) fn packed(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        self.answers(|work| {
            HttpResponse::Ok()
                .content_type("text/event-stream")
                .insert_header(("content-encoding", "br"))
                .streaming(work.ticks())
        })
    }

    pub(super) fn short(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        self.answers(|_| HttpResponse::Ok().body("short"))
    }

    pub(super) fn flood(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        self.answers(|work| {
            HttpResponse::Ok()
                .content_type("text/event-stream")
                .streaming(work.blocks())
        })
    }

    fn answers(
        &self,
        answer: fn(&Self) -> HttpResponse,
    ) -> impl Handler<(), Output = HttpResponse> + use<> {
        let work = self.clone();
        move || ready(answer(&work))
    }

    /// A long poll of which nothing ever comes.
    pub(super) fn waits(&self) -> impl Handler<(), Output = HttpResponse> + use<> {
        let work = self.clone();
        move || {
            let alive = work.begin();
            async move {
                let _alive = alive;
                pending().await
            }
        }
    }

    pub(super) fn upload(&self) -> impl Handler<(Payload,), Output = &'static str> + use<> {
        let work = self.clone();
        move |payload: Payload| {
            let work = work.clone();
            async move {
                work.drain(payload).await;
                "whole"
            }
        }
    }

    /// Receives its payload in a task of its own, when it is too late.
    pub(super) fn aside(&self) -> impl Handler<(Permit, Payload), Output = HttpResponse> + use<> {
        let work = self.clone();
        move |permit: Permit, payload: Payload| {
            let work = work.clone();
            async move {
                let (late, alive) = (permit.revoked(), work.begin());
                rt::spawn(async move {
                    let _alive = alive;
                    late.await;
                    work.drain(payload).await;
                });
                pending().await
            }
        }
    }
}

//! Connections: how many, for how long, and their end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::{Service, ServiceExt as _};

use super::peers::Peers;

/// Within which time the head of a request has to be there.
const HEAD: Duration = Duration::from_secs(10);
/// For how long what is being answered is waited for, once it is asked to end.
const GRACE: Duration = Duration::from_secs(10);
/// How many connections there are at once; others wait to be accepted.
const MOST: usize = 512;
/// How long nothing is accepted after a connection could not be.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until it is asked to end, and then ends what is being answered.
pub(super) async fn serve<S, B>(
    listener: TcpListener,
    app: S,
    asked_to_end: impl Future<Output = ()>,
) where
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: axum::body::HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MOST));
    let peers = Peers::default();
    let mut asked_to_end = std::pin::pin!(asked_to_end);
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = &mut asked_to_end => break,
            accepted = accepted => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // There are no more files, or the peer is gone already.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // It is told by the end of it alone: who has so many has one that is answered.
        let Some(counted) = peers.count(peer.ip()) else {
            continue;
        };
        let app = app.clone().map_request(move |request: hyper::Request<_>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let connection =
            server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // What goes wrong on a connection is its peer's to know.
            let _ = connection.await;
            drop((place, counted));
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// Ends when the process is asked to end; it listens for that from now on, and not only once it is awaited.
#[cfg(unix)]
pub(super) fn asked_to_end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = signal(SignalKind::interrupt());
    let terminated = signal(SignalKind::terminate());
    async move {
        let of = async |signal: std::io::Result<tokio::signal::unix::Signal>| match signal {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        };
        tokio::select! {
            () = of(interrupted) => {}
            () = of(terminated) => {}
        }
    }
}

/// Ends when the process is asked to end.
#[cfg(not(unix))]
pub(super) async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

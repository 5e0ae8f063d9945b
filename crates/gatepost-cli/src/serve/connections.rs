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

/// Within which time the head of a request has to be there.
const HEAD: Duration = Duration::from_secs(10);
/// For how long what is being answered is waited for, once it is asked to end.
const GRACE: Duration = Duration::from_secs(10);
/// How many connections there are at once; others wait to be accepted.
const MOST: usize = 512;
/// How long nothing is accepted after a connection could not be.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until the process is asked to end, and then ends what is being answered.
pub(super) async fn serve<S, B>(listener: TcpListener, app: S)
where
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
    let mut asked_to_end = std::pin::pin!(asked_to_end());
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
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// Waits until the process is asked to end.
async fn asked_to_end() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

//! HTTP/2 with prior knowledge: pseudo-headers as the row has them, and headers given twice.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::SendRequest;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use tokio::net::TcpStream;

use super::PIECE;
use crate::service::within;
use crate::table::row::Row;
use crate::wire::Reply;

#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<SendRequest<Bytes>>,
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    pub(super) fn hang_up(&mut self) {
        self.connection = None;
    }

    pub(super) async fn ask(&mut self, row: &Row, method: &str) -> Option<Reply> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(self.address).await,
        };
        let (reply, connection) = within("an answer", answer(connection, row, method))
            .await
            .ok()?;
        self.connection = Some(connection);
        Some(reply)
    }
}

async fn connect(address: SocketAddr) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    requests
}

async fn answer(
    connection: SendRequest<Bytes>,
    row: &Row,
    method: &str,
) -> Result<(Reply, SendRequest<Bytes>), h2::Error> {
    let mut connection = connection.ready().await?;
    let (answer, mut stream) = connection.send_request(request(row, method), row.body.is_none())?;
    if row.body.is_some() {
        let body = Bytes::from(row.body());
        let whole = body.len().max(1);
        let mut pieces = body
            .chunks(if row.chunked { PIECE } else { whole })
            .peekable();
        while let Some(piece) = pieces.next() {
            // Whoever is refused may be cut off before he has said everything.
            let _ = stream.send_data(body.slice_ref(piece), pieces.peek().is_none());
        }
        if body.is_empty() {
            let _ = stream.send_data(Bytes::new(), true);
        }
    }
    let (head, mut body) = answer.await?.into_parts();
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend(data);
    }
    let trailers = body.trailers().await?;
    let mut reply = reply(&Response::from_parts(head, ()), bytes);
    for (name, value) in trailers.iter().flatten() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        reply.headers.push((format!("trailer:{name}"), value));
    }
    Ok((reply, connection))
}

fn request(row: &Row, method: &str) -> Request<()> {
    let path = row.path.to_vec();
    let path = PathAndQuery::try_from(&*path).unwrap_or_else(|error| panic!("{row}: {error}"));
    let uri = Uri::builder().scheme("http").authority(&*row.host);
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
    *request.uri_mut() = uri.path_and_query(path).build().unwrap();
    *request.version_mut() = http::Version::HTTP_2;
    let headers = request.headers_mut();
    if let Some(token) = &row.token {
        let token = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        headers.append(http::header::AUTHORIZATION, token);
    }
    for (name, value) in &row.headers {
        let name = HeaderName::try_from(name).unwrap();
        headers.append(name, HeaderValue::try_from(value.to_vec()).unwrap());
    }
    if row.body.is_some() && !row.chunked {
        headers.append(http::header::CONTENT_LENGTH, row.body().len().into());
    }
    request
}

fn reply(head: &Response<()>, body: Vec<u8>) -> Reply {
    let headers = head.headers().iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Reply {
        status: head.status().as_u16(),
        headers: headers.collect(),
        body,
    }
}

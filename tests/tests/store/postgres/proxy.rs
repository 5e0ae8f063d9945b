//! A way to the server that can be cut at a statement.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is lost when the way is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The server gets the statement, and its answer is lost.
    Answer,
    /// The server does not get it.
    Statement,
}

/// A proxy on loopback that cuts a connection at the first statement with some text.
pub(crate) struct Proxy {
    port: u16,
    cut: Arc<Mutex<Option<(&'static str, Lost)>>>,
}

impl Proxy {
    pub(crate) fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(Mutex::new(None));
        let armed = Arc::clone(&cut);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    continue;
                };
                let armed = Arc::clone(&armed);
                let (from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || pass(from, to, |_| None));
                std::thread::spawn(move || pass(client, server, |bytes| find(&armed, bytes)));
            }
        });
        Self { port, cut }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn cut_at(&self, text: &'static str, lost: Lost) {
        *self.cut.lock().unwrap() = Some((text, lost));
    }

    /// Whether what it waited for has come.
    pub(crate) fn has_cut(&self) -> bool {
        self.cut.lock().unwrap().is_none()
    }
}

fn find(armed: &Mutex<Option<(&'static str, Lost)>>, bytes: &[u8]) -> Option<Lost> {
    let mut armed = armed.lock().unwrap();
    let (text, lost) = (*armed)?;
    let mut places = bytes.windows(text.len());
    if !places.any(|place| place == text.as_bytes()) {
        return None;
    }
    *armed = None;
    Some(lost)
}

fn pass(mut from: TcpStream, mut to: TcpStream, cut: impl Fn(&[u8]) -> Option<Lost>) {
    let mut bytes = vec![0; 65536];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let lost = cut(&bytes[..count]);
        if lost == Some(Lost::Answer) {
            // Nobody hears the answer, and the server does its work.
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.write_all(&bytes[..count]);
            std::thread::sleep(Duration::from_millis(300));
        }
        if lost.is_some() || to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

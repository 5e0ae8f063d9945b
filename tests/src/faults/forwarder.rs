//! An address that leads to a server, and later to another one.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Forwards connections, for as long as it is not dropped.
#[derive(Debug)]
pub struct Forwarder {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    target: Option<u16>,
    /// What a client says that has its connection cut.
    forbidden: Option<&'static str>,
    cut: usize,
    /// What a client says that is kept from the server for now.
    held: Option<&'static str>,
    waiting: usize,
    open: Vec<TcpStream>,
    ended: bool,
}

impl Forwarder {
    /// An address of its own, that leads to a port of this machine.
    ///
    /// # Panics
    ///
    /// If there is no address to be had.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|why| panic!("{why}"));
        let here = listener.local_addr().unwrap_or_else(|why| panic!("{why}"));
        let state = Arc::new(Mutex::new(State {
            target: Some(port),
            forbidden: None,
            cut: 0,
            held: None,
            waiting: 0,
            open: Vec::new(),
            ended: false,
        }));
        let of_thread = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let ended = held(&of_thread).ended;
                match client {
                    Ok(client) if !ended => forward(&of_thread, client),
                    _ => return,
                }
            }
        });
        Self {
            port: here.port(),
            state,
        }
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts every connection; those that come lead to another port, or nowhere.
    pub fn lead_to(&self, port: Option<u16>) {
        let mut state = held(&self.state);
        state.target = port;
        state.cut_all();
    }

    /// From here on a client that says this has its connection cut, before the server hears of it.
    pub fn forbid(&self, what: Option<&'static str>) {
        held(&self.state).forbidden = what;
    }

    /// From here on what a client says with this in it is kept from the server, until this is called again.
    pub fn hold(&self, what: Option<&'static str>) {
        held(&self.state).held = what;
    }

    /// How many clients are kept waiting.
    pub fn waiting(&self) -> usize {
        held(&self.state).waiting
    }

    /// How many connections were cut for what they said.
    pub fn cut(&self) -> usize {
        held(&self.state).cut
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        let mut state = held(&self.state);
        state.ended = true;
        state.cut_all();
        drop(state);
        // Wakes the thread that waits for clients.
        let _ = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port)));
    }
}

impl State {
    fn cut_all(&mut self) {
        for stream in self.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn held(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward(state: &Arc<Mutex<State>>, client: TcpStream) {
    let mut held = held(state);
    let Some(port) = held.target else { return };
    let Ok(server) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))) else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ends = [&client, &client, &server, &server].map(TcpStream::try_clone);
    let [
        Ok(client_open),
        Ok(client_reads),
        Ok(server_open),
        Ok(server_reads),
    ] = ends
    else {
        return;
    };
    held.open.extend([client_open, server_open]);
    drop(held);
    let of_thread = Arc::clone(state);
    std::thread::spawn(move || {
        pump(client_reads, server, |said| {
            let mut state = self::held(&of_thread);
            let forbidden = says(said, state.forbidden);
            state.cut += usize::from(forbidden);
            if says(said, state.held) {
                state.waiting += 1;
                while state.held.is_some() && !state.ended {
                    drop(state);
                    std::thread::sleep(Duration::from_millis(1));
                    state = self::held(&of_thread);
                }
                state.waiting -= 1;
            }
            !forbidden
        });
    });
    std::thread::spawn(move || pump(server_reads, client, |_| true));
}

fn says(said: &[u8], what: Option<&str>) -> bool {
    what.is_some_and(|what| said.windows(what.len()).any(|said| said == what.as_bytes()))
}

fn pump(mut from: TcpStream, mut to: TcpStream, passes: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1_024];
    loop {
        let said = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(length) => buffer.get(..length).unwrap_or_default(),
        };
        if !passes(said) || to.write_all(said).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

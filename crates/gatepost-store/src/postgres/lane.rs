//! A connection that is held open, and made again when it broke.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::{Client, Config, NoTls};

use super::error;
use crate::error::{StoreError, StoreErrorKind};

/// How long a connection may take, over all that the address names.
const CONNECT: Duration = Duration::from_secs(10);

/// One connection, for one transaction at a time.
///
/// It is taken out for each: one that is given up half-way is closed, and the server
/// rolls back what it was in.
#[derive(Default)]
pub(crate) struct Lane(Mutex<Option<Client>>);

impl Lane {
    pub(crate) fn of(client: Client) -> Self {
        Self(Mutex::new(Some(client)))
    }

    /// Waits for the transactions before.
    pub(crate) async fn enter(&self) -> Turn<'_> {
        Turn(self.0.lock().await)
    }
}

/// Whose turn it is with the connection.
pub(crate) struct Turn<'l>(MutexGuard<'l, Option<Client>>);

impl Turn<'_> {
    /// The connection that was held open, if it still stands.
    pub(crate) fn held(&mut self) -> Option<Client> {
        self.0.take().filter(|client| !client.is_closed())
    }

    /// Holds the connection open for the next.
    pub(crate) fn hold(&mut self, client: Client) {
        *self.0 = Some(client);
    }
}

/// Makes a connection.
pub(crate) async fn connect(place: &str, config: &Config) -> Result<Client, StoreError> {
    let connected = tokio::time::timeout(CONNECT, config.connect(NoTls)).await;
    let connected = connected.map_err(|_| {
        let why = format!("no connection was made within {CONNECT:?}");
        StoreError::new(StoreErrorKind::Unreachable, place, why)
    })?;
    let (client, connection) = connected.map_err(|why| error::of(place, &why))?;
    let told = place.to_owned();
    tokio::spawn(async move {
        if let Err(why) = connection.await {
            tracing::debug!(store = %told, error = %error::of(&told, &why), "a connection ended");
        }
    });
    Ok(client)
}

//! What others do to the same server: connections that hold locks, or that are simply there.

use gatepost_tests::postgres::{ACCOUNT, Cluster};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls};

/// A connection of somebody else's.
pub(crate) struct Other {
    runtime: Runtime,
    client: Client,
}

impl Other {
    /// Connects to a database.
    pub(crate) fn connect(cluster: &Cluster, database: &str) -> Result<Self, String> {
        Self::connect_as(cluster, database, ACCOUNT)
    }

    /// Connects as an account.
    pub(crate) fn connect_as(
        cluster: &Cluster,
        database: &str,
        account: &str,
    ) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(cluster.port())
            .user(account)
            .dbname(database);
        let connected = runtime.block_on(config.connect(NoTls));
        let (client, connection) = connected.map_err(|why| why.to_string())?;
        runtime.spawn(async move { drop(connection.await) });
        Ok(Self { runtime, client })
    }

    /// Runs statements.
    pub(crate) fn run(&self, sql: &str) {
        let ran = self.runtime.block_on(self.client.batch_execute(sql));
        ran.unwrap_or_else(|why| panic!("{sql}: {why}"));
    }
}

//! The bench itself: toggles, waits for the last replica, and tells the quantiles.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatepost::{PolicyText, SiteSwitch};
use gatepost_store::{Author, Change, Command, PolicyStore, StoreUrl};
use gatepost_tests::postgres::Cluster;
use tokio_postgres::NoTls;

use super::fleet::Fleet;
use super::{BARE_CHANNEL, POLICY, now};
use crate::options::Options;
use crate::table::{Row, Table};

/// Between two toggles, as hints are followed at most twenty times a second.
const PAUSE: Duration = Duration::from_millis(60);

/// Runs the bench.
///
/// # Errors
///
/// When a server, a store or a replica does not do what it is asked.
pub fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let mut table = Table::new("propagate", options);
    let toggles = options.pick(1_000, 4);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;

    // Twice as many connections as there are replicas: each has a bare one beside its own.
    let cluster =
        Cluster::start_with(&[("max_connections", "300"), ("track_commit_timestamp", "on")]);
    let url = cluster.url();
    let replicas = options.pick(64, 2);
    let times = runtime.block_on(times(&url, replicas, toggles))?;
    let case = format!("PostgreSQL, {replicas} replicas");
    table.quantiles(&format!("{case}: bare NOTIFY"), &times.bare, None);
    table.quantiles(
        &format!("{case}: since the commit"),
        &times.since_commit,
        Some(&times.bare),
    );
    table.quantiles(
        &format!("{case}: since the call"),
        &times.since_call,
        Some(&times.bare),
    );
    drop(cluster);

    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("policy.db").display());
    let replicas = options.pick(8, 2);
    let times = runtime.block_on(self::times(&url, replicas, toggles))?;
    let case = format!("SQLite, {replicas} processes");
    table.quantiles(
        &format!("{case}: since the commit"),
        &times.since_commit,
        None,
    );
    table.quantiles(&format!("{case}: since the call"), &times.since_call, None);

    table.finish()?;
    Ok(())
}

/// Nanoseconds to the last replica, a toggle each.
#[derive(Default)]
struct Times {
    since_call: Vec<f64>,
    since_commit: Vec<f64>,
    bare: Vec<f64>,
}

async fn times(url: &str, replicas: usize, toggles: u64) -> Result<Times, Box<dyn Error>> {
    let store: StoreUrl = url.parse()?;
    let author = Author::Operator {
        name: "bench".into(),
    };
    let document = PolicyText::toml(POLICY).parse()?;
    let store = PolicyStore::open_or_seed(&store, &document, author.clone(), "a bench").await?;
    let fleet = Fleet::start(url, replicas)?;
    let bare = if url.starts_with("postgres") {
        Some(connect(url).await?)
    } else {
        None
    };
    let mut times = Times::default();
    let mut arrivals = Vec::new();
    for number in 1..=toggles {
        for (to, answer) in [(SiteSwitch::Off, "deny"), (SiteSwitch::On, "allow")] {
            tokio::time::sleep(PAUSE).await;
            let command = Command::SiteSwitch {
                resource: "chat".into(),
                mode: None,
                to,
            };
            let change = Change::new(command, author.clone(), "a toggle");
            let called = now();
            let committed = store.write(&change).await?;
            let returned = now();
            let last = fleet.last(answer, committed.version)?;
            // Only what closes a gate is timed; what opens it may take its time.
            if to == SiteSwitch::Off {
                times.since_call.push(between(called, last));
                arrivals.push((committed.version, returned, last));
            }
        }
        if let Some(client) = &bare {
            tokio::time::sleep(PAUSE).await;
            let called = now();
            let notify = format!("NOTIFY {BARE_CHANNEL}, '{number}'");
            client.batch_execute(&notify).await?;
            times
                .bare
                .push(between(called, fleet.last("bare", number)?));
        }
    }
    let commits = match &bare {
        Some(client) => commits(client).await?,
        None => BTreeMap::new(),
    };
    for (version, returned, last) in arrivals {
        // SQLite has committed when the call returns, and tells nobody; a server goes on to notify.
        let committed = commits.get(&version).copied().unwrap_or(returned);
        times.since_commit.push(between(committed, last));
    }
    Ok(times)
}

/// When each version was committed, by the server, on the clock of the bench.
async fn commits(client: &tokio_postgres::Client) -> Result<BTreeMap<u64, u64>, Box<dyn Error>> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let ahead = u64::try_from(since_epoch.as_nanos())?.saturating_sub(now());
    let rows = client
        .query(
            "SELECT version, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint \
             FROM gatepost_change",
            &[],
        )
        .await?;
    let mut commits = BTreeMap::new();
    for row in rows {
        let (version, micros): (i64, i64) = (row.get(0), row.get(1));
        let moment = u64::try_from(micros)?.saturating_mul(1000);
        commits.insert(u64::try_from(version)?, moment.saturating_sub(ahead));
    }
    Ok(commits)
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Below nothing is nothing: the last replica may be done before the call returns.
#[allow(
    clippy::cast_precision_loss,
    reason = "a day has fewer nanoseconds than 2^52"
)]
fn between(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64
}

impl Table {
    /// Adds the median, the 99th percentile and the worst, each beside the baseline's.
    fn quantiles(&mut self, case: &str, times: &[f64], baseline: Option<&[f64]>) {
        for (name, share) in [("p50", 0.5), ("p99", 0.99), ("worst", 1.0)] {
            let value = quantile(times, share);
            self.push(Row {
                name: format!("{case}, {name}"),
                value: value / 1e6,
                unit: "ms",
                ratio: baseline.map(|baseline| value / quantile(baseline, share)),
                range: None,
            });
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share of a small count"
)]
fn quantile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

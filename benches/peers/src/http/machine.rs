//! What the machine tells of a process, and the program that asks it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::client::Who;
use crate::contest::Failure;
use crate::scene::SHORT;

/// Where the servers run, one at a time, and where whoever asks them does.
pub(super) const SERVER_CORE: u32 = 0;
pub(super) const CLIENT_CORE: u32 = 1;

/// So many connections ask at once.
const CONNECTIONS: &str = "16";

/// # Errors
///
/// Where it is not installed; says how to get it.
pub(super) fn has_wrk() -> Result<(), Failure> {
    let found = Command::new("wrk").arg("-v").stdout(Stdio::null()).status();
    found.map(drop).map_err(|_| {
        "`wrk` is not installed: it is the package `wrk` of Debian (apt-get install wrk)".into()
    })
}

/// Seconds of processor time that a process and the kernel for it have used.
pub(super) fn processor_time(process: u32) -> Result<f64, Failure> {
    let mut nanos = 0.0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let told = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanos += told
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .parse::<f64>()?;
    }
    Ok(nanos / 1e9)
}

/// How much of its processor time a process has spent in its own code, not in the kernel.
pub(super) fn own_share(process: u32) -> Result<f64, Failure> {
    let told = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<_> = told
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let field = |place: usize| -> Result<f64, Failure> {
        Ok(fields.get(place).ok_or("no times")?.parse()?)
    };
    let (own, kernel) = (field(11)?, field(12)?);
    Ok(own / (own + kernel).max(1.0))
}

/// Bytes of a process that are resident.
pub(super) fn resident(process: u32) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("no size")?;
    let kilobytes: f64 = line.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(kilobytes * 1024.0)
}

/// Has `wrk` ask a server for some seconds. Returns how many answers it got, all of them with that status.
pub(super) fn ask(
    port: u16,
    (name, value): &Who,
    seconds: u32,
    status: u16,
) -> Result<f64, Failure> {
    let output = Command::new("taskset")
        .args([
            "-c",
            &CLIENT_CORE.to_string(),
            "wrk",
            "-t1",
            "-c",
            CONNECTIONS,
        ])
        .arg(format!("-d{seconds}s"))
        .arg("-s")
        .arg(script()?)
        .arg("-H")
        .arg(format!("{name}: {value}"))
        .arg(format!("http://127.0.0.1:{port}/orgs/{}/chats", SHORT.org))
        .output()?;
    let told = String::from_utf8(output.stdout)?;
    let requests = told
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "));
    let requests = requests.ok_or_else(|| format!("wrk: {told}"))?.0.parse()?;
    let refused = told.contains("Non-2xx");
    if refused != (status >= 300) || told.contains("Socket errors") {
        return Err(format!("wrk was answered something else than {status}: {told}").into());
    }
    Ok(requests)
}

/// What makes `wrk` send a POST.
fn script() -> Result<PathBuf, Failure> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = PathBuf::from(target).join("bench");
    fs::create_dir_all(&folder)?;
    let path = folder.join("post.lua");
    fs::write(&path, "wrk.method = \"POST\"\n")?;
    Ok(path)
}

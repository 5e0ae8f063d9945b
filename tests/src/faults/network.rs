//! A network of the replicas' own, that can be broken.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::postgres::Cluster;

/// A network namespace, joined to the machine by one cable, removed when it is dropped.
#[derive(Debug)]
pub struct Network {
    name: String,
    cable: String,
    here: String,
}

impl Network {
    /// A network of its own.
    ///
    /// # Panics
    ///
    /// Where it takes privileges or programs that are not there: a run that could not break its
    /// network would show nothing.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let uid = std::fs::metadata("/proc/self").map(|process| process.uid());
        assert!(
            uid.is_ok_and(|uid| uid == 0),
            "network faults need root, for `ip netns` and `iptables`; run them as root, or leave \
             `faults::network` out by name"
        );
        for program in ["ip", "iptables"] {
            let there = Command::new(program).arg("-V").output();
            assert!(
                there.is_ok(),
                "network faults need `{program}`: install iproute2 and iptables"
            );
        }
        let number = std::process::id() % 15_000 * 4 + NEXT.fetch_add(1, Ordering::Relaxed) % 4;
        let name = format!("gatepost-{number}");
        let cable = format!("gp{number}");
        let (high, low) = (number >> 6, (number & 63) << 2);
        let net = format!("10.{}.{}", 180 + (high >> 8), high & 255);
        let (here, there) = (format!("{net}.{}", low + 1), format!("{net}.{}", low + 2));
        // Left behind by one that was killed.
        let _ = Command::new("ip").args(["netns", "delete", &name]).output();
        let network = Self { name, cable, here };
        let Self { name, cable, here } = &network;
        let far = format!("{cable}r");
        ip(&["netns", "add", name]);
        ip(&["link", "add", cable, "type", "veth", "peer", "name", &far]);
        ip(&["link", "set", &far, "netns", name]);
        ip(&["address", "add", &format!("{here}/30"), "dev", cable]);
        ip(&["link", "set", cable, "up"]);
        let inside = ["netns", "exec", name, "ip"];
        let there = format!("{there}/30");
        ip(&[&inside[..], &["address", "add", &there, "dev", &far]].concat());
        ip(&[&inside[..], &["link", "set", &far, "up"]].concat());
        ip(&[&inside[..], &["link", "set", "lo", "up"]].concat());
        network
    }

    /// What a program is run by, to be inside.
    pub fn by(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.name]
            .map(str::to_owned)
            .to_vec()
    }

    /// Lets a server be reached from inside; gives the URL of one of its databases, from there.
    ///
    /// The server has to listen on every address.
    ///
    /// # Panics
    ///
    /// If its files cannot be written.
    pub fn opened(&self, cluster: &Cluster, database: &str) -> String {
        let rules = cluster.data().join("pg_hba.conf");
        let said = std::fs::read_to_string(&rules).unwrap_or_else(|why| panic!("{why}"));
        let said = format!("{said}\nhost all all 10.0.0.0/8 trust\n");
        std::fs::write(&rules, said).unwrap_or_else(|why| panic!("{why}"));
        cluster.sql("postgres", "SELECT pg_reload_conf()");
        let (here, port) = (&self.here, cluster.port());
        format!(
            "postgres://{}@{here}:{port}/{database}",
            crate::postgres::ACCOUNT
        )
    }

    /// From here on every packet is lost, in both directions, and nobody is told.
    pub fn lose_everything(&self) {
        self.rule(&["-A", "INPUT", "-j", "DROP"]);
        self.rule(&["-A", "OUTPUT", "-j", "DROP"]);
    }

    /// From here on every connection is reset, and no other is made.
    pub fn reset_everything(&self) {
        let reset = ["-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"];
        self.rule(&[&["-A", "INPUT"][..], &reset].concat());
        self.rule(&[&["-A", "OUTPUT"][..], &reset].concat());
    }

    /// All is as it was.
    pub fn heal(&self) {
        self.rule(&["-F"]);
    }

    fn rule(&self, rule: &[&str]) {
        let inside = ["netns", "exec", &self.name, "iptables", "-w"];
        ip(&[&inside[..], rule].concat());
    }
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let ip = |arguments: &[&str]| drop(Command::new("ip").args(arguments).output());
        ip(&["link", "delete", &self.cable]);
        ip(&["netns", "delete", &self.name]);
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output();
    let output = output.unwrap_or_else(|why| panic!("ip {arguments:?}: {why}"));
    assert!(
        output.status.success(),
        "ip {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

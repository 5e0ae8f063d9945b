//! What the figures were measured on.

use std::fs;
use std::process::Command;
use std::thread;

/// Processor, cores, memory, system and compiler, as far as they are told.
pub(super) fn described() -> String {
    let processor = field("/proc/cpuinfo", "model name");
    let memory = field("/proc/meminfo", "MemTotal").and_then(|text| {
        let kibibytes: f64 = text.split_whitespace().next()?.parse().ok()?;
        Some(format!("{:.0} GiB of memory", kibibytes / 1024.0 / 1024.0))
    });
    let cores = thread::available_parallelism().map(|cores| format!("{cores} processors"));
    let told = [
        processor,
        cores.ok(),
        memory,
        said("uname", &["-sr"]),
        said("rustc", &["--version"]),
    ];
    let told: Vec<_> = told.into_iter().flatten().collect();
    format!("\n{}.\n\n", told.join(", "))
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

//! How a store, its history and its replicas are printed.

use std::io::Write;

use gatepost::PolicyDocument;
use gatepost_store::{ChangeRecord, Head, ReplicaRow};
use serde_json::json;

use super::Format;
use crate::fault::Fault;
use crate::listing::printable;

pub(super) fn document(
    document: &PolicyDocument,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), Fault> {
    let text = match format {
        Format::Toml => toml::to_string(document).map_err(std::io::Error::other)?,
        Format::Json => {
            let mut text = serde_json::to_string_pretty(document).map_err(std::io::Error::from)?;
            text.push('\n');
            text
        }
    };
    out.write_all(text.as_bytes())?;
    Ok(())
}

pub(super) fn history(
    changes: &[ChangeRecord],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Fault> {
    for change in changes {
        if json {
            serde_json::to_writer(&mut *out, &object(change)).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{change}")?;
        }
    }
    Ok(())
}

/// A change with its command and what it did as JSON, not as texts of JSON.
fn object(change: &ChangeRecord) -> serde_json::Value {
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let effects: Vec<_> = change
        .effects
        .iter()
        .map(|effect| {
            json!({
                "kind": effect.key.kind.as_str(),
                "a": effect.key.a,
                "b": effect.key.b,
                "before": effect.before.as_deref().map(read),
                "after": effect.after.as_deref().map(read),
            })
        })
        .collect();
    json!({
        "version": change.version,
        "at": change.at,
        "author": change.author,
        "authority": change.authority.as_str(),
        "acting_for": change.acting_for,
        "reason": change.reason,
        "command": read(&change.command),
        "sentence": change.sentence,
        "effects": effects,
    })
}

pub(super) fn status(
    head: &Head,
    replicas: &[ReplicaRow],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Fault> {
    if json {
        let rows: Vec<_> = replicas
            .iter()
            .map(|row| {
                json!({
                    "id": row.id,
                    "name": row.name,
                    "version": row.version,
                    "epoch": row.epoch,
                    "lease_ms": row.lease.as_millis(),
                    "heard_of_ms_ago": row.age.as_millis(),
                    "state": row.state,
                    "library": row.library,
                })
            })
            .collect();
        let whole = json!({
            "version": head.version,
            "epoch": head.epoch,
            "format": head.format,
            "lineage": head.lineage,
            "off": head.kills.to_string(),
            "replicas": rows,
        });
        serde_json::to_writer(&mut *out, &whole).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(out, "version {} of epoch {}", head.version, head.epoch)?;
    if !head.kills.is_empty() {
        writeln!(out, "switched off on the site: {}", head.kills)?;
    }
    if replicas.is_empty() {
        writeln!(out, "no replica")?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<24} {:>10} {:>8} {:>10}  state",
        "replica", "version", "lease", "heard of"
    )?;
    for row in replicas {
        let since = format!("{:.1} s ago", row.age.as_secs_f32());
        let lease = format!("{:.1} s", row.lease.as_secs_f32());
        let name = printable(&row.name);
        let how = printable(&row.state);
        writeln!(
            out,
            "{name:<24} {:>10} {lease:>8} {since:>10}  {how}",
            row.version
        )?;
    }
    Ok(())
}

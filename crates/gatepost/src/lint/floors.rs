//! The floors of the site's gates.

use super::model::{Gate, Model};
use super::{FindingKind, Findings};
use crate::policy::{KeyPath, PolicyDocument, SiteModeDocument};
use crate::vocabulary::{Mode, SiteSwitch};

/// `top_level` is the highest level that any membership has, where there is any.
pub(super) fn lint(
    document: &PolicyDocument,
    model: &Model<'_>,
    top_level: Option<i64>,
    findings: &mut Findings,
) {
    for (resource, written) in &document.site.gates {
        let path = || KeyPath::of(["site", "gates", resource]);
        let Some(gate) = model.gate(resource) else {
            continue;
        };
        let both = [
            (Mode::Foreground, &written.foreground),
            (Mode::Background, &written.background),
        ];
        for (mode, written) in both {
            let Some(written) = written else { continue };
            let path = path().key(mode.as_str());
            default_below_floor(gate, mode, &path, findings);
            if let Some(top) = top_level {
                unreached(gate, mode, written, top, &path, findings);
            }
        }
        background_below_foreground(gate, written.background.as_ref(), path(), findings);
    }
}

fn default_below_floor(gate: &Gate<'_>, mode: Mode, path: &KeyPath, findings: &mut Findings) {
    let (floor, default) = (gate.mode(mode).floor, gate.mode(mode).default);
    if default.level < floor.level {
        let message = format!(
            "`{}` is below the floor `{}`, which holds",
            default.role, floor.role
        );
        let path = path.clone().key("default");
        findings.add(FindingKind::BelowFloor, path, message);
    }
}

fn unreached(
    gate: &Gate<'_>,
    mode: Mode,
    written: &SiteModeDocument,
    top: i64,
    path: &KeyPath,
    findings: &mut Findings,
) {
    if [gate.switch, gate.mode(mode).switch].contains(&SiteSwitch::Off) {
        return;
    }
    let keys = [
        ("floor", gate.mode(mode).floor, written.floor.is_some()),
        (
            "default",
            gate.mode(mode).default,
            written.default.is_some(),
        ),
    ];
    // A default that nobody reaches says nothing new where nobody reaches the floor.
    let unreached = keys
        .into_iter()
        .find(|(_, floor, written)| *written && floor.level > top);
    if let Some((key, floor, _)) = unreached {
        let message = format!("no member of any org reaches `{}`", floor.role);
        let path = path.clone().key(key);
        findings.add(FindingKind::UnreachedFloor, path, message);
    }
}

fn background_below_foreground(
    gate: &Gate<'_>,
    written: Option<&SiteModeDocument>,
    path: KeyPath,
    findings: &mut Findings,
) {
    let (foreground, background) = (gate.mode(Mode::Foreground), gate.mode(Mode::Background));
    if [gate.switch, foreground.switch, background.switch].contains(&SiteSwitch::Off) {
        return;
    }
    let silent = [
        ("floor", foreground.floor, background.floor),
        (
            "default",
            foreground.floor.max(foreground.default),
            background.floor.max(background.default),
        ),
    ];
    let lower = silent
        .into_iter()
        .find(|(_, foreground, background)| background.level < foreground.level);
    let Some((key, foreground, background)) = lower else {
        return;
    };
    let message = format!(
        "`{}` may queue what only `{}` may wait for",
        background.role, foreground.role
    );
    let is_written = written.is_some_and(|written| match key {
        "floor" => written.floor.is_some(),
        _ => written.default.is_some(),
    });
    let path = match (written, is_written) {
        (None, _) => path,
        (Some(_), false) => path.key("background"),
        (Some(_), true) => path.key("background").key(key),
    };
    findings.add(FindingKind::BackgroundBelowForeground, path, message);
}

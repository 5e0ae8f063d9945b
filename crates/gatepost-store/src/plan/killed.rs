//! What the site has switched off, in words that stand in the head of every store.

use std::collections::BTreeSet;

use gatepost::{Mode, PolicyDocument, SiteGateDocument, SiteSwitch};

/// Each resource that the site has switched off and each mode that it has, separated by blanks:
/// `chat agent#background`. A resource without a gate is off.
pub(crate) fn killed_words(document: &PolicyDocument) -> String {
    let mut words: Vec<String> = Vec::new();
    // A gate whose resource is not declared is told as well: one fact that is missing hides no kill.
    let declared = document.resources.keys();
    let resources: BTreeSet<_> = declared.chain(document.site.gates.keys()).collect();
    for resource in resources {
        for mode in switched_off(document.site.gates.get(resource)) {
            words.push(match mode {
                None => resource.clone(),
                Some(mode) => format!("{resource}#{mode}"),
            });
        }
    }
    words.join(" ")
}

/// What a site's gate has off: `None` is the resource itself. A gate that is not there is off.
pub(crate) fn switched_off(
    gate: Option<&SiteGateDocument>,
) -> impl Iterator<Item = Option<Mode>> + use<'_> {
    let switch = gate.and_then(|gate| gate.switch);
    let resource = switch.is_none_or(|switch| switch == SiteSwitch::Off);
    let modes = Mode::ALL.iter().copied().filter(move |mode| {
        let of_mode = gate.and_then(|gate| match mode {
            Mode::Foreground => gate.foreground.as_ref(),
            Mode::Background => gate.background.as_ref(),
        });
        of_mode.and_then(|mode| mode.switch) == Some(SiteSwitch::Off)
    });
    resource.then_some(None).into_iter().chain(modes.map(Some))
}

//! What the site has switched off, in words that stand in the head of every store.

use std::collections::BTreeSet;

use gatepost::{Mode, PolicyDocument, SiteSwitch};

/// Each resource that the site has switched off and each mode that it has, separated by blanks:
/// `chat agent#background`. A resource without a gate is off.
pub(crate) fn killed_words(document: &PolicyDocument) -> String {
    let mut words: Vec<String> = Vec::new();
    // A gate whose resource is not declared is told as well: one fact that is missing hides no kill.
    let declared = document.resources.keys();
    let resources: BTreeSet<_> = declared.chain(document.site.gates.keys()).collect();
    for resource in resources {
        let gate = document.site.gates.get(resource);
        if gate.and_then(|gate| gate.switch).unwrap_or(SiteSwitch::Off) == SiteSwitch::Off {
            words.push(resource.clone());
        }
        for mode in Mode::ALL {
            let of_mode = gate.and_then(|gate| match mode {
                Mode::Foreground => gate.foreground.as_ref(),
                Mode::Background => gate.background.as_ref(),
            });
            if of_mode.and_then(|mode| mode.switch) == Some(SiteSwitch::Off) {
                words.push(format!("{resource}#{mode}"));
            }
        }
    }
    words.join(" ")
}

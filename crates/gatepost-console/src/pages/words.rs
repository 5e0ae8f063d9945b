//! How something stands, as a word with a sign and a colour: never by colour alone.

use gatepost::{Mode, SiteSwitch, Status};
use maud::{Markup, html};

use crate::views::SiteResourceView;

/// What a word means for whoever wants in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is open, or done.
    Yes,
    /// It is closed, or failed.
    No,
    /// It depends, or is waited for.
    Wait,
    /// It is a matter of what others say.
    Soft,
    /// Neither.
    Plain,
}

impl Tone {
    /// The class in the style sheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Yes => "state yes",
            Self::No => "state no",
            Self::Wait => "state wait",
            Self::Soft => "state soft",
            Self::Plain => "state",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Yes => "●",
            Self::No => "✕",
            Self::Wait | Self::Soft => "◐",
            Self::Plain => "○",
        }
    }
}

/// A word with its sign.
pub(crate) fn state(tone: Tone, word: &str) -> Markup {
    html! {
        span class=(tone.class()) { span aria-hidden="true" { (tone.sign()) } bdi { (word) } }
    }
}

/// The site's switch.
pub(crate) fn site_switch(switch: SiteSwitch) -> Markup {
    let tone = match switch {
        SiteSwitch::On => Tone::Yes,
        SiteSwitch::Off => Tone::No,
        SiteSwitch::OptIn | SiteSwitch::OptOut => Tone::Soft,
    };
    state(tone, switch.as_str())
}

/// What the site's switch means, in words.
pub(crate) const fn site_switch_means(switch: SiteSwitch) -> &'static str {
    match switch {
        SiteSwitch::On => "on in every org; orgs have no say",
        SiteSwitch::OptOut => "on, but in orgs that say off",
        SiteSwitch::OptIn => "off, but in orgs that say on",
        SiteSwitch::Off => "off for everyone, site admins included",
    }
}

/// What a gate governs, where that is not every action of its resource.
#[derive(Clone, Debug)]
pub(crate) struct Governed {
    governs: String,
    is_one: bool,
    goes_on: Option<String>,
}

impl Governed {
    /// By the site's gate of a resource; none where it governs every action.
    pub(crate) fn by(gate: &SiteResourceView) -> Option<Self> {
        let governs = gate.governs.as_ref()?;
        let others = gate.actions.iter().filter(|one| !governs.contains(one));
        let others: Vec<&str> = others.map(String::as_str).collect();
        let goes_on = match &*others {
            [] => None,
            [one] => Some(format!("{one} goes on")),
            _ => Some(format!("{} go on", others.join(", "))),
        };
        Some(Self {
            is_one: governs.len() == 1,
            governs: governs.join(", "),
            goes_on,
        })
    }

    /// For the head of the gate.
    pub(crate) fn told(&self) -> String {
        let Self { governs, .. } = self;
        match &self.goes_on {
            Some(goes_on) => format!("governs {governs}; {goes_on}"),
            None => format!("governs {governs}"),
        }
    }

    /// What is closed with it: `create, update are`.
    pub(crate) fn closed(&self) -> String {
        format!(
            "{} {}",
            self.governs,
            if self.is_one { "is" } else { "are" }
        )
    }

    /// What is not.
    pub(crate) fn goes_on(&self) -> Option<&str> {
        self.goes_on.as_deref()
    }
}

/// Whether a subject or org takes part.
pub(crate) fn status(status: Status) -> Markup {
    match status {
        Status::Active => state(Tone::Yes, "active"),
        Status::Suspended => state(Tone::No, "suspended"),
    }
}

/// What a mode is, where it is chosen.
pub(crate) const fn mode_means(mode: Mode) -> &'static str {
    match mode {
        Mode::Foreground => "the caller waits",
        Mode::Background => "queued or detached, costs compute",
    }
}

/// A number with its noun: `1 member`, `2 members`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// A number with thin spaces between its thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_by_thousands() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1\u{202f}000"),
            (1_234_567, "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "member", "members"), "1 member");
        assert_eq!(counted(0, "member", "members"), "0 members");
    }

    #[test]
    fn how_something_stands_is_never_said_by_colour_alone() {
        for tone in [Tone::Yes, Tone::No, Tone::Wait, Tone::Soft, Tone::Plain] {
            let shown = state(tone, "word").into_string();
            assert!(
                shown.contains("word") && shown.contains(tone.sign()),
                "{shown}"
            );
        }
    }
}

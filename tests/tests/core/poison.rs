//! Policy texts that nobody wrote on purpose (A59): whatever they are, they are read or refused, never a panic.

use std::panic::catch_unwind;

use gatepost::PolicyText;
use gatepost_tests::data;

/// Bent in one place; the places are spread over the whole text.
const PLACES: usize = 160;

/// What is put in, or instead of a byte.
const WEDGES: &[&str] = &[
    "",
    "\0",
    "\u{feff}",
    "\"",
    "'''",
    "[",
    "]]",
    "{",
    "= nan",
    "1e999",
    "null",
    "\n[orgs.acme]\n",
    "\nlevel = -9223372036854775808\n",
    "🦀",
];

fn read(text: &str) -> bool {
    let compiled = catch_unwind(|| PolicyText::toml(text).compile(1).is_ok());
    compiled.unwrap_or_else(|_| panic!("a panic, not a refusal: {text}"))
}

#[test]
fn a59_a_bent_policy_is_read_or_refused() {
    let policy = data::text("requests/policy.toml");
    assert!(read(&policy));
    let (mut good, mut bad) = (0, 0);
    for place in 0..PLACES {
        let at = policy.floor_char_boundary(policy.len() * place / PLACES);
        let (before, behind) = policy.split_at(at);
        let rest = behind
            .chars()
            .next()
            .map_or("", |first| &behind[first.len_utf8()..]);
        let wedge = WEDGES[place % WEDGES.len()];
        for text in [
            before.to_owned(),
            behind.to_owned(),
            format!("{before}{wedge}{behind}"),
            format!("{before}{wedge}{rest}"),
        ] {
            if read(&text) {
                good += 1;
            } else {
                bad += 1;
            }
        }
    }
    assert!(good > 20 && bad > 200, "{good} read, {bad} refused");
}

#[test]
fn a59_a_policy_past_all_measure_is_read_or_refused() {
    let deep = "a = ".to_owned() + &"[".repeat(20_000) + &"]".repeat(20_000);
    let nested = "[".to_owned() + &"a.".repeat(20_000) + "a]\n";
    let wide = format!(
        "version = 1\n[resources]\n{}",
        (0..20_000).fold(String::new(), |text, number| text
            + &format!("r{number} = [\"read\"]\n"),)
    );
    let twice = "version = 1\nversion = 1\n".to_owned();
    for text in [deep, nested, twice] {
        assert!(!read(&text));
    }
    assert!(read(&wide));
}

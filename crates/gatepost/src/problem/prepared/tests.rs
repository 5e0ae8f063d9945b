use std::borrow::Cow;

use ecow::EcoString;

use super::*;
use crate::id::OrgId;
use crate::problem::Who;
use crate::texts::Words;

const RESOURCES: [&str; 2] = ["chat", "agent-planner"];

/// English with every place in every text, and what has to be escaped.
const AWKWARD: Language = Language {
    tag: "x-awkward",
    what: "the \"thing\"",
    how: "some\\how",
    words: |code| Words {
        title: "Tit\"le\\ \n\u{1}\u{7f}ü",
        detail: "{what} {how} \"{what}\" \u{1f6aa}\t.",
        remedy: Who::can_change(code).map(|_| "do {what}, \"{how}\""),
    },
};

fn prepared() -> PreparedProblems {
    let catalogue = Catalogue::shipped().with(AWKWARD);
    PreparedProblems::new(RESOURCES, "create", &catalogue)
}

/// Texts with what JSON escapes, with what it does not, and of every length up to an id's.
fn text(random: &mut fastrand::Rng) -> String {
    let parts = [
        "a",
        "acme",
        "\"",
        "\\",
        "/",
        "\u{0}",
        "\n",
        "\t",
        "\u{1f}",
        "\u{7f}",
        "\u{85}",
        "ä",
        "\u{2028}",
        "\u{1f6aa}",
        "<",
        "'",
        " ",
    ];
    let length = random.usize(..40);
    (0..length)
        .map(|_| parts[random.usize(..parts.len())])
        .collect()
}

fn id(random: &mut fastrand::Rng) -> Option<OrgId> {
    OrgId::new(text(random)).ok()
}

fn denial(random: &mut fastrand::Rng) -> Denial {
    let modes = [None, Some(Mode::Foreground), Some(Mode::Background)];
    let whose = [None, Some(Whose::Subject), Some(Whose::ActingFor)];
    let resources = [None, Some("chat"), Some("agent-planner"), Some("agent")];
    let actions = [
        None,
        Some("create"),
        Some("create"),
        Some("create"),
        Some("read"),
    ];
    let denial = Denial {
        resource: resources[random.usize(..resources.len())],
        action: actions[random.usize(..actions.len())],
        mode: modes[random.usize(..modes.len())],
        org: random.bool().then(|| id(random)).flatten(),
        whose: whose[random.usize(..whose.len())],
        required_role: random.bool().then(|| EcoString::from(text(random))),
        reason: (random.u8(..4) == 0).then(|| Cow::Owned(text(random))),
        ..Denial::new(Code::ALL[random.usize(..Code::ALL.len())])
    };
    let hidden = random.u8(..8) == 0;
    denial.hidden(hidden)
}

#[test]
fn what_is_put_together_has_the_bytes_of_the_document_whatever_is_denied() {
    let prepared = prepared();
    let random = &mut fastrand::Rng::with_seed(8);
    for _ in 0..20_000 {
        let denial = denial(random);
        let languages = [Language::ENGLISH, Language::GERMAN, AWKWARD];
        let language = languages[random.usize(..languages.len())];
        let want = denial.problem_in(language).to_json();
        let got = prepared.to_json(&denial, language);
        assert_eq!(
            String::from_utf8_lossy(&got),
            String::from_utf8_lossy(&want),
            "{denial:?}"
        );
    }
}

#[test]
fn every_kind_is_its_own_and_the_same_at_the_second_time() {
    let prepared = prepared();
    for _ in 0..2 {
        for code in Code::ALL {
            for resource in RESOURCES {
                for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                    for language in [Language::ENGLISH, Language::GERMAN] {
                        let denial = Denial {
                            mode,
                            ..Denial::new(*code).asked(resource, "create")
                        };
                        assert!(prepared.row(&denial, language).is_some());
                        let want = denial.problem_in(language).to_json();
                        assert_eq!(prepared.to_json(&denial, language), want, "{denial:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_of_one_denial_is_in_the_next() {
    let prepared = prepared();
    let plain = Denial::new(Code::BadRequest).asked("chat", "create");
    let first = Denial {
        org: OrgId::new("acme").ok(),
        whose: Some(Whose::ActingFor),
        required_role: Some("developer".into()),
        reason: Some("a reason".into()),
        ..plain.clone()
    };
    // The one by which the parts are made.
    let bytes = prepared.to_json(&first, Language::ENGLISH);
    assert_eq!(bytes, first.problem().to_json());
    assert_eq!(
        prepared.to_json(&plain, Language::ENGLISH),
        plain.problem().to_json()
    );
}

#[test]
fn what_ids_a_stranger_chooses_is_kept_nowhere() {
    let prepared = prepared();
    let kept = |prepared: &PreparedProblems| {
        let kinds = prepared.rows.iter().filter_map(|row| row.kinds.get());
        kinds.flatten().filter(|kind| kind.get().is_some()).count()
    };
    let random = &mut fastrand::Rng::with_seed(9);
    for _ in 0..1_000 {
        let denial = Denial {
            org: id(random),
            required_role: Some(text(random).into()),
            ..Denial::new(Code::OrgOff).asked("chat", "create")
        };
        prepared.to_json(&denial, Language::ENGLISH);
    }
    assert_eq!(kept(&prepared), 1);
}

#[test]
fn words_that_are_not_of_the_catalogue_are_said_and_not_kept() {
    fn ours(code: Code) -> Words {
        Words {
            title: "Ours",
            ..(Language::ENGLISH.words)(code)
        }
    }
    let prepared = prepared();
    let ours = Language {
        words: ours,
        ..Language::ENGLISH
    };
    let denial = Denial::new(Code::OrgOff).asked("chat", "create");
    assert!(prepared.row(&denial, ours).is_none());
    assert_eq!(
        prepared.to_json(&denial, ours),
        denial.problem_in(ours).to_json()
    );
}

#[test]
fn a_body_has_room_for_itself_and_no_more() {
    let prepared = prepared();
    let denial = Denial {
        org: OrgId::new("acme").ok(),
        required_role: Some("developer".into()),
        ..Denial::new(Code::ModeFloor).asked("chat", "create")
    };
    let denials = [
        denial.clone(),
        Denial {
            reason: Some("why".into()),
            ..denial.clone()
        },
        denial.hidden(true),
    ];
    for denial in denials {
        let body = prepared.to_json(&denial, Language::ENGLISH);
        assert_eq!(body.capacity(), body.len(), "{denial:?}");
    }
}

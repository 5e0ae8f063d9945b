//! Whether an answer is the one that a row expects.

use serde_json::{Map, Value};

use super::routes;
use super::row::{Expect, Row};
use crate::served::Run;
use crate::wire::{Reply, TABLE};

/// The headers that every adapter gives a refusal alike, and a handler's answer as far as it has them.
const COMPARED: &[&str] = &[
    "content-type",
    "cache-control",
    "www-authenticate",
    "retry-after",
    "vary",
    "content-language",
    "content-length",
];

/// What is wrong with an answer; nothing where it is as expected.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<String>);

impl Faults {
    /// The answer and the runs of handlers, against what is expected of a row.
    pub(crate) fn of(row: &Row, expect: &Expect, reply: &Reply, runs: &[Run]) -> Self {
        let mut faults = Self::default();
        faults.equal("status", &reply.status, &expect.status);
        faults.runs(row, expect, runs);
        if let Some(ran) = &expect.ran {
            faults.equal("body", &text(&reply.body), &text(&ran.to_json()));
        }
        if let Some(body) = &expect.body {
            faults.equal("body", &text(&reply.body), body);
        }
        if expect.code.is_some() || expect.hidden {
            faults.refusal(expect, reply);
        } else if reply.header("content-type") == Some("application/problem+json") {
            faults.add(format!("is a decision: {}", text(&reply.body)));
        }
        faults
    }

    fn runs(&mut self, row: &Row, expect: &Expect, runs: &[Run]) {
        let ran: Vec<_> = runs.iter().map(|run| &run.ran).collect();
        let expected: Vec<_> = expect.ran.iter().collect();
        self.equal("ran", &ran, &expected);
        for run in runs {
            self.equal(
                "body that the handler got",
                &text(&run.body),
                &text(&row.body()),
            );
            let in_path = run.path_org.as_deref();
            let has_one = routes::all()
                .iter()
                .any(|route| route.name == run.ran.route && route.path.contains("{org}"));
            self.equal(
                "org that the handler sees in the path",
                &in_path,
                &run.ran.org().filter(|_| has_one),
            );
        }
    }

    fn refusal(&mut self, expect: &Expect, reply: &Reply) {
        let header = |name| reply.header(name);
        self.equal(
            "content-type",
            &header("content-type"),
            &Some("application/problem+json"),
        );
        self.equal("cache-control", &header("cache-control"), &Some("no-store"));
        let length = reply.body.len().to_string();
        self.equal("content-length", &header("content-length"), &Some(&*length));
        self.equal(
            "has www-authenticate",
            &header("www-authenticate").is_some(),
            &(expect.status == 401),
        );
        self.equal(
            "has retry-after",
            &header("retry-after").is_some(),
            &(expect.status == 503),
        );
        self.equal("vary", &header("vary"), &Some("*"));
        if let Some(language) = &expect.language {
            self.equal(
                "content-language",
                &header("content-language"),
                &Some(language),
            );
        }
        let Ok(problem) = serde_json::from_slice::<Map<String, Value>>(&reply.body) else {
            return self.add(format!("no problem document: {}", text(&reply.body)));
        };
        let decision = problem.get("decision").and_then(Value::as_str);
        self.equal(
            "length of the decision's id",
            &decision.map(str::len),
            &Some(16),
        );
        if let Some(code) = &expect.code {
            return self.problem(code, expect, &problem);
        }
        let title = problem.get("title").and_then(Value::as_str);
        let title = title.filter(|_| expect.language.as_deref() == Some("de"));
        let hidden = HIDDEN.replace("Not Found", title.unwrap_or("Not Found"));
        self.equal("hidden body", &text(&reply.normalised().body), &hidden);
    }

    fn problem(&mut self, code: &str, expect: &Expect, problem: &Map<String, Value>) {
        let tier = TABLE.iter().find(|row| row.0 == code).and_then(|row| row.2);
        let link = format!("https://gatepost.dev/codes/{code}");
        let always: [(&str, Value); 4] = [
            ("code", code.into()),
            ("status", expect.status.into()),
            ("tier", tier.map_or(Value::Null, Value::from)),
            ("type", link.into()),
        ];
        let always = always.iter().map(|(name, value)| (*name, value));
        let of_row = expect.problem.iter().map(|(name, value)| (&**name, value));
        for (name, value) in always.chain(of_row) {
            let given = problem.get(name).unwrap_or(&Value::Null);
            self.equal(name, given, value);
        }
        for name in ["title", "detail"] {
            let given = problem.get(name).and_then(Value::as_str);
            self.equal(name, &given.is_some_and(|text| !text.is_empty()), &true);
        }
    }

    pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, is: &T, must: &T) {
        if is != must {
            self.add(format!("{what}: is {is:?}, must be {must:?}"));
        }
    }

    fn add(&mut self, fault: String) {
        self.0.push(fault);
    }
}

/// What a missing object gets, the decision made alike.
const HIDDEN: &str =
    r#"{"type":"about:blank","title":"Not Found","status":404,"decision":"0000000000000000"}"#;

/// What must be the same of every adapter's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alike {
    status: u16,
    headers: Vec<(&'static str, Option<String>)>,
    body: String,
}

impl Alike {
    pub(crate) fn of(reply: &Reply) -> Self {
        let reply = reply.normalised();
        // What a framework's own router answers has the headers that the framework likes.
        let is_own = !reply.headers.iter().any(|(name, _)| name == "content-type");
        let compared = if is_own { &[] } else { COMPARED };
        let headers = compared.iter().map(|name| {
            let value = reply.header(name).map(str::to_owned);
            (*name, value)
        });
        Self {
            status: reply.status,
            headers: headers.collect(),
            body: text(&reply.body),
        }
    }

    /// The same without the body: what an answer to `HEAD` has.
    pub(crate) fn head(self) -> Self {
        Self {
            body: String::new(),
            ..self
        }
    }
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.char_indices().nth(600) {
        Some((end, _)) => format!("{}.. ({} bytes)", &text[..end], bytes.len()),
        None => text.into_owned(),
    }
}

//! Forms that ask for a change: from fields to a command of the store, and the fields themselves.

use std::collections::BTreeMap;

use gatepost_store::Command;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::frame::Looker;
use crate::base::query_value;

/// What a form of the console has in it, field by field.
pub(crate) type Fields = BTreeMap<String, String>;

/// Fields that are about the form, and no part of the command.
const OF_THE_FORM: [&str; 3] = ["csrf", "version", "reason"];

/// The fields whose value is a list of words.
const LISTS: [&str; 3] = ["grants", "include", "actions"];

/// Reads the command that a form asks for.
///
/// A field without a value is one that was not given: in a form, that is how nothing is said.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(crate) fn command(fields: &Fields) -> Result<Command, String> {
    let mut asked = Map::new();
    for (name, text) in fields {
        if OF_THE_FORM.contains(&name.as_str()) || text.is_empty() {
            continue;
        }
        asked.insert(name.clone(), value(name, text)?);
    }
    serde_json::from_value(Value::Object(asked)).map_err(|error| error.to_string())
}

fn value(name: &str, text: &str) -> Result<Value, String> {
    let is_separator = |letter: char| letter.is_whitespace() || letter == ',';
    Ok(match name {
        _ if LISTS.contains(&name) => text
            .split(is_separator)
            .filter(|word| !word.is_empty())
            .collect(),
        "level" => {
            let level: i64 = text
                .trim()
                .parse()
                .map_err(|_| format!("the level `{text}` is no integer"))?;
            level.into()
        }
        "all_orgs" => (text == "true").into(),
        "expires" => moment(text.trim()).into(),
        _ => text.into(),
    })
}

/// What a browser sends of a date and time, which it takes as UTC, as RFC 3339; anything else as it is.
fn moment(text: &str) -> String {
    let is_digit_at = |place: usize| text.as_bytes().get(place).is_some_and(u8::is_ascii_digit);
    match text.len() {
        16 if is_digit_at(15) => format!("{text}:00Z"),
        19 if is_digit_at(18) => format!("{text}Z"),
        _ => text.to_owned(),
    }
}

/// A form that asks for a change: it leads to the page that says what would change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    /// Who asks.
    pub(crate) looker: Looker<'a>,
    /// The org that the change is about; none: the site.
    pub(crate) org: Option<&'a str>,
    /// The policy version that the page was made from.
    pub(crate) version: u64,
}

impl Ask<'_> {
    fn target(self) -> String {
        let page = if self.org.is_some() {
            "confirm"
        } else {
            "site/confirm"
        };
        self.looker.links.of(self.org, page)
    }

    /// The form that was sent, with each of its fields to be mended.
    pub(crate) fn again(self, fields: &Fields) -> Markup {
        let of_the_form = |name: &str| OF_THE_FORM.contains(&name) || name == "command";
        let is_fixed = |name: &str| of_the_form(name) || (name == "org" && self.org.is_some());
        let command = fields.get("command").map_or("", String::as_str);
        let shown: Vec<_> = fields
            .iter()
            .filter(|(name, _)| !is_fixed(name))
            .map(|(name, value)| (name, value, name.replace('_', " ")))
            .collect();
        self.form(
            command,
            &[],
            Some("stack"),
            &html! {
                @for (name, value, label) in &shown {
                    @let field = Field::new(label, name).value(value);
                    @if LISTS.contains(&name.as_str()) { (field.lines()) } @else { (field.line()) }
                }
                button.main { "Look again…" }
            },
        )
    }

    /// A form for a command; `fixed` are the fields that the form does not show.
    pub(crate) fn form(
        self,
        command: &str,
        fixed: &[(&str, &str)],
        class: Option<&str>,
        content: &Markup,
    ) -> Markup {
        html! {
            form class=[class] method="post" action=(self.target()) {
                (self.looker.guard())
                (hidden("version", &self.version.to_string()))
                (hidden("command", command))
                @if let Some(org) = self.org.filter(|_| !fixed.iter().any(|(name, _)| *name == "org")) {
                    (hidden("org", org))
                }
                @for (name, value) in fixed { (hidden(name, value)) }
                (content)
            }
        }
    }
}

/// A field that is not shown.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// What can be chosen: the value, and the words for it.
pub(crate) type Choice<'a> = (&'a str, &'a str);

/// A list to choose from, with a name that only a screen reader needs.
pub(crate) fn select(label: &str, name: &str, choices: &[Choice<'_>], chosen: &str) -> Markup {
    html! {
        select name=(name) aria-label=(label) { (options(choices, chosen)) }
    }
}

fn options(choices: &[Choice<'_>], chosen: &str) -> Markup {
    html! {
        @for (value, words) in choices {
            option value=(value) selected[*value == chosen] { (words) }
        }
    }
}

/// A field with its label, and what is to be known about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    label: &'a str,
    name: &'a str,
    /// What makes its id one of its own on the page.
    of: &'a str,
    hint: &'a str,
    value: &'a str,
    is_required: bool,
    kind: &'a str,
    list: Option<&'a str>,
}

impl<'a> Field<'a> {
    /// A field.
    pub(crate) const fn new(label: &'a str, name: &'a str) -> Self {
        Self {
            label,
            name,
            of: "",
            hint: "",
            value: "",
            is_required: false,
            kind: "text",
            list: None,
        }
    }

    /// Tells it from the field of the same name in another form on the page.
    pub(crate) const fn of(mut self, of: &'a str) -> Self {
        self.of = of;
        self
    }

    /// Says what is to be known about it.
    pub(crate) const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Fills it in.
    pub(crate) const fn value(mut self, value: &'a str) -> Self {
        self.value = value;
        self
    }

    /// It must be filled in.
    pub(crate) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// What a browser takes it for.
    pub(crate) const fn kind(mut self, kind: &'a str) -> Self {
        self.kind = kind;
        self
    }

    /// Words that are offered while it is filled in, in a `datalist` of this id.
    pub(crate) const fn list(mut self, list: &'a str) -> Self {
        self.list = Some(list);
        self
    }

    fn id(self) -> String {
        if self.of.is_empty() {
            return self.name.to_owned();
        }
        // Any two ids have texts of their own, without a space in them.
        format!("{}-{}", self.name, query_value(self.of))
    }

    fn around(self, input: &Markup) -> Markup {
        html! {
            div.field {
                label for=(self.id()) { (self.label) }
                (input)
                @if !self.hint.is_empty() { span.hint id=(self.hint_id()) { (self.hint) } }
            }
        }
    }

    fn hint_id(self) -> String {
        format!("{}-hint", self.id())
    }

    fn described_by(self) -> Option<String> {
        (!self.hint.is_empty()).then(|| self.hint_id())
    }

    /// One line.
    pub(crate) fn line(self) -> Markup {
        self.around(&html! {
            input type=(self.kind) id=(self.id()) name=(self.name) value=(self.value) required[self.is_required]
                list=[self.list] aria-describedby=[self.described_by()] autocomplete="off" spellcheck="false";
        })
    }

    /// Several lines.
    pub(crate) fn lines(self) -> Markup {
        self.around(&html! {
            textarea id=(self.id()) name=(self.name) required[self.is_required] rows="3"
                aria-describedby=[self.described_by()] spellcheck="false" {
                // A browser drops the first line end.
                "\n" (self.value)
            }
        })
    }

    /// A choice.
    pub(crate) fn choice(self, choices: &[Choice<'_>]) -> Markup {
        self.around(&html! {
            select id=(self.id()) name=(self.name) aria-describedby=[self.described_by()] {
                (options(choices, self.value))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let command = command(&fields.iter().map(owned).collect())?;
        Ok(serde_json::to_string(&command).unwrap())
    }

    #[test]
    fn a_form_is_read_as_the_command_that_it_asks_for() {
        for (fields, json) in [
            (
                &[
                    ("command", "site_switch"),
                    ("resource", "chat"),
                    ("to", "off"),
                    ("csrf", "x"),
                    ("version", "7"),
                ][..],
                r#"{"command":"site_switch","resource":"chat","to":"off"}"#,
            ),
            (
                &[
                    ("command", "org_switch"),
                    ("org", "a/b"),
                    ("resource", "chat"),
                    ("mode", "background"),
                    ("to", ""),
                ],
                r#"{"command":"org_switch","org":"a/b","resource":"chat","mode":"background"}"#,
            ),
            (
                &[
                    ("command", "role_define"),
                    ("org", "acme"),
                    ("name", "triage"),
                    ("level", " 25 "),
                    ("grants", "chat:read\r\nchat:update@own, run:*"),
                    ("include", ""),
                ],
                r#"{"command":"role_define","org":"acme","name":"triage","level":25,"grants":["chat:read","chat:update@own","run:*"],"include":[]}"#,
            ),
            (
                &[
                    ("command", "member_add"),
                    ("org", "acme"),
                    ("subject", " x "),
                    ("role", "guest"),
                    ("expires", "2027-01-01T12:30"),
                ],
                r#"{"command":"member_add","org":"acme","subject":" x ","role":"guest","expires":"2027-01-01T12:30:00Z"}"#,
            ),
            (
                &[
                    ("command", "site_role_define"),
                    ("name", "oncall"),
                    ("grants", "gatepost-site:*"),
                    ("all_orgs", "true"),
                ],
                r#"{"command":"site_role_define","name":"oncall","grants":["gatepost-site:*"],"all_orgs":true}"#,
            ),
        ] {
            assert_eq!(read(fields).as_deref(), Ok(json));
        }
    }

    #[test]
    fn a_form_that_asks_for_nothing_that_there_is_is_refused() {
        for fields in [
            &[][..],
            &[("command", "drop_tables")],
            &[("command", "site_switch"), ("resource", "chat")],
            &[
                ("command", "site_switch"),
                ("resource", "chat"),
                ("to", "sideways"),
            ],
            &[
                ("command", "site_switch"),
                ("resource", "chat"),
                ("to", "off"),
                ("and", "more"),
            ],
            &[("command", "role_define"), ("name", "x"), ("level", "high")],
            &[
                ("command", "member_add"),
                ("org", "acme"),
                ("subject", "x"),
                ("role", "guest"),
                ("expires", "soon"),
            ],
        ] {
            assert!(read(fields).is_err(), "{fields:?}");
        }
    }

    #[test]
    fn what_was_typed_stays_text() {
        let shown = Field::new("Name", "name")
            .of("\"><b>")
            .value("\"><script>")
            .hint("<i>")
            .line();
        let shown = shown.into_string();
        assert!(
            !shown.contains("<script>") && !shown.contains("<b>") && !shown.contains("<i>"),
            "{shown}"
        );
    }
}

//! The fields of an event, as far as they are kept.

use std::fmt::{self, Write};

use gatepost::Code;
use gatepost_store::DenialNote;
use tracing::Event;
use tracing::field::{Field, Visit};

/// The most bytes of a text that are kept.
const BYTES: usize = 256;

/// The fields of an event, as far as they are kept.
#[derive(Debug, Default)]
pub(super) struct Record {
    decision: Option<String>,
    outcome: String,
    code: String,
    resource: Option<String>,
    action: Option<String>,
    mode: Option<String>,
    org: Option<String>,
    subject: Option<String>,
    acting_for: Option<String>,
    /// Whether the request went on all the same: its route only reports.
    is_reported: bool,
}

impl Record {
    pub(super) fn read(event: &Event<'_>) -> Self {
        let mut record = Self::default();
        event.record(&mut record);
        record
    }

    /// Whether it is a refusal, or an error, of this code.
    pub(super) fn is_refused_by(&self, code: Code) -> bool {
        let is_refusal = matches!(&*self.outcome, "deny" | "error") && !self.is_reported;
        is_refusal && self.code == code.as_str()
    }

    /// What is kept of it; it stands for so many alike.
    pub(super) fn into_note(self, code: Code, service: &str, times: u64) -> DenialNote {
        let mut note = DenialNote::new(code);
        note.replica = Some(service.to_owned());
        note.decision = self.decision;
        note.resource = self.resource;
        note.action = self.action;
        note.mode = self.mode;
        note.org = self.org;
        note.subject = self.subject;
        note.acting_for = self.acting_for;
        note.times = times;
        note
    }

    fn keep(&mut self, field: &Field, text: String) {
        match field.name() {
            "decision" => self.decision = Some(text),
            "outcome" => self.outcome = text,
            "code" => self.code = text,
            "resource" => self.resource = Some(text),
            "action" => self.action = Some(text),
            "mode" => self.mode = Some(text),
            "org" => self.org = Some(text),
            "subject" => self.subject = Some(text),
            "acting_for" => self.acting_for = Some(text),
            _ => {}
        }
    }
}

impl Visit for Record {
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "enforced" {
            self.is_reported = !value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, cut(value).to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Cut(String::new());
        // It ends with an error where it is cut.
        let _ = write!(text, "{value:?}");
        self.keep(field, text.0);
    }
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> &str {
    let mut end = text.len().min(BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Takes the beginning of what is written.
struct Cut(String);

impl Write for Cut {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = BYTES.saturating_sub(self.0.len());
        if more.len() <= room {
            self.0.push_str(more);
            return Ok(());
        }
        let fits = cut(more);
        let mut end = fits.len().min(room);
        while !fits.is_char_boundary(end) {
            end -= 1;
        }
        self.0.push_str(fits.get(..end).unwrap_or_default());
        Err(fmt::Error)
    }
}

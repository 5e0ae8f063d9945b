//! Changes: those that were made, and what one would do.

use gatepost_store::{ChangeRecord, Effect, FactKey};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ImpactView;

/// What the admins of an org are told of a change that replaced the policy as a whole.
const WHOLE: &str = "the whole policy imported";
/// What they are told of one that did nothing in their org.
const ELSEWHERE: &str = "something else was changed";

/// A change as the audit log has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ChangeRecord)]
pub(crate) struct ChangeView {
    /// The policy version that it made.
    pub(crate) version: u64,
    /// When, by the store's clock.
    #[schema(format = "date-time")]
    pub(crate) at: String,
    /// Who; empty where that is told to those alone who may audit the site.
    pub(crate) author: String,
    /// By what right: `policy`, or `operator`, whose name is a claim.
    pub(crate) authority: String,
    /// For whom the author acted, if for anyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acting_for: Option<String>,
    /// Why.
    pub(crate) reason: String,
    /// What was asked for; null where that is told to those alone who may audit the site.
    #[schema(value_type = Option<Object>)]
    pub(crate) command: Value,
    /// The same as a sentence.
    pub(crate) sentence: String,
    /// What it did; of a change that replaced the policy as a whole, nothing is listed.
    pub(crate) effects: Vec<EffectView>,
    /// Whether it can be undone as a change of its own; whether the one who asks may is decided when it is asked for.
    pub(crate) can_be_undone: bool,
}

/// Who last changed a fact, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LastChange)]
pub(crate) struct LastChangeView {
    /// The policy version that it made.
    pub(crate) version: u64,
    /// When.
    #[schema(format = "date-time")]
    pub(crate) at: String,
    /// Who; empty where that is told to those alone who may audit the site.
    pub(crate) author: String,
    /// By what right: `policy` or `operator`.
    pub(crate) authority: String,
    /// Why.
    pub(crate) reason: String,
    /// What was done, as a sentence.
    pub(crate) sentence: String,
    /// Whether it replaced the policy as a whole: such a change is one of the site's log alone.
    #[serde(skip)]
    pub(crate) is_of_the_whole: bool,
}

/// What a change did to one fact.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Effect)]
pub(crate) struct EffectView {
    /// Which fact.
    pub(crate) fact: FactView,
    /// What it was; `null` where there was none.
    #[schema(value_type = Option<Object>)]
    pub(crate) before: Option<Value>,
    /// What it is from then on; `null` where there is none any more.
    #[schema(value_type = Option<Object>)]
    pub(crate) after: Option<Value>,
}

/// Which fact.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Fact)]
pub(crate) struct FactView {
    /// `resource`, `site_gate`, `site_role`, `org_role`, `org`, `org_gate`, `own_role`, `member` or `subject`.
    pub(crate) kind: String,
    /// The name or id of that, or of the org that it stands below.
    pub(crate) a: String,
    /// What stands below the org, else empty.
    pub(crate) b: String,
}

/// Changes, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = History)]
pub(crate) struct HistoryView {
    /// The changes.
    pub(crate) changes: Vec<ChangeView>,
    /// To be given as `before`, for the next older ones; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<u64>,
}

/// A change that was written.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Changed)]
pub(crate) struct ChangedView {
    /// The policy version since the change.
    pub(crate) version: u64,
    /// Whether anything changed; where all was so already, nothing was written.
    pub(crate) changed: bool,
    /// What changed, from what to what.
    pub(crate) summary: Vec<String>,
}

/// What a change would do; nothing was written.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DryRun)]
pub(crate) struct DryRunView {
    /// The policy version that it was planned on.
    pub(crate) version: u64,
    /// Whether anything would change.
    pub(crate) changed: bool,
    /// What would change, from what to what.
    pub(crate) summary: Vec<String>,
    /// What it would do to which facts.
    pub(crate) effects: Vec<EffectView>,
    /// Whose answers would flip.
    pub(crate) impact: ImpactView,
}

impl ChangeView {
    /// A record, with all that it did.
    pub(crate) fn of(record: &ChangeRecord) -> Self {
        let command = read(&record.command);
        Self {
            version: record.version,
            at: record.at.to_string(),
            author: record.author.clone(),
            authority: record.authority.as_str().to_owned(),
            acting_for: record.acting_for.clone(),
            reason: record.reason.clone(),
            can_be_undone: !is_whole(&command),
            command,
            sentence: record.sentence.clone(),
            effects: record.effects.iter().map(EffectView::of).collect(),
        }
    }

    /// Without what it did outside of an org, whose admins may not know of it. Of one that names nothing there, and of
    /// an import of the whole policy, neither by whom it was nor why.
    pub(crate) fn in_org(mut self, org: &str) -> Self {
        self.effects.retain(|effect| effect.fact.is_below(org));
        let is_whole = is_whole(&self.command);
        if is_whole || self.effects.is_empty() {
            self.author.clear();
            self.acting_for = None;
            self.reason.clear();
            self.command = Value::Null;
            let told = if is_whole { WHOLE } else { ELSEWHERE };
            told.clone_into(&mut self.sentence);
        }
        self
    }
}

impl LastChangeView {
    /// A record, without what it did.
    pub(crate) fn of(record: &ChangeRecord) -> Self {
        Self {
            version: record.version,
            at: record.at.to_string(),
            author: record.author.clone(),
            authority: record.authority.as_str().to_owned(),
            reason: record.reason.clone(),
            sentence: record.sentence.clone(),
            is_of_the_whole: is_whole(&read(&record.command)),
        }
    }
}

impl LastChangeView {
    /// As the admins of an org are told: who brought a whole policy, and why, is the site's.
    pub(crate) fn in_org(mut self) -> Self {
        if self.is_of_the_whole {
            self.author.clear();
            self.reason.clear();
            WHOLE.clone_into(&mut self.sentence);
        }
        self
    }
}

impl EffectView {
    /// An effect as the store has it.
    pub(crate) fn of(effect: &Effect) -> Self {
        Self {
            fact: FactView::of(&effect.key),
            before: effect.before.as_deref().map(read),
            after: effect.after.as_deref().map(read),
        }
    }
}

impl FactView {
    fn of(key: &FactKey) -> Self {
        Self {
            kind: key.kind.to_string(),
            a: key.a.clone(),
            b: key.b.clone(),
        }
    }

    /// Whether it is of an org, or of what stands below it.
    pub(crate) fn is_below(&self, org: &str) -> bool {
        let is_of_an_org = matches!(&*self.kind, "org" | "org_gate" | "own_role" | "member");
        is_of_an_org && self.a == org
    }
}

/// Whether a command replaced the policy as a whole; one that cannot be read is taken for one.
fn is_whole(command: &Value) -> bool {
    let word = command.get("command").and_then(Value::as_str);
    matches!(word, None | Some("import" | "recover"))
}

/// JSON as the store keeps it; a text that is none is told as a text.
fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| Value::String(json.to_owned()))
}

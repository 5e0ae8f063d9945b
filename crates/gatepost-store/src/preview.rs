//! What a change would do.

use gatepost::{PolicyDocument, Timestamp};

use crate::change::{Author, Effect};
use crate::command::{Command, WriteRefusal};
use crate::error::{StoreError, StoreErrorKind};
use crate::fact::{Facts, body_of, diff, in_order};
use crate::plan;

/// What a change would do, without its being done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The policy version by which it was planned.
    pub version: u64,
    /// Whether anything would change.
    pub changed: bool,
    /// What would change, from what to what, a line each.
    pub summary: Vec<String>,
    /// What it would do to each fact.
    pub effects: Vec<Effect>,
}

impl Preview {
    /// What commands of the operator would do to a policy that stands in no store, one behind the other: by the same
    /// plan, the same checks and the same refusals as in one.
    ///
    /// ```
    /// use gatepost::{PolicyDocument, SiteSwitch};
    /// use gatepost_store::{Command, Preview};
    ///
    /// let document: PolicyDocument = serde_json::from_str(
    ///     r#"{ "version": 1, "resources": { "chat": ["create"] }, "site": { "gates": { "chat": { "switch": "on" } } } }"#,
    /// )?;
    /// let kill = Command::SiteSwitch { resource: "chat".into(), mode: None, to: SiteSwitch::Off };
    /// let preview = Preview::of_commands(&[kill], &document, 7)?;
    /// assert_eq!((preview.version, preview.effects.len()), (7, 1));
    /// let after = preview.apply(&document)?;
    /// assert_eq!(after.site.gates["chat"].switch, Some(SiteSwitch::Off));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Invalid`](StoreErrorKind::Invalid) where a command cannot be done to what the ones before it leave;
    /// [`Unsound`](StoreErrorKind::Unsound) where the document is no sound policy.
    pub fn of_commands(
        commands: &[Command],
        document: &PolicyDocument,
        version: u64,
    ) -> Result<Self, StoreError> {
        let author = Author::Operator {
            name: "operator".to_owned(),
        };
        let mut after = document.clone();
        let mut summary = Vec::new();
        for command in commands {
            let planned = plan::plan(command, &author, &after, version, Timestamp::now());
            let planned = planned.map_err(|refusal| {
                let kind = match refusal {
                    WriteRefusal::Unreadable(_) => StoreErrorKind::Unsound,
                    WriteRefusal::Denied(_)
                    | WriteRefusal::Beyond(_)
                    | WriteRefusal::Invalid(_) => StoreErrorKind::Invalid,
                };
                StoreError::new(kind, format_args!("`{command}`"), refusal)
            })?;
            after = planned.document;
            summary.extend(planned.summary);
        }
        let effects = diff(document, &after);
        Ok(Self {
            version,
            changed: !effects.is_empty(),
            summary,
            effects,
        })
    }

    /// The document as it would be. `document` is the policy of that [version](Self::version), or a part of it
    /// with all that the change is about.
    ///
    /// # Errors
    ///
    /// [`Conflict`](StoreErrorKind::Conflict) where the document says something else in what would change: it is
    /// of another version.
    pub fn apply(&self, document: &PolicyDocument) -> Result<PolicyDocument, StoreError> {
        let other = |why: String| {
            let why = format!("is not of version {}: {why}", self.version);
            StoreError::new(StoreErrorKind::Conflict, "the document", why)
        };
        let mut effects = self.effects.clone();
        in_order(&mut effects);
        let mut facts = Facts::of(document.clone());
        for effect in &effects {
            if body_of(facts.document(), &effect.key) != effect.before {
                return Err(other(format!("the fact `{}` is another one", effect.key)));
            }
            facts.apply(effect).map_err(|why| other(why.to_string()))?;
        }
        Ok(facts.into_document())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::diff;
    use crate::plan::testing::document;

    #[test]
    fn a_document_of_another_version_is_not_made_into_anything() {
        let one = document("version = 1\n[orgs.acme.members.olga]\nroles = [\"a\"]\n");
        let other = document("version = 1\n[orgs.acme.members.tom]\nroles = [\"b\"]\n");
        let preview = Preview {
            version: 7,
            changed: true,
            summary: Vec::new(),
            effects: diff(&one, &other),
        };
        assert_eq!(preview.apply(&one).unwrap(), other);
        for wrong in [other.clone(), document("version = 1\n")] {
            let error = preview.apply(&wrong).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Conflict);
            assert!(error.to_string().contains("not of version 7"), "{error}");
        }
        // What takes an org away takes what stands below it away in front of it.
        let gone = Preview {
            effects: diff(&one, &document("version = 1\n")),
            ..preview
        };
        assert_eq!(gone.apply(&one).unwrap(), document("version = 1\n"));
    }
}

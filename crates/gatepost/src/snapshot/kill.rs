//! A kill laid over facts: the same ones, with resources or modes of the site switched off.

use super::{Post, Snapshot};
use crate::kills::Kills;

impl Snapshot {
    /// What the site has switched off.
    #[cfg(feature = "revocation")]
    pub(crate) fn kills(&self) -> Kills {
        let gates = self
            .compiled
            .vocabulary
            .resource_names
            .iter()
            .zip(&*self.site_gates);
        let off = gates.flat_map(|(name, gate)| {
            gate.switched_off()
                .map(move |mode| (name.to_string(), mode))
        });
        off.collect()
    }

    /// These facts with what `kills` names switched off on the site, and nothing else changed.
    ///
    /// It shares all facts of orgs, roles and subjects with these, so it costs no more for
    /// many of them. What is off stays off: a kill is laid over, never lifted. What the
    /// facts do not declare is off anyway.
    ///
    /// ```
    /// use gatepost::{Code, Decision, Kills, PolicyText, Request, Step, Subject, SubjectId, decide};
    /// use gatepost::OrgRule;
    ///
    /// let facts = PolicyText::toml(r#"
    /// version = 1
    /// [resources]
    /// chat = ["read"]
    /// [site.gates.chat]
    /// switch = "on"
    /// access = "everyone"
    /// "#).compile(1)?;
    /// let killed = facts.with_kills(&"chat".parse::<Kills>()?);
    /// let alice = Subject::new(SubjectId::new("alice")?);
    /// let request = Request::new("chat", "read").subject(&alice).org_rule(OrgRule::None);
    /// assert!(matches!(decide(&facts, &request), Step::Done(Decision::Allow(_))));
    /// let Step::Done(Decision::Deny(deny)) = decide(&killed, &request) else { panic!("killed") };
    /// assert_eq!(deny.code, Code::SiteOff);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_kills(&self, kills: &Kills) -> Self {
        if kills.is_empty() {
            return self.clone();
        }
        let mut gates = self.site_gates.to_vec();
        for (name, gate) in self
            .compiled
            .vocabulary
            .resource_names
            .iter()
            .zip(&mut gates)
        {
            for mode in kills.of(name) {
                gate.switch_off(mode);
            }
        }
        let posts = self.posts.iter().filter_map(|post| {
            let gate = gates.get(post.id.resource as usize)?;
            Some(Post::new(post.id, gate))
        });
        Self {
            posts: posts.collect(),
            site_gates: gates.into(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;
    use crate::policy::PolicyText;
    use crate::request::Request;
    use crate::subject::Subject;
    use crate::vocabulary::Mode;
    use crate::{OrgId, SubjectId};

    fn policy(chat: &str, background: &str) -> PolicyText {
        PolicyText::toml(format!(
            r#"
version = 1
[resources]
chat = ["read", "run"]
agent = ["run"]
[site.gates.chat]
switch = "{chat}"
access = "everyone"
actions = ["run"]
background = {{ switch = "{background}", floor = "dev" }}
[site.gates.agent]
switch = "on"
access = "everyone"
[org_roles.dev]
level = 3
grants = ["*:*"]
[orgs.acme.members.alice]
roles = ["dev"]
"#
        ))
    }

    #[test]
    fn killed_facts_are_those_of_the_document_that_switches_the_same_off() {
        let alice = Subject::new(SubjectId::new("alice").unwrap());
        let acme = OrgId::new("acme").unwrap();
        let facts = policy("on", "on").compile(1).unwrap();
        for (kills, chat, background) in [
            ("", "on", "on"),
            ("chat", "off", "on"),
            ("chat#background", "on", "off"),
            ("chat chat#background nothing", "off", "off"),
        ] {
            let killed = facts.with_kills(&kills.parse().unwrap());
            let written = policy(chat, background).compile(1).unwrap();
            for (resource, action) in [("chat", "read"), ("chat", "run"), ("agent", "run")] {
                for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                    let request = Request::new(resource, action)
                        .subject(&alice)
                        .org(&acme)
                        .mode(mode);
                    let told = |facts| explain(facts, &request).to_string();
                    assert_eq!(
                        told(&killed),
                        told(&written),
                        "{kills}, {resource}:{action}"
                    );
                }
            }
        }
    }
}

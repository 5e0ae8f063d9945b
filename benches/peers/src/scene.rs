//! One org with one member, and a request of theirs.

use std::collections::HashMap;

use gatepost::{Gate, Mode, Org, Owner, PolicyText, Requirement, SubjectId};

use crate::contest::Failure;

/// The route, as axum and actix-web both write it.
pub const ROUTE: &str = "/orgs/{org}/chats";

/// What the route requires, for those who ask in Gatepost's words.
pub const CREATE_CHAT: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);

/// Who asks where, and whether they may.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// The org's id.
    pub org: &'static str,
    /// The id of its one member.
    pub member: &'static str,
    /// What the member is.
    pub role: Role,
}

/// What one can be in the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// May create chats.
    Developer,
    /// May not.
    Guest,
}

/// Who asks, as a service's own authentication leaves it in a request.
#[derive(Debug, Clone)]
pub struct UserId(pub String);

/// Ids as people choose them.
pub const SHORT: Scene = Scene {
    org: "acme",
    member: "alice",
    role: Role::Developer,
};

/// Ids as databases choose them.
pub const UUIDS: Scene = Scene {
    org: "01939c4e-7d2a-7c3f-9a51-0c8f2b6d4e10",
    member: "01939c4e-91b7-70d4-8e2c-5f7a3d9b1c62",
    role: Role::Developer,
};

/// What a handler answers that refuses [`SHORT`]'s member by itself: as many bytes as Gatepost's refusal.
pub const REFUSAL: &str = concat!(
    r#"{"type":"https://gatepost.dev/codes/org_grant_missing","title":"Not granted in this organization","#,
    r#""status":403,"detail":"No role in the organization grants this on `chat`.","#,
    r#""code":"org_grant_missing","tier":"org","resource":"chat","action":"create","mode":"foreground","#,
    r#""org":"acme","remedy":{"who":"org_admin","action":"give a role that grants it"},"#,
    r#""decision":"0123456789ABCDEF"}"#,
);

/// Its media type.
pub const REFUSAL_TYPE: &str = "application/problem+json";

impl Scene {
    /// The same request, by someone who may not.
    #[must_use]
    pub const fn denied(mut self) -> Self {
        self.role = Role::Guest;
        self
    }

    /// The status that answers the request.
    pub const fn status(self) -> u16 {
        match self.role {
            Role::Developer => 201,
            Role::Guest => 403,
        }
    }

    /// The request's path.
    pub fn path(self) -> String {
        format!("/orgs/{}/chats", self.org)
    }

    /// The member, as the request carries it.
    pub fn user(self) -> UserId {
        UserId(self.member.to_owned())
    }

    /// Everybody's role, as a service of one org would keep them by hand.
    pub fn roles(self) -> HashMap<String, Role> {
        HashMap::from([(self.member.to_owned(), self.role)])
    }

    /// A gate by a policy that knows nothing but this.
    ///
    /// # Errors
    ///
    /// When the policy is none.
    pub fn gate(self) -> Result<Gate, Failure> {
        let Self { org, member, role } = self;
        let role = match role {
            Role::Developer => "developer",
            Role::Guest => "guest",
        };
        let policy = format!(
            r#"
            version = 1
            resources.chat = ["create"]
            site.gates.chat = {{ switch = "on", access = "everyone", foreground.floor = "guest" }}
            org_roles.guest = {{ level = 10, grants = [] }}
            org_roles.developer = {{ level = 30, grants = ["chat:create"] }}
            orgs.{org}.members.{member}.roles = ["{role}"]
            "#
        );
        Ok(Gate::fixed(PolicyText::toml(policy).compile(1)?))
    }

    /// The member, in Gatepost's words.
    ///
    /// # Errors
    ///
    /// When the id is none.
    pub fn subject(self) -> Result<gatepost::Subject, Failure> {
        Ok(gatepost::Subject::new(SubjectId::new(self.member)?))
    }

    /// The member, in casbin's words: subject and domain.
    pub fn casbin_subject(self) -> (String, Option<String>) {
        (self.member.to_owned(), Some(self.org.to_owned()))
    }
}

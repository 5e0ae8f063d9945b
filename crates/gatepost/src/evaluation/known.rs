//! What has been read of a request, for whoever writes it down.

use super::{Evaluation, NamedOrg};
use crate::id::SubjectId;
use crate::permit::OwnedBy;
use crate::request::Input;
use crate::vocabulary::Mode;

impl Evaluation {
    /// What the org sources said, as far as they were read.
    ///
    /// ```
    /// use gatepost::{Evaluation, Input, Mode, NamedOrg, Org, OrgId, Owner, Requirement};
    ///
    /// const CREATE: Requirement =
    ///     Requirement::new("chat", "create").mode(Mode::Foreground).org(Org::path("org")).owner(Owner::Loaded);
    ///
    /// let mut evaluation = Evaluation::new(&CREATE, "chat", None);
    /// assert_eq!(evaluation.known_org(), &NamedOrg::Pending);
    /// evaluation.org(NamedOrg::Named(OrgId::new("acme")?));
    /// assert_eq!(evaluation.known_org(), &NamedOrg::Named(OrgId::new("acme")?));
    /// assert_eq!(evaluation.known_mode(), Input::Known(Some(Mode::Foreground)));
    /// assert_eq!(evaluation.known_owner(), Input::Pending);
    /// # Ok::<(), gatepost::IdError>(())
    /// ```
    pub fn known_org(&self) -> &NamedOrg {
        &self.org
    }

    /// The mode, as far as it was read.
    pub fn known_mode(&self) -> Input<Option<Mode>> {
        self.mode
    }

    /// Who owns the object, as far as that was read.
    #[inline]
    pub fn known_owner(&self) -> Input<Option<&SubjectId>> {
        match &self.owner {
            OwnedBy::Unknown => Input::Known(None),
            OwnedBy::Beneficiary => {
                let subject = self.subject.as_ref();
                Input::Known(subject.map(crate::subject::Subject::beneficiary))
            }
            OwnedBy::Subject(owner) => Input::Known(Some(owner)),
            OwnedBy::Unread => Input::Pending,
        }
    }
}

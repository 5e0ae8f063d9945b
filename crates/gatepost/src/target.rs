//! The resource and action of a request, and where the facts keep them.

/// A resource and an action.
///
/// Asked again and again for the same ones, a route looks them up once a
/// policy version with [`Snapshot::resolve`](crate::Snapshot::resolve), and
/// not once a request.
///
/// ```
/// use gatepost::{PolicyText, Target};
///
/// let facts = PolicyText::toml("version = 1\n[resources]\nchat = [\"read\"]\n").compile(1)?;
/// let target = facts.resolve(Target::new("chat", "read"));
/// assert_eq!((target.resource(), target.action()), ("chat", "read"));
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    resource: &'a str,
    action: &'a str,
    hint: Option<Hint>,
}

/// Where one snapshot keeps a target. Another snapshot does not go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) vocabulary: u64,
    pub(crate) cell: u32,
}

impl<'a> Target<'a> {
    /// A target, not yet looked up anywhere.
    pub const fn new(resource: &'a str, action: &'a str) -> Self {
        Self {
            resource,
            action,
            hint: None,
        }
    }

    /// The resource's name.
    pub const fn resource(&self) -> &'a str {
        self.resource
    }

    /// The action's name.
    pub const fn action(&self) -> &'a str {
        self.action
    }

    pub(crate) const fn hinted(self, hint: Option<Hint>) -> Self {
        Self { hint, ..self }
    }

    /// The cell, where the hint is of this vocabulary.
    pub(crate) fn cell_in(&self, vocabulary: u64) -> Option<u32> {
        self.hint
            .filter(|hint| hint.vocabulary == vocabulary)
            .map(|hint| hint.cell)
    }
}

/// Two targets are the same by their names, wherever they were looked up.
impl PartialEq for Target<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.resource, self.action) == (other.resource, other.action)
    }
}

impl Eq for Target<'_> {}

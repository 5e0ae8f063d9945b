//! Why a change was not made.

use std::fmt;

use gatepost::{Denial, Excess, PolicyError};

/// A change that was not made; nothing of the policy is other than before.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WriteRefusal {
    /// The author may not: a decision said no, with its code and tier.
    Denied(Box<Denial>),
    /// It would give what the author does not hold in that org himself.
    Beyond(Excess),
    /// It makes no sense in this policy: a name that is none, an org that is not there, a floor too low.
    Invalid(Vec<Fault>),
    /// The stored facts are no sound policy, so nothing can be decided by them.
    Unreadable(Vec<Fault>),
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Fault {
    /// The command's field, or the policy's key.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }

    pub(crate) fn all(error: &PolicyError) -> Vec<Self> {
        let problems = error.problems().iter();
        problems
            .map(|problem| Self::new(problem.path.to_string(), problem.message.as_str()))
            .collect()
    }
}

impl WriteRefusal {
    pub(crate) fn invalid(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(place, message)])
    }
}

impl From<Fault> for WriteRefusal {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "`{}`: {}", self.place, self.message)
    }
}

impl fmt::Display for WriteRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = match self {
            Self::Denied(denial) => {
                write!(f, "not allowed: `{}`", denial.code())?;
                return match denial.tier() {
                    Some(tier) => write!(f, ", tier `{tier}`"),
                    None => Ok(()),
                };
            }
            Self::Beyond(excess) => {
                return write!(
                    f,
                    "gives {excess}, which the author does not hold there himself"
                );
            }
            Self::Invalid(faults) => faults,
            Self::Unreadable(faults) => {
                f.write_str("the stored facts are no sound policy: ")?;
                faults
            }
        };
        for (position, fault) in faults.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WriteRefusal {}

//! Files that a service keeps beside its code, and that its tests compare with what it is.

use std::fmt::{self, Write as _};
use std::io::ErrorKind;
use std::path::Path;

use gatepost::{Inventory, Matrix, PolicyDocument};

/// With `1` in it, what is different is written to the file and the test passes.
const ACCEPT: &str = "GATEPOST_ACCEPT";

/// Compares the routes of a service with those in a file that is kept beside its code.
///
/// So a change of what a route requires is a change of that file, and is seen by whoever reviews it. Run with
/// `GATEPOST_ACCEPT=1` in the environment, the test writes the file and passes. Where a route was registered
/// is not kept in it. A relative path starts at the package that is tested, where cargo runs its tests.
///
/// ```no_run
/// use gatepost::{Inventory, InventoryRoute};
/// use gatepost_enforce::testing::assert_routes;
///
/// // An adapter makes it: `Gated::routes`.
/// let routes = Inventory::new([InventoryRoute::public("GET", "/healthz", "probes have no identity")]);
///
/// assert_routes(&routes, "routes.json");
/// ```
///
/// # Panics
///
/// Where they are different, with each change in words, those that are laxer first; and where there is no such
/// file, or one that cannot be read.
#[track_caller]
pub fn assert_routes(routes: &Inventory, file: impl AsRef<Path>) {
    let golden = Golden::of(file.as_ref(), ROUTES);
    let outcome = golden.routes(routes);
    assert!(outcome.is_ok(), "{}", outcome.err().unwrap_or_default());
}

/// Compares what each role may do on the routes of a service with a file that is kept beside its code.
///
/// It is [`Matrix::of_roles`]: it changes with the rules of the policy and with what the routes require, not with
/// who is a member where. As with [`assert_routes`], the test writes the file where `GATEPOST_ACCEPT=1` is in the
/// environment. `gatepost matrix --routes` prints the same file.
///
/// ```no_run
/// use gatepost::{Inventory, PolicyText};
/// use gatepost_enforce::testing::assert_matrix;
///
/// # let policy_toml = "version = 1";
/// # let routes = Inventory::default();
/// let policy = PolicyText::toml(policy_toml).parse()?;
///
/// assert_matrix(&policy, &routes, "matrix.txt");
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
///
/// # Panics
///
/// Where anybody is answered differently, with each change in words, those that are laxer first; where there is no
/// such file, or one that cannot be read; and where the policy is refused.
#[track_caller]
pub fn assert_matrix(policy: &PolicyDocument, routes: &Inventory, file: impl AsRef<Path>) {
    let golden = Golden::of(file.as_ref(), MATRIX);
    let outcome = golden.matrix(policy, routes);
    assert!(outcome.is_ok(), "{}", outcome.err().unwrap_or_default());
}

/// What a file holds, and what is said where that is different now.
#[derive(Clone, Copy)]
struct What {
    name: &'static str,
    differs: &'static str,
}

const ROUTES: What = What {
    name: "routes",
    differs: "the routes are not those of",
};
const MATRIX: What = What {
    name: "matrix",
    differs: "the matrix is not that of",
};

/// What is kept, and what is different now.
struct Read {
    /// A line for each change.
    changes: String,
    /// What is kept as it would be written now: line ends and comments are no difference.
    text: String,
}

/// Whatever is different fails, whether or not it is known how to say it.
const UNTOLD: &str = "  the files differ, in what cannot be told in words";

/// A file, and whether what is different is to be written to it.
struct Golden<'a> {
    file: &'a Path,
    what: What,
    accepts: bool,
}

impl<'a> Golden<'a> {
    fn of(file: &'a Path, what: What) -> Self {
        let accepts = std::env::var_os(ACCEPT).is_some_and(|value| value == "1");
        Self {
            file,
            what,
            accepts,
        }
    }

    fn routes(&self, routes: &Inventory) -> Result<(), String> {
        let text = routes.clone().without_sources().to_json();
        self.compare(&text, |kept| {
            let kept = Inventory::from_json(kept).map_err(|error| error.to_string())?;
            let changes = kept.changes(routes);
            Ok(Read {
                changes: lines(changes.laxer_first()),
                text: kept.without_sources().to_json(),
            })
        })
    }

    fn matrix(&self, policy: &PolicyDocument, routes: &Inventory) -> Result<(), String> {
        let matrix = Matrix::of_roles(policy, routes).map_err(|error| error.to_string())?;
        self.compare(&matrix.to_text(), |kept| {
            let kept = Matrix::from_text(kept).map_err(|error| error.to_string())?;
            let changes = kept.changes(&matrix);
            Ok(Read {
                changes: lines(changes.laxer_first()),
                text: kept.to_text(),
            })
        })
    }

    /// Compares with what is kept, which `read` reads.
    fn compare(
        &self,
        text: &str,
        read: impl Fn(&str) -> Result<Read, String>,
    ) -> Result<(), String> {
        // A file that could not be read again is not written either.
        read(text)
            .map_err(|why| format!("the {} cannot be kept in a file: {why}", self.what.name))?;
        let kept = std::fs::read_to_string(self.file);
        if self.accepts {
            let is_same = kept.is_ok_and(|kept| kept == text);
            return if is_same { Ok(()) } else { self.write(text) };
        }
        let kept = kept.map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("there is no {self} to compare with{}", self.accept()),
            _ => format!("{self} cannot be read: {error}"),
        })?;
        // Some editors put it there.
        let kept = kept.strip_prefix('\u{feff}').unwrap_or(&kept);
        match read(kept) {
            Ok(read) if read.changes.is_empty() && read.text == text => Ok(()),
            Ok(Read { mut changes, .. }) => {
                if changes.is_empty() {
                    changes.push_str(UNTOLD);
                }
                let differs = self.what.differs;
                Err(format!("{differs} {self}:\n\n{changes}{}", self.accept()))
            }
            Err(why) => Err(format!("{self}: {why}{}", self.accept())),
        }
    }

    fn write(&self, text: &str) -> Result<(), String> {
        std::fs::write(self.file, text)
            .map_err(|error| format!("{self} cannot be written: {error}"))
    }

    fn accept(&self) -> String {
        format!(
            "\n\nwhere it is meant to be so, run the test with `{ACCEPT}=1`: it writes the file, \
             and whoever reviews the change sees the {}",
            self.what.name
        )
    }
}

impl fmt::Display for Golden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = std::path::absolute(self.file);
        let file = whole.as_deref().unwrap_or(self.file);
        write!(f, "`{}`", file.display())
    }
}

/// A line for each change.
fn lines(changes: impl Iterator<Item = impl fmt::Display>) -> String {
    let mut lines = String::new();
    for (at, change) in changes.enumerate() {
        let before = if at == 0 { "  " } else { "\n  " };
        let _ = write!(lines, "{before}{change}");
    }
    lines
}

#[cfg(test)]
mod tests;

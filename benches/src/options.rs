//! What a bench takes from its command line.

use crate::race::Plan;

/// The options that all benches share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Few rounds over little data: proves that the bench runs, measures nothing.
    pub quick: bool,
}

impl Options {
    /// Reads the command line. `GATEPOST_BENCH_QUICK`, set to anything but
    /// nothing or `0`, is the same as `--quick`.
    ///
    /// # Errors
    ///
    /// Names the argument that no bench knows.
    pub fn from_env() -> Result<Self, String> {
        Self::asked_by_env().parse(std::env::args().skip(1))
    }

    /// The options that the environment asks for, without a look at the command line.
    pub fn asked_by_env() -> Self {
        let asked =
            std::env::var_os("GATEPOST_BENCH_QUICK").is_some_and(|v| !v.is_empty() && v != "0");
        Self { quick: asked }
    }

    /// Reads what is left of a command line that a bench has taken its own arguments out of.
    ///
    /// # Errors
    ///
    /// Names the argument that no bench knows.
    pub fn parse(mut self, arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        for argument in arguments {
            match argument.as_str() {
                "--quick" => self.quick = true,
                _ => {
                    return Err(format!(
                        "unknown argument `{argument}`; there is only `--quick`"
                    ));
                }
            }
        }
        Ok(self)
    }

    /// `full`, or in a quick run `quick`.
    pub fn pick<T>(self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// A plan of that size, or in a quick run a small part of it.
    pub fn plan(self, rounds: u32, iterations: u32) -> Plan {
        let (rounds, iterations) = self.pick((rounds, iterations), (3, (iterations / 1000).max(1)));
        Plan { rounds, iterations }
    }
}

/// Takes `--up-to` with the number behind it out of a command line: how many memberships the largest population has.
///
/// # Errors
///
/// When no number stands behind it.
pub fn take_up_to(arguments: &mut Vec<String>) -> Result<Option<u32>, String> {
    let Some(at) = arguments.iter().position(|argument| argument == "--up-to") else {
        return Ok(None);
    };
    let size = arguments.get(at + 1);
    let size = size.and_then(|size| size.replace('_', "").parse().ok());
    arguments.drain(at..(at + 2).min(arguments.len()));
    size.map(Some)
        .ok_or_else(|| "`--up-to` takes a number of memberships".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        Options::default().parse(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn quick_shrinks_the_plan() {
        assert_eq!(
            parse(&[]).unwrap().plan(31, 200_000),
            Plan {
                rounds: 31,
                iterations: 200_000
            }
        );
        assert_eq!(
            parse(&["--quick"]).unwrap().plan(31, 200_000),
            Plan {
                rounds: 3,
                iterations: 200
            }
        );
    }

    #[test]
    fn an_unknown_argument_is_refused() {
        assert!(parse(&["--qiuck"]).unwrap_err().contains("`--qiuck`"));
    }

    #[test]
    fn the_largest_population_is_taken_out_of_the_command_line() {
        let take = |arguments: &[&str]| {
            let mut rest: Vec<_> = arguments.iter().map(ToString::to_string).collect();
            take_up_to(&mut rest).map(|size| (size, rest.join(" ")))
        };
        assert_eq!(take(&["--quick"]), Ok((None, "--quick".to_owned())));
        let taken = take(&["--quick", "--up-to", "1_000", "--publish"]);
        assert_eq!(taken, Ok((Some(1000), "--quick --publish".to_owned())));
        for bad in [
            &["--up-to"][..],
            &["--up-to", "--quick"],
            &["--up-to", "-1"],
        ] {
            assert!(take(bad).is_err(), "{bad:?}");
        }
    }
}

//! A change as it is typed at the command line, in one argument.

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use gatepost_store::Command;

use crate::edit::{
    Asked, MemberCommand, OrgCommand, ResourceCommand, RoleCommand, SiteCommand, SubjectCommand,
};

/// The line behind `gatepost`.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    change: Change,
}

/// Every command that is a change of a policy.
#[derive(Debug, Subcommand)]
enum Change {
    #[command(subcommand)]
    Site(SiteCommand),
    #[command(subcommand)]
    Org(OrgCommand),
    #[command(subcommand)]
    Member(MemberCommand),
    #[command(subcommand)]
    Subject(SubjectCommand),
    #[command(subcommand)]
    Role(RoleCommand),
    #[command(subcommand)]
    Resource(ResourceCommand),
}

/// Reads a change; `gatepost` may stand before it, and what is said of writing it may stand in it.
pub(super) fn read(text: &str) -> Result<Command, String> {
    let words = shlex::split(text).ok_or("a quotation mark is not closed")?;
    let words = words
        .strip_prefix(&["gatepost".to_owned()])
        .unwrap_or(&words);
    let line = without_writing(Line::command());
    let matches = line.try_get_matches_from(words);
    let line = matches.and_then(|matches| Line::from_arg_matches(&matches));
    let line = line.map_err(|error| {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return "it is no whole change".to_owned();
        }
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default();
        first.strip_prefix("error: ").unwrap_or(first).to_owned()
    })?;
    let (command, write): Asked = match line.change {
        Change::Site(command) => command.into(),
        Change::Org(command) => command.into(),
        Change::Member(command) => command.into(),
        Change::Subject(command) => command.into(),
        Change::Role(command) => command.into(),
        Change::Resource(command) => command.into(),
    };
    if write.wait || write.based_on.is_some() {
        return Err("nothing is written, so there is nothing to wait for or to be based on".into());
    }
    Ok(command)
}

/// What writing a change needs, looking at it does not: neither a store nor a reason.
fn without_writing(command: clap::Command) -> clap::Command {
    let command = command
        .disable_help_flag(true)
        .mut_args(|arg| match arg.get_id().as_str() {
            "url" | "reason" => arg.required(false).default_value("-"),
            _ => arg,
        });
    command.mut_subcommands(without_writing)
}

#[cfg(test)]
mod tests {
    use gatepost::{OrgSwitch, SiteSwitch};

    use super::*;

    #[test]
    fn a_change_is_read_as_the_program_reads_it() {
        let off = Command::OrgSwitch {
            org: "acme inc".into(),
            resource: "chat".into(),
            mode: None,
            to: Some(OrgSwitch::Off),
        };
        for text in [
            "org switch 'acme inc' chat off",
            "gatepost org switch \"acme inc\" chat off",
            "org switch acme\\ inc chat off --reason x --store sqlite:x --as ines --json",
        ] {
            assert_eq!(read(text).as_ref(), Ok(&off), "{text}");
        }
        let kill = read("site switch agent off --mode background").unwrap();
        assert!(matches!(
            kill,
            Command::SiteSwitch {
                to: SiteSwitch::Off,
                mode: Some(_),
                ..
            }
        ));
        assert!(read("site actions chat create read").is_ok());
        assert!(read("site role define staff --grant 'chat:*#foreground'").is_ok());
        assert!(read("member add acme gina guest --expires 2027-01-01T00:00:00Z").is_ok());
        assert!(read("subject suspend gina").is_ok());
        assert!(read("role define guest --level 10").is_ok());
        assert!(read("resource define chat create").is_ok());
    }

    #[test]
    fn what_is_no_change_is_refused_in_one_line() {
        for (text, why) in [
            ("", "no whole change"),
            ("org", "no whole change"),
            ("org switch acme", "required arguments were not provided"),
            ("org switch 'acme chat off", "not closed"),
            ("org switch acme chat of", "invalid value 'of'"),
            ("store recover", "unrecognized subcommand"),
            ("org switch acme chat off --wait", "nothing is written"),
            (
                "org switch acme chat off --based-on 3",
                "nothing is written",
            ),
            ("org switch --help", "--help"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(why) && !told.contains('\n'), "{text}: {told}");
        }
    }
}

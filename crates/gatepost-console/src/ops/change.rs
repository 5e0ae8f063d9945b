//! Changes: written, undone, and what they would do.

use gatepost_store::{Change, Command, Committed, Preview, StoreError, Undo};

use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{BasedOn, Scope, UndoWrite, Write};
use crate::require::{ORG, SITE};
use crate::views::{ChangedView, DryRunView, EffectView};

impl Kept {
    /// Makes a change; the store decides again whether its author may.
    pub(crate) async fn write(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        write: Write,
    ) -> Result<ChangedView, Fault> {
        must_say_why(&write.reason)?;
        let change = change(asker, scope, write)?;
        let committed = self.store.write(&change).await;
        self.written(scope, committed)
    }

    /// What a change would do, with the same refusals but that it need not say why yet; nothing is written.
    pub(crate) async fn preview(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        write: Write,
    ) -> Result<DryRunView, Fault> {
        let change = change(asker, scope, write)?;
        let preview = self.store.preview(&change).await;
        self.previewed(asker, scope, preview).await
    }

    /// Undoes a change as a new change; of an org, only one that changed something there.
    pub(crate) async fn undo(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        undo: UndoWrite,
    ) -> Result<ChangedView, Fault> {
        must_say_why(&undo.reason)?;
        let undo = self.undoing(asker, scope, undo).await?;
        let committed = self.store.undo(&undo).await;
        self.written(scope, committed)
    }

    /// What undoing a change would do.
    pub(crate) async fn preview_undo(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        undo: UndoWrite,
    ) -> Result<DryRunView, Fault> {
        let undo = self.undoing(asker, scope, undo).await?;
        let preview = self.store.preview_undo(&undo).await;
        self.previewed(asker, scope, preview).await
    }

    /// What undoing a change would do to the facts; whose answers that flips is not counted.
    pub(crate) async fn look_at_undo(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        undo: UndoWrite,
    ) -> Result<Preview, Fault> {
        let undo = self.undoing(asker, scope, undo).await?;
        let preview = self.store.preview_undo(&undo).await;
        preview.map_err(|error| self.not_changed(scope, error))
    }

    async fn undoing(&self, asker: &Asker, scope: Scope<'_>, of: UndoWrite) -> Result<Undo, Fault> {
        // One of another org is none here, whatever its author may there.
        self.change_in(scope, of.version).await?;
        let undo = Undo::new(of.version, asker.author(), of.reason).awaited();
        Ok(match of.based_on {
            BasedOn::Anything => undo,
            BasedOn::Version(version) => undo.based_on(version),
        })
    }

    fn written(
        &self,
        scope: Scope<'_>,
        committed: Result<Committed, StoreError>,
    ) -> Result<ChangedView, Fault> {
        let committed = committed.map_err(|error| self.not_changed(scope, error))?;
        Ok(ChangedView {
            version: committed.version,
            changed: committed.changed,
            summary: committed.summary,
        })
    }

    async fn previewed(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        preview: Result<Preview, StoreError>,
    ) -> Result<DryRunView, Fault> {
        let preview = preview.map_err(|error| self.not_changed(scope, error))?;
        let impact = self.impact_told(asker, scope, &preview).await?;
        Ok(DryRunView {
            version: preview.version,
            changed: preview.changed,
            effects: preview.effects.iter().map(EffectView::of).collect(),
            summary: preview.summary,
            impact,
        })
    }

    fn not_changed(&self, scope: Scope<'_>, error: StoreError) -> Fault {
        match scope {
            Scope::Site => self.fault(SITE)(error),
            Scope::Org(org) => self.fault(ORG)(error).map_changes(|change| change.in_org(org)),
        }
    }
}

/// A change of the scope, with who makes it and why.
fn change(asker: &Asker, scope: Scope<'_>, wanted: Write) -> Result<Change, Fault> {
    must_be_of(scope, &wanted.command)?;
    let is_switch = matches!(wanted.command, Command::SiteSwitch { .. });
    let mut change = Change::new(wanted.command, asker.author(), wanted.reason);
    if let BasedOn::Version(version) = wanted.based_on {
        change = change.based_on(version);
    }
    // Whoever turns a switch of the site looks on as replicas acknowledge it.
    Ok(if is_switch { change.awaited() } else { change })
}

fn must_say_why(reason: &str) -> Result<(), Fault> {
    if reason.trim().is_empty() {
        return Err(Fault::invalid("`reason`: a change says why it is made"));
    }
    Ok(())
}

/// What is asked for below an org is a change of that org, and all else one of the site: the path, by which it was
/// decided, and the body say the same.
fn must_be_of(scope: Scope<'_>, command: &Command) -> Result<(), Fault> {
    match (scope, org_of(command)) {
        (Scope::Site, None) => Ok(()),
        (Scope::Org(path), Some(org)) if path == org => Ok(()),
        (Scope::Org(_), Some(_)) => Err(Fault::bad_request(
            "`command.org` is another org than that of the path",
        )),
        (Scope::Site, Some(_)) => Err(Fault::bad_request(
            "`command` is a change of an org: it is asked for below that org",
        )),
        (Scope::Org(_), None) => Err(Fault::bad_request("`command` is a change of the site")),
    }
}

/// The org whose own say a command is.
fn org_of(command: &Command) -> Option<&str> {
    match command {
        Command::RoleDefine { org, .. } => org.as_deref(),
        Command::OrgSwitch { org, .. }
        | Command::OrgFloor { org, .. }
        | Command::MemberAdd { org, .. }
        | Command::MemberRemove { org, .. } => Some(org),
        _ => None,
    }
}

//! Who may do what in an org.

use gatepost::{MatrixError, OrgMatrix, OrgMatrixRow};

use crate::ask::org_id;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::{MatrixCellView, MatrixRoleView, MatrixRowView, MatrixView};

impl Kept {
    /// Roles, actions and modes of an org as it stands.
    pub(crate) async fn matrix(&self, org: &str) -> Result<MatrixView, Fault> {
        let org = org_id(org)?;
        let facts = self.gate.snapshot()?;
        let asked = tokio::task::spawn_blocking(move || OrgMatrix::of(&facts, &org)).await;
        let matrix = asked.map_err(|_| Fault::unsound())?;
        let matrix = matrix.map_err(|error| too_large(&error))?;
        matrix.map(told).ok_or_else(Fault::not_found)
    }
}

fn too_large(error: &MatrixError) -> Fault {
    Fault::invalid(format!("the matrix cannot be shown: {error}"))
}

fn told(matrix: OrgMatrix) -> MatrixView {
    let roles = matrix.roles.into_iter().map(|role| MatrixRoleView {
        name: role.name,
        level: i64::from(role.level),
        org: role.own_of.map(|org| org.to_string()),
    });
    MatrixView {
        version: matrix.version,
        org: matrix.org.to_string(),
        roles: roles.collect(),
        rows: matrix.rows.into_iter().map(row).collect(),
    }
}

fn row(row: OrgMatrixRow) -> MatrixRowView {
    let cells = row.modeless.iter().zip(&row.foreground);
    let cells = cells.zip(&row.background);
    MatrixRowView {
        resource: row.resource,
        action: row.action,
        cells: cells
            .map(|((none, foreground), background)| MatrixCellView {
                none: none.to_string(),
                foreground: foreground.to_string(),
                background: background.to_string(),
            })
            .collect(),
    }
}

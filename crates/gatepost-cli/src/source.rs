//! Where a policy comes from.

use std::path::{Path, PathBuf};

use clap::Args;
use gatepost::{PolicyFormat, PolicyText, Snapshot};

use crate::fault::Fault;

/// Where the policy comes from: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// The policy document: JSON where the name ends in `.json`, else TOML
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Source {
    /// Reads the document.
    pub(crate) fn open(&self) -> Result<PolicyFile, Fault> {
        PolicyFile::read(self.policy.as_deref().unwrap_or(Path::new("")))
    }

    /// Reads and compiles the document.
    pub(crate) fn facts(&self) -> Result<Snapshot, Fault> {
        self.open()?.compile()
    }
}

/// A policy document as it stands in a file.
#[derive(Debug)]
pub(crate) struct PolicyFile {
    path: PathBuf,
    text: PolicyText,
}

impl PolicyFile {
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = std::fs::read(path).map_err(|error| Fault::unreadable(path, error))?;
        let format = PolicyFormat::of_file_name(&path.to_string_lossy());
        let text =
            PolicyText::from_bytes(format, bytes).map_err(|error| Fault::refused(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn text(&self) -> &PolicyText {
        &self.text
    }

    pub(crate) fn compile(&self) -> Result<Snapshot, Fault> {
        self.text
            .compile(1)
            .map_err(|error| Fault::refused(&self.path, &error))
    }
}

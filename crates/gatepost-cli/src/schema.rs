//! `gatepost schema`: the JSON Schema of the policy document.

use std::io::{self, Write};

use gatepost::PolicyDocument;

use crate::Exit;
use crate::fault::Fault;

pub(crate) fn run(out: &mut dyn Write) -> Result<Exit, Fault> {
    let schema = PolicyDocument::json_schema();
    serde_json::to_writer_pretty(&mut *out, &schema).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(Exit::Good)
}

//! Generates the service and its client from the `.proto` file.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler
        .include_source_info(true)
        .open_file("agents.proto")?;
    // The service is told by it at start-up whether a method was forgotten.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(
        out.join("agents.binpb"),
        compiler.encode_file_descriptor_set(),
    )?;
    tonic_prost_build::configure().compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

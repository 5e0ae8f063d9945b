//! Where what a command awaits runs.

use crate::fault::Fault;

/// Runs one command's work to its end.
pub(crate) fn block_on<F: Future>(work: F) -> Result<F::Output, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::Runtime(error.to_string()))?;
    Ok(runtime.block_on(work))
}

/// Runs what serves many at once, until it ends.
pub(crate) fn serve_on<F: Future>(work: F) -> Result<F::Output, Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::Runtime(error.to_string()))?;
    Ok(runtime.block_on(work))
}

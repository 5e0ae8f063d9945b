//! The files in `data/`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The path of a file or folder in `data/`.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data")
        .join(name)
}

/// Reads a file as text.
///
/// # Panics
///
/// If it cannot be read.
pub fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("data/{name}: {error}"))
}

/// Reads a file as JSON.
///
/// # Panics
///
/// If it cannot be read, or is not JSON.
pub fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap_or_else(|error| panic!("data/{name}: {error}"))
}

/// The names of a folder's files, sorted, each with the folder in front.
///
/// # Panics
///
/// If the folder cannot be read.
pub fn files_in(folder: &str) -> Vec<String> {
    let entries =
        fs::read_dir(path(folder)).unwrap_or_else(|error| panic!("data/{folder}: {error}"));
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()))
        .collect();
    names.sort();
    names
}

//! What a service tells of its routes: to reviewers, to clients, to front ends.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gatepost::{Gate, Inventory};
use gatepost_enforce::jwt::Jwt;
use utoipa::IntoResponses;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::Error;

/// Where a subject asks what it may do.
pub const CAPABILITIES: &str = "/.well-known/gatepost/capabilities";

/// How a subject says who it is, by the name that the document has for it.
const TOKEN: &str = "token";

/// What a service tells of its routes without serving them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Told {
    /// Its routes.
    pub routes: Inventory,
    /// Its OpenAPI document, as JSON.
    pub document: String,
}

impl Told {
    /// What is told of these routes; `api` describes their operations.
    ///
    /// # Errors
    ///
    /// When it does not describe all of them, or something else.
    pub fn of(routes: Inventory, api: OpenApi) -> Result<Self, Error> {
        let document = document(&routes, api)?;
        Ok(Self { routes, document })
    }
}

/// The OpenAPI document of a service: the operations that it has described, with what their routes require.
///
/// # Errors
///
/// When a route is not described, or what is described is no route.
pub fn document(routes: &Inventory, mut api: OpenApi) -> Result<String, Error> {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT");
    let token = SecurityScheme::Http(bearer.build());
    gatepost_openapi::add_capabilities(&mut api, CAPABILITIES, TOKEN);
    gatepost_openapi::describe(&mut api, routes, TOKEN, token)?;
    Ok(api.to_pretty_json()?)
}

/// What the frameworks answer to a body that a handler cannot take: in plain text, and to those alone who may.
// A problem of the same status says why a request could not be decided.
#[derive(Clone, Debug, IntoResponses)]
#[non_exhaustive]
pub enum NotRead {
    /// The body is not JSON.
    #[response(status = 400, content_type = "text/plain")]
    NotJson(String),
    /// The body is larger than what the service reads.
    #[response(status = 413, content_type = "text/plain")]
    TooLarge(String),
}

/// A gate without a policy and an identity without a secret, for routes that nobody serves.
///
/// # Errors
///
/// When there can be no such identity.
pub fn unserved() -> Result<(Gate, Jwt), Error> {
    let (gate, _) = Gate::channel();
    Ok((gate, Jwt::hs256(&[0; 32])?))
}

/// How the routes are printed, or what they are compared with.
#[derive(Args, Debug)]
pub struct RoutesArgs {
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print what is different from the routes in this file, and fail where anything is
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    check: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Columns, for a terminal
    Table,
    /// What `--check` reads
    Json,
    /// A table of Markdown
    Markdown,
}

impl RoutesArgs {
    /// Prints the routes, or compares them with those in a file.
    ///
    /// # Errors
    ///
    /// When they are different, with each difference; and when the file cannot be read.
    pub fn print(&self, routes: &Inventory) -> Result<(), Error> {
        let Some(file) = &self.check else {
            let text = match self.format {
                Format::Table => routes.to_table(),
                Format::Json => routes.clone().without_sources().to_json(),
                Format::Markdown => routes.to_markdown(),
            };
            print!("{text}");
            return Ok(());
        };
        let shown = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
        let kept = Inventory::from_json(&text).map_err(|error| format!("{shown}: {error}"))?;
        let changes = kept.changes(routes);
        if changes.is_empty() {
            return Ok(());
        }
        Err(format!("the routes are not those of {shown}:\n{changes}").into())
    }
}

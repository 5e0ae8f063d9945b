//! Policy engines, each filled from one population and asked the same requests.
//!
//! Every engine is modelled as somebody would who knows it and wants it to be quick; how, its module says. What
//! is known when a route is registered is made ready for every engine alike. What comes with a request is its two
//! ids, as text: an engine is asked [from text](FromText), or with its own form of the request at hand. Like is
//! set beside like: Gatepost from text beside those from text, and with parsed ids beside those at hand.

pub mod casbin;
pub mod cedar;
pub mod gatehouse;
pub mod gatepost;
pub mod regorus;
pub mod yardstick;

use gatepost_benches::permission::{Mode, Permission};
use gatepost_benches::population::{Gate, Population, Role};
use gatepost_benches::requests::Request;

use crate::contest::Failure;

/// Something that decides by a population.
pub trait Engine: Sized {
    /// A request in the engine's own words.
    type Asked<'a>;

    /// The engine with all facts of the population.
    ///
    /// # Errors
    ///
    /// When the engine does not take them.
    fn load(population: &Population) -> Result<Self, Failure>;

    /// The request, as the engine takes it.
    ///
    /// # Errors
    ///
    /// When the engine has no words for it.
    fn ask<'a>(&self, request: &Request<'a>) -> Result<Self::Asked<'a>, Failure>;

    /// Whether the request is allowed; nothing where the engine fails.
    fn decide(&mut self, asked: &Self::Asked<'_>) -> Option<bool>;
}

/// An engine whose form of the request is made of the text of the ids each time, as a service has to.
#[derive(Debug)]
pub struct FromText<E>(E);

impl<E: Engine> Engine for FromText<E> {
    type Asked<'a> = Request<'a>;

    fn load(population: &Population) -> Result<Self, Failure> {
        E::load(population).map(Self)
    }

    fn ask<'a>(&self, request: &Request<'a>) -> Result<Request<'a>, Failure> {
        Ok(*request)
    }

    fn decide(&mut self, request: &Request<'_>) -> Option<bool> {
        let asked = self.0.ask(request).ok()?;
        self.0.decide(&asked)
    }
}

/// A value for each permission, by its number.
#[derive(Debug)]
pub(crate) struct ByPermission<T>(Vec<T>);

impl<T: Clone> ByPermission<T> {
    pub(crate) fn new(of: impl Fn(Permission) -> T) -> Self {
        // Numbers are below 64, and not all of them are one.
        Self(
            (0..8)
                .flat_map(|resource| (0..8).map(move |action| Permission::new(resource, action)))
                .map(of)
                .collect(),
        )
    }

    pub(crate) fn get(&self, permission: Permission) -> Option<&T> {
        self.0.get(permission.number())
    }
}

/// Noon of the first day of 2026, in seconds since 1970: for engines that are told the time.
pub(crate) const NOW: i64 = 1_767_268_800;

/// The roles whose bits are set.
pub(crate) fn held(bits: u32, roles: &[Role]) -> impl Iterator<Item = &Role> {
    let placed = roles.iter().enumerate();
    placed
        .filter(move |(index, _)| bits >> index & 1 == 1)
        .map(|(_, role)| role)
}

/// The highest level among them.
pub(crate) fn level(bits: u32, roles: &[Role]) -> u8 {
    held(bits, roles).map(|role| role.level).max().unwrap_or(0)
}

/// The names of the roles that grant it.
pub(crate) fn granting(
    permission: Permission,
    roles: &[Role],
) -> impl Iterator<Item = &String> + '_ {
    let granting = roles
        .iter()
        .filter(move |role| role.grants & permission.bit() != 0);
    granting.map(|role| &role.name)
}

/// The level that a mode takes; 0 for none.
pub(crate) fn floor(gate: Gate, mode: Mode, org_roles: &[Role]) -> u8 {
    let place = usize::from(mode == Mode::Background);
    let floor = gate.floors.get(place).copied().flatten();
    floor
        .and_then(|index| org_roles.get(usize::from(index)))
        .map_or(0, |role| role.level)
}

/// As policies write it: `chat:create`.
pub(crate) fn written(permission: Permission) -> String {
    format!(
        "{}:{}",
        permission.resource_name(),
        permission.action_name()
    )
}

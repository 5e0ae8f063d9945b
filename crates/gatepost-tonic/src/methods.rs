//! The methods of a service, each with what it requires.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use gatepost::Requirement;
use gatepost_enforce::{Met, Registered, Watch};
use http::request::Parts;
use prost::Message;
use prost_types::FileDescriptorSet;

use crate::route::Route;

/// A method as it was registered; whose service it is of, its server says.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The method's name, as it stands in the `.proto` file.
    pub(crate) name: String,
    /// What it requires, or why it is public.
    pub(crate) requirement: Result<Requirement, String>,
    /// Where in the service's code.
    pub(crate) source: &'static Location<'static>,
}

impl Told {
    /// As a route of a service: a call is an HTTP request, `POST /package.Service/Method`.
    pub(crate) fn of(&self, service: &str) -> Registered {
        Registered {
            method: "POST".to_owned(),
            path: format!("/{service}/{}", self.name),
            requirement: self.requirement.clone(),
            source: self.source,
        }
    }
}

/// The methods of a service, by the whole path that a call names.
#[derive(Debug, Default)]
pub(crate) struct Methods {
    pub(crate) by_path: HashMap<String, Method>,
    pub(crate) registered: Vec<Registered>,
    /// Whether a descriptor says that these are all that the service has.
    pub(crate) all: bool,
}

#[derive(Debug)]
pub(crate) enum Method {
    Required(Arc<Route>),
    Public,
}

impl Method {
    /// Tells whoever watches the call what it came to. True of a probe, which is not to be decided.
    pub(crate) fn is_probed(&self, request: &Parts) -> bool {
        request.extensions.get::<Watch>().is_some_and(|watch| {
            watch.meet(match self {
                Self::Required(route) => Met::Required(route.requirement()),
                Self::Public => Met::Public,
            })
        })
    }
}

/// The names of the methods that a descriptor set gives a service.
pub(crate) fn described(descriptor: &[u8], service: &str) -> Result<Vec<String>, &'static str> {
    let set = FileDescriptorSet::decode(descriptor);
    let set = set.map_err(|_| "is described by what is no file descriptor set")?;
    for file in set.file {
        let package = file.package.unwrap_or_default();
        for one in file.service {
            let name = one.name.unwrap_or_default();
            let is_it = match &*package {
                "" => name == service,
                package => service
                    .strip_prefix(package)
                    .and_then(|rest| rest.strip_prefix('.'))
                    .is_some_and(|rest| rest == name),
            };
            if is_it {
                let names = one.method.into_iter().filter_map(|method| method.name);
                return Ok(names.collect());
            }
        }
    }
    Err("is not in the file descriptor set that it is described by")
}

#[cfg(test)]
mod tests {
    use prost_types::{FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};

    use super::*;

    /// A service with one method, which is called as its package and itself.
    fn file(package: &str, service: &str) -> FileDescriptorProto {
        FileDescriptorProto {
            package: Some(package.to_owned()).filter(|package| !package.is_empty()),
            service: vec![ServiceDescriptorProto {
                name: Some(service.to_owned()),
                method: vec![MethodDescriptorProto {
                    name: Some(format!("{package}+{service}")),
                    ..MethodDescriptorProto::default()
                }],
                ..ServiceDescriptorProto::default()
            }],
            ..FileDescriptorProto::default()
        }
    }

    #[test]
    fn a_service_is_found_by_its_whole_name() {
        let set = FileDescriptorSet {
            file: vec![
                file("", "Other"),
                file("a.b", "Other"),
                file("a.b", "C"),
                file("", "C"),
                file("a", "Other"),
            ],
        };
        let set = set.encode_to_vec();
        for (service, method) in [("C", "+C"), ("a.b.C", "a.b+C"), ("a.Other", "a+Other")] {
            let found = described(&set, service);
            assert_eq!(found, Ok(vec![method.to_owned()]), "{service}");
        }
        for service in ["", "b.C", "a.C", "a.bC", "a.b.", "a.b.Other.C", "D"] {
            assert!(described(&set, service).is_err(), "{service}");
        }
    }
}

//! The methods of a service, each with what it requires.

use std::collections::HashMap;
use std::sync::Arc;

use gatepost::Requirement;
use prost::Message;
use prost_types::FileDescriptorSet;

use crate::route::Route;

/// What a service was told of one of its methods.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GatedMethod {
    /// The method's name, as it stands in the `.proto` file.
    pub name: String,
    /// What it requires, or why it is public.
    pub requirement: Result<Requirement, String>,
}

/// The methods of a service, by the whole path that a call names.
#[derive(Debug, Default)]
pub(crate) struct Methods {
    pub(crate) by_path: HashMap<String, Method>,
    /// Whether a descriptor says that these are all that the service has.
    pub(crate) all: bool,
}

#[derive(Debug)]
pub(crate) enum Method {
    Required(Arc<Route>),
    Public,
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

//! Entities: the objects that are acted on, loaded once, for the decision and for the handler.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use gatepost::{OrgId, SubjectId};
use http::request::Parts;

use crate::enforcer::PathParams;
use crate::source::SourceError;

/// Loads the object that a route acts on.
///
/// It is asked at the first check that depends on the owner, or else when all
/// checks have passed; once; and never for a request that fails before.
#[async_trait]
pub trait EntityLoader: Send + Sync + 'static {
    /// The object.
    type Entity: Send + Sync + 'static;

    /// Loads the object that the request names, out of the org that it falls in.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when it could not be read; that there is none is `None`.
    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Self::Entity>>, SourceError>;
}

/// What names the object in a request.
#[derive(Clone, Copy, Debug)]
pub struct EntityKey<'a> {
    pub(crate) request: &'a Parts,
    pub(crate) params: &'a PathParams,
    pub(crate) org: Option<&'a OrgId>,
}

impl<'a> EntityKey<'a> {
    /// The org that the object must lie in; none where the route has none.
    pub fn org(&self) -> Option<&'a OrgId> {
        self.org
    }

    /// A path parameter, percent-decoded.
    pub fn path(&self, param: &str) -> Option<&'a str> {
        self.params.get(param)
    }

    /// The request without its body.
    pub fn request(&self) -> &'a Parts {
        self.request
    }
}

/// An object that was loaded, with where it lies and whose it is.
///
/// One that lies in another org than the request is counted as missing: a
/// loader cannot forget it.
#[derive(Clone, Debug)]
pub struct Loaded<E> {
    entity: Arc<E>,
    org: Option<OrgId>,
    owner: Option<SubjectId>,
}

impl<E> Loaded<E> {
    /// An object that lies in an org.
    pub fn in_org(org: OrgId, entity: impl Into<Arc<E>>) -> Self {
        Self {
            entity: entity.into(),
            org: Some(org),
            owner: None,
        }
    }

    /// An object that lies in no org.
    pub fn site_wide(entity: impl Into<Arc<E>>) -> Self {
        Self {
            entity: entity.into(),
            org: None,
            owner: None,
        }
    }

    /// Says who owns it.
    #[must_use]
    pub fn owned_by(mut self, owner: SubjectId) -> Self {
        self.owner = Some(owner);
        self
    }
}

/// The object that was decided on, as the handler gets it, so that it cannot act on another one.
///
/// It stands in the request's extensions beside the permit.
#[derive(Clone, Debug)]
pub struct Entity(Option<Arc<dyn Any + Send + Sync>>);

impl Entity {
    /// The object; `None` where there is none in this org.
    ///
    /// # Errors
    ///
    /// Returns the entity unchanged where the route's loader loads another type.
    pub fn downcast<E: Send + Sync + 'static>(self) -> Result<Option<Arc<E>>, Self> {
        match self.0 {
            None => Ok(None),
            Some(entity) => entity
                .downcast()
                .map(Some)
                .map_err(|entity| Self(Some(entity))),
        }
    }
}

/// A loader, whatever it loads.
#[async_trait]
pub(crate) trait AnyLoader: Send + Sync {
    async fn load_any(
        &self,
        key: EntityKey<'_>,
    ) -> Result<(Entity, Option<SubjectId>), SourceError>;
}

#[async_trait]
impl<L: EntityLoader> AnyLoader for L {
    async fn load_any(
        &self,
        key: EntityKey<'_>,
    ) -> Result<(Entity, Option<SubjectId>), SourceError> {
        let loaded = self.load(key).await?;
        Ok(
            match loaded.filter(|loaded| loaded.org.as_ref() == key.org) {
                None => (Entity(None), None),
                Some(Loaded { entity, owner, .. }) => (Entity(Some(entity)), owner),
            },
        )
    }
}

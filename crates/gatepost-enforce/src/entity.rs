//! Entities: the objects that are acted on, loaded once, for the decision and for the handler.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use ecow::EcoString;
use gatepost::{DecisionId, Denial, OrgId, RequestHead, Subject, SubjectId};

use crate::answer::Answer;
use crate::param;
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
    pub(crate) subject: Option<&'a Subject>,
    pub(crate) org: Option<&'a OrgId>,
    pub(crate) names: &'a Names,
}

/// What of a request can name an object, kept while the object is loaded.
#[derive(Debug, Default)]
pub(crate) struct Names {
    params: Vec<(EcoString, EcoString)>,
    query: Option<String>,
    body: Bytes,
}

impl Names {
    pub(crate) fn read(
        head: &mut (impl RequestHead + ?Sized),
        body: Bytes,
    ) -> Result<Self, Denial> {
        Ok(Self {
            params: param::paths(head)?,
            query: head.query().map(str::to_owned),
            body,
        })
    }
}

impl<'a> EntityKey<'a> {
    /// The org that the object must lie in; none where the route has none, or where the object is to name it.
    pub fn org(&self) -> Option<&'a OrgId> {
        self.org
    }

    /// Who asks.
    pub fn subject(&self) -> Option<&'a Subject> {
        self.subject
    }

    /// A path parameter, percent-decoded.
    pub fn path(&self, param: &str) -> Option<&'a str> {
        let mut params = self.names.params.iter();
        let found = params.find(|(name, _)| name == param);
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a key of the query.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when the key is given twice, or its value is not UTF-8.
    pub fn query(&self, key: &str) -> Result<Option<String>, SourceError> {
        let value = param::query(self.names.query.as_deref(), key);
        let value = value.map_err(|denial| SourceError::unreadable(&denial))?;
        Ok(value.map(std::borrow::Cow::into_owned))
    }

    /// The body, or in gRPC the first message; empty where the requirement does not say that it is read.
    pub fn body(&self) -> &'a [u8] {
        &self.names.body
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
pub struct Entity(Result<Object, Arc<NotThere>>);

type Object = Arc<dyn Any + Send + Sync>;

/// There is no such object in the request's org: what the client gets then.
#[derive(Clone, Debug)]
pub struct NotThere {
    answer: Answer,
    decision: DecisionId,
}

impl NotThere {
    pub(crate) fn new(answer: Answer, decision: DecisionId) -> Self {
        Self { answer, decision }
    }

    /// The answer: the bytes of a hidden denial.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The id of the decision that let the request in.
    pub fn decision(&self) -> DecisionId {
        self.decision
    }
}

impl Entity {
    pub(crate) fn new(object: Result<Object, Arc<NotThere>>) -> Self {
        Self(object)
    }

    /// The object.
    ///
    /// `None` where the route's loader loads another type.
    ///
    /// # Errors
    ///
    /// [`NotThere`] where there is no such object in this org.
    pub fn get<E: Send + Sync + 'static>(&self) -> Option<Result<Arc<E>, Arc<NotThere>>> {
        match &self.0 {
            Ok(object) => object.clone().downcast().ok().map(Ok),
            Err(not_there) => Some(Err(not_there.clone())),
        }
    }
}

/// What was loaded, whatever it is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) object: Object,
    pub(crate) org: Option<OrgId>,
    pub(crate) owner: Option<SubjectId>,
}

/// A loader, whatever it loads.
#[async_trait]
pub(crate) trait AnyLoader: Send + Sync {
    async fn load_any(&self, key: EntityKey<'_>) -> Result<Option<Found>, SourceError>;
}

#[async_trait]
impl<L: EntityLoader> AnyLoader for L {
    async fn load_any(&self, key: EntityKey<'_>) -> Result<Option<Found>, SourceError> {
        let loaded = self.load(key).await?;
        Ok(loaded.map(|Loaded { entity, org, owner }| Found {
            object: entity,
            org,
            owner,
        }))
    }
}

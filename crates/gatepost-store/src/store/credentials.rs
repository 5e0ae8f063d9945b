//! Login links, sessions and tokens: issued, used, and taken back.

use std::time::Duration;

use gatepost::{SubjectId, Timestamp};

use super::PolicyStore;
use super::aside::CredentialRow;
use super::base::{random, understood};
use super::draft::said_by;
use super::import::operator;
use super::tx::{Access, Done, Job, Result, Tx};
use crate::credential::{
    Credential, CredentialKind, IDLE, Issued, NewCredential, RENEWED, SESSION, hash, secret,
};
use crate::error::{StoreError, StoreErrorKind};

impl PolicyStore {
    /// Issues a login link or a token; its secret is told this once. What is over is taken away on the way.
    ///
    /// # Errors
    ///
    /// [`Denied`](StoreErrorKind::Denied) for everyone but the operator; [`Invalid`](StoreErrorKind::Invalid)
    /// where it would last too long, or a scope is none; [`Missing`](StoreErrorKind::Missing) where the store
    /// was not brought up to this release yet.
    pub async fn issue(&self, new: &NewCredential) -> Result<Issued> {
        let place = self.url.to_string();
        operator(&place, &new.author)?;
        said_by(&place, new.author.name())?;
        if let Some(why) = new.fault() {
            return Err(StoreError::new(StoreErrorKind::Invalid, &place, why));
        }
        let issue = Issue {
            new: new.clone(),
            secret: self.secret(new.kind)?,
        };
        self.run(issue).await
    }

    /// Begins a session with a login link, which is used up by it: of several who try at once, one does. `None`
    /// where there is no such link, or it was used, or is over.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn log_in(&self, code: &str) -> Result<Option<Issued>> {
        self.begin_session(code, None).await
    }

    /// As [`log_in`](Self::log_in), and ends the session of that secret with the same transaction: whoever logs in
    /// again leaves none behind that he does not see any more. It goes on where none is begun.
    ///
    /// # Errors
    ///
    /// Those of [`log_in`](Self::log_in).
    pub async fn log_in_instead(&self, code: &str, session: &str) -> Result<Option<Issued>> {
        self.begin_session(code, hash(session)).await
    }

    async fn begin_session(&self, code: &str, instead: Option<String>) -> Result<Option<Issued>> {
        let Some(link) = hash(code) else {
            return Ok(None);
        };
        let secret = self.secret(CredentialKind::Session)?;
        let log_in = LogIn {
            link,
            instead,
            secret,
        };
        self.run(log_in).await
    }

    /// The credential that a secret is of, while it is in force by the store's clock. That a session is used is
    /// written down at most once a minute.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn credential(
        &self,
        kind: CredentialKind,
        secret: &str,
    ) -> Result<Option<Credential>> {
        let Some(hash) = hash(secret) else {
            return Ok(None);
        };
        let Some((credential, used)) = self.run(Find { kind, hash }).await? else {
            return Ok(None);
        };
        if let Some(used) = used {
            let id = credential.id.clone();
            if let Err(error) = self.run(Use { id, used }).await {
                // It is in force all the same, and ends sooner at worst.
                tracing::debug!(%error, "that a session is used was not written down");
            }
        }
        Ok(Some(credential))
    }

    /// Every credential of a kind that is in force, the newest first.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>> {
        self.run(List { kind }).await
    }

    /// Takes a credential back, by its public id; whether there was one.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn revoke(&self, id: &str) -> Result<bool> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(false);
        }
        self.run(Revoke { id: id.to_owned() }).await
    }

    /// Takes back all that a subject has of these kinds; how many there were.
    ///
    /// A session that a login link begins meanwhile is ended with the others where links are taken back as well.
    ///
    /// # Errors
    ///
    /// [`Missing`](StoreErrorKind::Missing) where the store was not brought up to this release yet.
    pub async fn revoke_all(&self, subject: &SubjectId, kinds: &[CredentialKind]) -> Result<usize> {
        let revoke = RevokeAll {
            subject: subject.clone(),
            kinds: kinds.to_vec(),
        };
        self.run(revoke).await
    }

    fn secret(&self, kind: CredentialKind) -> Result<String> {
        secret(kind).map_err(|why| {
            let why = format!("no secret can be made: {why}");
            StoreError::new(StoreErrorKind::Unreachable, &self.url, why)
        })
    }
}

struct Issue {
    new: NewCredential,
    secret: String,
}

impl Job for Issue {
    type Output = Issued;
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Issued>> {
        let now = begin(tx).await?;
        prune(tx, now).await?;
        let new = &self.new;
        let scopes = new.scopes.as_ref();
        let row = CredentialRow {
            id: random(),
            kind: new.kind.as_str().to_owned(),
            hash: hash(&self.secret).unwrap_or_default(),
            subject: new.subject.as_str().to_owned(),
            scopes: scopes.map(|scopes| serde_json::Value::from(scopes.clone()).to_string()),
            label: new.label.clone(),
            author: new.author.name().to_owned(),
            created: now,
            expires: now.saturating_add(millis(new.lasting)),
            used: now,
        };
        put(tx, row, &mut self.secret).await.map(Done::Commit)
    }
}

struct LogIn {
    /// The hash of the link's code.
    link: String,
    /// The hash of the secret of the session that ends.
    instead: Option<String>,
    /// The session's.
    secret: String,
}

impl Job for LogIn {
    type Output = Option<Issued>;
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let now = begin(tx).await?;
        let login = CredentialKind::Login.as_str();
        let Some(link) = tx.take_credential(login, &self.link).await? else {
            return Ok(Done::Nothing(None));
        };
        prune(tx, now).await?;
        if !is_in_force(&link, now) {
            return Ok(Done::Commit(None));
        }
        if let Some(instead) = &self.instead {
            let session = CredentialKind::Session.as_str();
            tx.take_credential(session, instead).await?;
        }
        // Nothing of the link is in it: whoever saw the code does not know the session.
        let row = CredentialRow {
            id: random(),
            kind: CredentialKind::Session.as_str().to_owned(),
            hash: hash(&self.secret).unwrap_or_default(),
            created: now,
            expires: now.saturating_add(millis(SESSION)),
            used: now,
            ..link
        };
        let issued = put(tx, row, &mut self.secret).await?;
        Ok(Done::Commit(Some(issued)))
    }
}

struct Find {
    kind: CredentialKind,
    hash: String,
}

impl Job for Find {
    /// The credential, and with it the moment to write down, where it is to be.
    type Output = Option<(Credential, Option<i64>)>;
    const ACCESS: Access = Access::Glance;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let now = begin(tx).await?;
        let found = tx.credential(self.kind.as_str(), &self.hash).await?;
        let Some(row) = found.filter(|row| is_in_force(row, now)) else {
            return Ok(Done::Nothing(None));
        };
        let is_stale = now.saturating_sub(row.used) >= millis(RENEWED);
        let used = (is_stale && self.kind == CredentialKind::Session).then_some(now);
        let credential = read(&tx.place(), row)?;
        Ok(Done::Nothing(Some((credential, used))))
    }
}

struct Use {
    id: String,
    used: i64,
}

impl Job for Use {
    type Output = ();
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<()>> {
        begin(tx).await?;
        tx.use_credential(&self.id, self.used).await?;
        Ok(Done::Commit(()))
    }
}

struct List {
    kind: CredentialKind,
}

impl Job for List {
    type Output = Vec<Credential>;
    const ACCESS: Access = Access::Glance;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<Self::Output>> {
        let now = begin(tx).await?;
        let mut rows = tx.credentials(self.kind.as_str()).await?;
        rows.retain(|row| is_in_force(row, now));
        rows.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        let place = tx.place();
        let all: Result<_> = rows.into_iter().map(|row| read(&place, row)).collect();
        all.map(Done::Nothing)
    }
}

struct Revoke {
    id: String,
}

impl Job for Revoke {
    type Output = bool;
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<bool>> {
        begin(tx).await?;
        tx.drop_credential(&self.id).await.map(Done::Commit)
    }
}

struct RevokeAll {
    subject: SubjectId,
    kinds: Vec<CredentialKind>,
}

impl Job for RevokeAll {
    type Output = usize;
    const ACCESS: Access = Access::Note;

    async fn run<T: Tx>(&mut self, tx: &mut T) -> Result<Done<usize>> {
        begin(tx).await?;
        let mut gone = 0_usize;
        // Links go before sessions, as in whoever logs in: his session is there behind the wait for his link.
        for kind in CredentialKind::ALL {
            if self.kinds.contains(&kind) {
                let subject = self.subject.as_str();
                let some = tx.drop_credentials(kind.as_str(), subject).await?;
                gone = gone.saturating_add(some);
            }
        }
        Ok(Done::Commit(gone))
    }
}

/// Checks that the store is understood; the time there.
async fn begin<T: Tx>(tx: &mut T) -> Result<i64> {
    understood(&tx.place(), tx.head().await?)?;
    tx.now().await
}

async fn prune<T: Tx>(tx: &mut T, now: i64) -> Result<()> {
    let session = CredentialKind::Session.as_str();
    let idle = now.saturating_sub(millis(IDLE));
    tx.prune_credentials(now, session, idle).await
}

async fn put<T: Tx>(tx: &mut T, row: CredentialRow, secret: &mut String) -> Result<Issued> {
    tx.put_credential(&row).await?;
    Ok(Issued {
        secret: std::mem::take(secret),
        credential: read(&tx.place(), row)?,
    })
}

fn is_in_force(row: &CredentialRow, now: i64) -> bool {
    let is_idle = row.kind == CredentialKind::Session.as_str()
        && row.used.saturating_add(millis(IDLE)) <= now;
    now < row.expires && !is_idle
}

fn read(place: &str, row: CredentialRow) -> Result<Credential> {
    let id = row.id;
    let unread = |what: &str| {
        let id = id.escape_debug();
        let why = format!("the {what} of the credential `{id}` cannot be read");
        StoreError::new(StoreErrorKind::Unsound, place, why)
    };
    let moment = |millis: i64, what| Timestamp::from_millis(millis).ok_or_else(|| unread(what));
    let scopes = row.scopes.map(|text| serde_json::from_str(&text));
    Ok(Credential {
        kind: CredentialKind::parse(&row.kind).ok_or_else(|| unread("kind"))?,
        subject: SubjectId::new(&row.subject).map_err(|_| unread("subject"))?,
        // A list that is not understood is not one without limits.
        scopes: scopes.transpose().map_err(|_| unread("scopes"))?,
        label: row.label,
        author: row.author,
        created: moment(row.created, "time")?,
        expires: moment(row.expires, "end")?,
        id,
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

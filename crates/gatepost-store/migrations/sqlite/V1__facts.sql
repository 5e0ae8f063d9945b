-- Times are texts such as 2027-01-01T00:00:00.000Z, in UTC.

-- The one row that says which policy the store holds. Its shape never changes.
CREATE TABLE gatepost_head (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    format  INTEGER NOT NULL,
    lineage TEXT NOT NULL,
    epoch   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    token   TEXT NOT NULL,
    whole   INTEGER NOT NULL,
    killed  TEXT NOT NULL
) STRICT;

-- What the policy says, one row each.
CREATE TABLE gatepost_fact (
    kind    TEXT NOT NULL,
    a       TEXT NOT NULL,
    b       TEXT NOT NULL,
    body    TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, a, b)
) STRICT, WITHOUT ROWID;
-- Memberships by subject, and an org's own roles by name.
CREATE INDEX gatepost_fact_by_b ON gatepost_fact (kind, b);

-- The audit log: who changed the policy, when and why. Rows are never updated or deleted.
CREATE TABLE gatepost_change (
    version    INTEGER PRIMARY KEY,
    token      TEXT NOT NULL,
    at         TEXT NOT NULL,
    author     TEXT NOT NULL,
    authority  TEXT NOT NULL,
    acting_for TEXT,
    reason     TEXT NOT NULL,
    command    TEXT NOT NULL,
    whole      INTEGER NOT NULL,
    awaited    INTEGER NOT NULL
) STRICT;

-- The audit log: what each change did.
CREATE TABLE gatepost_effect (
    version INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    a       TEXT NOT NULL,
    b       TEXT NOT NULL,
    before  TEXT,
    after   TEXT,
    PRIMARY KEY (version, kind, a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX gatepost_effect_by_fact ON gatepost_effect (kind, a, b, version);
-- When the memberships of a subject last changed.
CREATE INDEX gatepost_effect_of_member ON gatepost_effect (b, version) WHERE kind = 'member';

-- Who decides by this policy, and how new what it decides by is.
CREATE TABLE gatepost_replica (
    id       TEXT PRIMARY KEY NOT NULL,
    name     TEXT NOT NULL,
    started  TEXT NOT NULL,
    at       TEXT NOT NULL,
    lease_ms INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    state    TEXT NOT NULL,
    library  TEXT NOT NULL
) STRICT;

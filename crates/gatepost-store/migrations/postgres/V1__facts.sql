-- The one row that says which policy the store holds. Its shape never changes.
CREATE TABLE gatepost_head (
    one     smallint PRIMARY KEY CHECK (one = 1),
    format  integer NOT NULL,
    lineage text COLLATE "C" NOT NULL,
    epoch   bigint NOT NULL,
    version bigint NOT NULL,
    token   text COLLATE "C" NOT NULL,
    whole   bigint NOT NULL,
    killed  text COLLATE "C" NOT NULL
);

-- What the policy says, one row each.
CREATE TABLE gatepost_fact (
    kind    text COLLATE "C" NOT NULL,
    a       text COLLATE "C" NOT NULL,
    b       text COLLATE "C" NOT NULL,
    body    text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (kind, a, b)
);
-- Memberships by subject, and an org's own roles by name.
CREATE INDEX gatepost_fact_by_b ON gatepost_fact (kind, b);

-- The audit log: who changed the policy, when and why. Rows are never updated or deleted.
CREATE TABLE gatepost_change (
    version    bigint PRIMARY KEY,
    token      text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    author     text COLLATE "C" NOT NULL,
    authority  text COLLATE "C" NOT NULL,
    acting_for text COLLATE "C",
    reason     text COLLATE "C" NOT NULL,
    command    text COLLATE "C" NOT NULL,
    whole      boolean NOT NULL,
    awaited    boolean NOT NULL
);

-- The audit log: what each change did.
CREATE TABLE gatepost_effect (
    version bigint NOT NULL,
    kind    text COLLATE "C" NOT NULL,
    a       text COLLATE "C" NOT NULL,
    b       text COLLATE "C" NOT NULL,
    before  text COLLATE "C",
    after   text COLLATE "C",
    PRIMARY KEY (version, kind, a, b)
);
CREATE INDEX gatepost_effect_by_fact ON gatepost_effect (kind, a, b, version);
-- When the memberships of a subject last changed.
CREATE INDEX gatepost_effect_of_member ON gatepost_effect (b, version) WHERE kind = 'member';

-- Who decides by this policy, and how new what it decides by is.
CREATE TABLE gatepost_replica (
    id       text COLLATE "C" PRIMARY KEY,
    name     text COLLATE "C" NOT NULL,
    started  timestamptz NOT NULL,
    at       timestamptz NOT NULL,
    lease_ms bigint NOT NULL,
    epoch    bigint NOT NULL,
    version  bigint NOT NULL,
    state    text COLLATE "C" NOT NULL,
    library  text COLLATE "C" NOT NULL
);

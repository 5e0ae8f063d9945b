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

-- What a replica asks, again and again, in one snapshot of the store. A function, so that its plan is kept
-- by the server, whichever pooler stands before it. Replicas of an older release call it as it is: what asks
-- for more gets another name.
CREATE FUNCTION gatepost_ask(bigint, text, bigint, bigint, boolean)
RETURNS TABLE (
  format bigint, lineage text, epoch bigint, version bigint, token text, whole bigint, killed text,
  standby boolean, marked text, registered boolean, awaited boolean, changes bigint, effects text
) LANGUAGE plpgsql STABLE AS $ask$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT h.format::bigint, h.lineage, h.epoch, h.version, h.token, h.whole, h.killed,
    pg_is_in_recovery(),
    (SELECT c.token FROM gatepost_change c WHERE c.version = $1),
    EXISTS (SELECT FROM gatepost_replica r WHERE r.id = $2),
    h.version > $3 AND EXISTS (
      SELECT FROM gatepost_change c WHERE c.version > $3 AND c.version <= h.version AND c.awaited),
    CASE WHEN h.version > $3 AND h.version - $3 <= $4 THEN (
      SELECT count(*) FROM gatepost_change c WHERE c.version > $3 AND c.version <= h.version
    ) ELSE -1 END,
    CASE WHEN h.version > $3 AND h.version - $3 <= $4 THEN (
      SELECT json_agg(json_build_array(e.version, e.kind, e.a, e.b,
        CASE WHEN $5 AND e.kind = 'member' THEN NULL ELSE e.after END))::text
      FROM gatepost_effect e WHERE e.version > $3 AND e.version <= h.version
    ) END
  FROM gatepost_head h;
END
$ask$;

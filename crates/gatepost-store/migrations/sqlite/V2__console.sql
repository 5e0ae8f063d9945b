-- What stands beside the policy. Nothing that a release without it reads or writes is other than before.
-- Moments are milliseconds since 1970, by the store's clock.

-- Who comes to the console. Of a secret there is the SHA-256 alone.
CREATE TABLE gatepost_credential (
    id         TEXT PRIMARY KEY NOT NULL,
    kind       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    subject    TEXT NOT NULL,
    scopes     TEXT,
    label      TEXT NOT NULL,
    author     TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER NOT NULL
) STRICT;

-- A sample of what was denied; the newest are kept.
CREATE TABLE gatepost_denial (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL,
    code       TEXT NOT NULL,
    subject    TEXT,
    acting_for TEXT,
    org        TEXT,
    resource   TEXT,
    action     TEXT,
    mode       TEXT,
    route      TEXT,
    replica    TEXT,
    decision   TEXT,
    times      INTEGER NOT NULL
) STRICT;

-- The routes of the services that follow, as their replicas report them: apart from the replica's row, which is
-- written every few seconds, and read by whoever waits for a change to arrive.
CREATE TABLE gatepost_routes (
    replica TEXT PRIMARY KEY NOT NULL,
    routes  TEXT NOT NULL
) STRICT;

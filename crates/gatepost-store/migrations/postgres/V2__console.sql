-- What stands beside the policy. Nothing that a release without it reads or writes is other than before, and no
-- table of it is locked.
-- Moments are milliseconds since 1970, by the store's clock.

-- Who comes to the console. Of a secret there is the SHA-256 alone.
CREATE TABLE gatepost_credential (
    id         text COLLATE "C" PRIMARY KEY,
    kind       text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    subject    text COLLATE "C" NOT NULL,
    scopes     text COLLATE "C",
    label      text COLLATE "C" NOT NULL,
    author     text COLLATE "C" NOT NULL,
    created_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    used_ms    bigint NOT NULL
);

-- A sample of what was denied; the newest are kept.
CREATE TABLE gatepost_denial (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms      bigint NOT NULL,
    code       text COLLATE "C" NOT NULL,
    subject    text COLLATE "C",
    acting_for text COLLATE "C",
    org        text COLLATE "C",
    resource   text COLLATE "C",
    action     text COLLATE "C",
    mode       text COLLATE "C",
    route      text COLLATE "C",
    replica    text COLLATE "C",
    decision   text COLLATE "C",
    times      bigint NOT NULL
);

-- The routes of the services that follow, as their replicas report them: apart from the replica's row, which is
-- written every few seconds, and read by whoever waits for a change to arrive.
CREATE TABLE gatepost_routes (
    replica text COLLATE "C" PRIMARY KEY,
    routes  text COLLATE "C" NOT NULL
);

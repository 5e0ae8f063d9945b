-- The log of decisions, beside the policy. Nothing that a release without it reads or writes is other than before, and
-- no table of it is locked.
-- Moments are milliseconds since 1970, by the clock of whoever decided.

-- What is looked for, and the record of the decision as JSON. The newest are kept.
CREATE TABLE gatepost_decision (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms    bigint NOT NULL,
    decision text COLLATE "C" NOT NULL,
    subject  text COLLATE "C",
    org      text COLLATE "C",
    code     text COLLATE "C",
    outcome  text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    action   text COLLATE "C" NOT NULL,
    record   text COLLATE "C" NOT NULL
);

CREATE INDEX gatepost_decision_at ON gatepost_decision (at_ms);
CREATE INDEX gatepost_decision_id ON gatepost_decision (decision);

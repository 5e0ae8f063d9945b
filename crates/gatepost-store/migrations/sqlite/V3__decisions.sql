-- The log of decisions, beside the policy. Nothing that a release without it reads or writes is other than before.
-- Moments are milliseconds since 1970, by the clock of whoever decided.

-- What is looked for, and the record of the decision as JSON. The newest are kept.
CREATE TABLE gatepost_decision (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    decision TEXT NOT NULL,
    subject  TEXT,
    org      TEXT,
    code     TEXT,
    outcome  TEXT NOT NULL,
    resource TEXT NOT NULL,
    action   TEXT NOT NULL,
    record   TEXT NOT NULL
) STRICT;

CREATE INDEX gatepost_decision_at ON gatepost_decision (at_ms);
CREATE INDEX gatepost_decision_id ON gatepost_decision (decision);

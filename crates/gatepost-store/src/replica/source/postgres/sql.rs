//! The statements of a replica.
//!
//! Each is one statement and nothing is prepared, so that they mean the same through a pooler
//! that gives every transaction another connection.

/// `$1` of which version the token is wanted, `$2` the replica's own row, `$3` since which version
/// the effects are wanted, `$4` how many versions that may be at most, `$5` whether memberships are left out.
///
/// A function of the store, since the server then keeps its plan: to plan it anew takes longer than to
/// answer it, and it is asked by every replica after every change.
pub(super) const ASK: &str = "SELECT * FROM gatepost_ask($1, $2, $3, $4, $5)";

/// The columns of [`ASK`] up to the one that says whether the store is a standby.
pub(super) const HEAD: &str = "\
SELECT h.format::bigint, h.lineage, h.epoch, h.version, h.token, h.whole, h.killed, pg_is_in_recovery()
FROM gatepost_head h";

/// `$1` of which kind, `$2` how long a body may be; one that is longer is none.
pub(super) const FACTS: &str = "\
SELECT a, b, CASE WHEN octet_length(body) <= $2 THEN body END FROM gatepost_fact WHERE kind = $1";

/// `$1` of which version the token is wanted, `$2` whose memberships; nothing is asked of a replica's row
/// and of changes that are waited for.
pub(super) const MEMBERS: &str = "\
SELECT h.format::bigint, h.lineage, h.epoch, h.version, h.token, h.whole, h.killed,
  pg_is_in_recovery(),
  (SELECT c.token FROM gatepost_change c WHERE c.version = $1),
  false, false,
  (SELECT max(e.version) FROM gatepost_effect e WHERE e.kind = 'member' AND e.b = $2),
  (SELECT json_agg(json_build_array(f.a, f.body))::text
   FROM gatepost_fact f WHERE f.kind = 'member' AND f.b = $2)
FROM gatepost_head h";

pub(super) const BEAT: &str = "\
INSERT INTO gatepost_replica (id, name, started, at, lease_ms, epoch, version, state, library)
VALUES ($1, $2, clock_timestamp(), clock_timestamp(), $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, epoch = excluded.epoch,
  version = excluded.version, state = excluded.state";

pub(super) const REPORT: &str = "\
INSERT INTO gatepost_routes (replica, routes) VALUES ($1, $2)
ON CONFLICT (replica) DO UPDATE SET routes = excluded.routes";

-- Who saw what, and why. A file of its own, so that reading, which is logged, never waits for a long commit.
CREATE TABLE access (
  number  INTEGER PRIMARY KEY,               -- from 1, without gaps
  at      TEXT NOT NULL,
  who     TEXT NOT NULL,
  why     TEXT NOT NULL,
  posts   TEXT NOT NULL,                     -- JSON list of roles and unit codes
  reveals TEXT NOT NULL,                     -- JSON list of sensitivities
  what    TEXT NOT NULL,
  hash    BLOB NOT NULL                      -- over this line and the hash of the one before
) STRICT;

CREATE TRIGGER access_is_not_changed BEFORE UPDATE ON access
BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END;
CREATE TRIGGER access_is_not_removed BEFORE DELETE ON access
BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END;

-- The ledger in SQLite. Truth is in book, commits and entry; head, directory and edge can be made again from entry.
-- `place` is the book's number << 32 | the sequence in it, so one integer key orders entries by book and sequence.

CREATE TABLE book (
  number       INTEGER PRIMARY KEY,          -- in the order of opening, from 1
  unit         TEXT    NOT NULL UNIQUE,      -- unit code
  seq          INTEGER NOT NULL,             -- of the last entry
  hash         BLOB    NOT NULL,             -- of the last entry
  next_ordinal INTEGER NOT NULL,             -- of the next record opened here
  opened_at    TEXT    NOT NULL,
  opened_by    TEXT    NOT NULL
) STRICT;

CREATE TABLE commits (
  number      INTEGER PRIMARY KEY,
  key         TEXT    NOT NULL UNIQUE,       -- idempotency key
  actor       TEXT    NOT NULL,
  source      TEXT    NOT NULL,
  recorded_at TEXT    NOT NULL,
  rights      TEXT    NOT NULL,              -- the grant, as JSON
  content     BLOB    NOT NULL,              -- digest of the drafts as sent
  entries     INTEGER NOT NULL,
  heads       TEXT    NOT NULL               -- what the receipt named, as JSON
) STRICT;

CREATE TABLE entry (
  place         INTEGER PRIMARY KEY,
  book          INTEGER GENERATED ALWAYS AS (place >> 32) VIRTUAL,
  seq           INTEGER GENERATED ALWAYS AS (place & 4294967295) VIRTUAL,
  commit_number INTEGER NOT NULL,
  register      TEXT    NOT NULL,
  record        INTEGER NOT NULL,
  kind          TEXT    NOT NULL,            -- open change correct close transfer merge undo
  valid_from    TEXT    NOT NULL,            -- YYYY-MM-DD
  previous      INTEGER,                     -- place of the record's entry before this one
  body          TEXT    NOT NULL,            -- the full record after it, canonical JSON
  hash          BLOB    NOT NULL
) STRICT;

-- The rowid follows the indexed column: (register, book, seq).
CREATE INDEX entry_by_register ON entry (register);

-- Records by number; a record's number begins with the book that opened it.
CREATE TABLE head (
  record   INTEGER PRIMARY KEY,
  register TEXT    NOT NULL,
  place    INTEGER NOT NULL,                 -- of its last entry
  closed   INTEGER NOT NULL
) STRICT;

-- Those that ended, or were never there: few, and asked for when an identity becomes free.
CREATE INDEX head_closed ON head (register) WHERE closed;

-- Who holds an identity key; scope is a book's number, or 0 for keys unique everywhere.
CREATE TABLE directory (
  register TEXT    NOT NULL,
  scope    INTEGER NOT NULL,
  key      TEXT    NOT NULL,
  record   INTEGER NOT NULL,
  PRIMARY KEY (register, scope, key)
) STRICT, WITHOUT ROWID;

-- Links of registers that may not form a circle.
CREATE TABLE edge (
  register TEXT    NOT NULL,
  source   INTEGER NOT NULL,
  target   INTEGER NOT NULL,
  record   INTEGER NOT NULL,
  PRIMARY KEY (register, source, target, record)
) STRICT, WITHOUT ROWID;

-- Against mistakes; against malice stands the chain.
CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER entry_is_not_removed BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER commit_is_not_changed BEFORE UPDATE ON commits BEGIN SELECT RAISE(ABORT, 'commits are only added'); END;
CREATE TRIGGER commit_is_not_removed BEFORE DELETE ON commits BEGIN SELECT RAISE(ABORT, 'commits are only added'); END;

-- The ledger in SQLite. Truth is in book, pack, commits, say, roll, erasure and entry; record, directory and edge can be made
-- again from entry. `place` is the book's number << 32 | the sequence in it, so one integer key orders entries by book and
-- sequence. A `say` in a row is the place among its own commit's says, or, from 1024 on, the commit << 10 | the place there.
-- Days are counted since 1970.

CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,           -- ledger (32 hexadecimal digits), algorithm
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE register (
  number INTEGER PRIMARY KEY,                -- stands for the name in every other table
  name   TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE book (
  number    INTEGER PRIMARY KEY,             -- in the order of opening, from 1
  unit      TEXT    NOT NULL UNIQUE,         -- unit code
  seq       INTEGER NOT NULL,                -- of the last entry
  hash      BLOB    NOT NULL,                -- of the last entry, or of the opening
  opened_at TEXT    NOT NULL,
  opened_by TEXT    NOT NULL
) STRICT;

CREATE TABLE pack (
  ordinal INTEGER PRIMARY KEY,               -- in the order of adoption, from 1
  digest  BLOB NOT NULL,                     -- of its files
  name    TEXT NOT NULL
) STRICT;

CREATE TABLE commits (
  number      INTEGER PRIMARY KEY,
  asked       BLOB    NOT NULL,              -- digest of what was asked
  actor       TEXT    NOT NULL,
  source      TEXT    NOT NULL,              -- JSON
  recorded_at TEXT    NOT NULL,
  rights      TEXT    NOT NULL,              -- the grant, as JSON
  pack        INTEGER NOT NULL,              -- in force
  undoes      INTEGER,                       -- the commit it takes back
  undone_by   INTEGER,                       -- follows from undoes
  units       TEXT    NOT NULL,              -- it speaks for, as JSON
  opened      TEXT    NOT NULL,              -- registers it opened records of, as JSON
  entries     INTEGER NOT NULL,
  heads       TEXT    NOT NULL,              -- of the books it opened or wrote to, as JSON
  seal        BLOB    NOT NULL               -- over all of this, its says and rolls, and the seal before
) STRICT;

CREATE UNIQUE INDEX commit_asked ON commits (asked) WHERE undone_by IS NULL;
CREATE UNIQUE INDEX commit_undoes ON commits (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE say (
  commit_number INTEGER NOT NULL,
  nth           INTEGER NOT NULL,
  sender        TEXT    NOT NULL,
  unit          TEXT    NOT NULL,
  roster        TEXT    NOT NULL,            -- empty for a desk
  as_of         INTEGER NOT NULL,
  whole         INTEGER,                     -- 1 whole, 2 guarded, 3 part; this and what follows none for a desk
  file          TEXT,
  rows          INTEGER,
  unplaced      INTEGER,
  since         INTEGER,                     -- of a list of what happened, the first day it tells of
  slices        TEXT,                        -- one a line
  holes         TEXT,                        -- names of rejected rows, one a line
  content       BLOB,
  PRIMARY KEY (commit_number, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE roll (
  number        INTEGER PRIMARY KEY,         -- commit << 24 | place among its rolls
  say           INTEGER NOT NULL,
  fields        INTEGER NOT NULL,            -- one bit each; none for presence only
  words         BLOB    NOT NULL             -- places of entries, each as the step from the one before, seven bits a byte
) STRICT;

CREATE TABLE erasure (
  commit_number INTEGER PRIMARY KEY,
  place         INTEGER NOT NULL,
  first         TEXT    NOT NULL,            -- the two who did it
  second        TEXT    NOT NULL
) STRICT;

CREATE TABLE entry (
  place         INTEGER PRIMARY KEY,
  commit_number INTEGER NOT NULL,
  say           INTEGER NOT NULL,
  register      INTEGER NOT NULL,            -- 0 of an undo
  record        INTEGER NOT NULL,
  kind          INTEGER NOT NULL,            -- 1 open 2 change 3 correct 4 close 5 transfer 6 merge 7 undo
  since         INTEGER,                     -- the day it names
  until         INTEGER,
  row           INTEGER NOT NULL,            -- of its list
  previous      INTEGER,                     -- place of the record's entry before this one
  salt          BLOB    NOT NULL,            -- of an erased entry the digest of salt and body
  body          TEXT,                        -- the fields it speaks of, canonical JSON; none if erased
  hash          BLOB    NOT NULL
) STRICT;

CREATE TABLE record (
  number   INTEGER PRIMARY KEY,              -- from 1, without gaps
  register INTEGER NOT NULL,
  place    INTEGER NOT NULL,                 -- of its last entry
  book     INTEGER NOT NULL,                 -- it is kept in
  stays    INTEGER                            -- who stays, if it is a double
) STRICT;

-- Every identity key that words ever gave; scope is a book's number, or 0 for keys unique everywhere.
CREATE TABLE directory (
  register INTEGER NOT NULL,
  scope    INTEGER NOT NULL,
  key      TEXT    NOT NULL,
  record   INTEGER NOT NULL,
  PRIMARY KEY (register, scope, key, record)
) STRICT, WITHOUT ROWID;

-- Links of registers that may not form a circle, as words ever stated them.
CREATE TABLE edge (
  register INTEGER NOT NULL,
  source   INTEGER NOT NULL,
  target   INTEGER NOT NULL,
  record   INTEGER NOT NULL,
  PRIMARY KEY (register, source, target, record)
) STRICT, WITHOUT ROWID;

-- Against mistakes; against malice stands the chain.
CREATE TRIGGER entry_is_not_changed
  BEFORE UPDATE OF place, commit_number, say, register, record, kind, since, until, row, previous, hash ON entry
  BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER entry_is_only_erased BEFORE UPDATE ON entry
  WHEN NEW.body IS NOT NULL OR OLD.body IS NULL OR length(NEW.salt) <> 32
  BEGIN SELECT RAISE(ABORT, 'entries are only erased'); END;
CREATE TRIGGER entry_is_not_removed BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER commit_is_not_changed
  BEFORE UPDATE OF number, asked, actor, source, recorded_at, rights, pack, undoes, units, opened, entries, heads, seal ON commits
  BEGIN SELECT RAISE(ABORT, 'commits are only added'); END;
CREATE TRIGGER commit_is_undone_once BEFORE UPDATE ON commits WHEN OLD.undone_by IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'commits are undone once'); END;
CREATE TRIGGER commit_is_not_removed BEFORE DELETE ON commits BEGIN SELECT RAISE(ABORT, 'commits are only added'); END;
CREATE TRIGGER say_is_not_changed BEFORE UPDATE ON say BEGIN SELECT RAISE(ABORT, 'says are only added'); END;
CREATE TRIGGER say_is_not_removed BEFORE DELETE ON say BEGIN SELECT RAISE(ABORT, 'says are only added'); END;
CREATE TRIGGER roll_is_not_changed BEFORE UPDATE ON roll BEGIN SELECT RAISE(ABORT, 'rolls are only added'); END;
CREATE TRIGGER roll_is_not_removed BEFORE DELETE ON roll BEGIN SELECT RAISE(ABORT, 'rolls are only added'); END;

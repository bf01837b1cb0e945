//! What is done to the files, as SQL: one alteration each, with what it is called in the table.

/// What is done to the ledger's file, as SQL; `~` stands for another digest.
pub const KINDS: &[(&str, &str)] = &[
    // meta and register
    (
        "ledger renamed",
        "UPDATE meta SET value = '000102030405060708090a0b0c0d0e0f' WHERE name = 'ledger'",
    ),
    (
        "algorithm changed",
        "UPDATE meta SET value = 'sm3' WHERE name = 'algorithm'",
    ),
    (
        "something added to what the ledger is",
        "INSERT INTO meta VALUES ('more', 'x')",
    ),
    (
        "register renamed",
        "UPDATE register SET name = 'dog' WHERE name = 'kinship'",
    ),
    (
        "registers exchanged",
        "UPDATE register SET number = 100 - number; UPDATE register SET number = (number - 100) * -1 % 4 + 1",
    ),
    (
        "register added",
        "INSERT INTO register (name) VALUES ('dog')",
    ),
    (
        "register removed",
        "DELETE FROM register WHERE name = 'kinship'",
    ),
    // book
    (
        "book of another unit",
        "UPDATE book SET unit = '210203001009' WHERE number = 2",
    ),
    (
        "book opened at another time",
        "UPDATE book SET opened_at = '2020-01-01T00:00:00Z' WHERE number = 2",
    ),
    (
        "empty book opened at another time",
        "UPDATE book SET opened_at = '2020-01-01T00:00:00Z' WHERE number = 3",
    ),
    (
        "book opened by somebody else",
        "UPDATE book SET opened_by = 'nobody' WHERE number = 1",
    ),
    (
        "end of a book moved back",
        "UPDATE book SET seq = seq - 1 WHERE number = 1",
    ),
    (
        "end of a book moved on",
        "UPDATE book SET seq = seq + 1 WHERE number = 1",
    ),
    (
        "hash of a book changed",
        "UPDATE book SET hash = ~ WHERE number = 2",
    ),
    (
        "hash of an empty book changed",
        "UPDATE book SET hash = ~ WHERE number = 3",
    ),
    (
        "number of a book changed",
        "UPDATE book SET number = 7 WHERE number = 3",
    ),
    ("empty book removed", "DELETE FROM book WHERE number = 3"),
    (
        "book with entries removed",
        "DELETE FROM book WHERE number = 2",
    ),
    (
        "book added",
        "INSERT INTO book VALUES (4, '210203001009', 0, ~, '2020-01-01T00:00:00Z', 'clerk')",
    ),
    // pack
    ("another pack in force", "UPDATE pack SET digest = ~"),
    ("pack renamed", "UPDATE pack SET name = 'other 1'"),
    ("pack renumbered", "UPDATE pack SET ordinal = 2"),
    ("pack removed", "DELETE FROM pack"),
    ("pack added", "INSERT INTO pack VALUES (2, ~, 'other 1')"),
    // commits
    (
        "what was asked changed",
        "UPDATE commits SET asked = ~ WHERE number = 4",
    ),
    (
        "another actor",
        "UPDATE commits SET actor = 'nobody' WHERE number = 4",
    ),
    (
        "another source",
        "UPDATE commits SET source = '{\"from\":\"form\",\"action\":\"other\"}' WHERE number = 4",
    ),
    (
        "another time",
        "UPDATE commits SET recorded_at = '2020-01-01T00:00:00Z' WHERE number = 4",
    ),
    (
        "other rights",
        "UPDATE commits SET rights = '{}' WHERE number = 4",
    ),
    (
        "commit of another pack",
        "UPDATE commits SET pack = 2 WHERE number = 4",
    ),
    (
        "another commit taken back",
        "UPDATE commits SET undoes = 9 WHERE number = 11",
    ),
    (
        "a commit made to take another back",
        "UPDATE commits SET undoes = 5 WHERE number = 9",
    ),
    (
        "an undo made a common commit",
        "UPDATE commits SET undoes = NULL WHERE number = 11",
    ),
    (
        "a commit marked as undone",
        "UPDATE commits SET undone_by = 11 WHERE number = 9",
    ),
    (
        "a commit no longer marked as undone",
        "UPDATE commits SET undone_by = NULL WHERE number = 10",
    ),
    (
        "other units spoken for",
        "UPDATE commits SET units = '[]' WHERE number = 4",
    ),
    (
        "other registers opened",
        "UPDATE commits SET opened = '[]' WHERE number = 4",
    ),
    (
        "another number of entries",
        "UPDATE commits SET entries = entries + 1 WHERE number = 4",
    ),
    (
        "other heads of a commit",
        "UPDATE commits SET heads = '[]' WHERE number = 4",
    ),
    (
        "heads of a commit spoilt",
        "UPDATE commits SET heads = 'x' WHERE number = 4",
    ),
    (
        "another seal",
        "UPDATE commits SET seal = ~ WHERE number = 4",
    ),
    (
        "seal of the last commit changed",
        "UPDATE commits SET seal = ~ WHERE number = 14",
    ),
    ("commit removed", "DELETE FROM commits WHERE number = 5"),
    (
        "commit removed and those after it moved",
        "DELETE FROM commits WHERE number = 5; UPDATE commits SET number = number - 1 WHERE number > 5",
    ),
    (
        "commits exchanged",
        "UPDATE commits SET number = 100 WHERE number = 9; UPDATE commits SET number = 9 WHERE number = 5; UPDATE commits SET number = 5 WHERE number = 100",
    ),
    (
        "last commit removed",
        "DELETE FROM commits WHERE number = 14",
    ),
    (
        "commit added",
        "INSERT INTO commits SELECT 15, ~, actor, source, recorded_at, rights, pack, NULL, NULL, units, opened, 0, '[]', seal FROM commits WHERE number = 14",
    ),
    // say
    (
        "another sender",
        "UPDATE say SET sender = 'nobody' WHERE commit_number = 4",
    ),
    (
        "say of another unit",
        "UPDATE say SET unit = '210203001002' WHERE commit_number = 4",
    ),
    (
        "say of another list",
        "UPDATE say SET roster = 'others' WHERE commit_number = 4",
    ),
    (
        "say as of another day",
        "UPDATE say SET as_of = as_of + 1 WHERE commit_number = 4",
    ),
    (
        "a whole list made a part",
        "UPDATE say SET whole = 3 WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "another file",
        "UPDATE say SET file = 'x' WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "another number of rows",
        "UPDATE say SET rows = 9 WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "another number of rows not placed",
        "UPDATE say SET unplaced = 0 WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "another first day of a list",
        "UPDATE say SET since = 7 WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "another part of a list",
        "UPDATE say SET slices = 'a' WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "a rejected row forgotten",
        "UPDATE say SET holes = '' WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "another content of a list",
        "UPDATE say SET content = ~ WHERE commit_number = 4 AND nth = 0",
    ),
    (
        "a list made a desk",
        "UPDATE say SET whole = NULL, file = NULL, rows = NULL, unplaced = NULL, since = NULL, slices = NULL, holes = NULL, content = NULL WHERE commit_number = 4",
    ),
    (
        "says exchanged",
        "UPDATE say SET nth = 7 WHERE commit_number = 4 AND nth = 0; UPDATE say SET nth = 0 WHERE commit_number = 4 AND nth = 1; UPDATE say SET nth = 1 WHERE nth = 7",
    ),
    (
        "say removed",
        "DELETE FROM say WHERE commit_number = 4 AND nth = 1",
    ),
    (
        "say given to another commit",
        "UPDATE say SET commit_number = 6 WHERE commit_number = 5",
    ),
    (
        "say added",
        "INSERT INTO say SELECT 6, nth, sender, unit, roster, as_of, whole, file, rows, unplaced, since, slices, holes, content FROM say WHERE commit_number = 5",
    ),
    (
        "say of no commit added",
        "INSERT INTO say SELECT 77, nth, sender, unit, roster, as_of, whole, file, rows, unplaced, since, slices, holes, content FROM say WHERE commit_number = 5",
    ),
    // roll
    (
        "words said again by another say",
        "UPDATE roll SET say = 4 << 10",
    ),
    ("other fields said again", "UPDATE roll SET fields = 1"),
    (
        "other words said again",
        "UPDATE roll SET words = x'8180808010'",
    ),
    (
        "words said again that aren't there",
        "UPDATE roll SET words = x'ffff03'",
    ),
    ("words said again spoilt", "UPDATE roll SET words = x'ff'"),
    (
        "words said again by another commit",
        "UPDATE roll SET number = 6 << 24",
    ),
    ("words no longer said again", "DELETE FROM roll"),
    (
        "more words said again",
        "INSERT INTO roll SELECT number + 1, say, fields, words FROM roll",
    ),
    (
        "words said again by no commit",
        "INSERT INTO roll SELECT 77 << 24, say, fields, words FROM roll",
    ),
    // erasure
    (
        "another entry erased",
        "UPDATE erasure SET place = (1 << 32) + 1",
    ),
    (
        "erased by somebody else",
        "UPDATE erasure SET first = 'nobody'",
    ),
    (
        "erased with somebody else",
        "UPDATE erasure SET second = 'nobody'",
    ),
    ("erasing forgotten", "DELETE FROM erasure"),
    (
        "erasing made up",
        "INSERT INTO erasure VALUES (9, (1 << 32) + 1, 'a', 'b')",
    ),
    (
        "erased without an act",
        "UPDATE entry SET body = NULL, salt = ~ WHERE place = (1 << 32) + 2",
    ),
    (
        "erased body put back",
        "UPDATE entry SET body = '{}', salt = x'00112233445566778899aabbccddeeff' WHERE body IS NULL",
    ),
    // entry
    (
        "entry of another commit",
        "UPDATE entry SET commit_number = 5 WHERE place = (1 << 32) + 2",
    ),
    (
        "entry of another say",
        "UPDATE entry SET say = 1 WHERE place = (1 << 32) + 2",
    ),
    (
        "entry of another register",
        "UPDATE entry SET register = 1 WHERE kind = 6",
    ),
    (
        "entry of another record",
        "UPDATE entry SET record = 1 WHERE place = (1 << 32) + 3",
    ),
    (
        "entry of another kind",
        "UPDATE entry SET kind = 3 WHERE kind = 2",
    ),
    (
        "entry of no kind",
        "UPDATE entry SET kind = 9 WHERE kind = 2",
    ),
    (
        "entry from another day",
        "UPDATE entry SET since = since - 1 WHERE since IS NOT NULL",
    ),
    (
        "entry until another day",
        "UPDATE entry SET until = NULL WHERE until IS NOT NULL",
    ),
    (
        "entry of another row",
        "UPDATE entry SET row = 1 WHERE row = 17",
    ),
    (
        "entry after another",
        "UPDATE entry SET previous = (1 << 32) + 1 WHERE kind = 6",
    ),
    (
        "another salt",
        "UPDATE entry SET salt = x'00112233445566778899aabbccddeeff' WHERE place = (1 << 32) + 2",
    ),
    (
        "another body",
        "UPDATE entry SET body = '{\"number\":\"X1\",\"name\":\"李四\"}' WHERE place = (1 << 32) + 2",
    ),
    (
        "bodies exchanged",
        "UPDATE entry SET body = (SELECT body FROM entry o WHERE o.place = 2 * (1 << 32) + 5 - entry.place) WHERE place IN ((1 << 32) + 2, (1 << 32) + 3)",
    ),
    (
        "another hash",
        "UPDATE entry SET hash = ~ WHERE place = (1 << 32) + 2",
    ),
    (
        "another hash of the last entry",
        "UPDATE entry SET hash = ~ WHERE place = (SELECT max(place) FROM entry)",
    ),
    (
        "another hash of the last entry and its book",
        "UPDATE entry SET hash = ~ WHERE place = (SELECT max(place) FROM entry); UPDATE book SET hash = ~ WHERE number = 2",
    ),
    (
        "entry removed",
        "DELETE FROM entry WHERE place = (1 << 32) + 2",
    ),
    (
        "first entry removed",
        "DELETE FROM entry WHERE place = (1 << 32) + 1",
    ),
    (
        "last entry removed",
        "DELETE FROM entry WHERE place = (SELECT max(place) FROM entry)",
    ),
    (
        "last entry of a book removed, and its end moved",
        "DELETE FROM entry WHERE place = (SELECT max(place) FROM entry); UPDATE book SET seq = seq - 1, hash = (SELECT hash FROM entry ORDER BY place DESC LIMIT 1) WHERE number = 2",
    ),
    (
        "entries exchanged",
        "UPDATE entry SET place = -1 WHERE place = (1 << 32) + 2; UPDATE entry SET place = (1 << 32) + 2 WHERE place = (1 << 32) + 3; UPDATE entry SET place = (1 << 32) + 3 WHERE place = -1",
    ),
    (
        "entry added at the end",
        "INSERT INTO entry SELECT place + 1, commit_number, say, register, record, kind, since, until, row, previous, salt, body, hash FROM entry ORDER BY place DESC LIMIT 1",
    ),
    (
        "entry of no book added",
        "INSERT INTO entry SELECT (9 << 32) + 1, commit_number, say, register, record, kind, since, until, row, previous, salt, body, hash FROM entry ORDER BY place DESC LIMIT 1",
    ),
    (
        "mark of an undo of another commit",
        "UPDATE entry SET record = 9 WHERE kind = 7",
    ),
    (
        "body that is no text",
        "UPDATE entry SET body = CAST(x'ff' AS TEXT) WHERE place = (1 << 32) + 2",
    ),
    // record
    (
        "record of another register",
        "UPDATE record SET register = 1 WHERE number = 3",
    ),
    (
        "another last entry of a record",
        "UPDATE record SET place = (1 << 32) + 2 WHERE number = 3",
    ),
    (
        "record kept elsewhere",
        "UPDATE record SET book = 2 WHERE number = 3",
    ),
    (
        "record no longer moved",
        "UPDATE record SET book = 1 WHERE number = 2",
    ),
    (
        "record made a double",
        "UPDATE record SET stays = 3 WHERE number = 2",
    ),
    (
        "double no longer one",
        "UPDATE record SET stays = NULL WHERE stays IS NOT NULL",
    ),
    ("record removed", "DELETE FROM record WHERE number = 3"),
    (
        "last record removed",
        "DELETE FROM record WHERE number = (SELECT max(number) FROM record)",
    ),
    (
        "record added",
        "INSERT INTO record SELECT 77, register, place, book, NULL FROM record WHERE number = 3",
    ),
    // directory and edge
    ("identity removed", "DELETE FROM directory WHERE key = 'X1'"),
    (
        "identity of somebody else",
        "UPDATE directory SET record = 3 WHERE key = 'X1'",
    ),
    (
        "another identity",
        "UPDATE directory SET key = 'X7' WHERE key = 'X1'",
    ),
    (
        "identity of another scope",
        "UPDATE directory SET scope = 9 WHERE key = 'X1'",
    ),
    (
        "identity of another register",
        "UPDATE directory SET register = 1 WHERE key = 'X1'",
    ),
    (
        "identity added",
        "INSERT INTO directory SELECT register, scope, 'X7', record FROM directory WHERE key = 'X1'",
    ),
    ("link removed", "DELETE FROM edge"),
    ("link to somebody else", "UPDATE edge SET target = 7"),
    ("link stated by another", "UPDATE edge SET record = 1"),
    (
        "link added",
        "INSERT INTO edge SELECT register, target, source, record FROM edge",
    ),
];

/// What is done to the layout of the ledger's file.
pub const LAYOUT: &[(&str, &str)] = &[
    ("trigger removed", "DROP TRIGGER entry_is_not_changed"),
    (
        "trigger made harmless",
        "DROP TRIGGER entry_is_not_removed; CREATE TRIGGER entry_is_not_removed BEFORE DELETE ON entry BEGIN SELECT 1; END",
    ),
    (
        "trigger added",
        "CREATE TRIGGER more AFTER INSERT ON entry BEGIN UPDATE book SET opened_by = opened_by; END",
    ),
    ("index removed", "DROP INDEX commit_asked"),
    ("index added", "CREATE INDEX more ON entry (record)"),
    ("table added", "CREATE TABLE more (x)"),
    ("view added", "CREATE VIEW more AS SELECT 1"),
    ("column added", "ALTER TABLE book ADD COLUMN more TEXT"),
    ("table removed", "DROP TABLE edge"),
    ("marked as another program's", "PRAGMA application_id = 7"),
    ("marked as another format", "PRAGMA user_version = 1"),
];

/// What is done to the access log.
pub const ACCESSES: &[(&str, &str)] = &[
    (
        "access at another time",
        "UPDATE access SET at = '2020-01-01T00:00:00Z' WHERE number = 2",
    ),
    (
        "access of somebody else",
        "UPDATE access SET who = 'nobody' WHERE number = 2",
    ),
    (
        "access for another reason",
        "UPDATE access SET why = 'none' WHERE number = 2",
    ),
    (
        "access by other posts",
        "UPDATE access SET posts = '[]' WHERE number = 2",
    ),
    (
        "access that revealed nothing",
        "UPDATE access SET reveals = '[]' WHERE number = 2",
    ),
    (
        "access to something else",
        "UPDATE access SET what = 'nothing' WHERE number = 2",
    ),
    (
        "another hash of an access",
        "UPDATE access SET hash = ~ WHERE number = 2",
    ),
    (
        "access renumbered",
        "UPDATE access SET number = 9 WHERE number = 3",
    ),
    ("access removed", "DELETE FROM access WHERE number = 2"),
    (
        "first access removed",
        "DELETE FROM access WHERE number = 1",
    ),
    ("last access removed", "DELETE FROM access WHERE number = 3"),
    ("all accesses removed", "DELETE FROM access"),
    (
        "access added",
        "INSERT INTO access SELECT 4, at, who, why, posts, reveals, what, hash FROM access WHERE number = 3",
    ),
    (
        "trigger of the access log removed",
        "DROP TRIGGER access_is_not_removed",
    ),
];

/// A whole last commit taken out so that the file agrees with itself.
pub const CUT: &str = "DELETE FROM directory WHERE key = 'X9'; DELETE FROM record WHERE place = (SELECT max(place) FROM entry); \
    DELETE FROM entry WHERE commit_number = 14; DELETE FROM say WHERE commit_number = 14; DELETE FROM commits WHERE number = 14; \
    UPDATE book SET seq = seq - 1, hash = (SELECT hash FROM entry ORDER BY place DESC LIMIT 1) WHERE number = 2";

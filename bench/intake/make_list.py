"""Makes lists of so many people in the layout of the police roster out of the lists of a generated town, as .csv and as .xlsx.

What the town's communities send is put together under the roster's own headers: names, numbers, addresses and telephones are
those of the town, and so are the spellings of each sender (six of dates, code words and their synonyms, ID numbers in full-width
digits or fifteen, names with a space). Nobody is on a list twice, and nobody is to be refused. Each size begins as the smaller ones do;
a size above the largest sheet is several files of equal size. `--faulty` makes a small list besides, of which a tenth is spoilt or repeated.

The workbook is written as Excel and WPS write theirs: every text once, in the shared strings.
"""

import argparse
import csv
import datetime
import io
import pathlib
import random
import sys
import tomllib
import unicodedata
import zipfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from make_roster import check_digit  # noqa: E402

ROSTER = "police-households"
SHEET = 1_000_000
TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
BOOK = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="户籍人口" sheetId="1" r:id="rId1"/></sheets></workbook>"""
PARTS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def roster_columns(pack):
    """Name and synonyms of each column of the roster, by its id."""
    with open(pack / "rosters" / f"{ROSTER}.toml", "rb") as file:
        columns = tomllib.load(file)["column"]
    return {column["id"]: [column["name"]["zh"], *column.get("synonyms", [])] for column in columns}


def plain(header):
    return "".join(unicodedata.normalize("NFKC", header).split())


def clean_number(written, latest):
    """The ID number as it should be, or nothing if it's to be refused."""
    number = written
    if not (len(number) == 18 and number.isascii()):
        number = "".join(c for c in unicodedata.normalize("NFKC", number) if not c.isspace() and c not in "'’`\u200b")
    number = number.upper()
    if len(number) == 15 and number.isdigit():
        number = number[:6] + "19" + number[6:]
        number += check_digit(number)
    if len(number) != 18 or not number[:17].isdigit() or number[17] != check_digit(number[:17]) or number[6:14] > latest:
        return None
    return number


def people(town, columns, on):
    """The rows of everyone, in the order of the roster's columns."""
    latest, seen, ids = f"{on:%Y%m%d}", set(), list(columns)
    by_title = {plain(title): id for id, titles in columns.items() for title in titles}
    number_at, name_at, household_at = (ids.index(id) for id in ("id_number", "name", "household"))
    for nth, path in enumerate(sorted(town.glob(f"*/{ROSTER}.csv"))):
        with open(path, encoding="utf-8-sig", newline="") as file:
            places = None
            for row in csv.reader(file):
                if places is None:
                    known = [by_title.get(plain(title)) for title in row]
                    if "id_number" in known and "household" in known:
                        places = [known.index(id) if id in known else None for id in ids]
                    continue
                cells = ["" if place is None or place >= len(row) else row[place] for place in places]
                number = clean_number(cells[number_at], latest)
                if number is None or number in seen or not cells[name_at].strip() or not cells[household_at].strip():
                    continue
                seen.add(number)
                # Communities count their households each from the beginning.
                cells[household_at] = f"{nth:04}{cells[household_at]}"
                yield cells


def write_csv(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def letters(column):
    return chr(ord("A") + column)


def write_xlsx(path, header, rows):
    strings, count = {}, 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in (("[Content_Types].xml", TYPES), ("_rels/.rels", RELATIONS), ("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", PARTS)):
            archive.writestr(name, text)
        columns = [letters(column) for column in range(len(header))]
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            block = []
            for number, row in enumerate([header, *rows], start=1):
                block.append(f'<row r="{number}">')
                for column, cell in zip(columns, row):
                    if cell:
                        count += 1
                        block.append(f'<c r="{column}{number}" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>')
                block.append("</row>")
                if number % 10_000 == 0:
                    part.write("".join(block).encode())
                    block.clear()
            part.write(("".join(block) + "</sheetData></worksheet>").encode())
        with archive.open("xl/sharedStrings.xml", "w") as part:
            part.write(f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="{MAIN}" count="{count}" uniqueCount="{len(strings)}">'.encode())
            text = io.StringIO()
            for string in strings:
                kept = ' xml:space="preserve"' if string.strip() != string else ""
                text.write(f"<si><t{kept}>{escape(string)}</t></si>")
                if text.tell() > 1 << 20:
                    part.write(text.getvalue().encode())
                    text = io.StringIO()
            part.write((text.getvalue() + "</sst>").encode())


def spoil(rows, ids, dice):
    """A tenth of the rows spoilt in one way each or repeated."""
    at = {id: ids.index(id) for id in ids}
    made = []
    for row in rows:
        row = list(row)
        made.append(row)
        if dice.random() >= 0.1:
            continue
        way = dice.randrange(9)
        number = clean_number(row[at["id_number"]], "99991231")
        if way == 0:
            row[at["id_number"]] = number[:17] + ("3" if number[17] == "7" else "7")
        elif way == 1:
            row[at["id_number"]] = number[:16]
        elif way == 2:
            first17 = number[:6] + "2031" + ("0228" if number[10:14] == "0229" else number[10:14]) + number[14:17]
            row[at["id_number"]] = first17 + check_digit(first17)
        elif way == 3:
            row[at["moved_in"]] = dice.choice(["2025-02-30", "去年", "31.12.2019", "二〇二〇年"])
        elif way == 4:
            row[at["marriage"]] = "已婚已育"
        elif way == 5:
            row[at["registered"]] = ""
        elif way == 6:
            row[at["name"]] = " "
        elif way == 7:
            # Only a doubt: the telephone is left out, the row is taken.
            row[at["phone"]] = "打电话找他儿子"
        else:
            made.append(list(row))
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("town", type=pathlib.Path, help="folder that `taizhang town generate --csv` wrote")
    parser.add_argument("out", type=pathlib.Path, help="folder for the lists")
    parser.add_argument("--rows", type=int, nargs="+", required=True)
    parser.add_argument("--faulty", type=int, default=0, help="rows of the list with faults")
    parser.add_argument("--on", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--pack", type=pathlib.Path, default=HERE.parents[1] / "packs/national")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    columns = roster_columns(asked.pack)
    header, most = [titles[0] for titles in columns.values()], max(asked.rows)
    rows = []
    for row in people(asked.town, columns, asked.on):
        # Words said again and again are kept once.
        rows.append(tuple(sys.intern(cell) for cell in row))
        if len(rows) == most:
            break
    if len(rows) < most:
        raise SystemExit(f"the town's rosters have {len(rows)} people fit for the list, fewer than the {most} wanted; generate a larger town")
    done = set()
    for wanted in asked.rows:
        files = -(-wanted // SHEET)
        each = wanted // files
        for nth in range(files):
            name = f"{each}-{nth}"
            if name not in done:
                done.add(name)
                part = rows[nth * each:(nth + 1) * each]
                write_csv(asked.out / f"{name}.csv", header, part)
                write_xlsx(asked.out / f"{name}.xlsx", header, part)
    if asked.faulty:
        made = spoil(rows[:asked.faulty], list(columns), random.Random(1))
        write_csv(asked.out / "faulty.csv", header, made)
        write_xlsx(asked.out / "faulty.xlsx", header, made)


if __name__ == "__main__":
    main()

"""Makes a list of 300,000 people's employment out of a generated town's police rosters, as .csv and as .xlsx.

The columns and the dirt are those of the town's own employment lists: ID numbers in full-width digits, with spaces, with an
apostrophe, with a small x, with fifteen digits; names with a space; dates in six spellings; code words and their synonyms;
rows repeated; rows to be refused (check digit wrong, sixteen digits, born in the future, not known here). Same seed, same list.
"""

import argparse
import csv
import datetime
import pathlib
import random
import re
import unicodedata

import openpyxl

HEADER = ["姓名", "公民身份号码", "就业状态", "失业日期", "失业原因", "退休日期"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
CAUSES = ["企业破产", "破产", "企业改制", "改制", "企业撤销", "企业分流", "分流", "其他"]
SLOVENLY = 2


def check_digit(first17):
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, WEIGHTS)) % 11]


def listed(rosters):
    """ID numbers on the town's own employment lists; a person already listed would not be new."""
    numbers = set()
    for path in sorted(rosters.glob("*/employment.csv")):
        for cell in re.split(r"[,\n]", path.read_text(encoding="utf-8-sig")):
            number = re.sub(r"[\s'’]", "", unicodedata.normalize("NFKC", cell)).upper()
            if re.fullmatch(r"[0-9]{15}", number):
                number = number[:6] + "19" + number[6:]
                number += check_digit(number)
            numbers.add(number)
    return numbers


def people(rosters, on):
    """Name and clean ID number of every grown-up who has not left and is on no employment list, once each, in order."""
    seen, busy = {}, listed(rosters)
    latest = f"{on.year - 18:04}{on.month:02}{on.day:02}"
    for path in sorted(rosters.glob("*/police-households.csv")):
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = next(row for row in rows if len(row) > 10 and any("姓名" in cell or "名字" in cell for cell in row))
            at = {word: place for place, word in enumerate(header)}
            name_at = next(at[w] for w in ("姓名", "名字", "人员姓名") if w in at)
            id_at = next(at[w] for w in ("公民身份号码", "身份证号", "身份证号码", "公民身份证号码", "证件号码", "身份证") if w in at)
            left_at = next((at[w] for w in ("减少日期", "注销日期", "迁出日期") if w in at), None)
            for row in rows:
                if len(row) < len(header) or (left_at is not None and row[left_at].strip()):
                    continue
                number, name = row[id_at], row[name_at].strip()
                clean = len(number) == 18 and number[:17].isascii() and number[:17].isdigit() and check_digit(number[:17]) == number[17]
                if clean and name and number[6:14] <= latest and number not in busy:
                    seen.setdefault(number, name)
    return [(name, number) for number, name in seen.items()]


class Pen:
    """A sender's hand, as `crates/town/src/write/pen.rs` has it."""

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def slip(self, in_ten_thousand):
        return self.dice.randrange(10_000) < in_ten_thousand * SLOVENLY

    def number(self, number):
        if number.endswith("X") and self.slip(900):
            return number.lower()
        if not self.slip(110):
            return number
        way = self.dice.randrange(6)
        if way == 0:
            return "".join(chr(ord(c) + 0xFEE0) for c in number)
        if way == 1:
            return f"{number[:6]} {number[6:14]} {number[14:]}"
        if way == 2:
            return f"'{number}"
        if way == 3:
            return f" {number} "
        if way == 4 and number[6:8] == "19":
            return number[:6] + number[8:17]
        return number + "\u00a0"

    def name(self, name):
        if not self.slip(60):
            return name
        return name[0] + self.dice.choice([" ", "\u3000"]) + name[1] if len(name) == 2 else name + " "

    def date(self, day):
        style = self.dice.randrange(6) if self.slip(70) else 0
        return [
            f"{day:%Y-%m-%d}", f"{day.year}.{day.month}.{day.day}", f"{day:%Y%m%d}",
            f"{day.year}年{day.month}月{day.day}日", day, f"{day.year}/{day.month}/{day.day}",
        ][style]

    def day(self, first, last):
        return first + datetime.timedelta(days=self.dice.randrange((last - first).days + 1))

    def work(self, on):
        """Status, unemployed since, cause, retired on."""
        kind = self.dice.randrange(10)
        if kind < 2:
            return [self.dice.choice(["在业", "就业"]), None, None, None]
        lost = self.day(datetime.date(2005, 1, 1), datetime.date(2023, 12, 31))
        cause = self.dice.choice(CAUSES) if not self.slip(5) else None
        status = None if self.slip(5) else "退休" if kind < 5 else self.dice.choice(["失业", "登记失业"])
        retired = self.date(self.day(lost, on)) if status == "退休" else None
        return [status, self.date(lost), cause, retired]

    def spoilt(self, number):
        way = self.dice.randrange(4)
        if way == 0:
            return number[:17] + ("3" if number[17] == "7" else "7")
        if way == 1:
            return number[:16]
        month_day = "0228" if number[10:14] == "0229" else number[10:14]
        first17 = number[:6] + ("2031" if way == 2 else "1899") + month_day + number[14:17]
        return first17 + check_digit(first17)


def rows(rosters, wanted, on, seed):
    pen = Pen(seed)
    everyone = people(rosters, on)
    extra = wanted // 2_000
    if len(everyone) < wanted - 2 * extra:
        raise SystemExit(f"the rosters have {len(everyone)} grown-ups, fewer than the {wanted} rows wanted; generate a larger town")
    made = []
    for name, number in pen.dice.sample(everyone, wanted - 2 * extra):
        made.append([pen.name(name), pen.number(number), *pen.work(on)])
    for _ in range(extra):
        made.append(list(made[pen.dice.randrange(wanted - 2 * extra)]))
        name, number = everyone[pen.dice.randrange(len(everyone))]
        made.append([name, pen.spoilt(number), *pen.work(on)])
    pen.dice.shuffle(made)
    return made


def write_csv(path, made):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([["" if cell is None else str(cell) for cell in row] for row in made])


def write_xlsx(path, made):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("失业退休人员")
    sheet.append(HEADER)
    for row in made:
        sheet.append(row)
    book.save(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rosters", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path, help="without extension")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--on", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    made = rows(asked.rosters, asked.rows, asked.on, asked.seed)
    write_csv(asked.out.with_suffix(".csv"), made)
    write_xlsx(asked.out.with_suffix(".xlsx"), made)


if __name__ == "__main__":
    main()

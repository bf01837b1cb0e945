#!/usr/bin/env python3
"""Measures how well the judgement `living-here` tells who lives where they are registered: a town in which it is known, evidence made from that with
the noise of the world, imported as clerks do, and the product's answers held against it; writes its part of RESULTS.md. See README.md.

Nothing here was made from what the pack weighs evidence with: the numbers below are the world's.
"""

import argparse
import collections
import csv
import datetime
import http.client
import io
import json
import math
import pathlib
import random
import shutil
import statistics
import sys

import results
from pages import Server
from results import Failed, run

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
JUDGEMENT = "living-here"
LISTS = {"holds": "lives here", "fails": "lives elsewhere", "to-find-out": "cannot tell"}
# What would say of itself who lives where: the town's own people stay, their evidence is made here.
RECIPES = "recipes"

# ---- The world. Shares are guesses at an office's experience, leaning on what is published where there is something: of the addresses followed up by the
# census of the United States in 2010, 24 of 100 occupied ones and 98 of 100 vacant ones were told by neighbours and other proxies (Keller, JSM 2013);
# its returned letters are of lived-in homes for a good part; of calls to known numbers, more than half reach nobody (NHTS pretest 2000).

# How far the list's word is wrong: a whole home has moved, or come back; besides, somebody alone.
MOVED_HOME, MOVED_ALONE = 0.08, 0.05
BACK_HOME, BACK_ALONE = 0.08, 0.07
# Nothing is said: lives here.
UNSAID_HERE = 0.7
# Of those who live elsewhere: near enough to come by often; with something to lose if it were known (a school place, an allowance).
NEAR, STAKE = 0.4, 0.25
# What becomes of a home of which nobody registered lives there.
HOMES = {"locked": 0.42, "let": 0.36, "kin": 0.22}
# Whose number is on record, by whether they lived here when it last was asked for; under 14 always the family's.
NUMBERS = {True: {"own": 0.71, "family": 0.15, "wrong": 0.08, "dead": 0.06}, False: {"own": 0.53, "family": 0.14, "wrong": 0.16, "dead": 0.17}}
CALLS = {
    "own": {"own": 0.52, "family": 0.06, "nobody": 0.31, "off": 0.1, "stranger": 0.01},
    "family": {"own": 0.05, "family": 0.55, "nobody": 0.33, "off": 0.07},
    "wrong": {"stranger": 0.5, "nobody": 0.35, "off": 0.15},
    "dead": {"invalid": 0.8, "off": 0.2},
}
# After a call that reached them, a clerk writes down what they said of it in so many cases.
ASKED = 0.5
# Chances of evidence a person meets, and what they are of. Some come to nothing.
CHANCES = [0.18, 0.17, 0.16, 0.14, 0.12, 0.09, 0.06, 0.05, 0.03]
KINDS = {"call": 24, "notice": 12, "letter": 14, "neighbour": 14, "landlord": 4, "school": 8, "service": 14, "visit": 10}
# Years ago.
AGES = [(0.5, 0, 1), (0.3, 1, 2), (0.2, 2, 4)]
MOST = 8
READINGS = [0.5, 0.25, 0.15, 0.1]

ZH = {
    "contact": "联系到本人", "service": "接受服务", "notice": "通知送达", "returned": "信件退回", "neighbour": "邻居反映", "landlord": "房东反映",
    "visit": "入户所见", "school": "学校、单位反映", "here": "住在这里", "away": "不住在这里", "unclear": "说明不了", "strong": "强", "medium": "中", "weak": "弱",
}
CALLED = {"own": "本人接听", "family": "家人接听", "stranger": "不是此人", "nobody": "无人接听", "off": "关机、停机", "invalid": "空号"}
MET = {"met": "见到、接通本人", "relative": "见到、接通家人", "nobody": "无人应答", "wrong": "号码或地址不对", "refused": "不愿意谈"}
WAYS = {"desk": "窗口", "moving": "上门、流动服务", "online": "网上"}
ITEMS = ["健康服务", "就医费用减免", "法律维权", "就业服务", "代办服务", "其他"]
METERS = {"water": "水表", "power": "电表"}

# One piece: the list it stands on, its kind, its day, what it tells (the words of that list), how strong a clerk called it, and what else the row needs.
Piece = collections.namedtuple("Piece", "list kind day tells strength more", defaults=(None,))


class Person:
    """Somebody registered in the town: what the product knows, and what is true."""

    def __init__(self, name, number, unit, household, word):
        self.name, self.number, self.unit, self.household, self.word = name, number, unit, household, word
        self.here = None
        self.changed = None
        self.pieces = []


class Dice(random.Random):
    def of(self, shares):
        return self.choices(list(shares), list(shares.values()))[0]

    def chance(self, share):
        return self.random() < share


class World:
    """Who truly lives where, and what can be seen of it."""

    def __init__(self, people, on, seed):
        self.people, self.on, self.dice = people, on, Dice(seed)
        self.homes = collections.defaultdict(list)
        for person in people:
            self.homes[(person.unit, person.household or person.number)].append(person)
        self.meters = []
        for key, home in self.homes.items():
            self.settle(home)
            state = self.dice.of(HOMES)
            knows = self.dice.random()
            for person in home:
                person.home, person.state, person.knows = home, state, knows
                self.live(person)
            if home[0].household:
                self.read_meters(key, home, state)

    def age(self, person):
        born = person.number[6:14]
        return (self.on - datetime.date(int(born[:4]), int(born[4:6]), int(born[6:]))).days / 365.25

    def settle(self, home):
        """Who of a home truly lives there now, and since when it is so, if it changed of late."""
        dice = self.dice
        moved, back = dice.chance(MOVED_HOME), dice.chance(BACK_HOME)
        day_of_all = self.on - datetime.timedelta(dice.randrange(30, 1400))
        for person in home:
            person.years = self.age(person)
            if person.word is None:
                person.here = dice.chance(UNSAID_HERE)
                continue
            young = 2.0 if 18 <= person.years < 35 else 0.5 if person.years >= 60 else 1.0
            alone = dice.chance((MOVED_ALONE if person.word else BACK_ALONE) * young)
            together = moved if person.word else back
            person.here = person.word != (together or alone)
            if together or alone:
                person.changed = day_of_all if together else self.on - datetime.timedelta(dice.randrange(30, 1400))
        for person in home:
            person.near = dice.chance(NEAR)
            person.stake = dice.chance(STAKE * (2 if 5 <= person.years < 16 else 1))

    def lives(self, person, day):
        return person.here if person.changed is None or day >= person.changed else not person.here

    def others(self, person, day):
        """Whether somebody else of the home lived in it."""
        return any(other is not person and self.lives(other, day) for other in person.home)

    def live(self, person):
        """The pieces that are kept of somebody."""
        dice = self.dice
        person.own_number = f"1{dice.randrange(3_000_000_000, 9_999_999_999)}"
        settled = self.lives(person, self.on - datetime.timedelta(700))
        person.number_is = "family" if person.years < 14 else dice.of(NUMBERS[settled])
        used = set()
        for _ in range(dice.choices(range(len(CHANCES)), CHANCES)[0]):
            kind = dice.of(KINDS)
            (_, least, most), = dice.choices(AGES, [share for share, _, _ in AGES])
            day = self.on - datetime.timedelta(int(365 * dice.uniform(least, most)) + 1)
            if (kind, day) in used or len(person.pieces) >= MOST:
                continue
            used.add((kind, day))
            person.pieces.extend(getattr(self, kind)(person, day, self.lives(person, day)))
        del person.pieces[MOST:]

    def said(self, kind, day, tells, strong, right):
        """A line of the evidence list. How sure a clerk calls it says something of how good it is."""
        if tells == "unclear":
            strength = self.dice.of({"strong": 0.03, "medium": 0.27, "weak": 0.7})
        else:
            share = strong if right else strong * 0.5
            weak = (1 - share) * (0.3 if right else 0.5)
            strength = self.dice.of({"strong": share, "medium": 1 - share - weak, "weak": weak})
        return Piece("evidence", kind, day, tells, strength)

    def told(self, kind, day, here, shares, strong):
        """Of shares of here, away and unclear (or nothing kept), one."""
        tells = self.dice.of(shares)
        if tells == "none":
            return []
        return [self.said(kind, day, tells, strong, (tells == "here") == here)]

    def call(self, person, day, here):
        dice = self.dice
        shares = dict(CALLS[person.number_is])
        if person.years >= 70 and person.number_is == "own":
            shares.update(own=0.42, family=0.16)
        answered = dice.of(shares)
        pieces = [Piece("calls", "call", day, answered, None, person.own_number)]
        if answered == "own" and dice.chance(ASKED):
            # Whoever has something to lose says that they live here.
            away = {"here": 0.5, "away": 0.35, "unclear": 0.15} if person.stake else {"here": 0.1, "away": 0.78, "unclear": 0.12}
            pieces += self.told("contact", day, here, {"here": 0.93, "away": 0.02, "unclear": 0.05} if here else away, 0.4)
        return pieces

    def notice(self, person, day, here):
        dice = self.dice
        if here:
            signed = dice.of({"self": 0.58, "kin": 0.24 if self.others(person, day) else 0.06, "not": 0.18})
        elif self.others(person, day) or person.state == "kin":
            signed = dice.of({"self": 0.18 if person.near else 0.05, "kin": 0.6, "not": 0.3})
        else:
            signed = dice.of({"self": 0.12 if person.near else 0.02, "kin": 0.12 if person.state == "let" else 0.03, "not": 0.85})
        if signed == "self":
            return self.told("notice", day, here, {"here": 0.95, "unclear": 0.05} if here else {"here": 0.78, "away": 0.12, "unclear": 0.1}, 0.55)
        if signed == "kin":
            # Most clerks take a relative's signature for delivered; some ask.
            return self.told("notice", day, here, {"here": 0.82, "unclear": 0.18} if here else {"here": 0.48, "away": 0.3, "unclear": 0.22}, 0.25)
        return self.told("notice", day, here, {"away": 0.12, "unclear": 0.4, "none": 0.48} if here else {"away": 0.36, "unclear": 0.3, "none": 0.34}, 0.15)

    def letter(self, person, day, here):
        """Only those that come back are kept."""
        if here:
            comes_back = 0.05
        elif self.others(person, day):
            comes_back = 0.1
        else:
            comes_back = {"locked": 0.5, "let": 0.4, "kin": 0.15}[person.state]
        if not self.dice.chance(comes_back):
            return []
        return self.told("returned", day, here, {"away": 0.85, "unclear": 0.15}, 0.4)

    def neighbour(self, person, day, here):
        # Neighbours of a home who know nothing, or are wrong, are so each time they are asked.
        if person.knows < 0.25:
            shares = {"here": 0.2, "away": 0.1, "unclear": 0.7}
        elif person.knows < 0.37:
            shares = {"here": 0.35, "away": 0.5, "unclear": 0.15} if here else {"here": 0.6, "away": 0.25, "unclear": 0.15}
        else:
            shares = {"here": 0.9, "away": 0.02, "unclear": 0.08} if here else {"here": 0.09, "away": 0.79, "unclear": 0.12}
        return self.told("neighbour", day, here, shares, 0.2)

    def landlord(self, person, day, here):
        if not here and person.state != "let" and not self.dice.chance(0.3):
            return []
        shares = {"here": 0.85, "away": 0.05, "unclear": 0.1} if here else {"here": 0.14, "away": 0.7, "unclear": 0.16}
        return self.told("landlord", day, here, shares, 0.35)

    def school(self, person, day, here):
        if 6 <= person.years < 18:
            # Who is registered for the school's sake goes to that school.
            away = {"here": 0.7, "away": 0.2, "unclear": 0.1} if person.stake else {"here": 0.15, "away": 0.7, "unclear": 0.15}
            return self.told("school", day, here, {"here": 0.92, "away": 0.03, "unclear": 0.05} if here else away, 0.55)
        if 18 <= person.years < 60:
            shares = {"here": 0.55, "away": 0.1, "unclear": 0.35} if here else {"here": 0.22, "away": 0.45, "unclear": 0.33}
            return self.told("school", day, here, shares, 0.2)
        return []

    def service(self, person, day, here):
        dice = self.dice
        if not dice.chance(0.6 if here else 0.4 if person.near else 0.12):
            return []
        way = dice.of({"desk": 0.58, "moving": 0.27, "online": 0.15} if here else {"desk": 0.63, "moving": 0.05, "online": 0.32})
        if dice.chance(0.6):
            return [Piece("services", "service", day, way, None, dice.choice(ITEMS))]
        return self.told("service", day, here, {"here": 0.95, "unclear": 0.05} if here else {"here": 0.72, "away": 0.13, "unclear": 0.15}, 0.25)

    def visit(self, person, day, here):
        dice = self.dice
        company = self.others(person, day)
        if here:
            met = 0.68 if person.years >= 60 else 0.4
            result = dice.of({"met": met, "relative": 0.2 if company else 0.02, "nobody": 0.32, "refused": 0.04, "wrong": 0.01})
        elif company or person.state == "kin":
            result = dice.of({"met": 0.16 if person.near else 0.04, "relative": 0.58, "nobody": 0.32, "refused": 0.04, "wrong": 0.02})
        elif person.state == "let":
            result = dice.of({"met": 0.02, "relative": 0.03, "nobody": 0.42, "refused": 0.06, "wrong": 0.47})
        else:
            result = dice.of({"met": 0.05 if person.near else 0.01, "relative": 0.02, "nobody": 0.82, "refused": 0.0, "wrong": 0.15})
        # What was found stands as the visit, or as a line of evidence, now and then as both.
        as_visit, as_line = dice.choices([(True, False), (False, True), (True, True)], [0.45, 0.35, 0.2])[0]
        pieces = [Piece("visits", "visit", day, result, None)] if as_visit else []
        if as_line:
            shares = {
                "met": {"here": 0.96, "unclear": 0.04} if here else {"here": 0.7, "away": 0.2, "unclear": 0.1},
                "relative": {"here": 0.85, "away": 0.03, "unclear": 0.12} if here else {"here": 0.2, "away": 0.62, "unclear": 0.18},
                "nobody": {"away": 0.1, "unclear": 0.9} if here else {"away": 0.45, "unclear": 0.55},
                "refused": {"here": 0.4, "unclear": 0.6} if here else {"here": 0.2, "away": 0.2, "unclear": 0.6},
                "wrong": {"away": 0.7, "unclear": 0.3} if here else {"away": 0.9, "unclear": 0.1},
            }[result]
            pieces += self.told("visit", day, here, shares, {"met": 0.8, "relative": 0.45, "wrong": 0.5}.get(result, 0.1))
        return pieces

    def read_meters(self, key, home, state):
        """What a home used in two months, as the companies send it: tenants use as much as anyone, old people little."""
        dice = self.dice
        thrifty = dice.chance(0.1)
        for nth in range(dice.choices(range(len(READINGS)), READINGS)[0]):
            kind = dice.of({"water": 0.6, "power": 0.4})
            day = self.on - datetime.timedelta(dice.randrange(5, 60) + 61 * (nth * dice.randrange(1, 5) + dice.choices([0, 6, 12], [6, 3, 1])[0]))
            at_home = [person for person in home if self.lives(person, day)]
            some = dice.gauss(5, 1.6) if kind == "water" else dice.gauss(95, 35)
            standby = (dice.uniform(0, 0.6), dice.uniform(0, 12))[kind == "power"]
            if at_home:
                shares = sum(0.5 if person.years >= 65 else 0.6 if person.years < 14 else 1 for person in at_home)
                used = max(some, 0) * shares ** 0.8 * (0.2 if thrifty else 1)
                # Travelling, in hospital; a meter that stands still.
                used = standby if dice.chance(0.04) else 0.0 if dice.chance(0.02) else used
            elif state == "let":
                used = max(some, 0) * dice.choice([1, 1.5, 2, 2.5]) if dice.chance(0.85) else standby
            elif state == "kin":
                used = max(some, 0) * dice.uniform(0.1, 1.5)
            else:
                used = 0.0 if dice.chance(0.6 if kind == "water" else 0.3) else standby if dice.chance(0.85) else max(some, 0) * 0.3
            self.meters.append((key, kind, day, round(used, 1), home))


# ---- The product.

def fetched(server, path):
    connection = http.client.HTTPConnection("localhost", server.port, timeout=900)
    connection.request("GET", path, headers={"cookie": f"key={server.key}; lang=en"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise Failed(f"{path} gave {answer.status}")
    return body.decode("utf-8-sig")


def records(server, register):
    """Every record of a register, by the JSON of the pages."""
    page, rows = 1, []
    while True:
        told = json.loads(fetched(server, f"/api/registers/{register}?limit=500&page={page}"))
        rows += told["rows"]
        if page >= told["pages"]:
            return rows
        page += 1


def value(row, field):
    return row["cells"].get(field, {}).get("value")


def registered(server):
    """Everybody registered and counted in the town, as the product knows them."""
    people = {row["record"]: row for row in records(server, "person")}
    families = {row["record"] for row in records(server, "household") if value(row, "kind") != "collective"}
    found = []
    for row in records(server, "residence"):
        of = people.get(value(row, "person"))
        if of is None or not value(row, "registered") or not value(of, "id_number"):
            continue
        household = row["cells"].get("household", {})
        own = household.get("text") if household.get("value") in families else None
        found.append(Person(value(of, "name"), value(of, "id_number"), value(row, "unit"), own, value(row, "living")))
    return sorted(found, key=lambda person: person.number)


def judged(server):
    """What the judgement says of whom: by ID number its list, the points, and how many pieces it saw."""
    found = {}
    for name in LISTS:
        for row in csv.DictReader(io.StringIO(fetched(server, f"/programmes/{JUDGEMENT}/list.csv?list={name}"))):
            # A leading minus is escaped for spreadsheets.
            points = row["Score with the lists' word"].lstrip("'")
            found[row["ID number"]] = (name, float(points.split()[0]) if points else None, int(row["Pieces of evidence"].split()[0]) if row["Pieces of evidence"] else 0)
    return found


def lists(world):
    """The lists that clerks and companies would send: by roster and unit, their rows."""
    rows = collections.defaultdict(list)
    heads = {
        "residence-evidence": ["姓名", "公民身份号码", "印证方式", "日期", "核查结果", "可信程度"],
        "phone-calls": ["姓名", "公民身份号码", "号码", "拨打日期", "接听情况"],
        "public-services": ["姓名", "公民身份号码", "服务项目", "服务日期", "服务方式"],
        "visit": ["人员姓名", "公民身份号码", "走访日期", "结果"],
        "meter-readings": ["户号", "表计", "抄表日期", "上次抄表", "用量"],
    }
    for person in world.people:
        for piece in person.pieces:
            who, day = [person.name, person.number], piece.day.isoformat()
            if piece.list == "evidence":
                rows["residence-evidence", person.unit].append([*who, ZH[piece.kind], day, ZH[piece.tells], ZH[piece.strength]])
            elif piece.list == "calls":
                rows["phone-calls", person.unit].append([*who, piece.more, day, CALLED[piece.tells]])
            elif piece.list == "services":
                rows["public-services", person.unit].append([*who, piece.more, day, WAYS[piece.tells]])
            else:
                rows["visit", person.unit].append([*who, day, MET[piece.tells]])
    for (unit, number), kind, day, used, _ in world.meters:
        before = day - datetime.timedelta(61)
        rows["meter-readings", unit].append([number, METERS[kind], day.isoformat(), before.isoformat(), f"{used:.1f}"])
    return {key: [heads[key[0]], *own] for key, own in rows.items()}


def imported(taizhang, ledger, world, folder, on):
    """Imports the world's lists into a ledger; how many rows, and how many weren't taken."""
    folder.mkdir(parents=True, exist_ok=True)
    count, left = 0, collections.Counter()
    for (roster, unit), rows in sorted(lists(world).items()):
        path = folder / f"{roster}-{unit}.csv"
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        output, _, _ = run([taizhang, "--lang", "en", "--json", "import", "--register", roster, "--unit", unit, "--on", on, ledger, path], codes=(0, 1))
        told = json.loads(output)["files"][0]
        count += told["rows"]
        for what in ("rejected", "asked", "repeated", "unread", "skipped"):
            number = told[what] if isinstance(told[what], int) else len(told[what] or [])
            if number:
                left[f"{roster} {what}"] += number
    return count, left


# ---- Statistics.

def auc(scored):
    """How often, of one who lives here and one who doesn't, the first has the higher score; ties count half. Of (score, truth)."""
    ordered = sorted(scored)
    yes = sum(truth for _, truth in ordered)
    no = len(ordered) - yes
    if not yes or not no:
        return math.nan
    ranks, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        ranks += sum(truth for _, truth in ordered[at:end]) * (at + end + 1) / 2
        at = end
    return (ranks - yes * (yes + 1) / 2) / (yes * no)


def wilson(part, whole, z=1.96):
    """The interval of a share at 95 %."""
    if not whole:
        return math.nan, math.nan
    share, weight = part / whole, z * z / whole
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / whole + weight / (4 * whole))
    return max(0.0, middle - half), min(1.0, middle + half)


def logistic(scored, rounds=40):
    """Offset and slope of the log odds of the truth over a score, by Newton's steps."""
    offset = slope = 0.0
    for _ in range(rounds):
        g0 = g1 = h00 = h01 = h11 = 0.0
        for score, truth in scored:
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, offset + slope * score))))
            w = p * (1 - p)
            g0 += truth - p
            g1 += (truth - p) * score
            h00, h01, h11 = h00 + w, h01 + w * score, h11 + w * score * score
        det = h00 * h11 - h01 * h01
        if abs(det) < 1e-12:
            break
        offset += (h11 * g0 - h01 * g1) / det
        slope += (h00 * g1 - h01 * g0) / det
    return offset, slope


def solved(matrix, right):
    """The solution of a system of linear equations, by elimination."""
    size = len(right)
    rows = [[*row, right[at]] for at, row in enumerate(matrix)]
    for at in range(size):
        best = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        top = rows[at]
        for row in rows[at + 1:]:
            if row[at]:
                factor = row[at] / top[at]
                for column in range(at, size + 1):
                    row[column] -= factor * top[column]
    found = [0.0] * size
    for at in range(size - 1, -1, -1):
        found[at] = (rows[at][size] - sum(rows[at][k] * found[k] for k in range(at + 1, size))) / rows[at][at]
    return found


def fitted(cases, ridge=1.0, rounds=12):
    """Log odds of the truth as a sum over features, each counted as often as it stands there; a slight pull towards 0. Of (features, truth)."""
    names = sorted({name for features, _ in cases for name in features}, key=str)
    place = {name: at for at, name in enumerate(names, 1)}
    sparse = [([(0, 1), *((place[name], count) for name, count in features.items())], truth) for features, truth in cases]
    size = len(names) + 1
    weights = [0.0] * size
    for _ in range(rounds):
        slope = [-ridge * weight for weight in weights]
        slope[0] = 0.0
        bend = [[0.0] * size for _ in range(size)]
        for at in range(size):
            bend[at][at] = ridge if at else 1e-9
        for features, truth in sparse:
            total = sum(weights[at] * count for at, count in features)
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
            w = p * (1 - p)
            for at, count in features:
                slope[at] += (truth - p) * count
                row = bend[at]
                for other, number in features:
                    row[other] += w * count * number
        step = solved(bend, slope)
        weights = [weight + change for weight, change in zip(weights, step)]
        if max(map(abs, step)) < 1e-4:
            break
    return {None: weights[0], **{name: weights[at] for name, at in place.items()}}


def summed(weights, features):
    return weights[None] + sum(weights.get(name, 0.0) * count for name, count in features.items())


# ---- What is held against the truth.

# Which way a piece points, as anybody would read it; the others tell nothing.
PLAIN = {
    "calls": {"own": True, "family": True, "stranger": False, "invalid": False},
    "visits": {"met": True, "relative": True, "wrong": False},
    "services": {"desk": True, "moving": True},
    "evidence": {"here": True, "away": False},
    "meters": {"used": True, "little": False, "none": False},
}
# Up to this a two months' reading is little, and no life in a home: m³ of water, kWh.
LITTLE = {"water": 1.0, "power": 15.0}


def years(world, piece):
    return min((world.on - piece.day).days // 365, 2)


class Case:
    """Somebody registered, all that was seen of them, what the product answered and what is true."""

    def __init__(self, world, person, answer, meters):
        self.person, self.here, self.word, self.home = person, person.here, person.word, (person.unit, person.household or person.number)
        self.pieces = person.pieces + [Piece("meters", kind, day, used_up(kind, used), None) for kind, day, used in meters]
        self.verdict, self.points, self.seen = answer or (None, None, 0)
        self.ages = [years(world, piece) for piece in self.pieces]
        self.days = [(world.on - piece.day).days for piece in self.pieces]
        self.features = collections.Counter((kind_of(piece), age) for piece, age in zip(self.pieces, self.ages))
        self.visited = any(piece.kind == "visit" for piece in self.pieces)
        told = [(piece.day, PLAIN[piece.list][piece.tells]) for piece in self.pieces if piece.tells in PLAIN[piece.list]]
        self.latest = max(told, key=lambda one: one[0])[1] if told else None

    def with_word(self):
        return {**self.features, ("the list's word", self.word): 1}

    def points_and_word(self):
        return {"points": self.points or 0.0, ("the list's word", self.word): 1}


def used_up(kind, used):
    return "none" if used == 0 else "little" if used <= LITTLE[kind] else "used"


def kind_of(piece):
    """What a piece is, for the tables."""
    return (piece.list, piece.kind, piece.tells, piece.strength or "")


def cases(world, answers):
    meters = collections.defaultdict(list)
    for _, kind, day, used, home in world.meters:
        for person in home:
            meters[person.number].append((kind, day, used))
    return [Case(world, person, answers.get(person.number), meters[person.number]) for person in world.people]


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def with_interval(part, whole):
    if not whole:
        return "–"
    least, most = wilson(part, whole)
    return f"{100 * part / whole:.1f} % ({100 * least:.1f}–{100 * most:.1f})"


def answered(some, verdict):
    """Of cases and what somebody says of each (here, not, nothing): how many are told, how often wrong."""
    here = [case for case in some if verdict(case) is True]
    away = [case for case in some if verdict(case) is False]
    wrong_here = sum(not case.here for case in here)
    wrong_away = sum(case.here for case in away)
    told = len(here) + len(away)
    return (
        f"{len(here):,} | {with_interval(wrong_here, len(here))} | {len(away):,} | {with_interval(wrong_away, len(away))} | {len(some) - told:,} | "
        f"{share(told, len(some))} | {share(wrong_here + wrong_away, told)}"
    )


def of_product(case):
    return {"holds": True, "fails": False}.get(case.verdict)


def number(truth):
    """A verdict as a score."""
    return {True: 1.0, False: 0.0, None: 0.5}[truth]


def bound(towns, nth, features):
    """Scores by weights that were learnt from the truth of the other towns, for the judged of this one."""
    others = [case for at, town in enumerate(towns) if at != nth for case in town if case.verdict]
    if not others:
        return None
    weights = fitted([(features(case), case.here) for case in others])
    return lambda case: summed(weights, features(case))


def at_wrong(scored, wrong_share):
    """The largest share of cases that a score decides, taking the surest of either side first, while at most so many of those decided on either side are wrong."""
    decided = 0
    for side in (True, False):
        ordered = sorted(scored, key=lambda one: one[0], reverse=side)
        wrong = best = 0
        for count, (score, truth) in enumerate(ordered, 1):
            wrong += truth != side
            ends = count == len(ordered) or ordered[count][0] != score
            if ends and wrong <= wrong_share * count:
                best = count
        decided += best
    return min(decided, len(scored)) / len(scored)


def scores_table(towns, seeds):
    lines = [
        "| seed | registered | the word is wrong | in question | live here | AUC: points | the list's word | latest piece | points and word | weights learnt | and word |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    bounds = []
    for nth, (town, seed) in enumerate(zip(towns, seeds)):
        judged_ones = [case for case in town if case.verdict]
        said = [case for case in town if case.word is not None]
        learnt = [bound(towns, nth, features) for features in (Case.points_and_word, lambda case: case.features, Case.with_word)]
        bounds.append(learnt)
        measures = [
            auc([(case.points or 0.0, case.here) for case in judged_ones]),
            auc([(number(case.word), case.here) for case in judged_ones]),
            auc([(number(case.latest), case.here) for case in judged_ones]),
            *(auc([(score(case), case.here) for case in judged_ones]) if score else math.nan for score in learnt),
        ]
        lines.append(
            f"| {seed} | {len(town):,} | {share(sum(case.word != case.here for case in said), len(said))} | {len(judged_ones):,} | "
            f"{share(sum(case.here for case in judged_ones), len(judged_ones))} | " + " | ".join("–" if math.isnan(one) else f"{one:.3f}" for one in measures) + " |"
        )
    return lines, bounds


def saved_table(towns, seeds, bounds):
    """How many need no visit: of people, and of homes in which nobody is left to find out."""
    lines = [
        "| seed | in question | never visited | of these decided | wrong (95 %) | decided in all | homes in question | nobody left to find out | | could: points | points and word | weights learnt and word |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for seed, town, scores in zip(seeds, towns, bounds):
        some = [case for case in town if case.verdict]
        unseen = [case for case in some if not case.visited]
        free = [case for case in unseen if of_product(case) is not None]
        homes = collections.defaultdict(list)
        for case in some:
            homes[case.home].append(of_product(case) is not None)
        done = sum(all(own) for own in homes.values())
        could = [share(at_wrong([(score(case), case.here) for case in some], 0.05), 1) if score else "–" for score in (lambda case: case.points or 0.0, scores[0], scores[2])]
        lines.append(
            f"| {seed} | {len(some):,} | {len(unseen):,} | {len(free):,} = {share(len(free), len(unseen))} | {with_interval(sum(of_product(case) != case.here for case in free), len(free))} | "
            f"{share(sum(of_product(case) is not None for case in some), len(some))} | {len(homes):,} | {done:,} | {share(done, len(homes))} | {' | '.join(could)} |"
        )
    return lines


# Bins of points; each holds its end that is further from 0, and 0 is one by itself.
EDGES = [0.5, 1, 1.5, 2, 3, 4, 6, math.inf]


def bins():
    pairs = list(zip([0, *EDGES], EDGES))
    for least, most in reversed(pairs):
        yield (f"−{least:g} and less" if most == math.inf else f"−{most:g} to {f'−{least:g}' if least else 0}"), (lambda x, least=least, most=most: x < 0 and least <= -x < most)
    yield "0", lambda x: x == 0
    for least, most in pairs:
        yield (f"{least:g} and more" if most == math.inf else f"{least:g} to {most:g}"), (lambda x, least=least, most=most: x > 0 and least <= x < most)


def calibration_table(some):
    lines = ["| points | people | live here (95 %) | of those listed as living here | of those listed as away |", "|---|---|---|---|---|"]
    parts = [(name, [case for case in some if case.points is not None and of(case.points)]) for name, of in bins()]
    parts.append(("no evidence", [case for case in some if case.points is None]))
    for name, own in parts:
        if own:
            cells = [with_interval(sum(case.here for case in part), len(part)) for part in (own, [c for c in own if c.word], [c for c in own if c.word is False])]
            lines.append(f"| {name} | {len(own):,} | {' | '.join(cells)} |")
    return lines


def groups_table(some):
    groups = [
        ("listed as living here", lambda case: case.word),
        ("listed as away", lambda case: case.word is False),
        ("one piece", lambda case: case.seen == 1),
        ("two or three", lambda case: case.seen in (2, 3)),
        ("four and more", lambda case: case.seen >= 4),
        ("under 18", lambda case: case.person.years < 18),
        ("18 to 59", lambda case: 18 <= case.person.years < 60),
        ("60 and older", lambda case: case.person.years >= 60),
        ("moved or came back in the last year", lambda case: case.person.changed and (case.on - case.person.changed).days < 365),
    ]
    lines = ["| of those in question | said to live here | wrong | said to live elsewhere | wrong | cannot tell | decided | wrong of these |", "|---|---|---|---|---|---|---|---|"]
    return lines + [f"| {name} | {answered([case for case in some if of(case)], of_product)} |" for name, of in groups]


def truths_table(some):
    """Of those who truly live here, or elsewhere, by what may lead astray: what is said of them."""
    groups = [
        ("live elsewhere, all", lambda case: not case.here),
        ("– on the list as living here", lambda case: not case.here and case.word),
        ("– others of the home live in it", lambda case: not case.here and case.company),
        ("– home locked", lambda case: not case.here and not case.company and case.person.state == "locked"),
        ("– home let", lambda case: not case.here and not case.company and case.person.state == "let"),
        ("– kin in the home", lambda case: not case.here and not case.company and case.person.state == "kin"),
        ("– near, and often there", lambda case: not case.here and case.person.near),
        ("– with something to lose", lambda case: not case.here and case.person.stake),
        ("live here, all", lambda case: case.here),
        ("– on the list as away", lambda case: case.here and case.word is False),
        ("– 70 and older", lambda case: case.here and case.person.years >= 70),
        ("– all alone in the home", lambda case: case.here and not case.company),
    ]
    lines = ["| registered, who truly … | people | in question | said to live here | said to live elsewhere | cannot tell |", "|---|---|---|---|---|---|"]
    for name, of in groups:
        own = [case for case in some if of(case)]
        asked = [case for case in own if case.verdict]
        cells = [share(sum(case.verdict == verdict for case in asked), len(asked)) for verdict in ("holds", "fails", "to-find-out")]
        lines.append(f"| {name} | {len(own):,} | {share(len(asked), len(own))} | {' | '.join(cells)} |")
    return lines


def with_word_counted(some):
    """The same points with the list's word as so many more for or against, cut where the product cuts those who weren't visited."""
    unseen = [case for case in some if not case.visited]
    high = min((case.points for case in unseen if case.verdict == "holds"), default=math.inf)
    low = max((case.points for case in unseen if case.verdict == "fails"), default=-math.inf)
    lines = ["| the word counts | said to live here | wrong (95 %) | said to live elsewhere | wrong (95 %) | cannot tell | decided | wrong of these |", "|---|---|---|---|---|---|---|---|"]
    for more in (0, 0.5, 1, 1.4):
        def verdict(case, more=more):
            points = (case.points or 0.0) + {True: more, False: -more, None: 0.0}[case.word]
            return True if points >= high else False if points <= low else None
        lines.append(f"| {f'± {more:g}' if more else 'nothing'} | {answered(some, verdict)} |")
    return high, low, lines


STEPS = [(0, 183), (183, 365), (365, 730), (730, 1600)]


def step(days):
    return next(at for at, (least, most) in enumerate(STEPS) if least <= days < most)


def given(some):
    """What the product adds for each kind of piece and age, by least squares over the points of those it judges; and how much of the points that explains."""
    told = [(collections.Counter((kind_of(piece), step(days)) for piece, days in zip(case.pieces, case.days)), case.points) for case in some if case.points is not None]
    names = sorted({name for features, _ in told for name in features}, key=str)
    place = {name: at for at, name in enumerate(names)}
    matrix = [[1e-6 if row == column else 0.0 for column in range(len(names))] for row in range(len(names))]
    right = [0.0] * len(names)
    for features, points in told:
        for name, count in features.items():
            at = place[name]
            right[at] += count * points
            for other, number in features.items():
                matrix[at][place[other]] += count * number
    found = dict(zip(names, solved(matrix, right)))
    mean = statistics.fmean(points for _, points in told)
    rest = sum((points - sum(found[name] * count for name, count in features.items())) ** 2 for features, points in told)
    return found, 1 - rest / sum((points - mean) ** 2 for _, points in told)


def ages_table(everyone, added):
    """How evidence wears out: the likelihood ratio of lines that say the one or the other, by age; and what is left of their points."""
    here = sum(case.here for case in everyone)
    lines = ["| lines of evidence that say | under 6 months | 6 to 12 | 1 to 2 years | older |", "|---|---|---|---|---|"]
    for tells in ("here", "away"):
        cells = []
        for at in range(len(STEPS)):
            of = lambda case: any(piece.list == "evidence" and piece.tells == tells and step(days) == at for piece, days in zip(case.pieces, case.days))
            a, b = sum(of(case) for case in everyone if case.here), sum(of(case) for case in everyone if not case.here)
            ratio = (a / here) / (b / (len(everyone) - here))
            kinds = [kind for kind in {name for name, _ in added} if kind[0] == "evidence" and kind[2] == tells and all((kind, nth) in added for nth in range(len(STEPS)))]
            left = sum(added[kind, at] for kind in kinds) / sum(added[kind, 0] for kind in kinds)
            cells.append(f"{ratio:.2f}, ln {math.log(ratio):+.2f}; points {left:.2f}")
        lines.append(f"| {tells} | {' | '.join(cells)} |")
    return lines


NAMES = {"calls": "call", "evidence": "line", "services": "service", "visits": "visit", "meters": "meter"}


def named(kind):
    on, what, tells, strength = kind
    return f"{NAMES[on]}: " + ", ".join(part for part in (what if what not in (NAMES[on],) else "", tells, strength) if part)


def pieces_table(towns, weights, slope, added):
    """Each kind of piece of the last year: how often of those who live there and of those who don't, what it is worth, what the product gives for it, and
    how often a verdict is wrong that it speaks for."""
    everyone = [case for town in towns for case in town]
    here = sum(case.here for case in everyone)
    counted = {True: collections.Counter(), False: collections.Counter()}
    verdicts = collections.defaultdict(list)
    for case in everyone:
        fresh = {kind_of(piece) for piece, age in zip(case.pieces, case.ages) if age == 0}
        for kind in fresh:
            counted[case.here][kind] += 1
        if of_product(case) is not None:
            for kind in fresh:
                side = PLAIN[kind[0]].get(kind[2])
                if side is not None and side == of_product(case):
                    verdicts[kind].append(of_product(case) != case.here)
    lines = [
        "| piece of the last year | of those here | of those away | likelihood ratio (95 %) | its ln | learnt beside the others | points while fresh | that would be a ratio of | verdicts it speaks for | wrong |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in sorted(set(counted[True]) | set(counted[False]), key=lambda kind: (list(NAMES).index(kind[0]), kind)):
        a, b = counted[True][kind], counted[False][kind]
        if a + b < 30:
            continue
        p, q = (a + 0.5) / (here + 1), (b + 0.5) / (len(everyone) - here + 1)
        spread = 1.96 * math.sqrt(1 / (a + 0.5) + 1 / (b + 0.5))
        ratio = math.log(p / q)
        points = added.get((kind, 0))
        wrong, of = sum(verdicts[kind]), len(verdicts[kind])
        flag = " ⚠" if of >= 20 and wilson(wrong, of)[0] > 0.1 else ""
        lines.append(
            f"| {named(kind)} | {100 * p:.2f} % | {100 * q:.2f} % | {math.exp(ratio):.2f} ({math.exp(ratio - spread):.2f}–{math.exp(ratio + spread):.2f}) | {ratio:+.1f} | "
            f"{weights.get((kind, 0), 0):+.1f} | {f'{points:+.1f}' if points is not None else '–'} | {f'{math.exp(slope * points):.2f}' if points is not None else '–'} | "
            f"{of:,} | {with_interval(wrong, of)}{flag} |"
        )
    return lines


def report(asked, commit, towns, seeds, rows):
    scores, bounds = scores_table(towns, seeds)
    everyone = [case for town in towns for case in town]
    some = [case for case in everyone if case.verdict]
    offset, slope = logistic([(case.points or 0.0, case.here) for case in some])
    weights = fitted([(case.with_word(), case.here) for case in everyone])
    apart = [logistic([(case.points or 0.0, case.here) for case in some if case.word is word]) for word in (True, False)]
    added, explained = given(some)
    high, low, counted = with_word_counted(some)
    quiet = [case for case in everyone if not case.verdict and case.word]
    lines = [
        f"## Who lives where they are registered\n\nMeasured {asked.date} by `bench/living.py`.\n",
        f"- taizhang {commit}; towns of {asked.people:,} people, seeds {', '.join(map(str, seeds))}; {rows:,} rows of evidence imported as lists{asked.changed}",
        f"- Truth and evidence are made by the script's own world, which knows nothing of the pack's weights; the town's own evidence is left out (its recipes)",
        f"- Nobody asks of {len(quiet):,} people listed as living here against whom nothing speaks: {with_interval(sum(not case.here for case in quiet), len(quiet))} of them live elsewhere\n",
        "### Order: AUC among those in question\n",
        "No evidence counts as 0 points; nothing said and nothing told as a half. *Points and word*: their weights, and those of *weights learnt* for each piece by kind, strength and age, are learnt from the truth of the other towns: what is to be had, no rivals.\n",
        *scores,
        "\n### Verdicts\n",
        "| | said to live here | wrong (95 %) | said to live elsewhere | wrong (95 %) | cannot tell | decided | wrong of these |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for seed, town in zip(seeds, towns):
        lines.append(f"| taizhang, seed {seed} | {answered([case for case in town if case.verdict], of_product)} |")
    lines += [
        f"| **taizhang, all** | {answered(some, of_product)} |",
        f"| the list's word | {answered(some, lambda case: case.word)} |",
        f"| latest piece that tells either | {answered(some, lambda case: case.latest)} |",
        "",
        *groups_table(some),
        "",
        *truths_table(everyone),
        "\n### If the list's word counted too\n",
        f"The product's points, cut at {high:g} and {low:g} (the least points with which it decides on anybody never visited), and the list's word as points more or less. By nothing else than these: a visit is a piece like any other here.\n",
        *counted,
        "\n### Door visits saved\n",
        "Against a visit to everybody in question. Whoever has been visited already has not been spared one. The last three columns: how many *could* be decided with the best two thresholds, if at most 5 of 100 said to live here, and of those said to live elsewhere, may be wrong.\n",
        *saved_table(towns, seeds, bounds),
        "\n### Calibration\n",
        f"Over all in question the log odds of living here are {offset:+.2f} {slope:+.2f} × points; of those listed as living here {apart[0][0]:+.2f} {apart[0][1]:+.2f} × points, of those listed as away {apart[1][0]:+.2f} {apart[1][1]:+.2f} × points.\n",
        *calibration_table(some),
        "\n### What pieces are worth here, and what they are given\n",
        "Of all registered. *Learnt beside the others*: the weight in log odds when all other pieces and the list's word are known. *Points while fresh*: what the product adds for it in its first half year, "
        f"by least squares over the points of all it judges (these explain {100 * explained:.1f} % of their variance); *that would be a ratio of*: e to {slope:.2f} × points, by the slope above. *Verdicts it speaks for*: decided, and in its sense; ⚠ where over 10 % are wrong for sure. "
        f"The list's word, *living here*, is worth {weights[('the list' + chr(39) + 's word', True)] - weights[('the list' + chr(39) + 's word', False)]:+.1f} against *away*.\n",
        *pieces_table(towns, weights, slope, added),
        "\n### How it wears out\n",
        "The likelihood ratio by the age of a line, and what is left of the points of a fresh one.\n",
        *ages_table(everyone, added),
    ]
    return "\n".join(lines) + "\n"


# ---- The run.

class Clear(Server):
    """A server that shows ID numbers."""

    reveal = "id,phone"


def one(asked, taizhang, seed):
    """A town and its world of one seed, judged: its cases, and how many rows were imported."""
    town = asked.work / f"living-{asked.people}-{seed}"
    if not (town / "made").exists():
        pack = asked.work / "living-pack"
        shutil.rmtree(pack, ignore_errors=True)
        shutil.copytree(ROOT / "packs/national", pack, ignore=shutil.ignore_patterns(RECIPES))
        run([taizhang, "--lang", "en", "--json", "demo", "--data", town, "--people", asked.people, "--seed", seed, "--no-serve", "--pack", pack], codes=(0, 1))
        (town / "made").touch()
    ledger = results.copied(town / "ledger", asked.work / "living-ledger")
    server = Clear(taizhang, ledger, asked.on, asked.port)
    try:
        people = registered(server)
    finally:
        server.stop()
    world = World(people, datetime.date.fromisoformat(asked.on), seed)
    rows, left = imported(taizhang, ledger, world, asked.work / "living-lists", asked.on)
    if left:
        raise Failed(f"rows were not taken: {dict(left)}")
    server = Clear(taizhang, ledger, asked.on, asked.port)
    try:
        answers = judged(server)
    finally:
        server.stop()
    shutil.rmtree(ledger, ignore_errors=True)
    found = cases(world, answers)
    for case in found:
        case.on, case.company = world.on, world.others(case.person, world.on)
    return found, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taizhang", type=pathlib.Path, help="a binary")
    parser.add_argument("--date", required=True, help="the date to write into RESULTS.md")
    parser.add_argument("--commit", help="the commit of the binary [default: that of this tree]")
    parser.add_argument("--people", type=int, default=12_000, help="how many the town has")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--wrong", type=float, default=1.0, help="how many times as often the list's word is wrong; nothing is written then")
    parser.add_argument("--on", default="2025-12-31", help="the day on which is asked")
    parser.add_argument("--port", type=int, default=8_746)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="folder for everything made on the way")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "RESULTS.md")
    asked = parser.parse_args()
    for name in ("MOVED_HOME", "MOVED_ALONE", "BACK_HOME", "BACK_ALONE"):
        globals()[name] *= asked.wrong
    asked.changed = "" if asked.wrong == 1 else f"; **the list's word wrong {asked.wrong:g} times as often**"
    taizhang = asked.taizhang.resolve()
    asked.work.mkdir(parents=True, exist_ok=True)
    commit = asked.commit or run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"])[0].strip()
    towns, rows = [], 0
    for seed in asked.seeds:
        found, count = one(asked, taizhang, seed)
        towns.append(found)
        rows += count
    text = report(asked, commit, towns, asked.seeds, rows)
    print(text)
    if asked.wrong == 1:
        results.put(asked.out, "who lives where they are registered", text)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(str(failed))

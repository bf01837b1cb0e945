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
            points = row["Score of the evidence"]
            found[row["ID number"]] = (name, float(points) if points else None, int(row["Pieces of evidence"] or 0))
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

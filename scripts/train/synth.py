"""Support text made from templates and gazetteers: many cultures' names in greetings, signatures, tables and prose."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path
from random import Random
from typing import Any

from faker import Faker

LOCALES = (
    "en_US",
    "en_GB",
    "en_AU",
    "en_CA",
    "en_IN",
    "en_NZ",
    "en_IE",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pt_BR",
    "sv_SE",
    "pl_PL",
)
_SLOT = re.compile(r"\{(\w+?)\d?\}")
_KIND = {
    "first": "PERSON", "full": "PERSON", "last": "PERSON", "titled": "PERSON", "city": "LOCATION",
    "country": "LOCATION",     "org": "ORGANIZATION", "addr": "STREET_ADDRESS", "dob": "DATE_OF_BIRTH",
}  # fmt: skip

_WRITTEN = json.loads((Path(__file__).parent / "templates.json").read_text(encoding="utf-8"))
TEMPLATES, FILLERS, COUNTRIES = (tuple(_WRITTEN[part]) for part in ("texts", "fillers", "countries"))


class Synth:
    """Fills templates; `texts` is all that is needed from outside."""

    def __init__(self, gazetteers: Path, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - seeded training data
        self._fakers = [Faker(locale) for locale in LOCALES]
        for number, faker in enumerate(self._fakers):
            faker.seed_instance(seed + number)
        self._firsts = _column(gazetteers / "common-forenames-by-country.csv.gz", "Romanized Name", "Localized Name")
        self._lasts = _column(gazetteers / "common-surnames-by-country.csv.gz", "Romanized Name", "Localized Name")
        self._firsts += _column(gazetteers / "new-top-firstNames.csv.gz", "name")
        self._lasts += [name.title() for name in _column(gazetteers / "new-top-surnames.csv.gz", "name")]
        self._cities = _column(gazetteers / "world-cities.csv.gz", "name")
        self._orgs = _column(gazetteers / "companies_and_organizations.csv.gz", "organization")

    def texts(self, count: int) -> list[dict[str, Any]]:
        """`count` texts with spans."""
        return [self._fill(self._random.choice(TEMPLATES)) for _ in range(count)]

    def first(self) -> str:
        """A forename."""
        return self._random.choice(self._firsts) if self._random.random() < 0.6 else self._faker().first_name()

    def last(self) -> str:
        """A surname."""
        pick = self._random.random()
        if pick < 0.1:
            return f"{self._random.choice(self._lasts)}-{self._random.choice(self._lasts)}"
        return self._random.choice(self._lasts) if pick < 0.6 else self._faker().last_name()

    def full(self) -> str:
        """Forename and surname, now and then with an initial."""
        middle = f" {self._random.choice('ABCDEFGHJKLMNOPRSTW')}." if self._random.random() < 0.1 else ""
        return f"{self.first()}{middle} {self.last()}"

    def _faker(self) -> Faker:
        return self._random.choice(self._fakers)

    def _value(self, slot: str) -> str:  # noqa: PLR0911 - a table of slots
        pick, faker = self._random, self._faker()
        match slot:
            case "first" | "last" | "full":
                return str(getattr(self, slot)())
            case "titled":
                return self.last()
            case "city":
                return pick.choice(self._cities) if pick.random() < 0.5 else faker.city()
            case "country":
                return pick.choice(COUNTRIES)
            case "org":
                return pick.choice(self._orgs) if pick.random() < 0.6 else faker.company()
            case "addr":
                whole = faker.address() if pick.random() < 0.5 else f"{faker.street_address()}, {faker.city()}"
                return whole.replace("\n", pick.choice((", ", "\n", " "))).strip()
            case "dob":
                form = pick.choice(
                    ("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d.%m.%Y", "%d %b %y")
                )
                return faker.date_of_birth(minimum_age=18, maximum_age=95).strftime(form)
            case _:
                return pick.choice(FILLERS)

    def _fill(self, template: str) -> dict[str, Any]:
        out, spans, begin = "", [], 0
        for slot in _SLOT.finditer(template):
            out += template[begin : slot.start()]
            begin = slot.end()
            kind = slot.group(1)
            value = self._value(kind)
            if kind == "titled" and self._random.random() < 0.8:
                out += self._random.choice(("Mr ", "Mrs ", "Ms ", "Ms. ", "Mr. ", "Dr ", "Prof. "))
            if kind in _KIND:
                spans.append({"start": len(out), "end": len(out) + len(value), "label": _KIND[kind]})
            out += value
        return {"text": out + template[begin:], "spans": spans}


def _column(path: Path, *names: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        rows = csv.DictReader(lines)
        found = [next((row[name] for name in names if row.get(name)), "") for row in rows]
    return [value.strip() for value in found if 1 < len(value.strip()) < 40]

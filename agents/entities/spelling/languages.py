"""What is known of each language: one small file in ``languages/`` for each, read once.

endings     inflection of names, ``ending:base1,base2`` over folded letters
shed        of these, those that names without an entry are taken without: few names end so of themselves
shed_last   more of them, of a language that inflects only the last word of a name: a given name may end so of itself
heard       letters that a name is heard by otherwise than in English, ``letter:sound``, for names without an entry
respelt     foreign names are spelt by their sound, so that one with strange letters has no ending of the language
prefixes    what is written together with the name that follows (Arabic, Hebrew)
articles    of these, those that a city's name either has of itself or never takes (``البحري`` is no ``بحري``)
determiners articles that no city's name takes, in a language that writes nouns with capitals (``das Essen``)
particles   what follows a name, together with it (Japanese, Korean) or as a word of its own (Hindi)
locative    words before a place that is meant as a place, not as its government
local       endings, as they are written, of what says where (``Jelgavā``)
dating      words before a month, where months have capitals
roles       words beside a person's name
waters      words before the name of a river that a city bears too (``через Дніпро``)
followed    what makes something else of a name that it stands behind, ``name:one,two`` (``小米粥``, millet porridge)
nominals    endings of nouns with their article; such a word that opens a sentence names nobody (``Șoferul``)
adjective   nationality adjectives by country: ``stem``, ``whole.``, ``stem{one,two}``
derive      stems of the adjectives of all other countries from their names, ``ending:stem1,stem2``
office      ministries and the like, to be completed by a country
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from agents.entities.spelling.fold import fold, token, words

FOLDER = Path(__file__).parent / "languages"
_ALIASES = {
    "tl": "fil", "nb": "no", "nn": "no", "iw": "he", "in": "id", "mo": "ro", "sh": "sr", "hbs": "sr", "cnr": "sr",
}  # fmt: skip
Endings: TypeAlias = Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""Endings with what takes their place, by their last letter, longest first."""
_BRACES = re.compile(r"\{([^}]*)\}")
TABLES = re.compile(r"^\[", re.MULTILINE)
"""Where the tables begin."""


@dataclass(frozen=True, slots=True)
class Language:
    """The rules of one language."""

    code: str
    endings: Endings = field(default_factory=dict)
    longest: int = 0
    """Letters of the longest ending."""
    shed: Endings = field(default_factory=dict)
    """Endings that are taken from a name without an entry, in the same order."""
    shed_last: Endings = field(default_factory=dict)
    """Those that are taken from its last word, ``shed`` included, in the same order."""
    heard: Mapping[int, str] = field(default_factory=dict)
    """Letters, small ones and capitals, with what English writes for their sound."""
    respelt: bool = False
    prefixes: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    determiners: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()
    locative: frozenset[str] = frozenset()
    local: tuple[str, ...] = ()
    dating: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    nominals: tuple[str, ...] = ()
    waters: frozenset[str] = frozenset()
    followed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wording:
    """What the knowledge base has of one language: by these it is compiled, and no text is read by them."""

    adjectives: dict[str, tuple[str, ...]]
    """Every form, by country."""
    derive: tuple[tuple[str, tuple[str, ...]], ...]
    """Endings of countries' names with what takes their place before an adjective's ending, longest first."""
    adjective_endings: tuple[str, ...]
    adjective_capital: bool
    offices: dict[str, tuple[str, ...]]
    """Every name, by office."""


def base(tag: str) -> str:
    """Returns the code of the language file that serves a BCP 47 tag."""
    code = tag.split("-")[0].lower()
    return _ALIASES.get(code, code)


@lru_cache(512)
def language(code: str) -> Language:
    """Returns the rules of a language; of one without a file, none.

    Reads a file down to its tables, which are most of it: what is in them the knowledge base has (:func:`wording`).
    The heads of all files take 24 ms of CPU, with their tables 57.
    """
    path = FOLDER / f"{code}.toml"
    if not code.isalpha() or not path.exists():
        return Language(code)
    data: dict[str, Any] = tomllib.loads(TABLES.split(path.read_text("utf-8"), maxsplit=1)[0])
    endings = _endings(data.get("endings", ()))
    return Language(
        code=code,
        endings=endings,
        longest=max((len(ending) for listed in endings.values() for ending, _ in listed), default=0),
        shed=_endings(data.get("shed", ())),
        shed_last=_endings((*data.get("shed", ()), *data.get("shed_last", ()))),
        heard=_letters(data.get("heard", ())),
        respelt=bool(data.get("respelt")),
        prefixes=tuple(
            sorted((token(fold(prefix)) for prefix in data.get("prefixes", ())), key=len, reverse=True)
        ),
        articles=tuple(token(fold(article)) for article in data.get("articles", ())),
        determiners=frozenset(data.get("determiners", ())),
        particles=frozenset(data.get("particles", ())),
        locative=frozenset(token(fold(word)) for word in data.get("locative", ())),
        local=tuple(data.get("local", ())),
        dating=frozenset(data.get("dating", ())),
        roles=frozenset(words("\n".join(data.get("roles", ())))),
        nominals=tuple(fold(ending) for ending in data.get("nominals", ())),
        waters=frozenset(token(fold(word)) for word in data.get("waters", ())),
        followed=_followed(data.get("followed", ())),
    )


@lru_cache(128)
def wording(code: str) -> Wording:
    """Returns how a language that has a file calls offices and what is of a country."""
    data: dict[str, Any] = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    table, capital = data.get("adjective", {}), bool(data.get("adjective_capital"))
    return Wording(
        adjectives=_adjectives(table, capital),
        derive=tuple(
            sorted((_plain(rule) for rule in data.get("derive", ())), key=lambda rule: -len(rule[0]))
        ),
        adjective_endings=tuple(table.get("endings", ("",))),
        adjective_capital=capital,
        offices={office: tuple(names) for office, names in data.get("office", {}).items()},
    )


def codes() -> list[str]:
    """Returns the languages that have a file."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _endings(rules: Iterable[str]) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for rule in rules:
        ending, _, bases = token(fold(rule)).partition(":")
        found.setdefault(ending[-1], []).append((ending, tuple(bases.split(","))))
    return {last: tuple(sorted(listed, key=lambda rule: -len(rule[0]))) for last, listed in found.items()}


def _letters(rules: Iterable[str]) -> dict[int, str]:
    found: dict[str, str] = {}
    for rule in rules:
        letter, _, sound = rule.partition(":")
        found |= {letter: sound, letter.upper(): sound.title()}
    return str.maketrans(found)


def _followed(rules: Iterable[str]) -> dict[str, tuple[str, ...]]:
    pairs = (fold(rule).partition(":") for rule in rules)
    return {name: tuple(listed.split(",")) for name, _, listed in pairs}


def _plain(rule: str) -> tuple[str, tuple[str, ...]]:
    ending, _, stems = rule.partition(":")
    return ending, tuple(stems.split(","))


def _adjectives(table: dict[str, Any], capital: bool) -> dict[str, tuple[str, ...]]:
    endings = table.get("endings", [""])
    found: dict[str, tuple[str, ...]] = {}
    for country, listed in table.items():
        if country == "endings":
            continue
        forms: dict[str, None] = {}
        for item in listed.split():
            whole = item.endswith(".")
            for stem in _expand(item.rstrip(".")):
                for ending in ("",) if whole else endings:
                    form = stem + ending
                    forms[form[:1].upper() + form[1:] if capital else form] = None
        found[country] = tuple(forms)
    return found


def _expand(item: str) -> Iterator[str]:
    match = _BRACES.search(item)
    if match is None:
        yield item
        return
    for choice in match.group(1).split(","):
        yield from _expand(item[: match.start()] + choice + item[match.end() :])

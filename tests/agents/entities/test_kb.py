"""Quality gates on the knowledge base: what must hold whoever adds a record."""

from __future__ import annotations

import gzip
import os
import re
import struct
import sys
import unicodedata
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Literal

import orjson
import pytest

from tests.agents.entities.compiling import sources_are_missing

if sources_are_missing():
    pytest.skip("the knowledge base's sources are not installed (make kb-setup)", allow_module_level=True)

from agents.entities.knowledge import kb
from agents.entities.knowledge.build import main, records
from agents.entities.knowledge.kb import FOLDER, Compiled
from agents.entities.knowledge.records import Record
from agents.entities.knowledge.sources.curated import curated
from agents.entities.spelling.fold import CASED, key
from agents.entities.spelling.inflection import KEPT
from agents.entities.spelling.languages import codes, wording

DATA = Path(os.environ.get("BABELWIRE_DATA", Path(__file__).parents[4] / "shared" / "data"))

OWN_LABELS = frozenset(
    (
        "Aarhus", "Abuja", "Acapulco", "Basra", "Cannes", "Cardiff", "Chittagong", "Cologne", "Denpasar", "Frankfurt",
        "Ghent", "Gomel", "Grodno", "Hama", "Hanover", "Hodeidah", "Hong Kong", "Kryvyi Rih", "Mazar-i-Sharif",
        "Mecca", "Medina", "Mekelle", "Misrata", "Mykolaiv", "Naypyidaw", "Nizhny Novgorod", "Patras", "Plzeň",
        "Prague", "Quebec City", "Salisbury", "Seville", "St Peter Port", "St. George's", "St. John's", "Tripoli",
        "Ulaanbaatar", "Vinnytsia", "Washington, D.C.", "Wellington", "Yaren", "Zaporizhzhia",
    )
)  # fmt: skip
"""Cities that the table of ids calls otherwise first: by a native or an old name, or by that of something else."""


@lru_cache(1)
def every() -> list[Record]:
    return records()


@lru_cache(1)
def own() -> list[Record]:
    return list(curated())


def test_the_committed_knowledge_base_is_what_the_sources_compile_to(tmp_path: Path) -> None:
    main([str(tmp_path)])
    assert Compiled(tmp_path).version == Compiled(FOLDER).version, (
        "run python -m agents.entities.knowledge.build"
    )


def test_three_thousand_records_are_kept_by_hand() -> None:
    assert len(own()) >= 2_900


def test_no_id_is_curated_twice_and_every_id_has_a_known_scheme() -> None:
    ids = [record.id for record in own()]
    assert len(ids) == len(set(ids))
    assert {identifier.split(":")[0] for identifier in ids if not identifier.startswith("Q")} <= {
        "cur",
        "gov",
        "gn",
        "iso",
    }


def test_no_letter_is_lost_in_an_id() -> None:
    """``ł``, ``đ`` and ``ı`` do not decompose: an id made of what is left of the name would be cut."""
    letters = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "ı": "i", "ə": "a"})
    cut = {}
    for record in own():
        lower = record.name.lower()
        if record.id.startswith("cur:") and lower != lower.translate(letters):
            plain = unicodedata.normalize("NFKD", lower.translate(letters)).encode("ascii", "ignore").decode()
            if record.id != "cur:" + re.sub("[^a-z0-9]+", "-", plain).strip("-"):
                cut[record.id] = record.name
    assert cut == {}


def test_no_alias_names_two_countries() -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in every():
        if record.kind == "country":
            for tag, names in record.names.items():
                for name in names:
                    owners[(tag, key(name))].add(record.id)
    assert {alias: ids for alias, ids in owners.items() if len(ids) > 1} == {}


def test_no_country_is_called_by_the_name_of_a_great_city() -> None:
    cities = {key(record.name) for record in every() if record.kind == "city" and record.weight > 5.5}
    states = {"singapore", "hong kong", "kuwait", "panama", "guatemala", "mexico", "djibouti", "luxembourg"}
    states |= {"salvador", "granada"}  # what several languages call El Salvador and Grenada
    found = {
        (record.id, name)
        for record in every()
        if record.kind == "country"
        for names in record.names.values()
        for name in names
        if key(name) in cities - states
    }
    assert found == set()


def test_no_adjective_belongs_to_two_countries() -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in every():
        for tag, forms in record.adjectives.items():
            for form in forms:
                owners[(tag, key(form))].add(record.id)
    assert {form: ids for form, ids in owners.items() if len(ids) > 1} == {}


def test_curated_names_have_capitals_or_a_script_without() -> None:
    small = {
        (record.id, name)
        for record in own()
        if record.type == "PER"
        for names in record.names.values()
        for name in names
        if CASED.match(name)
        and name[0].islower()
        and not any(part[:1].isupper() for part in name.replace("-", " ").split())
    }
    assert small == set()


def id_table() -> list[list[str]]:
    """Returns the rows of the table of Wikidata ids: id, English name, type, country, other English names."""
    table = DATA / "kb" / "wikidata-ids.tsv.gz"
    if not table.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{table} is missing: CI must have the development data")
        pytest.skip(f"no id table in {table.parent} (BABELWIRE_DATA)")
    with gzip.open(table, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def test_every_wikidata_id_is_confirmed() -> None:
    known = {row[0] for row in id_table()}
    gold = orjson.loads((DATA / "seeds" / "gold_mentions.json").read_bytes())
    known |= {mention["qid"] for document in gold["docs"].values() for mention in document["mentions"]}
    packaged = {record.id for record in every() if record.kind in ("country", "union", "region")}
    unconfirmed = {(r.id, r.name) for r in own() if r.id.startswith("Q") and r.id not in known | packaged}
    assert unconfirmed == set()


def test_a_city_is_labelled_as_english_news_calls_it() -> None:
    table = id_table()
    english = {row[0]: row[1] for row in table}
    labels = {record.id: record.name for record in own() if record.kind in ("city", "capital")}
    other = {name for qid, name in labels.items() if qid in english and key(name) != key(english[qid])}
    assert len(labels.keys() & english.keys()) > 600
    assert other == OWN_LABELS
    called = {row[0]: {key(name) for name in (row[1], *row[4].split("|"))} for row in table}
    unknown = {name for qid, name in labels.items() if qid in called and key(name) not in called[qid]}
    assert unknown == {"Hodeidah", "Zaporizhzhia"}, "English names that are later than the table"


def test_no_label_of_a_curated_city_has_the_marks_of_romanisation() -> None:
    """GeoNames has ``Herāt``, ``Al Ḩudaydah``, ``Kazan'`` and, for Romania, the cedillas of another alphabet."""
    names = [record.name for record in own() if record.kind in ("city", "capital")]
    assert [name for name in names if re.search("[āēīōūḏḥḩẖṣşṭţẓ]|'$|^İ", name)] == []
    assert [record.name for record in own() if record.name != " ".join(record.name.split())] == []


def test_metonyms_point_at_entities() -> None:
    lexicon = Compiled()
    assert [r.id for r in own() if r.metonym_of and lexicon.by_id(r.metonym_of) is None] == []


def test_offices_are_named_in_twenty_languages_and_more() -> None:
    assert sum({"mfa", "mod"} <= wording(code).offices.keys() for code in codes()) >= 20


def test_loading_maps_the_files() -> None:
    lexicon = Compiled()
    assert len(lexicon) > 35_000
    assert {lexicon.item(posting.entity).id for posting in lexicon.find("sergej lawrow")} == {"Q58217"}


def test_the_numbers_are_the_same_on_a_machine_of_either_byte_order(tmp_path: Path) -> None:
    path = tmp_path / "numbers.u4"
    path.write_bytes(struct.pack("<3I", 1, 70_000, 0xFFFFFFFE))
    assert list(kb._numbers(path)) == [1, 70_000, 0xFFFFFFFE]
    other: Literal["little", "big"] = "big" if sys.byteorder == "little" else "little"
    assert list(kb._numbers(path, other)) == list(struct.unpack(">3I", path.read_bytes()))


def test_what_may_be_written_small_is_asked_by_language() -> None:
    lexicon = Compiled()
    german = lexicon.small("de")
    assert {"russische", "russian"} <= german
    assert "российский" not in german
    assert "российский" in lexicon.small("ru")
    assert lexicon.small("tlh") == lexicon.small("en") < german
    assert lexicon.small_beginnings("ru") == {word[:KEPT] for word in lexicon.small("ru")}

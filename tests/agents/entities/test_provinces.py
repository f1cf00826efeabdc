"""Provinces of countries that no package has with ids: names from CLDR, apart from cities and countries."""

from __future__ import annotations

import pytest

from tests.agents.entities.compiling import sources_are_missing

if sources_are_missing():
    pytest.skip("the knowledge base's sources are not installed (make kb-setup)", allow_module_level=True)

from agents.entities.knowledge.build import apart
from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.records import ANY, Record
from agents.entities.knowledge.sources.provinces import listed, plain, provinces
from agents.entities.linking.link import Linker


def test_every_listed_province_has_names_and_an_id_of_its_own() -> None:
    rows = list(listed())
    assert len(rows) > 500
    assert len({code for code, _, _ in rows}) == len(rows)
    ids = [identifier for _, identifier, _ in rows]
    assert len(set(ids)) == len(ids)
    assert {weight for _, _, weight in rows} == {6.0, 4.0}


def test_a_province_is_named_in_many_scripts_but_by_no_city_of_its_country() -> None:
    found = {record.id: record for record in provinces()}
    apulia = found["Q1447"]
    assert (apulia.name, apulia.country, apulia.kind) == ("Apulia", "IT", "region")
    assert apulia.names["de"] == ("Apulien",)
    assert apulia.names["ru"] == ("Апулия",)
    assert "iso:MX-OAX" not in found
    assert not any(
        "²" in name for record in found.values() for names in record.names.values() for name in names
    )


@pytest.mark.parametrize(
    ("name", "bare"),
    [("Île-de-France²", "Île-de-France"), ("Provence-Alpes-Côte d’Azur", "Provence-Alpes-Côte d'Azur")],
)
def test_a_note_of_cldr_is_no_part_of_a_name(name: str, bare: str) -> None:
    assert plain(name) == bare


def test_a_region_leaves_its_citys_name_to_the_city_and_a_country_a_places() -> None:
    def place(identifier: str, name: str, kind: str, *others: str) -> Record:
        names = {ANY: (name, *others)}
        return Record(id=identifier, type="LOC", name=name, kind=kind, weight=7.0, country="XA", names=names)

    every = [
        place("a", "Vornsk", "city"),
        place("b", "Vornsk Oblast", "region", "Vornsk"),
        place("c", "Lower Ruria", "place"),
        place("d", "Ruria", "country", "Lower Ruria"),
        place("e", "Vornsk", "region"),
    ]
    left = {record.id: record.names[ANY] for record in apart(every)}
    assert left == {
        "a": ("Vornsk",),
        "b": ("Vornsk Oblast",),
        "c": ("Lower Ruria",),
        "d": ("Ruria",),
        "e": ("Vornsk",),
    }


@pytest.mark.parametrize(
    ("tag", "text", "wanted"),
    [
        ("en", "Voters in Jalisco went to the polls in Mexico.", {"Q13160"}),
        ("en", "Jalisco shook.", set()),
        ("it", "Il voto in Veneto e in Puglia.", {"Q1243", "Q1447"}),
        ("ja", "会談はドイツのブランデンブルク州で行われた。", {"Q1208"}),
    ],
)
def test_a_province_is_believed_as_far_as_its_line_says(tag: str, text: str, wanted: set[str]) -> None:
    kinds = {
        one.item.id for one in Linker(Compiled()).link(text, tag) if one.item and one.item.kind == "region"
    }
    assert kinds == wanted

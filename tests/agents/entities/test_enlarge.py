"""A knowledge base grows by what an operator supplies, and no worse."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.entities.knowledge.compile import compile_records
from agents.entities.knowledge.enlarge import Summary, Wanted, enlarge
from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.records import Record
from agents.entities.knowledge.replacing import made, replacing
from agents.entities.knowledge.sources import wikidata
from agents.entities.linking.link import Linker
from agents.entities.spelling.fold import key
from tests.agents.entities.dumps import entity, item_value, statement, write, write_dump, write_table

RIVER_AUTHORITY = entity("Q900001", {"en": "river authority"}, subclass_of=["Q327333"], pages=3)
SHEPHERD = entity("Q900002", {"en": "shepherd"}, subclass_of=["Q28640"], pages=40)


def state(identifier: str, name: str, code: str, **names: tuple[str, ...]) -> Record:
    return Record(
        id=identifier,
        type="LOC",
        name=name,
        kind="country",
        weight=12.0,
        country=code,
        wikidata=identifier,
        names={"*": (name,), **names},
    )


PEOPLE = (
    entity(
        "Q910001",
        {
            "en": "Thessaly Vanterpool",
            "ru": "Тессалия Вантерпул",
            "ta": "தெசலி வாண்டர்பூல்",
            "ja": "テッサリー・ヴァンターポール",
        },
        instance_of=["Q5"],
        aliases={"en": ["T. Vanterpool", "thessaly vanterpool", "Thessaly", "Vanterpool (politician)"]},
        citizen=["Q145"],
        pages=120,
    ),
    entity(
        "Q910002", {"de": "Ottokar Brenningmeyer"}, instance_of=["Q5"], citizen=["Q183"], died="1911-01-01"
    ),
    entity("Q910003", {"en": "Nobody Much"}, instance_of=["Q5"], pages=2),
    entity("Q910004", {"en": "Sergey Lavrov", "eo": "Sergej Lavrovo"}, instance_of=["Q5"]) | {"id": "Q58217"},
)
OTHERS = (
    entity(
        "Q920001",
        {"en": "Lower Merrow Drainage Board", "de": "Entwässerungsamt Merrow"},
        instance_of=["Q900001"],
        aliases={"en": ["LMDB", "the", "board"]},
        country=["Q145"],
    ),
    entity(
        "Q920002",
        {"en": "Merrowby", "fr": "Merrowby"},
        instance_of=["Q3957"],
        country=["Q145"],
        people=412_000,
    ),
    entity("Q920003", {"en": "Shepherding Life"}, instance_of=["Q900002"]),
    entity(
        "Q142",
        {"en": "France", "xx": "Lyon", "mul": "Gaulonia"},
        instance_of=["Q3624078"],
        aliases={"en": ["Germany", "Republic of the Hexagon"], "fr": ["Hexagonie partagée"]},
    ),
    entity("Q183", {"en": "Germany"}, instance_of=["Q3624078"], aliases={"fr": ["Hexagonie partagée"]}),
)

BASE = (
    state("Q142", "France", "FR", de=("Frankreich",)),
    state("Q183", "Germany", "DE", de=("Deutschland",)),
    state("Q145", "United Kingdom", "GB"),
    state("Q45", "Portugal", "PT"),
    Record(
        id="gn:2996944",
        type="LOC",
        name="Lyon",
        kind="city",
        weight=4.0,
        country="FR",
        names={"*": ("Lyon",)},
    ),
    Record(
        id="Q58217",
        type="PER",
        name="Sergey Lavrov",
        kind="minister",
        weight=9.0,
        country="RU",
        wikidata="Q58217",
        names={"*": ("Sergey Lavrov",), "de": ("Sergej Lawrow",), "ru": ("Сергей Лавров",)},
    ),
    Record(
        id="cur:perpetua-standish",
        type="PER",
        name="Perpetua Standish",
        kind="minister",
        weight=8.5,
        country="GB",
        names={"*": ("Perpetua Standish",)},
    ),
)

Grown = Callable[..., tuple[Compiled, Summary]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp("base")
    compile_records(BASE, [("en", "the"), ("en", "board"), ("de", "und")], ["sergey", "perpetua"], folder)
    return Compiled(folder)


@pytest.fixture
def grow(tmp_path: Path, base: Compiled) -> Grown:
    def made(
        entities: Any = (RIVER_AUTHORITY, SHEPHERD, *PEOPLE, *OTHERS),
        rows: Any = None,
        name: str = "dump.json.gz",
        **wanted: Any,
    ) -> tuple[Compiled, Summary]:
        dump = write_dump(tmp_path / name, entities) if entities is not None else None
        table = write_table(tmp_path / "names.tsv.gz", rows) if rows is not None else None
        folder = tmp_path / "kb"
        summary = enlarge(base, folder, Wanted(**wanted), dump=dump, table=table, told=quiet)
        return Compiled(folder), summary

    return made


def quiet(what: str, done: int, total: int) -> None:
    """Hears of progress and says nothing."""


def bearers(lexicon: Compiled, name: str) -> set[str]:
    return {lexicon.item(posting.entity).id for posting in lexicon.find(key(name))}


@pytest.mark.parametrize("name", ["dump.json", "dump.json.gz", "dump.json.bz2", "dump.json.zst"])
def test_a_person_is_found_by_every_name_in_every_form_of_dump(grow: Grown, name: str) -> None:
    lexicon, summary = grow(name=name)
    for called in ("Thessaly Vanterpool", "Тессалия Вантерпул", "தெசலி வாண்டர்பூல்", "T. Vanterpool"):
        assert bearers(lexicon, called) == {"Q910001"}
    person = lexicon.by_id("Q910001")
    assert person is not None
    assert (person.type, person.country, person.wikidata) == ("PER", "GB", "Q910001")
    assert summary.new == 4
    text = "Am Montag sprach Thessaly Vanterpool in Rom."
    assert [one.item.id for one in Linker(lexicon).link(text, "de") if one.type == "PER" and one.item] == [
        "Q910001"
    ]


def test_an_entity_of_the_base_gains_names_and_keeps_what_it_is(grow: Grown, base: Compiled) -> None:
    lexicon, _ = grow()
    assert bearers(base, "Sergej Lavrovo") == set()
    assert bearers(lexicon, "Sergej Lavrovo") == {"Q58217"}
    assert lexicon.by_id("Q58217") == base.by_id("Q58217")
    assert lexicon.version != base.version


def test_the_whole_base_is_carried_over(tmp_path: Path) -> None:
    before, folder = Compiled(), tmp_path / "kb"
    dump = write_dump(tmp_path / "dump.json", [PEOPLE[0]])
    enlarge(before, folder, Wanted(), dump=dump, table=None, told=quiet)
    lexicon = Compiled(folder)
    assert len(lexicon) == len(before) + 1
    for number in range(0, len(before), 97):
        assert lexicon.item(number) == before.item(number)
    for called in list(before.aliases())[::97]:
        assert set(before.find(called)) == set(lexicon.find(called))
    assert set(lexicon.full_names()) >= set(before.full_names())
    for table in ("small", "common", "given"):
        assert set(lexicon.words(table)) == set(before.words(table))
    assert lexicon.by_id("gov:US:mfa") == before.by_id("gov:US:mfa") is not None


def test_a_class_is_what_the_dump_says_it_is_below(grow: Grown) -> None:
    lexicon, summary = grow()
    authority = lexicon.by_id("Q920001")
    assert authority is not None
    assert authority.type == "ORG"
    assert lexicon.by_id("Q920003") is None
    assert summary.untyped == 1
    without, _ = grow((*OTHERS,))
    assert without.by_id("Q920001") is None


def test_what_few_write_about_is_left_out_and_the_dead_weigh_less(grow: Grown) -> None:
    lexicon, _ = grow()
    assert lexicon.by_id("Q910003") is None
    dead, authority = lexicon.by_id("Q910002"), lexicon.by_id("Q920001")
    assert dead is not None
    assert authority is not None
    assert authority.weight - dead.weight == pytest.approx(1.5, abs=0.01)
    more, _ = grow(min_sitelinks=2)
    assert more.by_id("Q910003") is not None


def test_a_town_weighs_by_its_people(grow: Grown) -> None:
    lexicon, _ = grow()
    town = lexicon.by_id("Q920002")
    assert town is not None
    assert (town.kind, town.country) == ("place", "GB")
    assert town.weight == pytest.approx(3.718, abs=0.001)


def test_imported_names_are_checked(grow: Grown) -> None:
    lexicon, summary = grow()
    assert (
        bearers(lexicon, "the")
        == bearers(lexicon, "board")
        == bearers(lexicon, "Vanterpool (politician)")
        == set()
    )
    assert {why: summary.refused[why] for why in ("form", "small", "common word")} == {
        "form": 1,
        "small": 3,
        "common word": 0,
    }
    given = entity(
        "Q930002", {"en": "Perpetua", "de": "Und", "ko": "김", "ta": "வாண்டர்பூல்"}, instance_of=["Q5"]
    )
    lexicon, summary = grow([given])
    assert lexicon.by_id("Q930002") is None
    assert dict(summary.refused) == {"given name": 1, "common word": 1, "short": 1, "uncased": 1}


def test_no_country_takes_the_name_of_a_city_or_of_another_country(grow: Grown) -> None:
    lexicon, summary = grow()
    assert "Q142" not in bearers(lexicon, "Lyon")
    assert bearers(lexicon, "Germany") == {"Q183"}
    assert bearers(lexicon, "Republic of the Hexagon") == {"Q142"}
    assert bearers(lexicon, "Hexagonie partagée") == set()
    assert summary.refused["another's name"] >= 4


def test_nothing_takes_a_countrys_name(grow: Grown) -> None:
    singer = entity("Q930001", {"en": "Portugal", "de": "Die Portugal"}, instance_of=["Q215380"], pages=90)
    lexicon, summary = grow([singer])
    assert "Q930001" not in bearers(lexicon, "Portugal")
    assert summary.refused["country's name"] == 1


def test_a_record_without_a_wikidata_id_is_joined_by_name_type_and_country(grow: Grown) -> None:
    labels = {"en": "Perpetua Standish", "eo": "Perpetua Stando"}
    known = entity("Q940001", labels, instance_of=["Q5"], citizen=["Q145"])
    lesser = entity("Q940002", {"en": "Perpetua Standish"}, instance_of=["Q5"], citizen=["Q145"], pages=11)
    foreign = entity("Q940003", {"en": "Perpetua Standish"}, instance_of=["Q5"], citizen=["Q142"], pages=90)
    lexicon, _ = grow([known, lesser, foreign])
    assert bearers(lexicon, "Perpetua Stando") == {"cur:perpetua-standish"}
    assert bearers(lexicon, "Perpetua Standish") == {"cur:perpetua-standish", "Q940002", "Q940003"}
    joined = lexicon.by_id("cur:perpetua-standish")
    assert joined is not None
    assert joined.wikidata == "Q940001"


def test_a_city_is_recognised_by_its_geonames_id(grow: Grown) -> None:
    city = entity("Q456", {"en": "Lugdunum Novum"}, instance_of=["Q515"], geonames="2996944")
    lexicon, _ = grow([city])
    assert bearers(lexicon, "Lugdunum Novum") == {"gn:2996944"}


def test_paranames_adds_names_to_what_the_dump_has(grow: Grown) -> None:
    rows = [
        ("Q910001", "Thessaly Vanterpool", "Thessaly Vanterpoolová", "cs", "PER"),
        ("Q58217", "Sergey Lavrov", '"Sergejus ""Lavrovas"""', "lt", "PER"),
        ("Q58217", "Sergey Lavrov", "Sergejus Lavrovas", "lt", "PER"),
        ("Q999999", "Somebody Else", "Somebody Else", "en", "PER"),
        ("Q910001", "broken row"),
    ]
    lexicon, summary = grow(rows=rows)
    assert bearers(lexicon, "Thessaly Vanterpoolová") == {"Q910001"}
    assert bearers(lexicon, "Sergejus Lavrovas") == {"Q58217"}
    assert lexicon.by_id("Q999999") is None
    assert summary.unreadable == 1


def test_paranames_alone_brings_what_many_languages_name(grow: Grown) -> None:
    codes = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "zh-hant", "sr-el")
    rows = [("Q960001", "Mirabel Quistgaard", "Mirabel Quistgaard", code, "PER") for code in codes[::-1]]
    rows += [("Q960002", "Rarely Named", "Rarely Named", code, "PER") for code in codes[:3]]
    lexicon, _ = grow(None, rows)
    assert bearers(lexicon, "Mirabel Quistgaard") == {"Q960001"}
    assert {posting.language for posting in lexicon.find("mirabel quistgaard")} == {"*"}
    assert lexicon.by_id("Q960002") is None


def test_only_wanted_languages_and_types_are_taken(grow: Grown) -> None:
    lexicon, _ = grow(languages=frozenset({"en"}), types=frozenset({"PER"}))
    assert bearers(lexicon, "Тессалия Вантерпул") == set()
    assert bearers(lexicon, "Thessaly Vanterpool") == {"Q910001"}
    assert lexicon.by_id("Q920001") is None


def test_the_same_dump_in_another_order_gives_the_same_version(grow: Grown) -> None:
    every = [RIVER_AUTHORITY, SHEPHERD, *PEOPLE, *OTHERS]
    assert grow(every)[0].version == grow(every[::-1])[0].version


def test_a_broken_line_is_counted_and_a_cut_file_is_told(grow: Grown, tmp_path: Path, base: Compiled) -> None:
    _, summary = grow([b'{"type":"item","id":"Q1","claims":{"P31":[{"broken', *PEOPLE])
    assert summary.unreadable == 1
    broken = [
        b'{"type":"item","id":"Q1","lab',
        b"no JSON at all",
        b"\xff\x00",
        b'{"content": "an article"}',
        b"{}}",
    ]
    lexicon, summary = grow([*broken, *PEOPLE])
    assert summary.unreadable == 5, "also those that are seen to be none before they are parsed"
    assert bearers(lexicon, "Thessaly Vanterpool") == {"Q910001"}
    whole = write_dump(tmp_path / "whole.json.gz", PEOPLE).read_bytes()
    (tmp_path / "cut.json.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.json\.gz cannot be read beyond line"):
        enlarge(base, tmp_path / "kb", Wanted(), dump=tmp_path / "cut.json.gz", table=None, told=quiet)


@pytest.mark.parametrize(
    "line",
    [
        lambda one: json.dumps(one).encode(),
        lambda one: json.dumps(one, sort_keys=True, ensure_ascii=False).encode() + b" ",
        lambda one: json.dumps(one, separators=(" , ", " : ")).encode(),
        lambda one: orjson.dumps({**one, "sitelinks": {k: {"title": "x"} for k in one["sitelinks"]}}),
    ],
)
def test_a_dump_that_another_tool_wrote_gives_the_same(
    grow: Grown, line: Callable[[dict[str, Any]], bytes]
) -> None:
    every = [RIVER_AUTHORITY, SHEPHERD, *PEOPLE, *OTHERS]
    plain, first = grow(every)
    other, summary = grow([line(one) for one in every])
    assert (other.version, summary) == (plain.version, first)


@pytest.mark.parametrize("around", [b"[%s,\n%s]", b"[\n%s\n,%s\n]\n", b"%s\r\n%s\r\n"])
def test_the_brackets_and_commas_of_the_array_may_stand_anywhere(
    grow: Grown, tmp_path: Path, base: Compiled, around: bytes
) -> None:
    dump = write(tmp_path / "odd.json", around % tuple(orjson.dumps(one) for one in PEOPLE[:2]))
    summary = enlarge(base, tmp_path / "kb", Wanted(), dump=dump, table=None, told=quiet)
    assert (summary.new, summary.unreadable) == (2, 0)


def test_an_interrupted_import_leaves_what_was_there(grow: Grown, tmp_path: Path, base: Compiled) -> None:
    first, _ = grow()

    def stop(what: str, done: int, total: int) -> None:
        if what.startswith("sorting") or what == "writing aliases":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enlarge(base, tmp_path / "kb", Wanted(), dump=tmp_path / "dump.json.gz", table=None, told=stop)
    assert Compiled(tmp_path / "kb").version == first.version
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.json.gz", "kb"]


def test_what_a_killed_import_left_is_put_right_by_the_next(
    grow: Grown, tmp_path: Path, base: Compiled
) -> None:
    first, _ = grow()
    out, left = tmp_path / "kb", tmp_path / "kb.importing"
    code = (
        "import os, pathlib, sys\n"
        "from agents.entities.knowledge.replacing import made, replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as work:\n"
        "    (work / 'found.0.run').write_bytes(b'x' * 1000)\n"
        "    (made(work) / 'work-1').mkdir()\n"
        "    os.rename(sys.argv[1], work / 'old')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(out)], check=False)
    assert killed.returncode == -9
    assert sorted(path.name for path in left.iterdir()) == ["found.0.run", "lock", "made", "old"]

    def stop(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enlarge(base, out, Wanted(), dump=tmp_path / "dump.json.gz", table=None, told=stop)
    assert Compiled(out).version == first.version, "what was there before is back"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.json.gz", "kb"]


def test_two_imports_into_one_folder_do_not_meet(tmp_path: Path, base: Compiled) -> None:
    out = tmp_path / "kb"
    with replacing(out) as work:
        (made(work) / "meta.json").write_text("mine")
        with pytest.raises(ValueError, match="another import does: wait for its end"):
            enlarge(base, out, Wanted(), dump=None, table=None, told=quiet)
    assert (out / "meta.json").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["kb"]


def test_a_folder_that_only_looks_like_a_leftover_is_not_touched(tmp_path: Path, base: Compiled) -> None:
    (tmp_path / "kb.importing").mkdir()
    (tmp_path / "kb.importing" / "thesis.txt").write_text("years of work")
    with pytest.raises(
        ValueError, match=r"kb\.importing to be free for the work, but it holds something else"
    ):
        enlarge(base, tmp_path / "kb", Wanted(), dump=None, table=None, told=quiet)
    assert (tmp_path / "kb.importing" / "thesis.txt").read_text() == "years of work"


def test_a_folder_with_something_else_in_it_is_not_replaced(tmp_path: Path, base: Compiled) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="holds something else"):
        enlarge(base, tmp_path / "mine", Wanted(), dump=None, table=None, told=quiet)


def test_statements_that_ended_or_are_deprecated_do_not_say_the_country(tmp_path: Path) -> None:
    person = entity("Q970001", {"en": "Ada Example"}, instance_of=["Q5"])
    person["claims"]["P27"] = [
        statement("P27", item_value("Q15180"), "Q970001", ended=True),
        statement("P27", None, "Q970001"),
        statement("P27", item_value("Q142"), "Q970001", "deprecated"),
        statement("P27", item_value("Q183"), "Q970001"),
    ]
    dump = write_dump(tmp_path / "one.json", [person])
    [found] = wikidata.entities(dump, wikidata.Classes(), 10, quiet)
    assert found is not None
    assert found.countries == ["Q183", "Q15180"]


def test_the_nearest_class_decides_and_circles_end() -> None:
    classes = wikidata.Classes()
    classes.add(11, [12])
    classes.add(12, [13, 11])
    classes.add(13, [43229])
    classes.add(14, [11, 515])
    classes.add(15, [386724])
    assert classes.type_of([11]) == "ORG"
    assert classes.type_of([14]) == "LOC"
    assert classes.type_of([15]) is None
    assert classes.type_of([11, 15]) is None
    assert classes.type_of([15, 11, 515]) == "LOC"
    assert classes.type_of([999]) is None
    assert classes.type_of([15, 5]) == "PER"


def test_reading_holds_one_line_at_a_time(tmp_path: Path) -> None:
    lines = [entity(f"Q{n}", {"en": f"Person Number {n}"}, instance_of=["Q5"]) for n in range(1, 4_000)]
    dump = write_dump(tmp_path / "many.json.gz", lines)
    del lines
    tracemalloc.start()
    count = sum(1 for _ in wikidata.entities(dump, wikidata.Classes(), 10, quiet))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3_999
    assert peak < 3 << 20


def test_a_table_with_other_columns_is_refused(tmp_path: Path, base: Compiled) -> None:
    path = write(tmp_path / "other.tsv", b"id\tname\nQ1\tx\n")
    with pytest.raises(ValueError, match="expected a header with wikidata_id"):
        enlarge(base, tmp_path / "kb", Wanted(), dump=None, table=path, told=quiet)

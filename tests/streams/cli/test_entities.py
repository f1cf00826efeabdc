"""``babelwire entities``: what an operator types, what is written, what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from schemas import codec
from schemas.additions import Addition
from schemas.topics import ENTITIES
from streams.broker import kafka as clients
from streams.cli.root import run
from streams.knowledge import curation
from streams.knowledge.book import Book
from streams.local import LocalPipeline
from streams.settings import Settings
from streams.sources.articles import Ready
from tests.streams.installation import Installation, with_environment

JANE = ("entities", "add", "--type", "PER", "--name", "Jane Bleekov", "--kind", "minister", "--country", "NZ")
NIL = "nil:0123456789abcdef"


@pytest.fixture
def embedded_only(embedded: object) -> str:
    return str(embedded.bootstrap_servers)  # type: ignore[attr-defined]


@pytest.fixture
async def desk(embedded_only: str) -> Installation:
    """An installation on the embedded broker; what differs between brokers is in test_following."""
    return await Installation.create(embedded_only)


async def written(desk: Installation) -> dict[str, Addition]:
    return (await Book.read(desk.settings)).additions


@pytest.mark.embedded
async def test_a_person_is_added_shown_listed_and_taken_back(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli(*JANE, "--also", "ru=Джейн Блеекова") == 0
    said = capfd.readouterr()
    assert said.out == "added: cur:jane-bleekov (PER Jane Bleekov; Джейн Блеекова)\n"
    assert "note: until now events called it nil:" in said.err
    wanted = Addition(
        id="cur:jane-bleekov", type="PER", name="Jane Bleekov", kind="minister", country="NZ",
        names={"ru": ("Джейн Блеекова",)},
    )  # fmt: skip
    assert await written(desk) == {wanted.id: wanted}
    assert await desk.cli("entities", "show", "Джейн Блеекова") == 0
    shown = capfd.readouterr().out
    assert "id           cur:jane-bleekov\n" in shown
    assert "kind         minister\n" in shown
    assert await desk.cli("entities", "ls", "--json") == 0
    assert codec.decode(capfd.readouterr().out.encode(), Addition) == wanted
    assert await desk.cli("entities", "ls") == 0
    assert capfd.readouterr().out.splitlines()[1].split()[:5] == [
        "cur:jane-bleekov",
        "PER",
        "Jane",
        "Bleekov",
        "1",
    ]
    assert await desk.cli("entities", "rm", wanted.id) == 0
    assert await written(desk) == {}
    assert await desk.cli("entities", "rm", wanted.id) == 1
    assert "Expected an entity that operators added to, got 'cur:jane-bleekov'" in capfd.readouterr().err
    assert await desk.cli("entities", "show", "Jane Bleekov") == 1


@pytest.mark.embedded
async def test_what_nobody_sees_in_a_pasted_name_stays_out_of_the_events(desk: Installation) -> None:
    pasted = ("--name", "\u202eJane\u200b\t Bleekov\u200e\n", "--also", "fa=\u200fجین می\u200cنور")
    assert await desk.cli("entities", "add", "--type", "PER", *pasted) == 0
    assert await desk.cli("entities", "alias", "Q58217", "Siergiej\u00a0Ławrow\u200e", "--lang", "pl") == 0
    known = await written(desk)
    assert known["cur:jane-bleekov"].name == "Jane Bleekov"
    assert known["cur:jane-bleekov"].names == {"fa": ("جین می\u200cنور",)}
    assert known["Q58217"].names == {"pl": ("Siergiej Ławrow",)}


@pytest.mark.embedded
async def test_the_provisional_id_a_person_had_is_merged_into_her_own(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli(*JANE, "--redirect", "--json") == 0
    lines = [orjson.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["added", "added"]
    was = lines[1]["id"]
    assert was.startswith("nil:")
    assert (await written(desk))[was].merged_into == "cur:jane-bleekov"


@pytest.mark.embedded
async def test_a_known_entity_gets_names_and_loses_one(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli("entities", "alias", "Q58217", "Siergiej Ławrow", "S. Ławrow", "--lang", "pl") == 0
    assert await desk.cli("entities", "alias", "Q58217", "The Grey Bear", "--json") == 0
    line = orjson.loads(capfd.readouterr().out.splitlines()[-1])
    assert (line["status"], line["written"], line["addition"]["name"]) == ("changed", True, "Sergey Lavrov")
    assert (await written(desk))["Q58217"].names == {
        "pl": ("Siergiej Ławrow", "S. Ławrow"),
        "*": ("The Grey Bear",),
    }
    assert await desk.cli("entities", "rm", "Q58217", "--name", "S. Ławrow", "--name", "The Grey Bear") == 0
    assert (await written(desk))["Q58217"].names == {"pl": ("Siergiej Ławrow",)}
    assert await desk.cli("entities", "rm", "Q58217", "--name", "nothing of the kind") == 1
    assert "Expected a name that was added" in capfd.readouterr().err
    assert await desk.cli("entities", "rm", "Q58217", "--name", "Siergiej Ławrow") == 0
    assert await written(desk) == {}, "nothing is left to say about it"
    assert await desk.cli("entities", "alias", "Lavrov", "x y") == 1
    assert "got 'Lavrov'. Did you mean Q58217 (Sergey Lavrov)?" in capfd.readouterr().err


@pytest.mark.embedded
async def test_entities_are_merged_and_parted(desk: Installation, capfd: pytest.CaptureFixture[str]) -> None:
    assert await desk.cli(*JANE) == 0
    assert await desk.cli("entities", "merge", NIL, "cur:jane-bleekov") == 0
    assert await desk.cli("entities", "merge", "cur:jane-bleekov", "Q58217") == 0
    found = await written(desk)
    assert found[NIL].merged_into == "cur:jane-bleekov"
    assert (found["cur:jane-bleekov"].merged_into, found["cur:jane-bleekov"].country) == ("Q58217", "NZ")
    capfd.readouterr()
    assert await desk.cli("entities", "show", "cur:jane-bleekov") == 0
    assert "events say   Q58217\n" in capfd.readouterr().out
    assert await desk.cli("entities", "merge", "Q58217", "cur:jane-bleekov") == 1
    assert "cur:jane-bleekov was merged into Q58217 before" in capfd.readouterr().err
    assert await desk.cli("entities", "merge", "cur:nobody", "Q58217") == 1
    assert "Expected the id of an entity, got 'cur:nobody'" in capfd.readouterr().err
    assert await desk.cli("entities", "merge", NIL, "Q58217") == 0
    said = capfd.readouterr()
    assert said.err == f"note: until now {NIL} was merged into cur:jane-bleekov\n"
    assert await desk.cli("entities", "alias", "Q58217", "Siergiej Ławrow", "--lang", "pl") == 0
    assert await desk.cli("entities", "rm", "Q58217") == 0
    assert f"note: still merged into it: cur:jane-bleekov, {NIL} (" in capfd.readouterr().err


GIVEN = (
    Addition(id="cur:jane-bleekov", type="PER", name="Jane Bleekov", names={"de": ("Frau Bleekov",)}),
    Addition(id="cur:levan-standish", type="PER", name="Levan Standish", merged_into="cur:jane-bleekov"),
    Addition(id="nil:fedcba9876543210", type="PER", name="x", merged_into="cur:levan-standish"),
    Addition(id="Q58217", type="PER", name="Sergey Lavrov", names={"pl": ("Siergiej Ławrow",)}),
)


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("done", "undone"),
    [
        (["add", "--type", "PER", "--name", "Mira Talbrecht"], ["rm", "cur:mira-talbrecht"]),
        (
            ["add", "--type", "PER", "--name", "Mira Talbrecht", "--also", "ru=Мира Талбрехт", "--redirect"],
            ["rm", "cur:mira-talbrecht"],
        ),
        (
            ["alias", "cur:jane-bleekov", "J. Bleekov", "Jane Bleekov"],
            ["rm", "cur:jane-bleekov", "--name", "J. Bleekov"],
        ),
        (
            ["alias", "cur:jane-bleekov", "Frau Bleekov", "--lang", "nl"],
            ["rm", "cur:jane-bleekov", "--name", "Frau Bleekov", "--lang", "nl"],
        ),
        (
            ["alias", "Q58217", "Government", "--common-word"],
            ["rm", "Q58217", "--name", "Government"],
        ),
        (["alias", "Q159", "Lavrovia", "--lang", "en"], ["rm", "Q159", "--name", "Lavrovia"]),
        (["merge", NIL, "cur:levan-standish"], ["rm", NIL]),
        (["merge", "cur:jane-bleekov", "Q58217"], ["rm", "--merge", "cur:jane-bleekov"]),
        (["merge", "Q58217", "cur:jane-bleekov"], ["rm", "--merge", "Q58217"]),
        (["merge", "Q7747", "cur:jane-bleekov"], ["rm", "--merge", "Q7747"]),
        (["rm", "cur:levan-standish", "--merge"], ["merge", "cur:levan-standish", "cur:jane-bleekov"]),
        (
            ["rm", "cur:jane-bleekov", "--name", "Frau Bleekov"],
            ["alias", "cur:jane-bleekov", "Frau Bleekov", "--lang", "de"],
        ),
    ],
)
async def test_each_change_can_be_taken_back_and_leaves_no_trace(
    desk: Installation, capfd: pytest.CaptureFixture[str], done: list[str], undone: list[str]
) -> None:
    before = {one.id: one for one in GIVEN}
    await curation.write(desk.settings, before)
    assert await desk.cli("entities", *done) == 0, capfd.readouterr().err
    assert await written(desk) != before
    assert await desk.cli("entities", *undone) == 0, capfd.readouterr().err
    assert await written(desk) == before


@pytest.mark.embedded
async def test_what_was_merged_into_an_entity_that_is_gone_is_what_it_was(
    desk: Installation, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {one.id: one for one in GIVEN}
    await curation.write(desk.settings, before)
    assert await desk.cli("entities", "rm", "cur:jane-bleekov", "--json") == 0
    lines = [orjson.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [(line["id"], line["status"], line["remarks"]) for line in lines] == [
        ("cur:jane-bleekov", "removed", []),
        (
            "cur:levan-standish",
            "changed",
            ["cur:levan-standish was merged into cur:jane-bleekov, and is no longer"],
        ),
    ]
    left = await written(desk)
    assert left["cur:levan-standish"] == replace(before["cur:levan-standish"], merged_into=None)
    assert set(left) == set(before) - {"cur:jane-bleekov"}
    path = tmp_path / "before.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(line["before"]) for line in lines))
    assert await desk.cli("entities", "add", str(path)) == 0, "what `rm` printed brings it back"
    assert await written(desk) == before
    assert await desk.cli("entities", "rm", "cur:jane-bleekov", "cur:levan-standish") == 0
    assert set(await written(desk)) == {"Q58217"}


@pytest.mark.embedded
async def test_events_are_again_what_they_were_before_an_entity_came_and_went(desk: Installation) -> None:
    article = Ready(
        where="x", id="a", revision=1, digest="0",
        value=b'{"id": "a", "content": "The minister Jane Bleekov arrived in Wellington on Monday. Levan Bleekov of '
        b'the harbour board met Jane Bleekov there."}',
    )  # fmt: skip
    settings, now = Settings(recognition="rules"), datetime(2026, 11, 21, tzinfo=UTC)

    async def event() -> tuple[str, bytes]:
        additions = tuple((await written(desk)).values())
        outcome = LocalPipeline(settings, additions=additions)(article, now)
        assert outcome.event is not None
        assert outcome.value is not None
        return outcome.event.id, outcome.value

    before = await event()
    assert b'"nil:' in before[1]
    assert await desk.cli(*JANE, "--redirect") == 0
    assert b'"cur:jane-bleekov"' in (await event())[1]
    assert await desk.cli("entities", "rm", "cur:jane-bleekov") == 0
    assert await event() == before


@pytest.mark.embedded
async def test_a_redirect_leaves_those_of_others_alone(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli(*JANE, "--redirect", "--dry-run", "--json") == 0
    was = orjson.loads(capfd.readouterr().out.splitlines()[1])["id"]
    assert await desk.cli("entities", "merge", was, "Q58217") == 0
    capfd.readouterr()
    assert await desk.cli(*JANE, "--redirect") == 0
    said = capfd.readouterr().err
    assert f"note: {was}, as events called it until now, stays merged into Q58217" in said
    assert (await written(desk))[was].merged_into == "Q58217"
    assert await desk.cli("entities", "add", "--type", "ORG", "--name", "Merrowbank", "--redirect") == 0
    assert "note: nothing to redirect" in capfd.readouterr().err


@pytest.mark.embedded
async def test_a_name_that_holds_in_every_language_is_not_lost_to_the_others(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli(*JANE) == 0
    capfd.readouterr()
    assert await desk.cli("entities", "alias", "cur:jane-bleekov", "Jane Bleekov", "--lang", "de") == 0
    assert capfd.readouterr().out.startswith("unchanged: cur:jane-bleekov")
    assert (await written(desk))["cur:jane-bleekov"].names == {}


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("add", "--type", "PER", "--name", "jane bleekov"), 1, "is written small"),
        (("add", "--type", "PER", "--name", "Jane B", "--country", "nz"), 1, "at `$.country`"),
        (("add", "--type", "PER", "--name", "Jane B", "--id", "jane b"), 2, "without spaces, got 'jane b'"),
        (("add", "--type", "LOC", "--name", "Russland", "--kind", "country"), 1, "names a country already"),
        (("add", "--type", "PER", "--name", "Sergey Lavrov", "--id", "Q58217"), 1, "Expected a new id"),
        (("add", "--type", "PER", "--name", "简"), 1, "too short to be looked for"),
        (("add", "--type", "PER", "--name", "···"), 1, "give one with --id"),
        (("add", "--type", "PER"), 2, "Expected --type and --name"),
        (("add", "--type", "CAT", "--name", "Tom"), 2, "is not one of 'PER', 'ORG', 'LOC', 'MISC'"),
        (("add", "--type", "PER", "--name", "Jane B", "--also", "Джейн"), 2, "expected LANG=NAME"),
        (("alias", "Q159", "Japan"), 1, "one name cannot mean two"),
        (
            ("alias", "Q58217", "Japan"),
            1,
            "'Japan' names a country, Japan (Q17): give a longer name, or --common",
        ),
        (("alias", "Q58217", "Government"), 1, "'Government' is a common word (en"),
        (("alias", "Q58217", "X Y", "--lang", "pl", "--common-word"), 2, "--lang or --common-word, got both"),
        (("add", "--type", "ORG", "--name", "The"), 1, "'The' is a common word ("),
        (
            ("add", "--type", "ORG", "--name", "Germany", "--country", "FR"),
            1,
            "names a country, Germany (Q183)",
        ),
        (("add", "--type", "PER", "--name", "Jane B", "--country", "ZZ"), 1, "ISO 3166-1 alpha-2, got 'ZZ'"),
        (("rm", "Q58217", "--merge", "--name", "x"), 2, "--name or --merge, got both"),
        (("rm", "Q58217", "--lang", "pl"), 2, "Expected --name with --lang"),
        (("merge", "Q58217", "Q159"), 1, "they cannot be one entity"),
    ],
)
async def test_what_is_wrong_is_refused_in_words_and_nothing_is_written(
    desk: Installation, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, text: str
) -> None:
    assert await desk.cli("entities", *arguments) == code
    said = capfd.readouterr()
    assert text in said.err
    assert "Traceback" not in said.err
    assert await written(desk) == {}


@pytest.mark.embedded
async def test_a_dry_run_says_what_would_be_and_writes_nothing(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli(*JANE, "--dry-run") == 0
    assert capfd.readouterr().out == "would be added: cur:jane-bleekov (PER Jane Bleekov)\n"
    assert await written(desk) == {}


@pytest.mark.embedded
async def test_a_file_is_added_line_by_line_its_faults_refused_and_what_is_listed_can_be_added_again(
    desk: Installation, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "additions.jsonl"
    good = [
        Addition(id=f"cur:bleekov-{number}", type="PER", name=f"Levan Bleekov {number}")
        for number in range(1200)
    ]
    good[7] = Addition(id="cur:b-seven", type="PER", name="Levan Seven", merged_into="cur:bleekov-8")
    bad = [
        b"{",
        b'{"id": "cur:x", "type": "PER"}',
        codec.encode(Addition(id="cur:small", type="PER", name="levan bleekov")),
        codec.encode(Addition(id="cur:lost", type="PER", name="Lost Bleekov", merged_into="cur:small")),
        codec.encode(good[0]),
    ]
    path.write_bytes(b"\n".join([*map(codec.encode, good), *bad]))
    assert await desk.cli("entities", "add", str(path), "--dry-run") == 1
    assert await written(desk) == {}
    capfd.readouterr()
    assert await desk.cli("entities", "add", str(path)) == 1
    said = capfd.readouterr()
    assert said.out == "1,200 added, 5 refused\n"
    # A busy machine may also say that it waits for the broker.
    refused = [line for line in said.err.splitlines() if not line.startswith("Waiting for ")]
    assert [line.split(": refused: ")[0] for line in refused] == [
        "line 1201", "line 1202", "line 1203", "line 1204", "line 1205",
    ]  # fmt: skip
    assert "line 1204: refused: cur:small is unknown" in said.err, "what was refused cannot be merged into"
    assert "line 1205: refused: cur:bleekov-0 stands in line 1 too" in said.err
    assert await written(desk) == {one.id: one for one in good}
    assert await desk.cli("entities", "ls", "--json") == 0
    path.write_text(capfd.readouterr().out)
    assert await desk.cli("entities", "add", str(path)) == 0
    assert capfd.readouterr().out == "1,200 unchanged\n"
    assert await desk.cli("entities", "add", str(path), "--name", "x") == 2


@pytest.mark.embedded
async def test_records_that_are_no_additions_are_named(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    async with clients.producer(desk.settings) as producer:
        await producer.send_and_wait(desk.settings.topic(ENTITIES.name), b"{", key=b"cur:x")
    assert await desk.cli("entities", "ls") == 1
    assert "no addition at 0/0, key cur:x: Expected JSON" in capfd.readouterr().err


@pytest.mark.embedded
async def test_a_missing_topic_is_told_in_words(
    desk: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await desk.cli("entities", "ls", topic_prefix="nothing-here-") == 3
    assert "`babelwire topics apply` creates it" in capfd.readouterr().err


def test_run_takes_additions_from_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    additions, article = tmp_path / "additions.jsonl", tmp_path / "article.txt"
    additions.write_bytes(codec.encode(Addition(id="cur:jane-bleekov", type="PER", name="Jane Bleekov")))
    article.write_text(
        "The minister Jane Bleekov arrived in Wellington on Monday and spoke about the harbour."
    )
    settings = Settings(recognition="rules")

    def ids(*more: str) -> tuple[int, set[str]]:
        code = with_environment(settings, lambda: run(["run", "--json", *more, str(article)]))
        lines = capfd.readouterr().out.splitlines()
        return code, {entity["id"] for line in lines for entity in orjson.loads(line)["entities"]}

    code, found = ids()
    assert (code, "cur:jane-bleekov" in found) == (0, False)
    code, found = ids("--additions", str(additions))
    assert (code, "cur:jane-bleekov" in found) == (0, True)
    additions.write_bytes(b"{")
    assert ids("--additions", str(additions)) == (2, set())


def test_a_pipeline_with_additions_names_them_in_its_events() -> None:
    settings = Settings(recognition="rules")
    jane = Addition(id="cur:jane-bleekov", type="PER", name="Jane Bleekov")
    text = b'{"id": "a", "content": "The minister Jane Bleekov arrived in Wellington on Monday."}'
    article = Ready(where="x", id="a", value=text, revision=1, digest="0")
    now = datetime(2026, 11, 21, tzinfo=UTC)
    plain, other = (LocalPipeline(settings, additions=given)(article, now) for given in ((), (jane,)))
    again = LocalPipeline(settings, additions=(jane,))(article, now)
    assert plain.event is not None
    assert other.event is not None
    assert plain.event.id != other.event.id, "other knowledge makes another event"
    assert (again.event, again.value) == (other.event, other.value), "the same knowledge the same"

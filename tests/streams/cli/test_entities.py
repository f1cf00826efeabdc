"""``babelwire entities``: what an operator types, what is written, what is refused and why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from schemas import codec
from schemas.additions import Addition
from schemas.topics import ENTITIES
from streams.broker import kafka as clients
from streams.cli.root import run
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
    assert await desk.cli("entities", "rm", "cur:jane-bleekov") == 0
    assert f"note: {NIL} stays merged into it" in capfd.readouterr().err


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
    assert [line.split(": refused: ")[0] for line in said.err.splitlines()] == [
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

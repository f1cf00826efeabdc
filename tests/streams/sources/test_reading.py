"""Files, folders and standard input become articles or refusals, never a crash."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sys
from pathlib import Path

import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.article import RawArticle
from schemas.codec import decode
from schemas.errors import UsageError
from schemas.ids import digest, input_digest
from streams.sources import articles as articles_module
from streams.sources import reading
from streams.sources.articles import Ready, Refused
from streams.sources.reading import form_of, inputs, read

MAX = 1 << 20


def read_all(*paths: Path | str, max_bytes: int = MAX) -> list[Ready | Refused]:
    return list(read(inputs([str(path) for path in paths]), max_bytes))


def article(record: Ready | Refused) -> RawArticle:
    assert isinstance(record, Ready), record
    return decode(record.value, RawArticle)


def outcome(record: Ready | Refused) -> str:
    """The content of an article, or the reason of a refusal, behind its place."""
    place = record.where.rsplit("/", 1)[-1]
    return f"{place} {article(record).content if isinstance(record, Ready) else record.reason}"


@pytest.fixture
def small_keep(monkeypatch: pytest.MonkeyPatch) -> int:
    """Dead letters that hold 10 kB, so that going past it does not take 64 MB."""
    monkeypatch.setattr(reading, "KEEP_BYTES", 10_000)
    return 10_000


def test_json_lines_are_told_apart_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "feed.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"content":"one"}\r\n\n{bad\n{"content":3}\n{"content":"\xff"}\n   \n{"content":"last"}'
    )
    found = read_all(file)
    assert [outcome(record) for record in found] == [
        "feed.jsonl:1 one",
        "feed.jsonl:3 malformed_json",
        "feed.jsonl:4 invalid_field",
        "feed.jsonl:5 bad_encoding",
        "feed.jsonl:7 last",
    ]
    refused = [record for record in found if isinstance(record, Refused)]
    assert [record.original for record in refused] == [b"{bad", b'{"content":3}', b'{"content":"\xff"}']
    assert "$.content" in refused[1].detail


def test_what_is_sent_is_canonical_with_the_id_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "feed.jsonl"
    file.write_bytes(
        b'{ "url" : "HTTPS://News.Example:443/a#top", "content" : "x", '
        b'"received_at" : "2020-01-01T00:00:00Z", "later" : 1}'
    )
    [record] = read_all(file)
    assert isinstance(record, Ready)
    expected = RawArticle(content="x", url="HTTPS://News.Example:443/a#top")
    assert record.id == digest("url", "https://news.example/a")
    assert record.digest == input_digest(expected)
    sent = orjson.loads(record.value)
    assert (sent["id"], sent["received_at"], sent["content_type"]) == (record.id, None, "text/plain")
    assert "later" not in sent


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", "A plain text.", "text/plain"),
        ("a.txt", '{"content": "a text about braces"}', "text/plain"),
        ("a.html", "<p>A page.</p>", "text/html"),
        ("a.htm", "plain words in a page", "text/html"),
        ("noname", "<!DOCTYPE html><title>x</title>", "text/html"),
        ("noname", "\n\n  <html lang='de'>", "text/html"),
        ("noname", "<?xml version='1.0'?><html>", "text/html"),
        ("noname", "<3 is not a tag", "text/plain"),
        ("noname", "{curly} words", "text/plain"),
    ],
)
def test_the_form_follows_the_name_then_the_first_bytes(
    tmp_path: Path, name: str, content: str, kind: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    [record] = read_all(file)
    found = article(record)
    assert (found.content, found.content_type) == (content, kind)
    assert (found.title, found.url, found.source) == (None, None, None)


def test_compressed_files_take_the_form_of_the_name_before(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"content":"one"}\n{"content":"two"}\n', mtime=0))
    (tmp_path / "b.html.zst").write_bytes(zstandard.compress(b"no tag at all"))
    (tmp_path / "c.gz").write_bytes(gzip.compress(b'{"content":"three"}\n', mtime=0))
    found = read_all(tmp_path)
    assert [outcome(record) for record in found] == [
        "a.jsonl.gz:1 one", "a.jsonl.gz:2 two", "b.html.zst no tag at all", "c.gz:1 three",
    ]  # fmt: skip
    assert article(found[2]).content_type == "text/html"


@pytest.mark.parametrize("name", ["one.json", "one.jsonl", "one"])
def test_one_object_over_several_lines_is_taken_whole(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text('{\n  "content": "pretty",\n  "metadata": {"a": "b"}\n}\n')
    [record] = read_all(file)
    assert article(record).metadata == {"a": "b"}


@pytest.mark.parametrize("name", ["many.json", "many.jsonl", "many"])
@pytest.mark.parametrize("indent", [0, 2])
@pytest.mark.parametrize("between", ["\n", "", "\n\n"])
def test_objects_over_several_lines_are_refused_as_one(
    tmp_path: Path, name: str, indent: int, between: str
) -> None:
    file = tmp_path / name
    objects = ({"content": "a } and a {", "metadata": {"n": str(number)}} for number in range(3))
    file.write_text(between.join(json.dumps(one, indent=indent) for one in objects))
    [record] = read_all(file)
    assert isinstance(record, Refused)
    assert (record.reason, record.original) == ("unsupported_form", None)
    assert record.detail.endswith("one article a line is taken, `jq -c . FILE` makes lines of them.")


@pytest.mark.parametrize("name", ["feed.json", "feed.jsonl"])
@pytest.mark.parametrize("bad", ['{"content": ', '{"content": "cut', '{"content": "x"', "{", "words"])
def test_json_lines_whose_first_line_is_bad_stay_lines(tmp_path: Path, name: str, bad: str) -> None:
    file = tmp_path / name
    file.write_text(f'{bad}\n{{"content": "two"}}\n')
    assert [outcome(record) for record in read_all(file)] == [f"{name}:1 malformed_json", f"{name}:2 two"]


def test_the_start_of_a_file_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    def counting(data: bytes, **more: bool) -> str:
        decoded.append(data)
        return real(data, **more)

    real = reading.decode
    monkeypatch.setattr(reading, "decode", counting)
    (tmp_path / "noname").write_text('{"content": "one"}\n')
    assert outcome(read_all(tmp_path)[0]) == "noname:1 one"
    assert decoded == [b'{"content": "one"}\n']


def test_a_json_array_is_refused_as_one(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text('[\n{"content": "one"},\n{"content": "two"}\n]')
    [record] = read_all(file)
    assert isinstance(record, Refused)
    assert record.reason == "unsupported_form"
    assert record.detail == (
        "Expected text, HTML or JSON Lines, got a JSON array: one article a line is taken, "
        "`jq -c '.[]' FILE` makes lines of it."
    )


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a"])
@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_document_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    [record] = read_all(tmp_path)
    assert isinstance(record, Refused)
    assert (record.reason, record.original) == ("invalid_field", data)


def test_an_empty_json_lines_file_has_no_articles(tmp_path: Path) -> None:
    (tmp_path / "quiet.jsonl").write_bytes(b"")
    assert read_all(tmp_path) == []


def test_an_article_over_the_limit_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"content":"' + b"x" * 3000 + b'"}\n{"content":"small"}\n')
    (tmp_path / "b.txt").write_bytes(b"y" * 3000)
    line, small, text = read_all(tmp_path, max_bytes=2000)
    assert isinstance(line, Refused)
    assert isinstance(text, Refused)
    assert (line.reason, text.reason) == ("too_large", "too_large")
    assert line.original == b'{"content":"' + b"x" * 3000 + b'"}'
    assert text.original is not None
    assert decode(text.original, RawArticle).content == "y" * 3000  # can be redriven as it is
    assert article(small).content == "small"


def test_the_limit_is_on_the_bytes_that_are_sent(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"content":"x"}')
    [record] = read_all(file)
    assert isinstance(record, Ready)
    size = len(record.value)
    assert isinstance(read_all(file, max_bytes=size)[0], Ready)
    assert isinstance(read_all(file, max_bytes=size - 1)[0], Refused)


def test_what_no_dead_letter_can_hold_is_counted_and_let_go(tmp_path: Path, small_keep: int) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"content":"' + b"x" * small_keep + b'"}\n{"content":"after"}\n')
    (tmp_path / "b.txt").write_bytes(b"y" * (small_keep + 100_000))
    line, after, text = read_all(tmp_path)
    assert isinstance(line, Refused)
    assert isinstance(text, Refused)
    assert (line.where[-9:], line.reason, line.original) == ("a.jsonl:1", "too_large", None)
    assert "110,000" in text.detail
    assert text.original is None
    assert article(after).content == "after"


def test_a_damaged_archive_gives_what_came_before_the_damage(tmp_path: Path) -> None:
    noise = os.urandom(100_000).hex().encode()
    data = gzip.compress(b'{"content":"first"}\n' + noise, mtime=0)
    (tmp_path / "a.jsonl.gz").write_bytes(data[:-50_000])
    (tmp_path / "b.jsonl").write_bytes(b'{"content":"next file"}\n')
    found = [outcome(record) for record in read_all(tmp_path)]
    assert found == ["a.jsonl.gz:1 first", "a.jsonl.gz unreadable", "b.jsonl:1 next file"]


def test_folders_are_searched_by_name_without_hidden_or_special_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b/2.txt", "b/10.txt", "a.txt", ".hidden.txt", ".git/x.txt"):
        (tmp_path / name).write_text(name)
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "sock"))
        found = read_all(tmp_path)
    assert [article(record).content for record in found] == ["a.txt", "b/10.txt", "b/2.txt"]


def test_a_link_that_leads_nowhere_is_left_out_and_a_loop_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [outcome(record) for record in read_all(tmp_path)] == ["a.txt one"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:  # pragma: no cover - CI runs as root
    (tmp_path / "closed.txt").write_text("x")
    (tmp_path / "closed.txt").chmod(0)
    [record] = read_all(tmp_path)
    assert isinstance(record, Refused)
    assert record.reason == "unreadable"


def test_a_missing_path_is_wrong_use_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    with pytest.raises(UsageError, match="nope"):
        inputs([str(tmp_path / "a.txt"), str(tmp_path / "nope")])
    with pytest.raises(UsageError, match="once"):
        inputs(["-", "-"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"content":"one"}\n{"content":"two"}\n', ["standard input:1 one", "standard input:2 two"]),
        (gzip.compress(b'{"content":"one"}\n', mtime=0), ["standard input:1 one"]),
        (b"", []),
        (b" ", ["standard input invalid_field"]),
        (b"Plain text.", ["standard input Plain text."]),
        (b"<html><p>x", ["standard input <html><p>x"]),
    ],
)
def test_standard_input_is_told_by_its_first_bytes(
    monkeypatch: pytest.MonkeyPatch, data: bytes, expected: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert [outcome(record) for record in read_all("-")] == expected


def test_a_file_name_that_is_not_unicode_is_read(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(name)).write_bytes(b"text")
    [record] = read_all(tmp_path)
    assert article(record).content == "text"


def test_forms_by_name() -> None:
    assert form_of("a/b.JSONL.GZ", "anything") == "json"
    assert form_of("x.ndjson", "<html>") == "json"
    assert form_of("x.json", "[") == "json"
    assert form_of("", '{"content": 1}') == "json"


HOSTILE = [
    b"\x00", b"{", b"{}", b"[]", b"null", b'"\\ud800"', b'{"content":"\\ud800"}', b"\xff\xfe",
    b"\xff\xfe\x00\xd8",
    b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfd\x00\x00", b"[" * 5000,
    b'{"a":' * 5000, b"<" * 3000, b"\x1b$B", b'{"content":NaN}', b"\n" * 9000, b"<!--" * 2000,
    b'{"content":"x","metadata":{"a":1}}', b'{"content":"x","revision":0}', b'{"content":"x","id":""}',
    b'{"content":"x","published_at":"9999-12-31T23:59:59-23:59"}',
    b'{"content":"\\u0000\\u202e"}',
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def check_any_bytes(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    for record in read_all(file, max_bytes=4096):
        if isinstance(record, Ready):
            assert len(record.value) <= 4096
            assert decode(record.value, RawArticle).id == record.id
        else:
            assert record.reason in {
                "malformed_json", "bad_encoding", "invalid_field", "too_large", "unreadable",
                "unsupported_form",
            }  # fmt: skip
            assert record.detail.startswith(("Expected", "Object", "Invalid"))


@pytest.mark.parametrize("name", ["x", "x.txt", "x.html", "x.json", "x.jsonl"])
@given(
    data=st.binary(max_size=400) | st.sampled_from(HOSTILE) | st.builds(gzip.compress, st.binary(max_size=99))
)
@example(data=b"")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_any_bytes_end_in_articles_or_refusals(folder: Path, name: str, data: bytes) -> None:
    check_any_bytes(folder / name, data)


@pytest.mark.parametrize("name", ["x", "x.txt", "x.html", "x.json", "x.jsonl"])
@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_known_traps_end_in_articles_or_refusals(folder: Path, name: str, index: int) -> None:
    check_any_bytes(folder / name, HOSTILE[index])


@given(st.text(max_size=50), st.none() | st.text(max_size=20), st.integers(1, 2**31 - 1))
def test_an_article_that_is_encoded_reads_back(content: str, title: str | None, revision: int) -> None:
    text = content.encode("utf-8", "ignore").decode()
    named = None if title is None else title.encode("utf-8", "ignore").decode()
    raw = RawArticle(content=text, title=named, revision=revision)
    data = orjson.dumps({"content": text, "title": named, "revision": revision})
    record = articles_module.ready_json(data, "here", MAX)
    assert (record.revision, record.digest) == (revision, input_digest(raw))

"""Files are read in constant memory, decompressed and cut into lines."""

from __future__ import annotations

import gzip
import io
import itertools
import random
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streams.sources.chunks import CHUNK_BYTES, UnreadableError, collected, lines, opened, split
from streams.sources.gunzip import Gunzip


def content(path: Path) -> bytes:
    return b"".join(opened(path, lambda size: None))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress, bytes])
@pytest.mark.parametrize("size", [0, 1, 5, CHUNK_BYTES, CHUNK_BYTES * 3 + 7, 2_000_000])
def test_a_file_reads_the_same_however_it_is_compressed(tmp_path: Path, compress, size: int) -> None:
    data = (b"0123456789abcdef-" * (size // 17 + 1))[:size]
    file = tmp_path / "any-name"
    file.write_bytes(compress(data))
    assert content(file) == data


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_concatenated_members_are_one_file(tmp_path: Path, compress) -> None:
    file = tmp_path / "log"
    file.write_bytes(compress(b"one\n" * 50_000) + compress(b"") + compress(b"two\n"))
    assert content(file) == b"one\n" * 50_000 + b"two\n"


@pytest.mark.parametrize("padding", [512, CHUNK_BYTES, 3 * CHUNK_BYTES])
def test_zero_bytes_after_a_gzip_member_are_padding(tmp_path: Path, padding: int) -> None:
    file = tmp_path / "tape.gz"
    file.write_bytes(gzip.compress(b"one\n", mtime=0) + bytes(padding) + gzip.compress(b"two\n", mtime=0))
    assert content(file) == b"one\ntwo\n"


@pytest.mark.parametrize("rubbish", [b"more", b"\x1f", b"\x1fx", b"\0\0\x1f\0\x8b", b"\x1f\x8bno"])
def test_rubbish_after_a_gzip_member_is_told_as_what_it_is(tmp_path: Path, rubbish: bytes) -> None:
    file = tmp_path / "log.gz"
    file.write_bytes(gzip.compress(b"one\n", mtime=0) + rubbish)
    told = {
        b"\x1f": r"Expected the end of the gzip data, .* it is cut short\.",  # as a member begins
        b"\x1f\x8bno": "Expected gzip data: Error -3",  # a member that is damaged
    }
    words = r"Expected gzip data: what follows its end is neither more of it nor zero bytes\."
    with pytest.raises(UnreadableError, match=told.get(rubbish, words)):
        content(file)


@given(
    st.lists(st.sampled_from([b"", b"one\n", b"two\n" * 9]), min_size=1, max_size=4),
    st.integers(0, 3),
    st.data(),
)
def test_members_and_padding_come_in_any_pieces(
    members: list[bytes], padding: int, data: st.DataObject
) -> None:
    packed = b"".join(gzip.compress(member, mtime=0) + bytes(padding) for member in members)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(packed)), max_size=6)))
    state, found = Gunzip(7), b""
    for begin, end in itertools.pairwise([0, *cuts, len(packed)]):
        found += b"".join(state.feed(packed[begin:end]))
    assert (found, state.ended) == (b"".join(members), True)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("missing", [1, 4, 9, 500])
def test_a_compressed_file_that_is_cut_short_is_told(tmp_path: Path, compress, missing: int) -> None:
    file = tmp_path / "cut"
    noise = random.Random(1).randbytes(5000)
    file.write_bytes(compress(noise)[:-missing])
    with pytest.raises(UnreadableError, match="cut short"):
        content(file)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_damage_inside_a_compressed_file_is_told(tmp_path: Path, compress) -> None:
    file = tmp_path / "damaged"
    data = bytearray(compress(b"some text " * 1000))
    data[len(data) // 2 : len(data) // 2 + 8] = b"\xff" * 8
    file.write_bytes(data + b"more")
    with pytest.raises(UnreadableError):
        content(file)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_bomb_is_read_in_constant_memory(tmp_path: Path, compress) -> None:
    file = tmp_path / "bomb"
    file.write_bytes(compress(bytes(300_000_000)))
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in opened(file, lambda read: None))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == 300_000_000
    assert peak < 80 << 20


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        content(tmp_path / "none")


def test_progress_counts_the_bytes_of_the_file_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.gz"
    file.write_bytes(gzip.compress(b"x" * 1_000_000, mtime=0))
    read: list[int] = []
    for _ in opened(file, read.append):
        pass
    assert sum(read) == file.stat().st_size


def test_standard_input_is_given_on_as_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    class Trickle(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return super().read1(7)

    class Standard:
        buffer = Trickle(b"first line\nsecond line\n")

    monkeypatch.setattr(sys, "stdin", Standard())
    chunks = list(opened(None, lambda size: None))
    assert chunks == [b"first l", b"ine\nsec", b"ond lin", b"e\n"]


@given(st.lists(st.binary(max_size=40), max_size=30))
@example([b"\n", b"\n\n", b"a\n"])
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_lines_are_the_same_however_the_bytes_are_chunked(parts: list[bytes]) -> None:
    expected = b"".join(parts).split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert list(lines(parts, 10_000)) == [(line, len(line)) for line in expected]


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(0, 20))
def test_an_overlong_line_is_counted_and_not_kept(parts: list[bytes], keep: int) -> None:
    expected = b"".join(parts).split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert list(lines(parts, keep)) == [(line if len(line) <= keep else None, len(line)) for line in expected]


def test_a_line_of_any_length_costs_no_more_than_is_kept() -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(4000):
            yield bytes(CHUNK_BYTES)
        yield b"\nnext"

    tracemalloc.start()
    try:
        found = list(lines(endless(), 1 << 20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == [(None, 4000 * CHUNK_BYTES), (b"next", 4)]
    assert peak < 4 << 20


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=20), st.integers(0, 30))
def test_looking_at_the_start_takes_nothing_away(parts: list[bytes], size: int) -> None:
    head, rest = split(iter(parts), lambda taken: len(taken) >= size)
    whole = b"".join(parts)
    assert whole.startswith(head)
    assert len(head) >= min(size, len(whole))
    assert b"".join(rest) == whole


def test_collecting_stops_past_the_limit() -> None:
    source = iter([b"aaa", b"bbb", b"ccc"])
    assert collected(source, 4) == (b"aaabbb", False)
    assert collected(source, 4) == (b"ccc", True)

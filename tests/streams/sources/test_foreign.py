"""A file that holds no article is refused whole, in words, and nothing that is an article is taken for one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from schemas.article import RawArticle
from schemas.codec import decode
from streams.sources.articles import Ready, Refused
from streams.sources.foreign import foreign
from streams.sources.reading import inputs, read

LINE = b'{"content": "The minister came to Vienna on Monday.", "url": "https://news.example/1"}\n'
ITEM = "<item><title>One &amp;amp; two</title><link>/a/1</link><guid>1</guid></item>"
RSS = f'<?xml version="1.0" encoding="%s"?>\n<rss version="2.0"><channel>{ITEM}{ITEM}</channel></rss>'


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("articles.jsonl", LINE)
    return packed.getvalue()


def _tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("articles.jsonl")
        member.size = len(LINE)
        archive.addfile(member, io.BytesIO(LINE))
    return packed.getvalue()


FOREIGN = {
    "a.zip": (_zip(), "a ZIP archive"),
    "zipped.jsonl": (_zip(), "a ZIP archive"),
    "letter.docx": (_zip(), "office document"),
    "a.tar.gz": (_tar(), "a tar archive"),
    "a.jsonl.xz": (lzma.compress(LINE), "`xz -dc FILE | babelwire ingest -`"),
    "a.jsonl.bz2": (bz2.compress(LINE), "`bzip2 -dc FILE | babelwire ingest -`"),
    "empty.bz2": (bz2.compress(b""), "bzip2 data"),
    "twice.jsonl.gz": (gzip.compress(gzip.compress(LINE)), "packed twice"),
    "a.pdf": (b"%PDF-1.7\n1 0 obj\n", "a PDF"),
    "pdf.txt": (b"%PDF-1.7\n1 0 obj\n", "a PDF"),
    "a.rtf": (rb"{\rtf1\ansi Text}", "rich text"),
    "crawl.warc": (b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "a WARC archive"),
    "crawl.warc.gz": (gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n"), "a WARC archive"),
    "feed.xml": ((RSS % "utf-8").encode(), "an RSS feed"),
    "feed": ((RSS % "utf-8").encode("utf-8-sig"), "an RSS feed"),
    "latin.rss": ((RSS % "iso-8859-1").replace("One", "Größe").encode("latin-1"), "an RSS feed"),
    "wide.rss": ((RSS % "utf-16").encode("utf-16"), "an RSS feed"),
    "styled.xml": (b'<?xml version="1.0"?><?xml-stylesheet href="a"?>\n<!-- ours -->\n<rss version="2">', "an RSS"),
    "old.rdf": (b'<rdf:RDF xmlns="http://purl.org/rss/1.0/"></rdf:RDF>', "an RSS feed"),
    "atom.xml": (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>', "an Atom feed"),
    "sitemap.xml": (b'<?xml version="1.0"?>\n<urlset><url/></urlset>', "a sitemap"),
    "agency.xml": (b'<?xml version="1.0"?>\n<!DOCTYPE nitf SYSTEM "nitf.dtd">\n<nitf><body/></nitf>', "(<nitf>)"),
    "list.json": (b'[{"content": "one"}, {"content": "two"}]', "a JSON array"),
    "list": (b'[\n  {\n    "content": "one"\n  }\n]\n', "a JSON array"),
    "powershell.jsonl": (LINE.decode().encode("utf-16"), "JSON in UTF-16"),
    "picture.jsonl": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 20, "binary data"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_a_file_that_is_no_article_is_refused_whole_with_what_to_do(tmp_path: Path, name: str) -> None:
    data, words = FOREIGN[name]
    (tmp_path / name).write_bytes(data)
    [record] = read(inputs([str(tmp_path)]), 1 << 20)
    assert isinstance(record, Refused)
    assert (record.reason, record.original) == ("unsupported_form", None)
    assert record.detail.startswith("Expected text, HTML or JSON Lines, got ")
    assert words in record.detail


@pytest.mark.parametrize(
    "data",
    [b" " * 4096, b"<!--" * 1024, b"<!-- -->" * 512, b"<?x " * 1024, b"<?x>" * 1024, b"<!DOCTYPE " * 400],
    ids=["blanks", "open comments", "comments", "open instructions", "instructions", "doctypes"],
)
@pytest.mark.timeout(20)
def test_a_beginning_that_is_made_to_take_long_does_not(data: bytes) -> None:
    began = time.process_time()
    foreign(data, data.decode(), json=False, page=False)
    assert time.process_time() - began < 0.5, "once through 4 KiB is some microseconds"


def test_one_bad_line_at_the_start_of_a_feed_takes_nothing_else_with_it(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_bytes(b'{"content": "a\0b"}\n' + LINE + b"\n")
    bad, good = read(inputs([str(tmp_path)]), 1 << 20)
    assert isinstance(bad, Refused)
    assert not isinstance(good, Refused)


def test_a_feed_in_a_pipe_whose_first_line_comes_alone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return self.readline()

    pipe = io.TextIOWrapper(Slow((RSS % "utf-8").encode()))
    monkeypatch.setattr(sys, "stdin", pipe)
    [record] = read(inputs(["-"]), 1 << 20)
    assert isinstance(record, Refused)
    assert "an RSS feed" in record.detail


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("a.txt", "BZh is how the name is said in Vienna.", "text/plain"),
        ("a.txt", "WARC/the archive of record opens on Monday.", "text/plain"),
        ("a.txt", "[Photo] The minister came to Vienna.", "text/plain"),
        ("a.txt", "[{minister}] came to Vienna.", "text/plain"),
        ("a.txt", "<feedback> was what the minister asked for.", "text/plain"),
        ("a.txt", "<q>No</q>, said the minister.", "text/plain"),
        (
            "a",
            '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html><html><body>x</body></html>',
            "text/html",
        ),
        (
            "a.xhtml",
            '<?xml version="1.0"?>\n<!-- page -->\n<html xmlns="a"><body>x</body></html>',
            "text/html",
        ),
        ("a.html", "<article><p>The minister came to Vienna.</p></article>", "text/html"),
        ("a.html", "<html><body><rss>no feed</rss></body></html>", "text/html"),
    ],
)
def test_an_article_that_begins_alike_is_taken(tmp_path: Path, name: str, text: str, form: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    [record] = read(inputs([str(tmp_path)]), 1 << 20)
    assert isinstance(record, Ready), record
    taken = decode(record.value, RawArticle)
    assert (taken.content, taken.content_type) == (text, form)

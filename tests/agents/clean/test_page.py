"""Pages as feeds and small sites send them: fragments, two paragraphs, addresses without a host."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.clean.page.page import Page, read_page

RECEIVED = datetime(2026, 11, 22, tzinfo=UTC)
DESCRIPTION = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
    '"headline":"Lume gets a second ferry","datePublished":"2026-03-04T10:00:00+01:00",'
    '"author":{"@type":"Person","name":"Mara Lind"}}</script>'
)
FIRST = "The port of Lume will have a second ferry in spring, its authority said on Tuesday."
SECOND = "The vessel carries four hundred passengers."


def read(source: str, url: str | None = None) -> Page:
    page = read_page(source, RECEIVED, url)
    assert page is not None
    return page


@pytest.mark.parametrize(
    "content",
    [f"<p>{FIRST}</p>", FIRST, f"<div><p>{FIRST}</p></div>", f"<br>{FIRST}"],
)
def test_a_feeds_item_that_begins_with_its_description_is_read_and_not_quoted(content: str) -> None:
    source = DESCRIPTION + content
    page = read(source)
    assert page.body.text.strip() == FIRST
    [run] = page.body.runs
    assert source[run.raw : run.raw + run.length].strip() == FIRST
    assert (page.title, page.authors) == ("Lume gets a second ferry", ("Mara Lind",))
    assert page.published_at == datetime(2026, 3, 4, 9, tzinfo=UTC)


def test_a_description_alone_is_no_text() -> None:
    assert read(DESCRIPTION).body.text.strip() == ""


def test_a_short_page_keeps_its_paragraphs() -> None:
    first = FIRST.replace("in spring", "in<b> spring</b>")
    source = (
        "<html><head><title>Second ferry</title></head><body><article><h1>Lume gets a second ferry in spring</h1>"
        f'<span class="author">By Mara Lind</span> <time>4 March</time>\n<p>{first}</p>'
        "\n<p>The vessel carries\nfour hundred passengers.</p></article></body></html>"
    )
    body = read(source).body
    assert body.text.split("\n") == [
        "Lume gets a second ferry in spring",
        "By Mara Lind 4 March",
        FIRST,
        SECOND,
    ]
    for run in body.runs:
        assert body.text[run.clean : run.clean + run.length] == source[run.raw : run.raw + run.length]


@pytest.mark.parametrize(
    ("href", "url", "canonical"),
    [
        ("/a/ferry", "https://news.example/x?utm=1", "https://news.example/a/ferry"),
        ("ferry", "https://news.example/a/x", "https://news.example/a/ferry"),
        ("/a/ferry", None, None),
        ("", "https://news.example/x", None),
        ("https://[broken", "https://news.example/x", None),
        ("mailto:mara@news.example", "https://news.example/x", None),
        ("https://lume.example/a", "https://news.example/x", "https://lume.example/a"),
    ],
)
def test_a_canonical_address_without_a_host_is_one_of_the_same_site(
    href: str, url: str | None, canonical: str | None
) -> None:
    page = f'<html><head><link rel="canonical" href="{href}"></head><body><p>{FIRST}</p><p>{SECOND}</p></body></html>'
    assert read(page, url).canonical_url == canonical


@pytest.mark.parametrize(
    ("time", "published"),
    [
        ("2026-03-04T10:20", datetime(2026, 3, 4, 10, 20, tzinfo=UTC)),
        ("2026-03-04T10:20:00+02:00", datetime(2026, 3, 4, 8, 20, tzinfo=UTC)),
        ("2026-03-04 10:20", datetime(2026, 3, 4, 10, 20, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04 at ten", datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_the_clock_beside_a_date_on_the_page_is_read(time: str, published: datetime) -> None:
    shown = f'<h1>Ferry</h1><time datetime="{time}">4 March 2026</time><p>{FIRST}</p>'
    assert read(f"<html><body><article>{shown}</article></body></html>").published_at == published


def test_a_title_that_its_page_does_not_close_ends_where_the_body_begins() -> None:
    page = read(
        f"<html><head><title>A second ferry<body><h1>A second ferry</h1><p>{FIRST}</p><p>{SECOND}</p>"
    )
    assert page.title == "A second ferry"


def described(author: str, face: str = "") -> Page:
    """Reads a page that describes its author so, with ``face`` above its text."""
    return read(
        "<html><head><title>Lume gets a second ferry</title>"
        f'<script type="application/ld+json">{{"@graph":[{{"@type":"WebPage","name":"Lume"}},'
        f'{{"@type":["NewsArticle"],"author":{author}}}]}}</script></head>'
        f"<body>{face}<article><p>{FIRST}</p><p>{SECOND}</p></article></body></html>"
    )


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ('{"@type":"Person","name":"Mara A. Lind"}', ("Mara A. Lind",)),
        (
            '[{"@type":"Person","name":"Mara Lind"},{"@type":"Organization","name":"SDA"}]',
            ("Mara Lind", "SDA"),
        ),
        ('[{"name":"Mara Lind og Ole Rusk-Orle"}]', ("Mara Lind", "Ole Rusk-Orle")),
        ('"By Mara Lind, Political Editor"', ("Mara Lind",)),
        ('{"@type":"Person","name":["Mara Lind","Ole Rusk"]}', ("Mara Lind", "Ole Rusk")),
        ('{"@type":"Organization","name":"lume.example"}', ("lume.example",)),
        ('{"@type":"NewsMediaOrganization","name":"日刊ルメ"}', ("日刊ルメ",)),
        ('{"@type":"Person","name":"https://lume.example/mara"}', ()),
        ("null", ()),
        ("[" * 3000 + "]" * 3000, ()),
    ],
)
def test_authors_are_those_the_page_describes_as_they_are_written(
    author: str, authors: tuple[str, ...]
) -> None:
    assert described(author).authors == authors


def test_a_person_on_the_face_of_the_page_goes_before_the_house_that_publishes_it() -> None:
    face = '<p class="byline author">Mara Lind</p>'
    assert described('{"@type":"Organization","name":"Lume Courier"}', face).authors == ("Mara Lind",)
    assert described('{"@type":"Person","name":"Ole Rusk"}', face).authors == ("Ole Rusk",)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Ferry returns to harbour - Lume Courier", "Ferry returns to harbour"),
        ("連絡船が戻る｜ルメ新報", "連絡船が戻る"),
        ("Ferry returns to harbour | lume-courier.example", "Ferry returns to harbour"),
        ("Ferry returns to harbour - twice", "Ferry returns to harbour - twice"),
        ("Lume - Courier of the north", "Lume - Courier of the north"),
    ],
)
def test_the_name_of_the_site_is_no_part_of_the_title(written: str, title: str) -> None:
    site = "ルメ新報" if "ルメ" in written else "Lume Courier"
    page = read(
        f'<html><head><title>{written}</title><meta property="og:site_name" content="{site}">'
        f'<meta property="og:title" content="{written}">'
        '<link rel="canonical" href="https://www.lume-courier.example/a/1"></head>'
        f"<body><article><p>{FIRST}</p><p>{SECOND}</p></article></body></html>"
    )
    assert page.title == title

from __future__ import annotations

from datetime import UTC, datetime

from agents.clean.residue.phrasebook import all_phrases, fold_words
from agents.clean.stage import STAGE
from agents.stage import Drop, Emit, Resources
from schemas.article import CleanArticle, RawArticle
from schemas.codec import decode, encode
from schemas.errors import DropReason
from schemas.offsets import to_clean, to_raw

RECEIVED = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
PROCESS = STAGE.load(Resources())


def cleaned(content: str, **fields: object) -> CleanArticle:
    outcome = PROCESS(RawArticle(id="a", content=content, received_at=RECEIVED, **fields))  # type: ignore[arg-type]
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.article, CleanArticle)
    return outcome.article


def test_cookie_banner_is_removed_and_explained() -> None:
    content = "We use cookies to make this site better.\nThe mayor of Lisbon opened the new bridge on Monday."
    article = cleaned(content)
    assert article.text == "The mayor of Lisbon opened the new bridge on Monday."
    [removed] = article.removed
    assert (removed.start, removed.end, removed.reason) == (0, 40, "cookie_banner")
    assert removed.text == content[:40]


def test_romanian_cedilla_becomes_a_comma_and_positions_still_map() -> None:
    content = "Preşedinta ţării a ajuns la Iaşi, unde va rămâne două zile."
    article = cleaned(content)
    assert article.text == "Președinta țării a ajuns la Iași, unde va rămâne două zile."
    assert {(repair.text, repair.replacement) for repair in article.repairs} == {("ş", "ș"), ("ţ", "ț")}
    at = article.text.index("Iași")
    start, end = to_raw(article.alignment, at, at + 4)
    assert content[start:end] == "Iaşi"
    assert to_clean(article.alignment, start, end) == (at, at + 4)


def test_turkish_cedilla_stays() -> None:
    content = "Başkan Ayşe Yılmaz, Ankara'da gazetecilere konuştu ve şunları söyledi."
    assert cleaned(content).text == content


def test_character_references_are_replaced_pieces_and_the_rest_maps_into_the_source() -> None:
    sentence = (
        "Smith &amp; Sons of Bremen will build the new ferry for the islands, the company said on Friday."
    )
    html = (
        "<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1>"
        f"<p>{sentence}</p><p>The ferry takes four hundred passengers and will sail twice a day from spring.</p>"
        "</article></body></html>"
    )
    article = cleaned(html, content_type="text/html")
    at = article.text.index("Smith & Sons")
    start, end = to_raw(article.alignment, at, at + len("Smith & Sons"))
    assert html[start:end] == "Smith &amp; Sons"
    for run in article.alignment:
        assert html[run.raw : run.raw + run.length] == article.text[run.clean : run.clean + run.length]


def test_no_text_is_dropped() -> None:
    assert PROCESS(RawArticle(id="a", content=" \n\x00 --- \n", received_at=RECEIVED)) == Drop(
        DropReason.NO_TEXT
    )


def test_lone_surrogates_become_replacement_characters_and_the_event_can_be_written() -> None:
    article = cleaned("The ferry\ud800 sails \udc00twice a day from spring.", metadata={"k\ud800": "v\udfff"})
    assert article.text == "The ferry\ufffd sails \ufffdtwice a day from spring."
    assert decode(encode(article), CleanArticle) == article


def test_an_agency_alone_in_brackets_is_a_credit_and_a_name_in_brackets_is_not() -> None:
    story = "The mayor of Lisbon opened the new bridge on Monday.\nTwo lanes are kept for trams and one for bicycles."
    removed = cleaned(f"(SeaPRwire) –\n{story}\n[Ukrinform]").removed
    assert [(item.text, item.reason) for item in removed] == [
        ("(SeaPRwire) –", "syndication_notice"),
        ("[Ukrinform]", "syndication_notice"),
    ]
    assert cleaned(f"(Lisbon) –\n{story}").text.startswith("(Lisbon)")


def test_a_choice_of_punctuation_does_not_leave_a_phrase_of_one_number() -> None:
    assert all_phrases().search(fold_words("402 new tents for the harbour")) == []

"""What a line's form says by itself, and what it does not."""

from __future__ import annotations

import pytest

from agents.clean.residue.forms import by_form, is_self_portrait
from agents.clean.residue.phrasebook import all_phrases, fold_words


def form(text: str) -> str | None:
    return by_form(text, fold_words(text), all_phrases())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Photo: Lume Harbour Archive", "photo_credit"),
        ("Fotoğraf: Lume Liman Arşivi", "photo_credit"),
        ("写真：ルメ港資料室", "photo_credit"),
        ("The old quay in spring (Photo: Ana Rusk/EPA)", "photo_credit"),
        ("© Tomas Reel / AFP", "photo_credit"),
        ("© 2024 Lume Herald. Every right is ours.", "copyright"),
        ("Read also: Ferry tickets to cost more from June", "related_teaser"),
        ("อ่านเพิ่มเติม: ค่าเรือข้ามฟากขึ้นราคาตั้งแต่เดือนมิถุนายน", "related_teaser"),
        ("Lume » Kalmo » Varn", "navigation"),
        ("Share Tweet Email", "share_buttons"),
        ("Compartir Tuitear Imprimir", "share_buttons"),
        ("Nothing is promised by SeaPRwire (https://www.seaprwire.com/) here.", "syndication_notice"),
    ],
)
def test_a_form_speaks_for_a_line(text: str, reason: str) -> None:
    assert form(text) == reason


@pytest.mark.parametrize(
    "text",
    [
        "Photo: the one that Mara Lind took of the flooded market won the prize of the year in Varn on Friday.",
        "Video: Ferry runs aground off Lume",
        "Minister: we will build the second quay",
        "“We met at the »Blue Tent« in Kalmo” » she said",
        "Temperatures fell from 20 > 12 > 8 degrees",
        "The herald (founded 1904) was sold (with its press) on Friday.",
        "SeaPRwire was sold to a bank in Varn (https://lume.example/sale) on Friday.",
        "In 2024 © became the sign of a party in Arden that wants to end copyright.",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert form(text) is None


def test_fragments_are_a_portrait_and_sentences_are_not() -> None:
    assert is_self_portrait("“Coffee lover. Gamer. Writer at heart. Future idol.”")
    assert is_self_portrait("Gamer. Writer. Coffee lover. Student. Introvert.")
    assert not is_self_portrait("“We came. We saw the quay. Then we left for Kalmo on the ferry.”")
    assert not is_self_portrait("The vote was lost. The minister left. Nobody spoke. The hall stayed dark.")

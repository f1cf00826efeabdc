from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.entities.recognition.tokens import sentences, tokens


def cut(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Jean-Claude Juncker.", ["Jean-Claude", "Juncker", "."]),
        ("dell'ONU", ["dell", "'", "ONU"]),
        ("Rusya'nın", ["Rusya", "'", "nın"]),
        ('ארה"ב הגיע', ['ארה"ב', "הגיע"]),
        ("FBI捜査官が", ["FBI", "捜査官が"]),
        ("नई दिल्ली", ["नई", "दिल्ली"]),
    ],
)
def test_words_are_what_the_training_sets_call_so(text: str, wanted: list[str]) -> None:
    assert cut(text) == wanted


def test_only_scripts_without_spaces_are_dense() -> None:
    assert [token.dense for token in tokens("北京 Moskau กรุงเทพ", 0, 20)] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("He met Dr. Braun. Then he left.", ["He met Dr. Braun.", "Then he left."]),
        ("Es war J. K. Rowling.", ["Es war J. K. Rowling."]),
        ("Am 3. Oktober regnete es.", ["Am 3. Oktober regnete es."]),
        ("他走了。她也走了！", ["他走了。", "她也走了！"]),
        ("वह गया। वह आई।", ["वह गया।", "वह आई।"]),
        ("Titel\n\nText", ["Titel", "Text"]),
        ("“Kommst du?” Sie kam.", ["“Kommst du?”", "Sie kam."]),
    ],
)
def test_sentences_end_where_they_end(text: str, wanted: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == wanted


@given(text=st.text(max_size=200))
def test_what_lies_between_sentences_and_words_is_blank(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end
        assert not text[last:start].strip()
        inside = start
        for token in tokens(text, start, end):
            assert inside <= token.start < token.end <= end
            assert not text[inside : token.start].strip()
            inside = token.end
        assert not text[inside:end].strip()
        last = end
    assert not text[last:].strip()

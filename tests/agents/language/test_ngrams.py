"""Hashes of words and n-grams."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.language.ngrams import LENGTHS, grams, plain


def pieces(text: str) -> list[str]:
    """The n-grams by cutting strings: what the hashes have to agree with."""
    found = []
    for size in LENGTHS:
        for start in range(len(text) - size + 1):
            piece = text[start : start + size]
            if size == 1 and piece == " ":
                continue
            if " " not in piece[1:-1]:
                found.append(piece)
    return found


words = st.lists(st.text(alphabet="abcßéйж橋", min_size=1, max_size=6), max_size=12).map(" ".join)


@given(words)
def test_equal_pieces_have_equal_hashes_and_others_do_not(text: str) -> None:
    clean = plain(text)
    hashes, word_hashes = grams(clean)
    expected = pieces(clean)
    assert len(hashes) == len(expected)
    assert len(word_hashes) == len(clean.split())
    assert len({*hashes.tolist(), *word_hashes.tolist()}) == len({*expected}) + len({*clean.split()})


def test_a_piece_hashes_alike_wherever_it_stands() -> None:
    first, _ = grams(plain("most gradi"))
    second, _ = grams(plain("veliki most"))
    assert set(pieces(" most ")) <= set(pieces(" veliki most "))
    assert set(grams(" most ")[0].tolist()) <= set(first.tolist()) & set(second.tolist())


def test_vowel_signs_are_parts_of_words_and_digits_are_not() -> None:
    assert plain("सरकार 2024, COVID-19 é") == " सरकार covid é "


def test_text_without_letters_has_no_pieces() -> None:
    hashes, word_hashes = grams(plain("123 !?"))
    assert (hashes.tolist(), word_hashes.tolist()) == ([], [])

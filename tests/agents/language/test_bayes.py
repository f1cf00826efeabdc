"""The classifier gives py3langid's own answers, to the last bit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from agents.language.bayes import REMEMBERED, Bayes
from tests.agents.language.articles import SENTENCES


@cache
def theirs() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def ours() -> Bayes:
    return Bayes.load()


@given(st.text(max_size=60) | st.text(alphabet="aeilnrst \u00e9\u0438\u043d\u4e2d\u306e", max_size=200))
def test_any_text_is_ranked_as_by_the_library(text: str) -> None:
    assert ours().rank(text) == theirs().rank(text)


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_sentences_are_ranked_as_by_the_library(language: str) -> None:
    assert ours().rank(SENTENCES[language]) == theirs().rank(SENTENCES[language])


def test_the_automaton_remembers_no_more_than_its_last_bytes() -> None:
    moves = np.frombuffer(theirs().tk_nextmove, dtype=np.uint32).reshape(-1, 256)
    rows = np.array(theirs().tk_row)
    alike = np.arange(
        len(rows)
    )  # states that so many bytes lead to one and the same place, whatever they are
    for _ in range(REMEMBERED):
        led = np.ascontiguousarray(alike[moves])
        wide = np.dtype((np.void, led.dtype.itemsize * led.shape[1]))
        _, number = np.unique(led.view(wide).ravel(), return_inverse=True)
        alike = number[rows]
    assert len(np.unique(alike)) == 1

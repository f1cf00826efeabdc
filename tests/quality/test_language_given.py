"""What a family is given before its fit."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import numpy as np
import pytest

from agents.language.ngrams import grams, plain
from agents.language.profiles import upper
from agents.language.siblings import GIVEN_STEPS
from tests.quality.language_given import BACK_OFF, MARK, SHARE, given

ORDERS = ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams")
Shares = dict[str, dict[str, str]]


def models(folder: Path, **languages: Shares) -> Path:
    """Writes models as lingua keeps them: a file per order, n-grams by their share."""
    for language, orders in languages.items():
        (folder / language).mkdir()
        for order in ORDERS:
            text = json.dumps({"language": language, "ngrams": orders.get(order, {})})
            (folder / language / f"{order}.json.br").write_bytes(brotli.compress(text.encode()))
    return folder


def lexicons(folder: Path, croatian: dict[str, str], serbian: dict[str, str]) -> Path:
    for language, forms in (("hr", croatian), ("sr", serbian)):
        with gzip.open(folder / f"{language}_lemma_lookup.json.gz", "wt", encoding="utf-8") as file:
            json.dump(forms, file)
    return folder


def weights(found: tuple[np.ndarray, np.ndarray]) -> dict[int, list[float]]:
    return dict(zip(found[0].tolist(), (found[1] / GIVEN_STEPS).tolist(), strict=True))


def log_odds(found: tuple[np.ndarray, np.ndarray], word: str) -> np.ndarray:
    """Sums the weights of all n-grams of a word."""
    held = weights(found)
    size = found[1].shape[1]
    codes = upper(grams(plain(word))[0]).tolist()
    return np.sum([held.get(code, [0.0] * size) for code in codes], axis=0)


def test_the_n_grams_of_a_word_add_up_to_its_probability_in_each_model(tmp_path: Path) -> None:
    folder = models(
        tmp_path,
        id={"unigrams": {"1/2": "a b"}, "bigrams": {"9/10": "ab"}},
        ms={"unigrams": {"1/2": "a b"}, "bigrams": {"1/10": "ab"}},
    )
    indonesian, malay = log_odds(given(("id", "ms"), folder, tmp_path, ()), "ab")
    assert indonesian - malay == pytest.approx(SHARE * math.log(9), abs=2 / GIVEN_STEPS)
    assert log_odds(given(("id", "ms"), folder, tmp_path, ()), "ba").tolist() == [0.0, 0.0]


def test_a_context_that_a_model_lacks_is_shortened_at_a_cost(tmp_path: Path) -> None:
    folder = models(
        tmp_path,
        id={"unigrams": {"1/2": "a b"}, "bigrams": {"1/2": "ab"}},
        ms={"unigrams": {"1/2": "a b"}},
    )
    indonesian, malay = log_odds(given(("id", "ms"), folder, tmp_path, ()), "ab")
    assert indonesian - malay == pytest.approx(SHARE * BACK_OFF, abs=2 / GIVEN_STEPS)


def test_a_letter_that_latin_script_writes_with_two_is_read_as_one(tmp_path: Path) -> None:
    latin: Shares = {"unigrams": {"1/4": "l j u d"}}
    cyrillic: Shares = {"unigrams": {"1/4": "л љ у д"}}
    (tmp_path / "models").mkdir()
    folder = models(tmp_path / "models", bs=latin, hr=latin, sr=cyrillic)
    found = given(("bs", "hr", "sr-Latn"), folder, lexicons(tmp_path, {}, {}), ())
    bosnian, croatian, serbian = log_odds(found, "lj")
    # Serbian: л or љ (1/2), then љ rather than л (1/2); the others: l (1/4), then j without its context (1/4)
    assert bosnian == croatian
    assert serbian - bosnian == pytest.approx(SHARE * (math.log(4) + BACK_OFF), abs=3 / GIVEN_STEPS)


def test_words_are_marked_by_yat_and_by_endings_that_are_not_croatian(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    folder = models(tmp_path / "models", bs={}, hr={}, sr={})
    croatian = {
        "mjesto": "mjesto",
        "vrijeme": "vrijeme",
        "reagirati": "reagirati",
        "more": "more",
        "koje": "koji",
    }
    serbian = {"место": "место", "време": "време", "реаговати": "реаговати", "море": "море", "које": "који"}
    lists = lexicons(tmp_path, croatian, serbian)
    held = weights(given(("bs", "hr", "sr-Latn"), folder, lists, ("reagovati", "koe")))

    def users(word: str) -> set[str] | None:
        row = held.get(int(upper(grams(plain(word))[1])[0]))
        if row is None:
            return None
        assert set(row) == {0.0, -min(MARK, 127 / GIVEN_STEPS)}
        return {name for name, weight in zip(("bs", "hr", "sr"), row, strict=True) if not weight}

    assert users("mesto") == users("vreme") == {"sr"}
    assert users("mjesto") == users("vrijeme") == {"bs", "hr"}
    assert users("reagovati") == {"bs", "sr"}
    assert users("more") is None  # both write it so
    assert users("koje") is None  # Serbian too, though `koe` would be its other form


def test_a_family_without_models_is_given_nothing(tmp_path: Path) -> None:
    hashes, found = given(("nb", "nn", "da"), tmp_path, tmp_path, ("ikke",))
    assert len(hashes) == len(found) == 0

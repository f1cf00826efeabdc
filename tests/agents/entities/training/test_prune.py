from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace

from agents.entities.training.prune import count, keep, pruned

PIECES = [
    ("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), ("a", -4.0), ("b", -4.1), ("c", -4.2),
    ("▁ab", -5.0), ("▁abc", -6.0), ("▁ca", -7.0), ("▁cab", -8.0), ("<mask>", 0.0),
]  # fmt: skip


@pytest.fixture
def tokenizer() -> Tokenizer:
    made = Tokenizer(Unigram(PIECES, unk_id=3, byte_fallback=False))
    made.pre_tokenizer = Metaspace()
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return made


def test_pieces_are_counted_without_the_marks(tokenizer: Tokenizer) -> None:
    found = count(tokenizer, ["ab abc", "ab"])
    assert found == Counter({8: 2, 9: 1})


def test_marks_and_single_characters_always_stay_and_the_mask_goes() -> None:
    kept = keep(PIECES, [Counter({11: 5})], 8)
    assert kept.tolist() == list(range(8))


def test_what_is_used_stays_before_what_is_only_likely() -> None:
    assert 11 in keep(PIECES, [Counter({11: 5})], 9)
    assert 12 not in keep(PIECES, [Counter({11: 5})], 13)


def test_a_small_language_counts_as_much_as_a_big_one() -> None:
    big, small = Counter({8: 900, 10: 100}), Counter({11: 2})
    assert 11 in keep(PIECES, [big, small], 10)
    assert 10 not in keep(PIECES, [big, small], 10)


def test_no_room_for_the_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="8 single characters"):
        keep(PIECES, [Counter({11: 5})], 7)


def test_a_pruned_tokenizer_writes_the_same_text_with_shorter_pieces(tokenizer: Tokenizer) -> None:
    kept = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8], np.int64)
    made = Tokenizer.from_str(pruned(tokenizer.to_str(), kept))
    encoding = made.encode("abc cab")
    assert encoding.tokens == ["▁ab", "c", "▁", "c", "a", "b"]
    assert encoding.ids == [8, 7, 4, 7, 5, 6]
    assert encoding.offsets[-1] == (6, 7)


def test_the_numbers_are_those_of_the_pieces_that_are_kept(tokenizer: Tokenizer) -> None:
    kept = np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 11], np.int64)
    data = json.loads(pruned(tokenizer.to_str(), kept))
    assert [text for text, _ in data["model"]["vocab"]] == [PIECES[at][0] for at in kept]
    assert [token["id"] for token in data["added_tokens"]] == [0, 1, 2, 3]

"""A person's name across spellings: the skeleton that proposes, the similarity that decides, the provisional id.

The skeleton is the romanised name by consonant classes, without vowels: ``Lavrov``, ``Lawrow`` and ``Лавров``
share one. A pair it proposes counts at a similarity of :data:`ALIKE` or more: measured, 0.80 makes Puchkov of
Peskov. The method and the classes are our own; the similarity is Jaro-Winkler (Winkler 1990) by rapidfuzz.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import JaroWinkler

from agents.entities.spelling.fold import HANGUL, UNSPACED, fold, token, words
from agents.entities.spelling.inflection import bases
from agents.entities.spelling.outline import outline
from agents.entities.spelling.reading import plain, read_aloud, romanised
from agents.entities.spelling.spellings import spelt
from schemas.article import EntityType
from schemas.ids import digest


def _listed(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


ALIKE = 0.90
PARTICLES = _listed("particles.txt")
"""Small words inside a person's name."""
EAST_ASIAN = _listed("family-names.txt")
"""Korean, Chinese and Vietnamese family names, which stand first."""

_KOREAN = {
    "김": "kim", "이": "lee", "리": "ri", "박": "park", "최": "choi", "정": "jung",
    "강": "kang", "조": "cho", "윤": "yoon", "장": "jang", "임": "lim", "한": "han",
    "오": "oh", "서": "seo", "신": "shin", "권": "kwon", "황": "hwang", "안": "ahn",
    "송": "song", "유": "yoo", "류": "ryu", "홍": "hong", "전": "jeon", "고": "ko",
    "문": "moon", "양": "yang", "손": "son", "배": "bae", "백": "baek", "허": "heo",
    "남": "nam", "심": "shim", "노": "noh", "하": "ha", "곽": "kwak", "성": "sung",
    "차": "cha", "주": "joo", "우": "woo", "구": "koo", "민": "min", "나": "na",
    "진": "jin", "지": "ji", "엄": "eom", "채": "chae", "원": "won", "천": "chun",
    "방": "bang", "공": "kong", "현": "hyun", "함": "ham", "변": "byun", "염": "yeom",
    "추": "choo", "도": "do", "석": "seok", "선": "sun", "설": "seol", "길": "gil",
    "태": "tae",
}  # fmt: skip
"""Korean family names as English news spells them."""
_PROVISIONAL = "nil:"
_FAMILY_LENGTH = 3
"""Letters of a Chinese or Korean name with its family name."""

_EASTERN = frozenset({"KP", "KR", "CN", "TW", "HK", "MO"})
_DIGRAPHS = (
    ("schtsch", "S"), ("shch", "S"), ("chtch", "S"), ("tsch", "C"), ("tch", "C"), ("dsch", "J"), ("dzh", "J"),
    ("dzs", "J"), ("sch", "S"), ("sz", "S"), ("cz", "C"), ("cs", "C"), ("zs", "Z"), ("sh", "S"), ("ch", "C"),
    ("zh", "Z"), ("kh", "H"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dj", "J"), ("dz", "z"), ("ts", "z"),
    ("tz", "z"), ("qu", "k"), ("ck", "k"), ("ks", "x"), ("gu", "g"), ("gi", "J"), ("ge", "J"), ("ou", "u"),
    ("oe", "o"), ("ue", "u"), ("ae", "e"), ("ii", "i"),
)  # fmt: skip
_DIGRAPH = re.compile("|".join(written for written, _ in _DIGRAPHS))
"""Whether a word has any of them: half of them have none."""
_CLASSES = str.maketrans(
    {
        "w": "v",
        "q": "k",
        "c": "k",
        "x": "k",
        "j": "i",
        "y": "i",
        "H": "h",
        "S": "s",
        "Z": "s",
        "z": "s",
        "C": "s",
    }
    | {"J": "s"}
)
_SOUNDS = (
    ("tsch", "ch"), ("sch", "sh"), ("tch", "ch"), ("cz", "ch"), ("sz", "sh"), ("ou", "u"), ("oe", "u"), ("kh", "h"),
    ("ch", "h"), ("w", "v"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("y", "i"), ("j", "i"), ("ii", "i"), ("ie", "e"),
    ("gh", "g"), ("gu", "g"), ("th", "t"), ("ff", "v"), ("zh", "z"), ("x", "ks"), ("ai", "e"), ("ei", "e"),
    ("ee", "i"), ("oo", "u"),
)  # fmt: skip
_SOUND = re.compile("|".join(written for written, _ in _SOUNDS))
_NOT_LATIN = re.compile("[^a-z]")
_SILENT_E = re.compile("(?<=[a-z][^aeiouy])e$")
"""The last letter of ``Mike`` and ``Pence``."""
_INNER = re.compile("[-‐‑'’]")
_SPACE = re.compile(r"[\s\u00a0]+")
_MAX_NAME = 8
_ARTICLES = frozenset({"al", "el"})
"""Arabic articles: a word of their own in Latin letters, part of the next one in their own."""
_OF_FAMILIES = frozenset({"mc", "mac", "mak", "mek", "mk", "mik", "mech"})
"""What begins families' names, as it sounds: ``McDonald``, ``Mac Donald``."""
_MIN_SKELETON = 4
"""Letters of a skeleton that tell one name from another."""
_MIN_OUTLINE = 3
"""Letters of an outline of one word that tell it from others; one more for several."""
_MIN_ALONE = 5
"""The same for a name of one word, which nothing else tells apart."""


def roman(word: str) -> str:
    """Returns ``word`` in the letters a to z."""
    return _NOT_LATIN.sub("", plain(word).lower())


@lru_cache(32768)
def skeleton(word: str) -> str:
    """Returns the consonant classes of ``word``; an opening vowel is kept as ``A``."""
    letters = roman(word)
    if not letters:
        return ""
    if _DIGRAPH.search(letters):
        for written, spoken in _DIGRAPHS:
            letters = letters.replace(written, spoken)
    letters = letters.translate(_CLASSES)
    letters = letters[0] + letters[1:].replace("h", "")
    found = "A" if letters[0] in "aeiou" else ""
    for letter in letters:
        if letter not in "aeiou" and not found.endswith(letter):
            found += letter
    if len(found) > 1 and found.endswith("f"):
        found = found[:-1] + "v"
    return found or "A"


def name_skeleton(name: str) -> str:
    """Returns the skeleton of a name's key; of one too short to tell persons apart, nothing."""
    return parts_skeleton(name.split(" "))


def parts_skeleton(parts: Sequence[str]) -> str:
    """Returns the skeleton of a name by its words, as :func:`name_skeleton` does."""
    listed = [skeleton(part) for part in parts]
    if not 2 <= len(listed) <= _MAX_NAME or not all(listed) or sum(map(len, listed)) < _MIN_SKELETON:
        return ""
    return " ".join(listed)


@lru_cache(32768)
def sound(word: str) -> str:
    """Returns ``word`` romanised, with the spellings of one sound made equal."""
    letters = _NOT_LATIN.sub("", romanised(word).lower())
    if _SOUND.search(letters):
        for written, spoken in _SOUNDS:
            letters = letters.replace(written, spoken)
    return letters


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """Returns how alike two names of equally many words are: the least alike pair of words, 0 to 1."""
    if len(one) != len(other):
        return 0.0
    return min(JaroWinkler.similarity(sound(a), sound(b)) for a, b in zip(one, other, strict=True))


def heard(name: Sequence[str], english: Sequence[str]) -> float:
    """Returns how alike a name sounds to an English one of as many words, 0 to 1: the mean over the words.

    For names whose outlines agree, so that a word of few vowels does not decide alone: ``മൈക്ക് പോംപിയോ``
    is Mike Pompeo.
    """
    if len(name) != len(english):
        return 0.0
    pairs = zip(name, english, strict=True)
    return sum(JaroWinkler.similarity(sound(a), sound(_SILENT_E.sub("", b))) for a, b in pairs) / len(name)


def surname_first(name: str, country: str | None) -> bool:
    """Tells whether a person of ``country`` is called by the surname first: the East Asian order."""
    return country in _EASTERN and next(iter(words(name)), "") in EAST_ASIAN


def nominative(name: str, code: str, given: Callable[[str], bool]) -> list[str]:
    """Returns the words of a person's name without its case endings.

    The given name tells: where it is no given name as it stands but its base form is one, the whole name is
    inflected, so ``Андрея Колбасова`` is ``андрей колбасов`` and ``Мария Колбасова`` stays. ``Adams`` alone is a
    family name.
    """
    parts = [part for part in (token(fold(_INNER.sub("", part))) for part in _SPACE.split(name)) if part]
    if not parts or given(parts[0]):
        return parts
    base = next((base for base in bases(parts[0], code) if given(base)), None)
    if base is None or parts == [f"{base}s"]:
        return parts
    return [base, *((bases(part, code) or (part,))[0] for part in parts[1:])]


def family_first(name: str, code: str) -> list[str]:
    """Returns the family and the given name of a person whom Chinese or Korean writes as one word; else the word."""
    if len(name) != _FAMILY_LENGTH or spelt(name):  # "马克龙" is Macron
        return [name]
    family = name[0]
    if code == "ko" and family in _KOREAN and HANGUL.match(family):
        return [_KOREAN[family], name[1:]]
    if code == "zh" and UNSPACED.match(family) and read_aloud(family) in EAST_ASIAN:
        return [read_aloud(family), read_aloud(name[1:])]
    return [name]


def outline_key(parts: Sequence[str], kind: str) -> str:
    """Returns the key under which the knowledge base has what sounds like a name of this type; of a long one, none.

    It stands among the skeletons, which have no such mark. A short name keeps its vowels: ``bl`` is Palu, Bali and
    Bella.
    """
    if not 0 < len(parts) <= _MAX_NAME:
        return ""
    return f"@{kind} {' '.join(_outlines(parts))}"


def person_outline(parts: Sequence[str]) -> str:
    """Returns the key under which the knowledge base has the persons whose name sounds so."""
    return outline_key(parts, "PER")


def _outlines(parts: Sequence[str]) -> list[str]:
    listed = [outline(part) for part in parts]
    if sum(map(len, listed)) < _MIN_OUTLINE + (len(parts) > 1):
        return [sound(part) or part for part in parts]
    return listed


def _alone(word: str) -> list[str]:
    """Returns the outline of a name of one word, where it tells that name from others; else how it sounds."""
    found = outline(word)
    return [found if len(found) >= _MIN_ALONE else sound(word) or word]


def provisional_id(parts: Sequence[str], kind: EntityType = "PER") -> str:
    """Returns the id of an entity no knowledge base has, from the words of its name.

    Equal for all spellings and scripts with one outline and for both orders of the words; a Korean or Chinese
    given name counts as one word however it is divided. A name too short for its consonants to tell it from others
    keeps its vowels. Same on every worker, after every restart.
    """
    listed = [word for part in parts for word in words(part)]
    if kind == "PER":
        listed = [word for word in listed if sound(word) not in _ARTICLES] or listed
        if len(listed) == 3 and sound(listed[0]) in EAST_ASIAN:
            listed = [listed[0], listed[1] + listed[2]]
    if len(listed) > 1 and listed[-1] == "s":  # "Sainsbury's"
        del listed[-1]
    if kind != "PER" and len(listed) > 2 and listed[0] == "the":
        del listed[0]
    listed = _undivided(listed)
    outlines = _alone(listed[0]) if len(listed) == 1 else _outlines(listed)
    return f"{_PROVISIONAL}{digest('entity', *sorted(outlines))[:16]}"


def _undivided(listed: list[str]) -> list[str]:
    """Returns the words of a name with what stands before some families' names as a part of them: ``मैक डोनाल्ड``."""
    for at in range(len(listed) - 2, 0, -1):
        if sound(listed[at]) in _OF_FAMILIES:
            listed = [*listed[:at], listed[at] + listed[at + 1], *listed[at + 2 :]]
    return listed


def is_provisional(identifier: str) -> bool:
    """Tells whether :func:`provisional_id` made an id: no knowledge base has the entity."""
    return identifier.startswith(_PROVISIONAL)

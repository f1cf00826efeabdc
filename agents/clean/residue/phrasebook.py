"""What boilerplate says, in many languages: the phrase files, and the search for them.

A phrase file is ``phrases/LANGUAGE.toml``: for each reason a list of phrases. A phrase is words, compared without
case, punctuation and accents on capitals:

    we use cookies             these words, anywhere in a line or sentence
    ^read more                 at its start
    ^read more$                all of it
    ^photo (by|from)           either word
    (our)? newsletter          with or without
    cookie~                    any word that starts so (three letters at least)
    sign up * newsletter       up to four words between
    0 min read                 any number

All files are searched at once: residue is often in another language than the article, and a phrase costs nothing
until its first word turns up.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, Generic, TypeAlias, TypeVar, cast, get_args

from schemas.article import RemovalReason

ADDRESSED = "addressed"
"""The table of a phrase file for :mod:`agents.clean.residue.addressed`."""
LABELS = "labels"
"""The same for :mod:`agents.clean.residue.labels`."""
_GAP = 4
_STEM = 3
# each character of a script that does not space its words is a word of its own
WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
    r"|(?<=\w)[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0981-\u09cd\u0b82-\u0bcd]+"
)
_PLAIN_WORD = re.compile("[0-9a-z]+")
"""The same in a case-folded text of ASCII."""
_TOKEN = re.compile(r"\([^()]*\)\??|[^\s()]+")


Why = TypeVar("Why")


@dataclass(frozen=True, slots=True)
class Found(Generic[Why]):
    """A phrase found in a line: which reason it speaks for, and how much of the line it is."""

    reason: Why
    start: int
    end: int
    """Words ``start`` to ``end`` of the line."""
    at_start: bool
    whole: bool


Hit: TypeAlias = Found[RemovalReason]


_NONE: dict[str, Any] = {}
"""What most nodes lead to; shared, as there are a hundred thousand of them, and never written to."""


@dataclass(slots=True)
class _Node(Generic[Why]):
    words: dict[str, _Node[Why]] = field(default_factory=lambda: _NONE)
    stems: dict[str, dict[str, _Node[Why]]] = field(default_factory=lambda: _NONE)
    gap: _Node[Why] | None = None
    ends: tuple[tuple[Why, bool, bool], ...] = ()
    open: bool = False
    """Whether it leads on, or ends, without one of ``words``."""


def fold_words(text: str) -> list[str]:
    """Returns the words of ``text`` as phrases are compared: case-folded, numbers as ``0``.

    ``ı`` is folded to ``i``, because that is what its capital ``I`` is folded to.
    """
    folded = text.casefold().replace("\u0307", "").replace("ı", "i")
    words: list[str] = (_PLAIN_WORD if folded.isascii() else WORD).findall(folded)
    return ["0" if word.isdigit() else word for word in words] if any(map(str.isdigit, words)) else words


def longest_said(hits: Sequence[Hit]) -> RemovalReason:
    """Returns the reason of the longest of ``hits``, of which there is at least one."""
    return max(hits, key=lambda hit: (hit.end - hit.start, hit.reason)).reason


def is_unspaced(words: Sequence[str]) -> bool:
    """Whether most of ``words`` (from :func:`fold_words`) are characters of a script without spaces."""
    return 2 * sum(map(len, words)) < 3 * len(words)


class Search(Generic[Why]):
    """Phrases, each with what it speaks for, ready to be searched."""

    def __init__(self, lists: Sequence[tuple[Why, str]]) -> None:
        self._every: _Node[Why] = _Node()
        self._anywhere: _Node[Why] = _Node()
        """The phrases that are not tied to the start: a few of all, and the only ones to look for after it."""
        for reason, phrase in lists:
            at_start, at_end = phrase.startswith("^"), phrase.endswith("$")
            for tokens in _spelled_out(phrase):
                _add(self._every, reason, tokens, at_start, at_end)
                if not at_start:
                    _add(self._anywhere, reason, tokens, at_start, at_end)

    def search(self, words: Sequence[str]) -> list[Found[Why]]:
        """Returns every phrase found in ``words`` (from :func:`fold_words`)."""
        if not words:
            return []
        hits = list(_found(self._every, words, 0))
        first_words, first_stems = self._anywhere.words, self._anywhere.stems
        begun = [
            start for start, word in enumerate(words) if word in first_words or word[:_STEM] in first_stems
        ]
        following = [*words[1:], None]
        for start in begun:
            first = words[start]
            node = first_words.get(first)
            if start and (
                (node is not None and (node.open or following[start] in node.words))
                or first[:_STEM] in first_stems
            ):
                hits += _found(self._anywhere, words, start)
        return list(dict.fromkeys(hits))


Phrases: TypeAlias = Search[RemovalReason]
"""Every phrase of every language, by the reason for removal."""


def _add(node: _Node[Why], reason: Why, tokens: Sequence[str], at_start: bool, at_end: bool) -> None:
    for token in tokens:
        if token == "*":  # noqa: S105 - a word of a phrase
            node.open = True
            node.gap = node.gap or _Node()
            node = node.gap
        elif token.endswith("~"):
            stem = token[:-1]
            node.open = True
            node.stems = node.stems or {}
            node = node.stems.setdefault(stem[:_STEM], {}).setdefault(stem, _Node())
        else:
            node.words = node.words or {}
            node = node.words.setdefault(token, _Node())
    if tokens and (reason, at_start, at_end) not in node.ends:
        node.ends += ((reason, at_start, at_end),)
        node.open = True


def _found(root: _Node[Why], words: Sequence[str], start: int) -> Iterator[Found[Why]]:
    """Yields the phrases below ``root`` that begin with the word ``start``."""
    size = len(words)
    alive: list[tuple[_Node[Why], int]] = []
    _step(root, words, start, alive)
    while alive:
        node, at = alive.pop()
        for reason, at_start, at_end in node.ends:
            if (not at_start or start == 0) and (not at_end or at == size):
                yield Found(reason, start, at, start == 0, start == 0 and at == size)
        if at < size:
            _step(node, words, at, alive)
            if node.gap is not None:
                for skipped in range(at, min(at + _GAP + 1, size)):
                    _step(node.gap, words, skipped, alive)


def _step(node: _Node[Why], words: Sequence[str], at: int, alive: list[tuple[_Node[Why], int]]) -> None:
    """Adds the nodes that the word ``at`` leads to from ``node``."""
    word = words[at]
    exact = node.words.get(word)
    if exact is not None:
        alive.append((exact, at + 1))
    if node.stems:
        for stem, child in node.stems.get(word[:_STEM], _NONE).items():
            if word.startswith(stem):
                alive.append((child, at + 1))


def _spelled_out(phrase: str) -> Iterator[list[str]]:
    """Yields the token lists a phrase stands for, one for each choice of its alternatives."""
    choices: list[list[list[str]]] = []
    for token in _TOKEN.findall(phrase.strip("^$")):
        if token.startswith("("):
            optional = token.endswith("?")
            # A choice of punctuation alone says nothing: without it, "0 (min|')" would be any number.
            chosen_from = [
                words for choice in token[1 : -2 if optional else -1].split("|") if (words := _tokens(choice))
            ]
            choices.append([*chosen_from, []] if optional else chosen_from)
        else:
            choices.append([_tokens(token)])
    for chosen in product(*choices):
        yield [token for part in chosen for token in part]


def _tokens(text: str) -> list[str]:
    result: list[str] = []
    for part in text.split():
        if part == "*":
            result.append(part)
            continue
        words = fold_words(part)
        if part.endswith("~") and words:
            words[-1] += "~"
        result += words
    return result


@cache
def all_phrases() -> Phrases:
    """Reads every phrase file of the package, in order of name.

    Raises:
        ValueError: a file has a key that is no reason for removal.
    """
    lists: list[tuple[RemovalReason, str]] = []
    for name, file in phrase_files():
        for table in (ADDRESSED, LABELS):
            file.pop(table, None)
        lists += listed(file, name)
    return Phrases(lists)


def phrase_files() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the name and the lists of each phrase file, in order of name."""
    folder = files("agents.clean.residue").joinpath("phrases")
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            yield entry.name, tomllib.loads(entry.read_text(encoding="utf-8"))


def listed(lists: Mapping[str, Sequence[str]], name: str) -> Iterator[tuple[RemovalReason, str]]:
    """Yields each phrase of ``lists`` with its reason.

    Raises:
        ValueError: a key is no reason for removal; ``name`` says where.
    """
    known = set(get_args(RemovalReason))
    for reason, phrases in lists.items():
        if reason not in known:
            raise ValueError(f"{name}: expected one of {', '.join(sorted(known))}, got {reason!r}")
        for phrase in phrases:
            yield cast(RemovalReason, reason), phrase

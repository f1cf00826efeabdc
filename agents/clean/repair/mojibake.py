"""Restores letters that were stored as UTF-8 and read as a code page: ``Î‘Î¸Î®Î½Î±`` is ``Αθήνα``.

Two ways. Where every letter beyond ASCII of a line is part of such a sequence, and there are several, the line is
damaged whatever its language, and each word of it is restored by itself. A word or two of damage in a text that is
right is left to ``ftfy``, which knows what no writer writes, behind a gate and with its result looked at: over whole
articles it changed 530 of 779 that were fine.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import ftfy
import numpy as np
from numpy.typing import NDArray

from agents.clean.edits import Edit
from agents.code_points import code_points
from agents.language.scripts import histogram

_CODECS = (
    *(
        "sloppy-windows-1252",
        "latin-1",
        "sloppy-windows-1251",
        "sloppy-windows-1250",
        "iso-8859-2",
        "macroman",
    ),
    *("sloppy-windows-1254", "sloppy-windows-1253", "sloppy-windows-1257", "cp437", "cp850"),
)
"""Code pages as which UTF-8 is read by mistake, likeliest first; the sloppy ones are ftfy's and lose no byte."""
_ENOUGH = 5
"""Sequences that prove damage. Chance gives up to 4, in capitals before a quote: ``ПІКІРІМ”`` in Kazakh."""
_MOST_SOUGHT = 200_000
"""Characters of suspect lines beyond which ``ftfy`` is not asked about any: not a word or two; bounds the time."""
_ONE_SCRIPT = 0.8
"""Share of the restored letters that are of one script; what chance gives is of several."""
_MOST_LOCAL = 2_000
"""Words restored one by one at most; beyond, the damage of a line is one repair, which bounds the event's size."""
_EAST_ASIAN = frozenset(("Hani", "Hira", "Kana", "Hang", "Bopo"))
_BEYOND = re.compile("[^\x00-\x7f]+")
_PUNCTUATION = re.compile("[\xa0-\xbf\u02b0-\u02ff\u2010-\u203a\u20ac\u2122\ufe0f]+")
_WORD = re.compile(r"[^\W\d_]+")


def _read_as(first: int, last: int) -> list[str]:
    """Returns what the bytes from ``first`` to ``last`` are taken for, in order."""
    read = {bytes([byte]).decode(codec) for codec in _CODECS for byte in range(first, last + 1)}
    return sorted(char for char in read if not char.isascii())


def _class(characters: list[str]) -> str:
    return "".join(map(re.escape, characters))


_LEADS, _FOLLOWS = _read_as(0xC2, 0xF4), _read_as(0x80, 0xBF)
"""What the first byte of a sequence is taken for, and each byte after it."""
_LEAD, _FOLLOW = 1, 2
_MAYBE = re.compile(f"[\x00-\x7f]*+[{_class(_LEADS)}][{_class(_FOLLOWS)}]")
"""A line whose first letter beyond ASCII may begin a sequence: 1,390 of 101,021 right ones of NTREX."""
_LINE = re.compile(r"[^\n]++")
_PIECE = re.compile(r"[^<>\n]++")
"""A line of a page's source ends at a tag, too."""

# The leading letter is looked for alone, then what follows it: a branch would be tried at every character.
# sequences that UTF-8 read as a one-byte code page leaves behind: Latin-1 and cp1252, Central European, Cyrillic, Mac
_SEQUENCE = re.compile(
    "[ÂÃâÐÑðĂĹÅÄРСв‚√](?:(?<=[ÂÃâÐÑðĂÅÄ])[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ˘Łˇ¤§¨Ş]"
    "|(?<=[ĂĹÄ])[\x80-\xbf˘Ł¤Ľ§¨Š©ŤĄąžľşťźťş°łľˇ‚„…†‡‰‹‘’“”•–—™›]"
    "|(?<=[РС])[\u0402-\u040f\u0452-\u045f\u0490\u0491\xa0°±µ¶·№»«…†‡€‰‹™›“”‘’•–—¤¦§©¬®]|(?<=в)Ђ"
    "|(?<=‚)Ä[ìîôúùòâÇ]|(?<=√)[£§©¨°≠º±´ºÑñ∂∫•ü†¢])"
)
_CLOSING = re.compile(r"[^\W\d_][^\x00-\x7f]([“”’‘»›…–—™®°•€\xa0])(?!\w)")
"""The end of a word and what may close it: ``ALEMÃ‘``."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that reads as UTF-8 from first to last in some code page; ``read`` holds it for each of those."""

    at: int
    text: str
    read: dict[str, str]


def mojibake(text: str) -> list[Edit]:
    """Returns what restores the damaged letters of ``text``, in order; nothing for a text that is right."""
    codec, restored, others = _restored(text, _LINE)
    suspects = [(at, line) for at, line in others if codec or _SEQUENCE.search(line)]
    if sum(len(line) for _, line in suspects) <= _MOST_SOUGHT:
        for at, line in suspects:
            fixed = ftfy.fix_encoding(line)
            if fixed != line and _is_believable(line, fixed):
                restored.append(_narrowed(at, line, fixed))
    return sorted(restored, key=lambda edit: edit.start)


def page_mojibake(source: str) -> list[Edit]:
    """Returns what restores a page that is damaged throughout, in order; its title and its attributes with it.

    Before it is parsed, because parsers take half of the damage for controls and leave it out.
    """
    return [] if source.isascii() or not _may_be_damaged(source) else _restored(source, _PIECE)[1]


@cache
def _parts() -> NDArray[np.uint8]:
    """Returns what part of a sequence each character may be; the last one stands for all beyond, which are none."""
    found = np.zeros(max(map(ord, (*_LEADS, *_FOLLOWS))) + 2, dtype=np.uint8)
    for part, characters in ((_LEAD, _LEADS), (_FOLLOW, _FOLLOWS)):
        found[list(map(ord, characters))] |= part
    return found


def _may_be_damaged(text: str) -> bool:
    """Whether ``text`` holds as many sequences as prove damage, as far as two characters tell; most texts do not.

    Each letter restored was at least two characters, so where this says no, :func:`_restored` finds no code page.
    """
    points = code_points(text)
    at = np.flatnonzero(points > 0x7F)
    kinds = _parts().take(points[at], mode="clip")
    pairs = (np.diff(at) == 1) & ((kinds[:-1] & _LEAD) != 0) & ((kinds[1:] & _FOLLOW) != 0)
    return int(np.count_nonzero(pairs)) >= _ENOUGH


def _restored(text: str, lines: re.Pattern[str]) -> tuple[str, list[Edit], list[tuple[int, str]]]:
    """Returns the code page in which ``text`` is damaged, its repairs, and the lines that it does not explain."""
    others: list[tuple[int, str]] = []
    doubted: list[tuple[int, str]] = []
    for found in lines.finditer(text):
        line = found.group()
        if not line.isascii():
            (doubted if _MAYBE.match(line) else others).append((found.start(), line))
    whole: list[_Line] = []
    for (at, line), read in zip(doubted, _read([line for _, line in doubted]), strict=True):
        if read:
            whole.append(_Line(at, line, read))
        else:
            others.append((at, line))
    codec = _proven(whole, len(others))
    damaged = [line for line in whole if codec in line.read]
    others += [(line.at, line.text) for line in whole if codec not in line.read]
    if sum(len(_BEYOND.findall(line.text)) for line in damaged) > _MOST_LOCAL:
        return codec, [_narrowed(line.at, line.text, line.read[codec]) for line in damaged], others
    edits = [
        Edit(line.at + found.start(), line.at + found.end(), found.group().encode(codec).decode(), "mojibake")
        for line in damaged
        for found in _BEYOND.finditer(line.text)
    ]
    return codec, edits, others


@cache
def _held() -> NDArray[np.uint16]:
    """Returns which code pages hold each character, one bit for each of them; the last one stands for all beyond."""
    letters = {bytes([byte]).decode(codec) for codec in _CODECS for byte in range(0x80, 0x100)}
    found = np.zeros(0x10000, dtype=np.uint16)  # all are of the first plane, and its last one is no character
    found[:0x80] = (1 << len(_CODECS)) - 1
    found[0x1A] = 0
    for number, codec in enumerate(_CODECS):
        for letter in (*letters, "\x1a", "\ufffd"):  # for which the sloppy ones swap their bytes
            with suppress(UnicodeError):
                letter.encode(codec)
                found[ord(letter)] |= 1 << number
    return found


def _read(lines: list[str]) -> list[dict[str, str]]:
    """Returns what each of ``lines`` reads as in each code page in which it is UTF-8; all lines are read at once."""
    result: list[dict[str, str]] = [{} for _ in lines]
    if not lines:
        return result
    starts = np.cumsum([0, *map(len, lines[:-1])])
    bits = np.bitwise_and.reduceat(_held().take(code_points("".join(lines)), mode="clip"), starts)
    for number, codec in enumerate(_CODECS):
        held = np.flatnonzero(bits >> number & 1).tolist()
        if not held:
            continue
        stored = "\n".join([lines[index] for index in held]).encode(codec)
        try:
            read = stored.decode().split("\n")
        except UnicodeError:
            for index, line in zip(held, stored.split(b"\n"), strict=True):
                try:
                    result[index][codec] = line.decode()
                except UnicodeError:
                    continue
        else:
            for index, one in zip(held, read, strict=True):
                result[index][codec] = one
    return result


def _proven(lines: list[_Line], others: int) -> str:
    """Returns the code page in which the damage of ``lines`` is beyond doubt; nothing where there is none.

    One line may prove it; where it takes several, they are most of the lines of the text that could.
    """
    best, most = "", _ENOUGH - 1
    for codec in _CODECS:
        read = ["".join(_BEYOND.findall(line.read[codec])) for line in lines if codec in line.read]
        size = max(map(len, read), default=0)
        if 2 * len(read) >= len(lines) + others:
            size = sum(map(len, read))
        if size > most and _is_of_one_script("".join(read)):
            best, most = codec, size
    return best


def _is_of_one_script(restored: str) -> bool:
    counts = histogram(restored)
    if not counts:
        return _PUNCTUATION.fullmatch(restored) is not None
    eastern = sum(counts[script] for script in _EAST_ASIAN)
    return max(eastern, *counts.values()) >= _ONE_SCRIPT * counts.total()


def _is_believable(old: str, new: str) -> bool:
    """Whether ``new`` is what was written: no word becomes one of two scripts, and no quotation loses its end.

    ``HAFIÐ”`` would end in a Cyrillic letter, ``ALEMÃ‘`` in another one of its own.
    """
    edit = _narrowed(0, old, new)
    single = len(edit.replacement) == 1 and old[max(0, edit.start - 1) : edit.start].isupper()
    if single and _CLOSING.match(old, edit.start - 1):
        return False
    for found in _WORD.finditer(new):
        if found.start() >= edit.start + len(edit.replacement):
            break
        if found.end() > edit.start:
            scripts = {script for script in histogram(found.group()) if script not in _EAST_ASIAN}
            if len(scripts) > 1:
                return False
    return True


def _narrowed(at: int, old: str, new: str) -> Edit:
    shorter = min(len(old), len(new))
    head = tail = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(at + head, at + len(old) - tail, new[head : len(new) - tail], "mojibake")

"""The part of a text that is looked at: bounded, free of what no language owns.

Accuracy stops improving after some 640 characters (measured on NTREX-128), so a long text is sampled in three
places. Addresses, handles and control characters only mislead; the patterns are bounded, so that no input
makes them slow.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SAMPLE: Final = 640
"""Characters looked at, at most."""

_NOISE: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>]{1,2000}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}"
    r"|(?<!\w)[@#]\w{1,100}"
    r"|<[^<>\n]{1,200}>"
)
_NOISY: Final = ("http", "www.", "@", "#", "<")
"""Of which all that is noise holds one; most texts hold none, and are not searched for it."""
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
    "\ufdd0-\ufdef\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
    "|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff]"
)
_SPACE: Final = re.compile(r"\s+")


def sample(text: str, size: int = SAMPLE) -> str:
    """Returns at most about ``size`` characters of the text: its beginning, middle and end, cut at spaces."""
    if len(text) <= size:
        return tidy(text)
    third = size // 3
    middle = len(text) // 2 - third // 2
    pieces = (text[:third], text[middle : middle + third], text[-third:])
    return tidy(
        "\n".join(
            (_whole(pieces[0], False, True), _whole(pieces[1], True, True), _whole(pieces[2], True, False))
        )
    )


def tidy(text: str) -> str:
    """Removes what misleads a detector or makes one raise; the result is valid, NFC and single-spaced."""
    seen = _UNSEEN.sub("", text)
    quiet = _NOISE.sub(" ", seen) if any(sign in seen for sign in _NOISY) else seen
    return unicodedata.normalize("NFC", _SPACE.sub(" ", quiet)).strip()


def _whole(piece: str, cut_left: bool, cut_right: bool) -> str:
    """Drops the half words at the cut ends, where there are spaces near them."""
    if cut_left:
        space = piece.find(" ", 0, 30)
        piece = piece[space + 1 :]
    if cut_right:
        space = piece.rfind(" ", max(0, len(piece) - 30))
        if space > 0:
            piece = piece[:space]
    return piece

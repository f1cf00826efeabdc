"""The title over the text: the two are linked as one.

What the headline alone names is found, and a surname below it means who the headline names in full.
"""

from __future__ import annotations

from dataclasses import dataclass

_MAX_SPACE = 200
"""Characters by which a title may be longer in the text, where it has other spaces there."""


@dataclass(frozen=True, slots=True)
class Headed:
    """A text with its title above it."""

    whole: str
    """What is linked: title, line break, text."""
    body: int
    """Where the text begins in it; 0 without a title."""

    def in_title(self, position: int) -> bool:
        """Tells whether a position in the whole lies in the title."""
        return position < self.body

    def place(self, position: int) -> int:
        """Returns a position in the whole as one in the title or in the text, wherever it lies."""
        return position if position < self.body else position - self.body


def headed(title: str | None, text: str) -> Headed:
    """Puts the title above the text; not where there is none or the text opens with it, lest it count twice."""
    if not title or _plain(text[: len(title) + _MAX_SPACE]).startswith(_plain(title)):
        return Headed(text, 0)
    return Headed(f"{title}\n{text}", len(title) + 1)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

"""What a line's form says by itself, in any language: a label and a name, a trail of sections, a row of buttons.

The words that matter (``Photo``, ``Read also``, ``Share``) come from the phrase files; what makes them speak for a
line that holds other words is how it is built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.clean.residue.agencies import credits_in, services_in
from agents.clean.residue.lines import CLOSERS, LOWER, TERMINALS, UPPER, ends_sentence
from agents.clean.residue.phrasebook import WORD, Phrases, fold_words, is_unspaced
from schemas.article import RemovalReason

_COLONS = ":：፦៖"
_COLON = frozenset(_COLONS)
"""Signs between a label and what it names; Ethiopic and Khmer have their own."""
_LABEL = re.compile(rf"[^{_COLONS}\n]{{2,40}}?\s?[{_COLONS}](?=\s*\S)")
_DASHED = re.compile(r"[^-–—|>»:\n]{4,40}?\s?[-–—|>»]{1,2}\s(?=\S)")
"""What may be the label of a teaser without a colon: ``Read also - ...``."""
_LABELLED: dict[RemovalReason, int] = {
    "syndication_notice": 6,
    "photo_credit": 10,
    "related_teaser": 24,
    "author_bio": 6,
    "comment_form": 12,
    "copyright": 20,
    "company_boilerplate": 60,
}
"""Words that may follow a label: a name and an agency, a headline, a source."""
_FEW = 4
"""Words after a label up to which a full stop does not make a sentence of them."""
_LABEL_WORDS = (5, 20)
"""Words of a label at most; characters where words are not spaced."""
_TEASER_WORDS = (2, 4)
"""Words, or characters, of a label before a teaser at least."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_RIGHTS = re.compile(r"(?:©|\(c\)\s|copyright\b)", re.IGNORECASE)
_RIGHTS_WORDS = 30
_NAME_WORDS = 8
_SIGNATURE = 24
"""Characters of a name after a dash at most, where words are not spaced."""
_MOST_WORDS = 60
_LONGEST = 1_000
"""Characters of a line beyond which its form says nothing; bounds the time."""
_STEP = re.compile(r"\s[»›>→▸]\s")
_PLAYER = re.compile(r"0?0:00(?::00)?(?:\s*[/|]\s*\d{1,2}:\d\d(?::\d\d)?)?")
"""Where a recording that nobody has started stands: ``00:00``, ``0:00 / 4:12``."""
_POINTS = (">>", "＞＞", "»»", "👉")
"""Signs with which a line points to another article."""
_POINTED = 4
"""Words, or characters where words are not spaced, of such a line at least."""
_STEPPED = "»›>→▸"
_STEPS = 3
_STEP_WORDS = 5
_ROW = 10
"""Words of which a row of buttons is made at most."""
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()（）]+")
_HUMP = re.compile(f"[{LOWER}][{UPPER}]")
_BREAK = re.compile(r"[.!。！]\s*")
_BRACKETED = re.compile(r"[(（\[]([^()（）\[\]]{2,60})[)）\]]\.?$")
_CLOSING = frozenset(")]）")
_CREDITED = re.compile(
    r"(?:^|[\s.!?。।॥؟۔։»”\")\]|/])"
    r"(?P<label>[^\W\d_][\w\u0900-\u0963\u0966-\u0dff]*(?: [\w\u0900-\u0963\u0966-\u0dff]+)?)"
    rf"\s?[:：=]\s*(?P<name>(?:[^:：.!?。]|(?<![^\W\d_]{{4}})\.(?=\s?[{UPPER}])){{2,60}})$"
)
"""A credit at the end of a line: ``... at the old quay Photo: Ana Rusk``."""
_OWNED = re.compile(r"[©ⓒ]\s*(?P<name>[^©ⓒ.!?。]{2,60})$")
_SIGNED = re.compile(
    r"(?:^|[.!?…;,/|»”\")\]–—-]\s+)(?P<label>[^\W\d_]+(?: [^\W\d_]+)?)\.?\s"
    rf"(?P<name>(?:[{UPPER}][\w’'.-]*(?:\s|$)){{2,4}}|[{UPPER}](?=\w*[{UPPER}])\w*+)$"
)
"""A credit without a colon: ``The old quay. Photo by Ana Rusk``."""
_AFTER_STROKE = re.compile(rf"\s[/|]\s(?P<name>[{UPPER}][{UPPER}’'.-]+(?: [{UPPER}][{UPPER}’'.-]*){{1,3}})$")
"""The photographer's name in capitals: ``The old quay at dusk. / ANA RUSK``."""
_TAKEN = re.compile(r"(?:^|[\s。，、；：:;（(=＝/／])(?P<name>[\u3040-\u30ff\u4e00-\u9fff·]{2,10})\s?$")
"""The photographer's name before a word that says so, where words are not spaced."""
_CREDITED_WORDS = 6
_CAPTION = 8
"""Words from which a full sentence before a credit is the story's."""
_CAPTION_WORDS = 24
_SHOWN = 3
"""Words of what a photo shows at least, where nothing but a name follows it."""
_BUTTONS = frozenset(("navigation", "share_buttons"))
_QUOTED = frozenset('“”„«»"「『’‘')


def by_form(text: str, words: Sequence[str], phrases: Phrases) -> RemovalReason | None:
    """Returns the reason for which the form of a line speaks, whatever stands around it; None for most lines.

    ``words`` are those of ``text`` (from :func:`agents.clean.residue.phrasebook.fold_words`).
    """
    if not 0 < len(words) <= _MOST_WORDS or len(text) > _LONGEST:
        return None
    if text[0] in "©(cC" and len(words) <= _RIGHTS_WORDS and _RIGHTS.match(text):
        if _YEAR.search(text):
            return "copyright"
        if text[0] == "©" and len(words) <= _NAME_WORDS and not ends_sentence(text):
            return "photo_credit"
    if "://" in text or "www." in text:
        addresses = " ".join(_ADDRESS.findall(text)).casefold()
        if any("".join(name.split()).casefold() in addresses for name in services_in(text)):
            return "syndication_notice"
    if text.startswith(_POINTS) and not ends_sentence(text) and len(words) >= _POINTED:
        return "related_teaser"
    if _is_trail(text) or _PLAYER.fullmatch(text):
        return "navigation"
    if 2 <= len(words) <= _ROW and (row := _row(words, phrases)):
        return row
    return (
        _labelled(text, phrases)
        or _captioned(text, words, phrases)
        or ("photo_credit" if _is_caption(text, words, phrases) else None)
    )


def ends_credited(text: str, phrases: Phrases) -> int | None:
    """Returns where the credit begins that ends a line after other words; None where none does."""
    found = None
    if "©" in text or "ⓒ" in text:
        found = _OWNED.search(text)
        start = found.start() if found else 0
    elif ":" in text or "：" in text or "=" in text:
        found = _CREDITED.search(text)
        start = found.start("label") if found else 0
        if found and not _is_label(found["label"], phrases):
            return None
    if found is None:
        return _ends_signed(text, phrases)
    if start == 0 or len(found["name"].split()) > _CREDITED_WORDS:
        return None
    return start if any(map(str.isalpha, found["name"])) and not _YEAR.search(found["name"]) else None


def _ends_signed(text: str, phrases: Phrases) -> int | None:
    """Returns where a credit without a colon begins that ends a line; None where none does."""
    if text[-1] in TERMINALS:
        return None
    found = _SIGNED.search(text)
    if found and found.start("label") > 0 and _is_label(found["label"], phrases):
        return found.start("label")
    if found := _AFTER_STROKE.search(text):
        shown = text[: found.start()]
        return found.start() if len(shown.split()) >= _SHOWN and any(map(str.islower, shown)) else None
    for size in (1, 2):
        label = text[-size:]
        found = _TAKEN.search(text[:-size]) if "\u3400" <= label[0] <= "\u9fff" else None
        if found and _is_label(label, phrases):
            return found.start("name") or None
    return None


def _is_label(text: str, phrases: Phrases) -> bool:
    """Whether ``text`` is a label of photos and nothing else."""
    return "photo_credit" in _labels(fold_words(text), phrases)


def _labels(words: Sequence[str], phrases: Phrases) -> set[RemovalReason]:
    """Returns what ``words`` are a label of that is a whole line elsewhere."""
    return {hit.reason for hit in phrases.search(words) if hit.whole}


def unsigned(text: str) -> str:
    """Returns a line without the agency in brackets that signs its last sentence: ``... officials said. (AFP)``."""
    found = _BRACKETED.search(text) if not _CLOSING.isdisjoint(text[-2:]) else None
    if found is None or not credits_in("".join(found.group(1).split()[:1])):
        return text
    said = text[: found.start()].rstrip()
    return said if ends_sentence(said) else text


def _is_caption(text: str, words: Sequence[str], phrases: Phrases) -> bool:
    """Whether a line is what a photo shows and whose it is: ``The old quay at dusk © Ana Rusk``."""
    if len(words) > _CAPTION_WORDS:
        return False
    credit = ends_credited(text, phrases)
    if credit is None:
        return False
    if any(hit.reason == "copyright" for hit in phrases.search(words)):
        return False
    shown = text[:credit].rstrip()
    return not ends_sentence(shown) or len(shown.split()) < _CAPTION


def _captioned(text: str, words: Sequence[str], phrases: Phrases) -> RemovalReason | None:
    """Returns the reason for a line that ends in a credit in brackets: ``The old quay (Photo: Ana Rusk)``."""
    bracketed = len(words) <= _CAPTION_WORDS and not _CLOSING.isdisjoint(text[-2:])
    found = _BRACKETED.search(text) if bracketed else None
    if found is None:
        return None
    inner = found.group(1)
    if unsigned(text) != text:
        return None
    hits = phrases.search(fold_words(inner))
    if any(hit.reason == "photo_credit" and hit.at_start for hit in hits) or (
        credits_in(inner) and _names_a_photo(inner, phrases)
    ):
        return "photo_credit"
    taken = _ends_signed(f"({inner}", phrases) if len(words) > len(inner) else None
    return "photo_credit" if taken or _labelled(inner, phrases) == "photo_credit" else None


def _names_a_photo(text: str, phrases: Phrases) -> bool:
    """Whether the first word is a label of photos."""
    return _is_label(text.split(maxsplit=1)[0], phrases)


def _is_trail(text: str) -> bool:
    """Whether a line leads from the front page to the article: ``Home » News » Region``."""
    if not any(step in text for step in _STEPPED):
        return False
    pieces = _STEP.split(text)
    return (
        len(pieces) >= _STEPS
        and "«" not in text
        and all(len(piece.split()) <= _STEP_WORDS and any(map(str.isalpha, piece)) for piece in pieces)
    )


def _row(words: Sequence[str], phrases: Phrases) -> RemovalReason | None:
    """Returns the reason for a line of which each word is a button: ``Share Tweet Print``."""
    found: set[RemovalReason] = set()
    for word in words:
        reasons = {hit.reason for hit in phrases.search([word]) if hit.reason in _BUTTONS}
        if not reasons:
            return None
        found |= reasons
    return "share_buttons" if "share_buttons" in found else "navigation"


def _labelled(text: str, phrases: Phrases) -> RemovalReason | None:
    """Returns the reason for a line that begins with a label, which is a whole line elsewhere, and a colon."""
    label = _LABEL.match(text) if not _COLON.isdisjoint(text) else None
    if label is None:
        return _dashed(text, phrases)
    words = fold_words(label.group().rstrip(f" {_COLONS}"))
    unspaced = is_unspaced(words)
    if not 0 < len(words) <= _LABEL_WORDS[unspaced]:
        return None
    rest = text[label.end() :].strip()
    following = len(WORD.findall(rest)) // 2 if unspaced else len(rest.split())
    if not any(map(str.isalnum, rest)):
        return None
    reasons = _labels(words, phrases)
    for reason, most in _LABELLED.items():
        if reason not in reasons or following > most:
            continue
        if reason == "related_teaser":
            # "Video: ..." may be the headline, "READ: ..." is none
            if len(words) >= _TEASER_WORDS[unspaced] or (reasons == {reason} and label.group().isupper()):
                return reason
        elif reason == "company_boilerplate":
            return reason
        elif ends_sentence(rest) and (following > _FEW or _HUMP.search(rest)):
            continue
        elif reason != "syndication_notice" or "photo_credit" not in reasons or credits_in(rest):
            return reason
    return None


def _dashed(text: str, phrases: Phrases) -> RemovalReason | None:
    """Returns the reason for a line that begins with a label of teasers, or of photos, and a dash."""
    label = _DASHED.match(text)
    if label is None:
        return None
    words = fold_words(label.group())
    unspaced = is_unspaced(words)
    if not _TEASER_WORDS[unspaced] <= len(words) <= _LABEL_WORDS[unspaced]:
        return None
    reasons = _labels(words, phrases)
    if unspaced and reasons == {"photo_credit"} and len(text) - label.end() <= _SIGNATURE:
        return "photo_credit"
    return "related_teaser" if reasons == {"related_teaser"} else None


def is_self_portrait(text: str) -> bool:
    """Whether a line says in fragments who somebody is: ``“Gamer. Coffee lover. Future idol.”``."""
    if len(text) > _LONGEST:
        return False
    bare = text.strip(CLOSERS + " “”„«»‘")
    pieces = [len(WORD.findall(piece)) for piece in _BREAK.split(bare) if piece.strip()]
    if len(pieces) < 4 or max(pieces) > 5:
        return False
    mean = sum(pieces) / len(pieces)
    return mean <= 3.2 if text[0] in _QUOTED and text[-1] in _QUOTED else mean <= 2.3

"""Text from bytes of unknown encoding: byte order mark, UTF-8, then detection.

UTF-8 comes before what a page declares: bytes that are valid UTF-8 and not ASCII are UTF-8 with near
certainty, while a wrong ``<meta charset>`` is common. Detection is resiliparse's uchardet; for HTML it reads
the declaration first, and where the bytes contradict that, they decide alone. Labels are understood as the
WHATWG Encoding standard does (ISO-8859-1: Windows-1252).
"""

from __future__ import annotations

import codecs

from resiliparse.parse.encoding import detect_encoding

from schemas.errors import BadInput, RejectReason

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = frozenset(chr(code) for code in range(32)) - frozenset("\t\n\v\f\r")
_MAX_CONTROLS = 0.005
"""Share of control characters above which a guess is no text: text has none, a JPEG about a tenth."""

_MAX_VALID_UTF8 = 0.5
"""Share of the bytes above 127 that stand in valid UTF-8, above which a page is damaged UTF-8 and nothing else.
Measured on news sentences: 0 in Cyrillic and Latin code pages, .30 in Shift JIS, .45 in GB 18030; 1 with a bad byte.
"""


def decode(data: bytes, *, html: bool = False) -> str:
    """Returns the text of ``data`` without a byte order mark.

    Raises:
        BadInput: ``bad_encoding``: the bytes are no text in any encoding that could be told.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise _undecodable(data, error, encoding) from None
    broken: UnicodeDecodeError | None = None
    try:
        text = data.decode("utf-8")
        if not _seven_bit(data):
            return text
    except UnicodeDecodeError as error:
        broken = error
    guess = detect_encoding(data, from_html_meta=html) or "utf-8"
    try:
        text = data.decode(guess)
    except UnicodeDecodeError as error:
        undeclared = _undeclared(data) if html else None
        if undeclared is None:
            raise _undecodable(data, broken or error, guess) from None
        text = undeclared
    except LookupError:
        detail = f"Expected an encoding Python knows, detected {guess}."
        raise BadInput(RejectReason.BAD_ENCODING, detail) from None
    if broken is not None and _is_binary(text):
        raise BadInput(
            RejectReason.BAD_ENCODING,
            f"Expected text, got binary data (neither UTF-8 nor readable as {guess}).",
        )
    return text


def _undeclared(data: bytes) -> str | None:
    """Returns the text of a page in an old encoding that says it is UTF-8; None where it is damaged UTF-8 indeed."""
    high = sum(byte > 127 for byte in data)
    valid = sum(byte > 127 for byte in data.decode("utf-8", "ignore").encode())
    guess = detect_encoding(data, from_html_meta=False)
    if guess is None or valid > _MAX_VALID_UTF8 * high:
        return None
    try:
        return data.decode(guess)
    except (UnicodeDecodeError, LookupError):
        return None


def _seven_bit(data: bytes) -> bool:
    """Says whether ``data`` switches character sets by escapes (ISO-2022-JP, -KR): valid UTF-8, yet not."""
    return any(escape in data for escape in (b"\x1b$", b"\x1b("))


def _is_binary(text: str) -> bool:
    sample = text[:65536]
    return "\0" in sample or sum(character in _CONTROLS for character in sample) > _MAX_CONTROLS * len(sample)


def _undecodable(data: bytes, error: UnicodeDecodeError, tried: str) -> BadInput:
    also = "" if codecs.lookup(tried).name == codecs.lookup(error.encoding).name else f" (also tried {tried})"
    offset = min(error.start, len(data) - 1)
    return BadInput(
        RejectReason.BAD_ENCODING,
        f"Expected {error.encoding.upper()} text, found byte 0x{data[offset]:02x} at offset {offset}{also}.",
    )

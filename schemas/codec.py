"""JSON on the wire: strict on the way in, canonical on the way out.

orjson parses and prints; msgspec checks the parsed value against the types of :mod:`schemas.article`, so an
error names the JSON path (``$.published_at``), what was expected and what came. Unknown fields are ignored:
a reader of version 1 must be able to read what a later version 1 writer adds.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import orjson

from schemas.errors import BadInput, RejectReason

T = TypeVar("T")


def encode(event: object) -> bytes:
    """Returns ``event`` (a dataclass of this package) as UTF-8 JSON; equal events give equal bytes."""
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)


def decode(data: bytes, kind: type[T]) -> T:
    """Parses ``data`` into a ``kind``.

    Raises:
        BadInput: ``bad_encoding`` when the bytes are not UTF-8, ``malformed_json`` when they are not JSON
            (lone surrogates, NaN and nesting beyond 1,024 levels included), ``invalid_field`` with the JSON
            path when a field is missing or wrong.
    """
    return convert(parse(data), kind)


def parse(data: bytes) -> Any:
    """Parses ``data`` as JSON; raises :class:`BadInput` as :func:`decode` does."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as cause:
            raise BadInput(
                RejectReason.BAD_ENCODING,
                f"Expected UTF-8, found byte 0x{data[cause.start]:02x} at offset {cause.start}.",
            ) from None
        raise BadInput(
            RejectReason.MALFORMED_JSON, f"Expected JSON: {error.msg} at character {error.pos}."
        ) from None
    except RecursionError:  # pragma: no cover - orjson limits depth itself; kept as a second fence
        raise BadInput(RejectReason.MALFORMED_JSON, "Expected JSON nested less deeply.") from None


def convert(value: Any, kind: type[T]) -> T:
    """Checks a parsed JSON value against ``kind``; raises :class:`BadInput` (``invalid_field``)."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadInput(RejectReason.INVALID_FIELD, f"{error}.") from None

"""Values that the tests of this folder share: examples, broken near copies of them, and a validator."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from schemas.documents import Schema

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
formats = FormatChecker(())


@formats.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    """RFC 3339, section 5.6; jsonschema itself checks this format only with one more package."""
    if not isinstance(value, str):
        return True
    if not _RFC3339.fullmatch(value):
        return False
    datetime.fromisoformat(re.sub(r"\.\d+", "", value).upper().replace("Z", "+00:00"))
    return True


def _pattern(validator: Any, pattern: str, value: object, schema: Schema) -> Iterator[ValidationError]:
    """Matches as ECMA-262 does: ``$`` is the very end, not also the place before a last newline."""
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


Validator = validators.extend(Draft202012Validator, {"pattern": _pattern})


def validator(schema: Schema) -> Any:
    """Returns a validator of ``schema`` that checks formats too."""
    Validator.check_schema(schema)
    return Validator(schema, format_checker=formats)


STRANGE: list[Any] = [
    *(None, True, False, 0, 1, -1, 0.5, 1.5, -0.25, 2**31, 2**63, 1.5e-300),
    *(
        "",
        " ",
        "x",
        "a\n",
        "\n",
        "a b",
        "\x00",
        "x" * 300,
        "x" * 5000,
        "text/html",
        "text/pdf",
        "PER",
        "per",
        "none",
    ),
    *("2026-11-21T18:30:00Z", "2026-11-21T18:30:00+02:00", "2026-11-21", "2026-02-30T00:00:00Z", "yesterday"),
    *([], {}, [1], ["a"], [["a"]], [{}], {"a": 1}, {"a": "b"}, {"": ""}, {"k" * 101: "v"}, {"k": "v" * 4097}),
    {str(number): "v" for number in range(65)},
]
"""Values that some field takes and most do not. No ``1.0`` is among them (see ``test_codec``)."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yields the path of every value inside ``value``, itself last."""
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*path, name))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))
    yield path


@st.composite
def near(draw: st.DrawFn, example: Any) -> Any:
    """A copy of ``example`` with up to three values replaced, taken out or added."""
    value = copy.deepcopy(example)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from([place for place in places(value) if place] or [()]))
        if not path:
            return draw(st.sampled_from(STRANGE))
        parent = value
        for step in path[:-1]:
            parent = parent[step]
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        strange = copy.deepcopy(draw(st.sampled_from(STRANGE)))
        if what == "replace":
            parent[path[-1]] = strange
        elif what == "remove":
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(["unknown", "Content", "x"]))] = strange
        else:
            parent.append(strange)
    return value

"""Which changes of an event's schema its readers and writers survive.

Two promises, both about the last released version:

* **Events babelwire writes.** A reader of the old schema reads new events, and a reader of the new schema
  reads old events that are still on the topic (replay, a rolling upgrade). So a field stays as it is: its
  type, its limits, its presence. New fields may come, unless required; an ``x-extensible-enum`` may grow.
* **Articles others write** (``RawArticle``). What an old writer sends is taken and means the same. So limits
  may be widened, never narrowed, and a field that was taken stays.

The check compares the two schemas field by field. It knows the keywords that :mod:`schemas.documents` writes
and reports any other: what it cannot judge it does not let pass. docs/decisions/0003 says why it is our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.documents import Schema


class Break(StrEnum):
    """What kind of change it is."""

    EVENT_REMOVED = "event_removed"
    FIELD_REMOVED = "field_removed"
    FIELD_REQUIRED = "field_required"
    FIELD_OPTIONAL = "field_optional"
    TYPE_WIDENED = "type_widened"
    TYPE_NARROWED = "type_narrowed"
    VALUE_ADDED = "value_added"
    VALUE_REMOVED = "value_removed"
    LIMIT_WIDENED = "limit_widened"
    LIMIT_NARROWED = "limit_narrowed"
    DEFAULT_CHANGED = "default_changed"
    UNIT_CHANGED = "unit_changed"
    NOT_JUDGED = "not_judged"


WIDENING = frozenset({Break.FIELD_OPTIONAL, Break.TYPE_WIDENED, Break.VALUE_ADDED, Break.LIMIT_WIDENED})
"""Changes after which more is valid than before: they break old readers, and no writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One change that breaks somebody."""

    event: str
    path: str
    """JSON path of the field: ``$.mentions[*].type``."""
    kind: Break
    detail: str
    """What it was, what it is."""

    def __str__(self) -> str:
        """Returns one line for people."""
        return f"{self.event} {self.path}: {self.kind}: {self.detail}"


def compare_all(
    old: Mapping[str, Schema], new: Mapping[str, Schema], *, from_outside: frozenset[str]
) -> list[Finding]:
    """Compares all events of two versions, by event type; ``from_outside`` names those that others write."""
    findings: list[Finding] = []
    for event, schema in sorted(old.items()):
        if event in new:
            findings += compare(event, schema, new[event], from_outside=event in from_outside)
        else:
            findings.append(
                Finding(
                    event=event, path="$", kind=Break.EVENT_REMOVED, detail="its readers get nothing more"
                )
            )
    return findings


def compare(event: str, old: Schema, new: Schema, *, from_outside: bool = False) -> list[Finding]:
    """Returns what the change from ``old`` to ``new`` breaks; nothing when all readers and writers survive.

    ``from_outside``: the event is written by others and read by us.
    """
    found = _Comparison(event, old, new).walk("$", old, new)
    return [finding for finding in found if not (from_outside and finding.kind in WIDENING)]


_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples"})
_MOST = ("maximum", "maxLength", "maxItems", "maxProperties")
_LEAST = ("minimum", "minLength", "minItems", "minProperties")
_KNOWN = _ANNOTATIONS.union(
    _MOST,
    _LEAST,
    ("$ref", "anyOf", "type", "enum", "x-extensible-enum", "x-unit", "pattern", "format", "default"),
    ("properties", "required", "items", "additionalProperties", "propertyNames"),
)


class _Comparison:
    """Walks two schemas side by side."""

    def __init__(self, event: str, old: Schema, new: Schema) -> None:
        self._event = event
        self._old = old
        self._new = new
        self._entered: set[tuple[str | None, str | None]] = set()

    def walk(self, path: str, old: Schema, new: Schema) -> Iterator[Finding]:
        """Yields every change between ``old`` and ``new`` that some reader or writer does not survive."""
        names = (old.get("$ref"), new.get("$ref"))
        if names != (None, None):
            if names in self._entered:  # a type that holds itself
                return
            self._entered.add(names)
        old, old_null = _open_up(self._old, old)
        new, new_null = _open_up(self._new, new)
        for word in sorted((old.keys() | new.keys()) - _KNOWN):
            yield self._finding(path, Break.NOT_JUDGED, f"this check does not know {word!r}")
        if "anyOf" in old or "anyOf" in new:
            if old.get("anyOf") != new.get("anyOf"):
                yield self._finding(path, Break.NOT_JUDGED, "alternatives have changed")
            return
        yield from self._types(path, _types(old, null=old_null), _types(new, null=new_null))
        yield from self._values(path, old, new)
        yield from self._limits(path, old, new)
        yield from self._meaning(path, old, new)
        yield from self._fields(path, old, new)
        yield from self._parts(path, old, new)
        self._entered.discard(names)

    def _types(self, path: str, old: frozenset[str], new: frozenset[str]) -> Iterator[Finding]:
        detail = f"was {_listed(old)}, is {_listed(new)}"
        if not _takes(old, new):
            yield self._finding(path, Break.TYPE_WIDENED, detail)
        if not _takes(new, old):
            yield self._finding(path, Break.TYPE_NARROWED, detail)

    def _values(self, path: str, old: Schema, new: Schema) -> Iterator[Finding]:
        if "enum" not in old and "enum" not in new:
            return
        if "enum" not in new:
            yield self._finding(path, Break.VALUE_ADDED, f"was one of {_listed(old['enum'])}, is anything")
        elif "enum" not in old:
            yield self._finding(path, Break.VALUE_REMOVED, f"was anything, is one of {_listed(new['enum'])}")
        else:
            added, removed = set(new["enum"]) - set(old["enum"]), set(old["enum"]) - set(new["enum"])
            if added:
                yield self._finding(path, Break.VALUE_ADDED, f"{_listed(added)} added to a closed list")
            if removed:
                yield self._finding(path, Break.VALUE_REMOVED, f"{_listed(removed)} removed")

    def _limits(self, path: str, old: Schema, new: Schema) -> Iterator[Finding]:
        for word in (*_MOST, *_LEAST):
            was, now = old.get(word), new.get(word)
            if was == now:
                continue
            wider = now is None or (was is not None and (now > was) == (word in _MOST))
            kind = Break.LIMIT_WIDENED if wider else Break.LIMIT_NARROWED
            yield self._finding(path, kind, f"{word} was {_said(was)}, is {_said(now)}")
        for word in ("pattern", "format"):
            was, now = old.get(word), new.get(word)
            if was == now:
                continue
            detail = f"{word} was {_said(was)}, is {_said(now)}"
            if was is not None:
                yield self._finding(path, Break.LIMIT_WIDENED, detail)
            if now is not None:
                yield self._finding(path, Break.LIMIT_NARROWED, detail)

    def _meaning(self, path: str, old: Schema, new: Schema) -> Iterator[Finding]:
        if "default" in old and "default" in new and old["default"] != new["default"]:
            detail = f"an absent field meant {old['default']!r}, means {new['default']!r}"
            yield self._finding(path, Break.DEFAULT_CHANGED, detail)
        if old.get("x-unit") != new.get("x-unit"):
            detail = f"was {_said(old.get('x-unit'))}, is {_said(new.get('x-unit'))}"
            yield self._finding(path, Break.UNIT_CHANGED, detail)

    def _fields(self, path: str, old: Schema, new: Schema) -> Iterator[Finding]:
        fields, now = old.get("properties", {}), new.get("properties", {})
        required, required_now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(fields.keys() - now.keys()):
            yield self._finding(f"{path}.{name}", Break.FIELD_REMOVED, "it was there, it is not")
        for name in sorted(required_now - required):
            was = "was optional" if name in fields else "is new"
            yield self._finding(
                f"{path}.{name}", Break.FIELD_REQUIRED, f"{was}, is required: old events lack it"
            )
        for name in sorted((required - required_now) & now.keys()):
            yield self._finding(f"{path}.{name}", Break.FIELD_OPTIONAL, "was always there, may be absent")
        for name in sorted(fields.keys() & now.keys()):
            yield from self.walk(f"{path}.{name}", fields[name], now[name])

    def _parts(self, path: str, old: Schema, new: Schema) -> Iterator[Finding]:
        for word, step in (("items", "[*]"), ("additionalProperties", ".*"), ("propertyNames", ".~")):
            was, now = old.get(word, {}), new.get(word, {})
            if was is now or was == now == {}:
                continue
            if isinstance(was, bool) or isinstance(now, bool):
                if was != now:
                    yield self._finding(path, Break.NOT_JUDGED, f"{word} was {was!r}, is {now!r}")
                continue
            yield from self.walk(path + step, was, now)

    def _finding(self, path: str, kind: Break, detail: str) -> Finding:
        return Finding(event=self._event, path=path, kind=kind, detail=detail)


def _open_up(root: Schema, schema: Schema) -> tuple[Schema, bool]:
    """Follows references and takes ``null`` out of the alternatives; says whether it was among them."""
    null = False
    while True:
        branches = schema.get("anyOf")
        if "$ref" in schema:
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            schema = {**root["$defs"][schema["$ref"].rsplit("/", 1)[1]], **beside}
        elif branches is not None and {"type": "null"} in branches and len(branches) == 2:
            null = True
            beside = {name: value for name, value in schema.items() if name != "anyOf"}
            (other,) = (branch for branch in branches if branch != {"type": "null"})
            schema = {**other, **beside}
        else:
            return schema, null


def _types(schema: Schema, *, null: bool) -> frozenset[str]:
    """Returns the JSON types a schema takes; the empty set is all of them."""
    kinds = schema.get("type", ())
    found = frozenset([kinds] if isinstance(kinds, str) else kinds)
    return found | {"null"} if null and found else found


def _takes(reader: frozenset[str], writer: frozenset[str]) -> bool:
    """Says whether a reader of these types takes all that a writer of those may write."""
    if not reader:
        return True
    if not writer:
        return False
    return all(kind in reader or (kind == "integer" and "number" in reader) for kind in writer)


def _listed(values: Any) -> str:
    return " or ".join(sorted(map(str, values))) or "anything"


def _said(value: object) -> str:
    return "nothing" if value is None else repr(value)

"""JSON Schemas (draft 2020-12) of the events, made of the Python types that read and write them.

One schema for each event type, whole in itself: a consumer copies one file. ``babelwire schemas write`` puts
them into ``schemas/json/``; ``babelwire schemas check`` fails when the types have moved on without it. The
order is that of the fields, which is that of the bytes on the wire; nothing depends on Python's version.

Two words of our own: ``x-unit`` says what a number counts, ``x-extensible-enum`` lists the values known today
of a field that may get more. :mod:`schemas.compatibility` says which changes readers survive.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, get_args, get_type_hints

import msgspec

from schemas.article import RawArticle
from schemas.cloudevents import event_type, schema_uri
from schemas.topics import Topic

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ORDER = (
    *("$schema", "$id", "$ref", "title", "description", "type", "x-unit", "enum", "x-extensible-enum"),
    *("anyOf", "allOf", "items", "additionalProperties", "propertyNames", "minimum", "maximum"),
    *(
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "pattern",
        "format",
    ),
    *("properties", "required", "default", "examples", "$defs"),
)
"""Keywords in the order they are written; one that is missing here stops the writing."""
_SCALARS = frozenset({"string", "integer", "number", "boolean"})


def event_schemas(topics: Iterable[Topic]) -> dict[str, Schema]:
    """Returns the schema of each event type; a topic of plain bytes has none."""
    return {event_type(topic.name): event_schema(topic) for topic in topics if topic.value is not bytes}


def event_schema(topic: Topic) -> Schema:
    """Returns the schema of the events of one topic."""
    found = definitions([topic.value], "#/$defs/{name}")
    event = event_type(topic.name)
    root = found.pop(topic.value.__name__)
    whole = {
        "$schema": DIALECT,
        "$id": schema_uri(event),
        **root,
        "examples": [example(topic.value)],
    }
    if found:
        whole["$defs"] = dict(sorted(found.items()))
    return _ordered(whole)


def definitions(kinds: Iterable[type], ref: str) -> dict[str, Schema]:
    """Returns the schemas of ``kinds`` and of all they hold by class name; ``ref`` is a reference's form."""
    wanted = list(kinds)
    _, found = msgspec.json.schema_components(wanted, ref_template=ref)
    return {kind.__name__: _class_schema(kind, found[kind.__name__]) for kind in _held(wanted)}


def example(kind: type) -> Any:
    """Returns an example of ``kind`` made of the first example of each field."""
    found = definitions([kind], "{name}")
    return _example(found[kind.__name__], found)


def from_outside(topic: Topic) -> bool:
    """Says whether others write the events of ``topic`` and babelwire reads them, not the other way round."""
    return topic.value is RawArticle


def render(schema: Mapping[str, Any]) -> str:
    """Returns the text of a schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def field_tables(schema: Schema) -> str:
    """Returns the fields of an event as Markdown: a table for the event, and one for each class it holds."""
    parts = []
    for name, kind in {schema["title"]: schema, **schema.get("$defs", {})}.items():
        rows = [
            f"| `{field}` | {_type_in_words(described)} | {_meaning(described)} |"
            for field, described in kind["properties"].items()
        ]
        head = [f"**{name}**: {kind['description']}", "", "| field | type | meaning |", "|---|---|---|"]
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def _type_in_words(field: Schema) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[1]
    if field["type"] == "array":
        return f"list of {_type_in_words(field['items'])}"
    if field["type"] == "object":
        return f"map of {_type_in_words(field['additionalProperties'])}"
    kinds = [field["type"]] if isinstance(field["type"], str) else field["type"]
    words = " or ".join("time" if kind == "string" and "format" in field else kind for kind in kinds)
    return f"{words}, {field['x-unit']}" if "x-unit" in field else words


def _meaning(field: Schema) -> str:
    """Returns the sentence of a field with its values."""
    text = str(field["description"])
    for word, lead in (("enum", "One of"), ("x-extensible-enum", "Today one of")):
        if word in field:
            text += f" {lead} {', '.join(f'`{value}`' for value in field[word])}."
    return text.replace("|", "\\|")


def _held(kinds: Iterable[type]) -> Iterator[type]:
    """Yields ``kinds`` and the dataclasses their fields hold, each once."""
    seen: set[type] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop(0)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            if kind not in seen:
                seen.add(kind)
                yield kind
                waiting.extend(get_type_hints(kind).values())
        else:
            waiting.extend(item for item in get_args(kind) if item is not Ellipsis)


def _class_schema(kind: type, schema: Schema) -> Schema:
    properties: Schema = {}
    for item in dataclasses.fields(kind):
        tidy = _tidy(schema["properties"][item.name])
        if item.default_factory is not dataclasses.MISSING:
            tidy["default"] = item.default_factory()
        if isinstance(tidy.get("default"), tuple):
            tidy["default"] = list(tidy["default"])
        properties[item.name] = _ordered(tidy)
    return _ordered(
        {
            **schema,
            "description": inspect.cleandoc(kind.__doc__ or ""),
            "properties": properties,
            "required": [name for name in properties if name in schema["required"]],
        }
    )


def _tidy(schema: Schema) -> Schema:
    """Brings msgspec's form of a field's schema into ours: one level, with a type at every leaf."""
    tidy = dict(schema)
    branches = tidy.get("anyOf", [])
    if len(branches) == 2 and branches[1] == {"type": "null"} and branches[0].get("type") in _SCALARS:
        del tidy["anyOf"]
        tidy = {**tidy, **branches[0], "type": [branches[0]["type"], "null"]}
    if "enum" in tidy:
        tidy["type"] = "string"
    if "pattern" in tidy:
        # Python's `$` also matches before a last newline; that of JSON Schema (ECMA-262) does not.
        tidy["pattern"] = tidy["pattern"].replace(r"\Z", "$")
    for name in ("items", "additionalProperties", "propertyNames"):
        if isinstance(tidy.get(name), dict):
            tidy[name] = _ordered(_tidy(tidy[name]))
    return tidy


def _example(schema: Schema, found: Mapping[str, Schema]) -> Any:
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return _example(found[schema["$ref"]], found)
    if schema["type"] == "array":
        return [_example(schema["items"], found)]
    return {name: _example(item, found) for name, item in schema["properties"].items()}


def _ordered(schema: Schema) -> Schema:
    return dict(sorted(schema.items(), key=lambda item: _ORDER.index(item[0])))

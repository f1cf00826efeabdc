"""Every change that breaks a reader or a writer is found, and only those."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.compatibility import Break, compare, compare_all
from schemas.documents import Schema, event_schema
from schemas.topics import ENRICHED, RAW
from tests.schemas.samples import near, validator

EVENT = event_schema(ENRICHED)
INPUT = event_schema(RAW)

Change = Callable[[Schema], object]


def changed(schema: Schema, change: Change) -> Schema:
    new = copy.deepcopy(schema)
    change(new)
    return new


def found(change: Change) -> list[tuple[str, str]]:
    """Path and kind of each finding about an event that babelwire writes."""
    return [(one.path, one.kind.value) for one in compare("e", EVENT, changed(EVENT, change))]


def found_in_input(change: Change) -> list[tuple[str, str]]:
    """Path and kind of each finding about articles that others write."""
    return [
        (one.path, one.kind.value) for one in compare("e", INPUT, changed(INPUT, change), from_outside=True)
    ]


def fields(schema: Schema, kind: str | None = None) -> dict[str, Any]:
    holder = schema if kind is None else schema["$defs"][kind]
    properties: dict[str, Any] = holder["properties"]
    return properties


EVENT_BREAKS: list[tuple[str, Change, list[tuple[str, str]]]] = [
    ("a field is gone", lambda s: fields(s).pop("credits"), [("$.credits", "field_removed")]),
    (
        "a required field is gone",
        lambda s: (fields(s).pop("text"), s["required"].remove("text")),
        [("$.text", "field_removed")],
    ),
    ("a field may be absent", lambda s: s["required"].remove("text"), [("$.text", "field_optional")]),
    ("a field must be there", lambda s: s["required"].append("credits"), [("$.credits", "field_required")]),
    (
        "a new field must be there",
        lambda s: (fields(s).update(x={"type": "string"}), s["required"].append("x")),
        [("$.x", "field_required")],
    ),
    (
        "a type is another",
        lambda s: fields(s)["text"].update(type="array"),
        [("$.text", "type_widened"), ("$.text", "type_narrowed")],
    ),
    (
        "a field may be null",
        lambda s: fields(s)["text"].update(type=["string", "null"]),
        [("$.text", "type_widened")],
    ),
    (
        "a field may not be null",
        lambda s: fields(s)["url"].update(type="string"),
        [("$.url", "type_narrowed")],
    ),
    (
        "whole numbers become any",
        lambda s: fields(s, "Mention")["start"].update(type="number"),
        [("$.mentions[*].start", "type_widened")],
    ),
    (
        "any numbers become whole",
        lambda s: fields(s, "Entity")["salience"].update(type="integer"),
        [("$.entities[*].salience", "type_narrowed")],
    ),
    ("a type is lifted", lambda s: fields(s)["text"].pop("type"), [("$.text", "type_widened")]),
    (
        "a value is new",
        lambda s: fields(s, "Mention")["type"]["enum"].append("EVENT"),
        [("$.mentions[*].type", "value_added")],
    ),
    (
        "a value is gone",
        lambda s: fields(s, "Entity")["type"]["enum"].remove("NORP"),
        [("$.entities[*].type", "value_removed")],
    ),
    (
        "a closed list is lifted",
        lambda s: fields(s, "Entity")["type"].pop("enum"),
        [("$.entities[*].type", "value_added")],
    ),
    (
        "an open list is closed",
        lambda s: fields(s, "Removed")["reason"].update(
            enum=fields(s, "Removed")["reason"].pop("x-extensible-enum")
        ),
        [("$.removed[*].reason", "value_removed")],
    ),
    ("a limit is wider", lambda s: fields(s)["id"].update(maxLength=300), [("$.id", "limit_widened")]),
    ("a limit is narrower", lambda s: fields(s)["id"].update(maxLength=100), [("$.id", "limit_narrowed")]),
    ("a limit is lifted", lambda s: fields(s)["id"].pop("maxLength"), [("$.id", "limit_widened")]),
    ("a limit is new", lambda s: fields(s)["text"].update(minLength=1), [("$.text", "limit_narrowed")]),
    (
        "numbers may be lower",
        lambda s: fields(s, "Language")["confidence"].update(minimum=-1),
        [("$.language.confidence", "limit_widened")],
    ),
    (
        "numbers may not be as low",
        lambda s: fields(s, "Language")["confidence"].update(minimum=0.1),
        [("$.language.confidence", "limit_narrowed")],
    ),
    (
        "a pattern is another",
        lambda s: fields(s)["id"].update(pattern="^[a-z]+$"),
        [("$.id", "limit_widened"), ("$.id", "limit_narrowed")],
    ),
    (
        "a format is lifted",
        lambda s: fields(s)["received_at"].pop("format"),
        [("$.received_at", "limit_widened")],
    ),
    (
        "absence means something else",
        lambda s: fields(s, "Entity")["provisional"].update(default=True),
        [("$.entities[*].provisional", "default_changed")],
    ),
    (
        "a unit is another",
        lambda s: fields(s, "Entity")["first"].update({"x-unit": "bytes"}),
        [("$.entities[*].first", "unit_changed")],
    ),
    (
        "what a list holds is another",
        lambda s: fields(s)["authors"]["items"].update(type=["string", "null"]),
        [("$.authors[*]", "type_widened")],
    ),
    (
        "what a map holds is another",
        lambda s: fields(s, "Provenance")["stages"]["additionalProperties"].update(type="integer"),
        [("$.provenance.stages.*", "type_widened"), ("$.provenance.stages.*", "type_narrowed")],
    ),
    (
        "a keyword is unknown",
        lambda s: fields(s)["text"].update({"not": {"const": ""}}),
        [("$.text", "not_judged")],
    ),
    (
        "alternatives are others",
        lambda s: fields(s)["text"].update(anyOf=[{"type": "string"}, {"type": "integer"}]),
        [("$.text", "not_judged")],
    ),
]


@pytest.mark.parametrize(
    ("change", "expected"), [row[1:] for row in EVENT_BREAKS], ids=[row[0] for row in EVENT_BREAKS]
)
def test_a_change_that_breaks_readers_is_found(change: Change, expected: list[tuple[str, str]]) -> None:
    assert found(change) == expected


def test_a_field_that_holds_another_class_is_compared_by_what_that_holds() -> None:
    findings = found(lambda s: fields(s)["language"].update({"$ref": "#/$defs/Fingerprint"}))
    assert ("$.language.sha256", "field_required") in findings
    assert ("$.language.tag", "field_removed") in findings


EVENT_CHANGES: list[tuple[str, Change]] = [
    ("nothing", lambda s: None),
    ("a field is new", lambda s: fields(s).update(x={"type": "string", "default": ""})),
    ("a field deep down is new", lambda s: fields(s, "Mention").update(x={"type": ["string", "null"]})),
    (
        "words",
        lambda s: (s.update(description="Other.", title="Other"), fields(s)["text"].update(description="O.")),
    ),
    ("examples", lambda s: (s.pop("examples"), fields(s)["text"].update(examples=["Other"]))),
    (
        "an open list has more",
        lambda s: fields(s, "Removed")["reason"]["x-extensible-enum"].append("horoscope"),
    ),
    ("an open list has fewer", lambda s: fields(s, "Removed")["reason"]["x-extensible-enum"].remove("empty")),
    ("a field's place", lambda s: s.update(properties=dict(reversed(fields(s).items())))),
    ("a class's name", lambda s: _rename(s, "Mention", "Naming")),
    (
        "null spelt as alternatives",
        lambda s: fields(s).update(title={"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ),
    ("a whole keyword order", lambda s: s["required"].reverse()),
]


def _rename(schema: Schema, old: str, new: str) -> None:
    schema["$defs"][new] = schema["$defs"].pop(old)
    fields(schema)["mentions"]["items"] = {"$ref": f"#/$defs/{new}"}


@pytest.mark.parametrize("change", [row[1] for row in EVENT_CHANGES], ids=[row[0] for row in EVENT_CHANGES])
def test_a_change_that_readers_survive_is_let_pass(change: Change) -> None:
    assert found(change) == []


@pytest.mark.parametrize("change", [row[1] for row in EVENT_CHANGES], ids=[row[0] for row in EVENT_CHANGES])
def test_what_is_let_pass_reads_both_ways(change: Change) -> None:
    new = changed(EVENT, change)
    old_event = EVENT["examples"][0]
    new_event = {**old_event, "x": "y"} if "x" in new["properties"] else old_event
    assert validator(EVENT).is_valid(new_event)
    assert validator(new).is_valid(old_event)


INPUT_BREAKS: list[tuple[str, Change, list[tuple[str, str]]]] = [
    ("a field is ignored", lambda s: fields(s).pop("title"), [("$.title", "field_removed")]),
    ("a field must be there", lambda s: s["required"].append("url"), [("$.url", "field_required")]),
    (
        "a new field must be there",
        lambda s: (fields(s).update(x={"type": "string"}), s["required"].append("x")),
        [("$.x", "field_required")],
    ),
    ("null is refused", lambda s: fields(s)["url"].update(type="string"), [("$.url", "type_narrowed")]),
    (
        "a value is refused",
        lambda s: fields(s)["content_type"]["enum"].remove("text/html"),
        [("$.content_type", "value_removed")],
    ),
    (
        "a limit is narrower",
        lambda s: fields(s)["title"].update(maxLength=10),
        [("$.title", "limit_narrowed")],
    ),
    ("a pattern is new", lambda s: fields(s)["url"].update(pattern="^http"), [("$.url", "limit_narrowed")]),
    ("a pattern is another", lambda s: fields(s)["id"].update(pattern="^a"), [("$.id", "limit_narrowed")]),
    (
        "fewer fields in a map",
        lambda s: fields(s)["metadata"].update(maxProperties=9),
        [("$.metadata", "limit_narrowed")],
    ),
    (
        "shorter names in a map",
        lambda s: fields(s)["metadata"]["propertyNames"].update(maxLength=9),
        [("$.metadata.~", "limit_narrowed")],
    ),
    (
        "shorter values in a map",
        lambda s: fields(s)["metadata"]["additionalProperties"].update(maxLength=9),
        [("$.metadata.*", "limit_narrowed")],
    ),
    (
        "absence means something else",
        lambda s: fields(s)["content_type"].update(default="text/html"),
        [("$.content_type", "default_changed")],
    ),
]


@pytest.mark.parametrize(
    ("change", "expected"), [row[1:] for row in INPUT_BREAKS], ids=[row[0] for row in INPUT_BREAKS]
)
def test_a_change_that_breaks_writers_is_found(change: Change, expected: list[tuple[str, str]]) -> None:
    assert found_in_input(change) == expected


INPUT_CHANGES: list[tuple[str, Change]] = [
    ("a field is new", lambda s: fields(s).update(x={"type": "string"})),
    ("a field may be absent", lambda s: s["required"].remove("content")),
    ("null is taken", lambda s: fields(s)["content"].update(type=["string", "null"])),
    ("a value is new", lambda s: fields(s)["content_type"]["enum"].append("application/pdf")),
    ("a limit is wider", lambda s: fields(s)["title"].update(maxLength=9999)),
    ("a limit is lifted", lambda s: fields(s)["id"].pop("pattern")),
]


@pytest.mark.parametrize("change", [row[1] for row in INPUT_CHANGES], ids=[row[0] for row in INPUT_CHANGES])
def test_a_change_that_writers_survive_is_let_pass(change: Change) -> None:
    assert found_in_input(change) == []
    assert validator(changed(INPUT, change)).is_valid(INPUT["examples"][0])


def test_an_event_that_is_gone_breaks_its_readers() -> None:
    (finding,) = compare_all({"a.v1": EVENT, "b.v1": EVENT}, {"a.v1": EVENT}, from_outside=frozenset())
    assert (finding.event, finding.path, finding.kind) == ("b.v1", "$", Break.EVENT_REMOVED)


def test_a_new_event_breaks_nobody() -> None:
    assert compare_all({"a.v1": EVENT}, {"a.v1": EVENT, "b.v1": INPUT}, from_outside=frozenset()) == []


def test_only_input_may_be_widened() -> None:
    wider = changed(INPUT, lambda s: fields(s)["title"].update(maxLength=9999))
    assert compare_all({"raw": INPUT}, {"raw": wider}, from_outside=frozenset({"raw"})) == []
    (finding,) = compare_all({"raw": INPUT}, {"raw": wider}, from_outside=frozenset())
    assert str(finding) == "raw $.title: limit_widened: maxLength was 2000, is 9999"


def test_a_class_that_holds_itself_is_compared_once() -> None:
    tree = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "parts": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
                },
            }
        },
    }
    assert compare("e", tree, tree) == []
    other = changed(tree, lambda s: s["$defs"]["Tree"]["properties"]["name"].update(type="integer"))
    assert {one.path for one in compare("e", tree, other)} == {"$.name"}


KEYWORDS: dict[str, list[Any]] = {
    "type": [
        "string",
        "integer",
        "number",
        "boolean",
        "array",
        "object",
        ["string", "null"],
        ["integer", "null"],
    ],
    "enum": [["PER"], ["PER", "ORG", "LOC", "NORP", "MISC"], ["metadata", "x"], ["a"]],
    "minimum": [-1, 0, 1, 5],
    "maximum": [0, 1, 2**31 - 1],
    "minLength": [0, 1, 3],
    "maxLength": [1, 300, 5000],
    "minItems": [0, 1, 2],
    "maxItems": [0, 1],
    "maxProperties": [0, 1, 64],
    "pattern": ["^[a-z ]+$", "^$"],
    "format": ["date-time"],
}


def holders(schema: Any) -> list[Schema]:
    """Every schema of a value inside ``schema``, itself first."""
    found = [schema]
    for inner in [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]:
        found += holders(inner)
    for word in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(word), dict):
            found += holders(schema[word])
    return found


@pytest.mark.parametrize(("schema", "from_outside"), [(EVENT, False), (INPUT, True)], ids=["event", "input"])
def test_nothing_is_let_pass_that_makes_a_validator_change_its_mind(
    schema: Schema, from_outside: bool
) -> None:
    """Changes schemas at random and looks for a value that one version takes and the other does not."""
    minds_changed = 0

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def search(data: st.DataObject) -> None:
        nonlocal minds_changed
        new = copy.deepcopy(schema)
        holder = data.draw(st.sampled_from(holders(new)))
        known = [word for word in (*KEYWORDS, "required", "properties") if word in holder]
        word = data.draw(st.sampled_from([*known, *known, *KEYWORDS]))
        if word in ("required", "properties"):
            name = data.draw(st.sampled_from(list(holder["properties"])))
            if word == "properties":
                del holder["properties"][name]
            holder["required"] = sorted(set(holder.get("required", ())) ^ {name} & set(holder["properties"]))
        elif word in holder and data.draw(st.booleans()):
            del holder[word]
        else:
            holder[word] = data.draw(st.sampled_from(KEYWORDS[word]))
        value = data.draw(near(schema["examples"][0]))
        before, after = validator(schema).is_valid(value), validator(new).is_valid(value)
        if (before and not after) or (after and not before and not from_outside):
            minds_changed += 1
            assert compare("e", schema, new, from_outside=from_outside), value

    search()
    assert minds_changed > 10

"""The AsyncAPI 3 document: every topic with its records, headers and settings, and who reads and writes it.

Made of the topic table and of what the agents say of themselves, so a new stage appears in it by itself.
Specification: AsyncAPI 3.1.0 and its Kafka bindings 0.5.0. Payloads are in AsyncAPI's own dialect (a superset
of JSON Schema draft 7), which every AsyncAPI tool reads; :mod:`schemas.documents` has them in draft 2020-12.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas import VERSION
from schemas.additions import Addition
from schemas.article import RawArticle
from schemas.cloudevents import CONTENT_TYPE, SPEC_VERSION, CloudEvent, event_type
from schemas.documents import Schema, definitions, example, from_outside
from schemas.outcomes import (
    INPUT_HEADER,
    KEY_HEADER,
    PREFIX,
    TRUNCATED_HEADER,
    DeadLetterHeaders,
    DroppedArticle,
)
from schemas.topics import NAMESPACE, Topic

_KAFKA = "0.5.0"
_DESCRIPTION = """\
Raw news articles in any language in; clean, language-tagged, entity-linked events out.

* Delivery is at least once. A copy has the same `ce_id` and the same bytes: key on `ce_id`.
* Every article ends in exactly one outcome: an event, a dropped article or a dead letter. Each names the
  record it answers in the header `bw_input`.
* The key of every record about an article is its id; revisions of one article keep their order.
* An installation may put a prefix before every topic and group name (`BABELWIRE_TOPIC_PREFIX`).
* Readers ignore fields they do not know and take unknown values of an `x-extensible-enum` as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What one agent does with the topics."""

    name: str
    summary: str
    group: str
    """Its consumer group."""
    reads: Topic
    writes: Topic


def document(topics: Sequence[Topic], agents: Sequence[Agent]) -> Schema:
    """Returns the AsyncAPI document of an installation."""
    kinds = list(dict.fromkeys(topic.value for topic in topics if topic.value is not bytes))
    return {
        "asyncapi": "3.1.0",
        "id": f"urn:{NAMESPACE}",
        "info": {
            "title": NAMESPACE,
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(),
        "channels": {_channel(topic): _channel_object(topic) for topic in topics},
        "operations": _operations(topics, agents),
        "components": {
            "schemas": {
                name: _draft7(schema)
                for name, schema in sorted(definitions(kinds, "#/components/schemas/{name}").items())
            },
            "messages": {_message(topic): _message_object(topic) for topic in topics},
            "messageTraits": {
                "cloudEvent": _trait("CloudEvents 1.0, Kafka binary mode.", _cloud_event_headers()),
                "answer": _trait("Names the record it answers.", {INPUT_HEADER: _input_header()}),
                "trace": _trait("The trace it belongs to.", _trace_headers()),
                "deadLetter": _trait("Why it could not be taken.", _dead_letter_headers()),
            },
            "securitySchemes": {
                "plain": {"type": "plain", "description": "SASL PLAIN; over TLS only."},
                "scramSha256": {"type": "scramSha256", "description": "SASL SCRAM-SHA-256."},
                "scramSha512": {"type": "scramSha512", "description": "SASL SCRAM-SHA-512."},
                "certificate": {"type": "X509", "description": "TLS certificate of the client."},
            },
        },
    }


def _servers() -> Schema:
    """Returns the ways to reach the brokers; the addresses are the installation's own."""
    logins = [
        {"$ref": f"#/components/securitySchemes/{name}"}
        for name in ("scramSha512", "scramSha256", "plain", "certificate")
    ]
    return {
        "open": {
            "host": "{bootstrap}",
            "protocol": "kafka",
            "description": "Without TLS or login: the embedded broker and development.",
            "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "Host and port."}},
        },
        "secure": {
            "host": "{bootstrap}",
            "protocol": "kafka-secure",
            "description": "TLS, with SASL or a certificate.",
            "variables": {"bootstrap": {"default": "kafka.example:9093", "description": "Host and port."}},
            "security": logins,
        },
    }


def _channel_object(topic: Topic) -> Schema:
    name = _message(topic)
    return {
        "address": topic.name,
        "title": topic.summary,
        "description": f"Keyed by {topic.key}; records up to {topic.max_record_bytes:,} bytes, {_kept(topic)}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": topic.cleanup.split(","),
                    "retention.ms": int(topic.config()["retention.ms"]),
                    "max.message.bytes": topic.max_record_bytes,
                },
                "bindingVersion": _KAFKA,
            }
        },
    }


def _kept(topic: Topic) -> str:
    if topic.retention_seconds is None:
        return "of which the last of each key is kept for ever"
    return f"kept for {topic.retention_seconds // 86400} days"


def _message_object(topic: Topic) -> Schema:
    raw = topic.value is bytes
    kind = event_type(topic.name)
    whole: Schema = {
        "name": kind,
        "title": topic.summary,
        "contentType": "application/octet-stream" if raw else CONTENT_TYPE,
        "payload": {"description": "The original bytes, untouched: often JSON, but not always."}
        if raw
        else {"$ref": f"#/components/schemas/{topic.value.__name__}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "minLength": 1, "description": f"The {topic.key}, UTF-8."},
                "bindingVersion": _KAFKA,
            }
        },
    }
    traits = [{"$ref": f"#/components/messageTraits/{name}"} for name in _traits(topic)]
    if traits:
        whole["traits"] = traits
    if not raw:
        whole["examples"] = [{"name": _message(topic), "payload": example(topic.value)}]
    return whole


def _traits(topic: Topic) -> tuple[str, ...]:
    if topic.value is bytes:
        return ("deadLetter", "trace")
    if topic.value is DroppedArticle:
        return ("answer", "trace")
    return () if topic.value in (RawArticle, Addition) else ("cloudEvent", "answer")


def _operations(topics: Sequence[Topic], agents: Sequence[Agent]) -> Schema:
    operations: Schema = {}
    for agent in agents:
        operations[f"{_camel(agent.name)}Reads"] = {
            **_operation("receive", agent.reads, agent.summary),
            "bindings": {
                "kafka": {
                    "groupId": {"type": "string", "enum": [agent.group]},
                    "bindingVersion": _KAFKA,
                }
            },
        }
        operations[f"{_camel(agent.name)}Writes"] = _operation("send", agent.writes, agent.summary)
    written = {agent.writes for agent in agents}
    for topic in topics:
        if not from_outside(topic) and topic not in written:
            operations[f"{_channel(topic)}Writes"] = _operation("send", topic, topic.summary)
    return operations


def _operation(action: str, topic: Topic, summary: str) -> Schema:
    channel = f"#/channels/{_channel(topic)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": summary,
        "messages": [{"$ref": f"{channel}/messages/{_message(topic)}"}],
    }


def _trait(description: str, headers: Schema) -> Schema:
    required = [name for name, schema in headers.items() if not schema.pop("x-optional", False)]
    return {
        "description": description,
        "headers": {"type": "object", "properties": headers, "required": required},
    }


def _cloud_event_headers() -> Schema:
    return {
        "ce_specversion": {
            "description": "Version of CloudEvents.",
            "type": "string",
            "const": SPEC_VERSION,
            "examples": [SPEC_VERSION],
        },
        **_headers(CloudEvent, "ce_"),
        "content-type": {
            "description": "Media type of the value.",
            "type": "string",
            "const": CONTENT_TYPE,
            "examples": [CONTENT_TYPE],
        },
        **_trace_headers(),
    }


def _trace_headers() -> Schema:
    return {
        "traceparent": {
            "description": "W3C Trace Context: as it came with the record this answers, or of our own span.",
            "type": "string",
            "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$",
            "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
            "x-optional": True,
        },
        "tracestate": {
            "description": "W3C Trace Context of the tracing system, carried over with it.",
            "type": "string",
            "examples": ["vendor=value"],
            "x-optional": True,
        },
    }


def _dead_letter_headers() -> Schema:
    return {
        **_headers(DeadLetterHeaders, PREFIX),
        KEY_HEADER: {
            "description": "The key the record had, where the letter has another; a redrive restores it.",
            "type": "string",
            "examples": ["key of its producer"],
            "x-optional": True,
        },
        TRUNCATED_HEADER: {
            "description": "How many bytes the record had, where they were more than a letter can hold.",
            "type": "string",
            "pattern": "^[0-9]+$",
            "examples": ["70000000"],
            "x-optional": True,
        },
    }


def _input_header() -> Schema:
    described: Schema = {**_headers(DeadLetterHeaders, PREFIX)[INPUT_HEADER]}
    described["description"] = "Position (topic/partition/offset) of the record that this one answers."
    return described


def _headers(kind: type, prefix: str) -> Schema:
    """Returns the header of each field of ``kind``; a header is text, whatever the field's type in Python."""
    _, found = msgspec.json.schema_components([kind], ref_template="{name}")
    properties = found[kind.__name__]["properties"]
    headers: Schema = {}
    for item in dataclasses.fields(kind):
        schema = dict(properties[item.name])
        if "anyOf" in schema:
            schema = {**schema["anyOf"][0], "x-optional": True}
        if schema["type"] == "integer":
            schema = {**schema, "type": "string", "pattern": "^-?[0-9]+$"}
            schema["examples"] = [str(value) for value in schema["examples"]]
        headers[prefix + item.name] = schema
    return headers


def _draft7(schema: Any) -> Any:
    """Puts a reference that has a description beside it into ``allOf``: draft 7 ignores what is beside it."""
    if isinstance(schema, list):
        return [_draft7(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema and len(schema) > 1:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        return {**rest, "allOf": [{"$ref": schema["$ref"]}]}
    return {
        name: value if name in ("examples", "default") else _draft7(value) for name, value in schema.items()
    }


def _channel(topic: Topic) -> str:
    return _camel(topic.name.removeprefix(f"{NAMESPACE}."))


def _message(topic: Topic) -> str:
    return _camel(event_type(topic.name).removeprefix(f"{NAMESPACE}."))


def _camel(name: str) -> str:
    first, *rest = re.split(r"[^0-9A-Za-z]+", name)
    return first + "".join(_capital(rest))


def _capital(words: Iterable[str]) -> Iterable[str]:
    return (word[:1].upper() + word[1:] for word in words)

"""The settings: small validated values, read once at start.

A value comes from, in this order: a command-line flag, the environment (``BABELWIRE_NAME``), ``babelwire.toml``
in the working folder (or the file named by ``BABELWIRE_CONFIG``), the default. All errors are reported at once,
an unknown name is refused with the nearest known one, and secrets are masked wherever settings are shown.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from agents.hop import Limits
from agents.pipeline import STAGED, hops
from agents.stage import Resources
from schemas.errors import SettingsError

PREFIX = "BABELWIRE_"
SECRET_FIELDS = frozenset({"sasl_password", "api_tokens"})

Seconds = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]
_TLS_FILES = ("tls_ca_file", "tls_cert_file", "tls_key_file")
_ADDRESS = r"(?:[^\s,:/\[\]]+|\[[0-9a-fA-F:]+\]):\d{1,5}"
_ADDRESSES = re.compile(rf"{_ADDRESS}(?:,{_ADDRESS})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, with its default. The string under a field is its manual."""

    bootstrap_servers: str = "127.0.0.1:9092"
    """Kafka brokers, ``host:port`` joined by commas; an IPv6 address stands in brackets."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How to talk to the brokers."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How to log in, with a SASL protocol."""
    sasl_username: str | None = None
    """Kafka user."""
    sasl_password: str | None = None
    """Kafka password."""
    tls_ca_file: str | None = None
    """PEM file of the authority that signed the brokers' certificates; the system's when not given."""
    tls_cert_file: str | None = None
    """PEM file of our own certificate, where the brokers ask for one."""
    tls_key_file: str | None = None
    """PEM file of its key."""
    topic_prefix: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9._-]{0,100}$")] = ""
    """Put before every topic and consumer group, so that several installations share a cluster."""
    replication_factor: Annotated[int, Meta(ge=-1, le=9)] = -1
    """Copies of each partition when a topic is created; -1 is the broker's default."""
    partitions: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Partitions of article topics when they are created; 0 is the table's number (12)."""

    topology: str = STAGED
    """Where the topics are between the stages: ``|`` puts one, ``+`` fuses."""
    processes: Count = 1
    """Worker processes."""
    repeated_lines: str | None = None
    """File of the lines that repeat within each source, made by ``babelwire learn``; none by default."""
    knowledge_base: str | None = None
    """Folder of a knowledge base made by ``babelwire kb import``; the one that babelwire brings by default."""
    recognition: Literal["model", "rules"] = "model"
    """Who finds names that the knowledge base has not: the neural model, or rules alone (many times faster)."""
    batch_articles: Annotated[int, Meta(ge=1, le=5000)] = 64
    """Articles a worker takes at once."""
    batch_seconds: Annotated[float, Meta(gt=0, le=10)] = 0.02
    """Longest wait for a batch to fill."""
    stage_timeout: Seconds = 30.0
    """Seconds a stage may spend on one article before its process is ended."""
    max_article_bytes: Annotated[int, Meta(ge=1024, le=64 << 20)] = 1 << 20
    """Largest raw article taken, bytes of JSON."""
    max_event_bytes: Annotated[int, Meta(ge=1024, le=8 << 20)] = 8 << 20
    """Largest event published, bytes."""
    max_age_hours: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    """Articles published longer ago are dropped; 0 keeps all."""
    publish_timeout: Seconds = 300.0
    """Seconds a worker goes on trying to publish before it stops without committing."""
    session_timeout: Annotated[float, Meta(ge=1, le=600)] = 10.0
    """Seconds without a heartbeat after which Kafka gives a worker's partitions to another."""
    commit_seconds: Annotated[float, Meta(gt=0, le=60)] = 1.0
    """Seconds between commits."""
    fetch_wait: Annotated[float, Meta(ge=0.001, le=5)] = 0.5
    """Longest time a broker holds a fetch open, seconds."""

    data_dir: str = ".babelwire"
    """Folder for what babelwire keeps on this machine."""
    http_host: str = "127.0.0.1"
    """Address of ``babelwire serve``; anything but loopback needs ``api_tokens``."""
    http_port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    """Port of ``babelwire serve``."""
    metrics_host: str = "127.0.0.1"
    """Address of the workers' /metrics, /livez and /readyz."""
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 9464
    """Port of the workers' /metrics, /livez and /readyz; 0 takes a free one."""
    api_tokens: str | None = None
    """Bearer tokens that may post articles, joined by commas."""
    max_lag: Annotated[int, Meta(ge=0)] = 50_000
    """Articles waiting in the raw topic beyond which posting is answered with 429; 0 never."""
    log_format: Literal["json", "console"] = "json"
    """How log lines look."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""
    traces: Literal["none", "otlp"] = "none"
    """Where spans go; ``otlp`` needs the extra ``babelwire[otel]`` and is told the rest by ``OTEL_*`` variables."""

    def limits(self) -> Limits:
        """Returns the bounds the stages work within."""
        age = timedelta(hours=self.max_age_hours) if self.max_age_hours else None
        return Limits(
            max_article_bytes=self.max_article_bytes, max_event_bytes=self.max_event_bytes, max_age=age
        )

    def resources(self, data_dir: Path | None) -> Resources:
        """Returns what the stages load from; ``data_dir`` is None where nothing may be kept."""
        repeated = None if self.repeated_lines is None else Path(self.repeated_lines)
        knowledge = None if self.knowledge_base is None else Path(self.knowledge_base)
        return Resources(
            data_dir=data_dir,
            repeated_lines=repeated,
            recognition=self.recognition,
            knowledge_base=knowledge,
        )

    def topic(self, name: str) -> str:
        """Returns the full name of a topic of the table."""
        return self.topic_prefix + name

    def group(self, name: str) -> str:
        """Returns the full name of a consumer group."""
        return f"{self.topic_prefix}babelwire-{name}"

    def shown(self) -> dict[str, Any]:
        """Returns all settings with the secrets masked, for people and logs."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: "********" if name in SECRET_FIELDS and value is not None else value
            for name, value in values.items()
        }

    def environment(self) -> dict[str, str]:
        """Returns the environment variables that give a child process these settings."""
        return {
            PREFIX + item.name.upper(): str(value)
            for item in fields(self)
            if (value := getattr(self, item.name)) is not None
        }


_TYPES = get_type_hints(Settings, include_extras=True)


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """Reads the settings from flags, environment, file and defaults.

    Args:
        flags: values given on the command line; None values count as not given.
        environ: the environment.
        folder: where ``babelwire.toml`` is looked for; the working folder by default.

    Raises:
        SettingsError: lists every wrong value and every unknown name.
    """
    errors: list[str] = []
    values: dict[str, Any] = {}
    for origin, name, value in (
        *_from_file(environ, folder, errors),
        *_from_environment(environ),
        *_from_flags(flags),
    ):
        if name not in _TYPES:
            near = difflib.get_close_matches(name, _TYPES, n=1)
            errors.append(f"{origin}: unknown setting{f', did you mean {near[0]!r}?' if near else ''}")
            continue
        try:
            values[name] = msgspec.convert(value, _TYPES[name], strict=False)
        except msgspec.ValidationError as error:
            errors.append(f"{origin}: {_expected(name, error)}, got {_shown(name, value)}")
    if "bootstrap_servers" in values:  # people write a blank after the comma
        values["bootstrap_servers"] = ",".join(map(str.strip, values["bootstrap_servers"].split(",")))
    settings = Settings(**values)
    errors.extend(_contradictions(settings))
    if errors:
        raise SettingsError("\n".join(errors))
    return settings


def _from_file(
    environ: Mapping[str, str], folder: Path | None, errors: list[str]
) -> list[tuple[str, str, Any]]:
    named = environ.get(f"{PREFIX}CONFIG")
    path = Path(named) if named else (folder or Path()) / "babelwire.toml"
    if not named and not path.exists():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        errors.append(f"{path}: {error}")
        return []
    return [(f"{name} in {path}", name, value) for name, value in content.items()]


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, str, Any]]:
    reserved = {f"{PREFIX}CONFIG", f"{PREFIX}DATA", f"{PREFIX}DEBUG"}
    return [
        (f"{name} in the environment", name.removeprefix(PREFIX).lower(), value)
        for name, value in environ.items()
        if name.startswith(PREFIX) and name not in reserved
    ]


def _from_flags(flags: Mapping[str, Any] | None) -> list[tuple[str, str, Any]]:
    return [
        (f"--{name.replace('_', '-')}", name, value)
        for name, value in (flags or {}).items()
        if value is not None
    ]


def _expected(name: str, error: msgspec.ValidationError) -> str:
    if get_origin(_TYPES[name]) is Literal:
        return f"expected one of {', '.join(map(repr, get_args(_TYPES[name])))}"
    expected = str(error).partition(", got ")[0]  # its own word for the type; the value says more
    return f"{expected[0].lower()}{expected[1:]}"


def _shown(name: str, value: Any) -> str:
    return "a secret" if name in SECRET_FIELDS else repr(value)


def _contradictions(settings: Settings) -> list[str]:
    errors: list[str] = []
    ports = re.findall(r":(\d+)(?=,|$)", settings.bootstrap_servers)
    if not _ADDRESSES.fullmatch(settings.bootstrap_servers) or any(int(port) > 65535 for port in ports):
        errors.append(
            f"bootstrap_servers: expected host:port, joined by commas, got {settings.bootstrap_servers!r}"
        )
    try:
        hops(settings.topology)
    except SettingsError as error:
        errors.append(str(error))
    if settings.security_protocol.startswith("SASL") and not (
        settings.sasl_username and settings.sasl_password
    ):
        errors.append(
            f"sasl_username, sasl_password: both are needed with security_protocol {settings.security_protocol}"
        )
    for name in _TLS_FILES:
        path = getattr(settings, name)
        if path is not None and not Path(path).is_file():
            errors.append(f"{name}: expected a readable PEM file, found none at {path!r}")
    errors.extend(_unused(settings, ("sasl_username", "sasl_password"), "SASL"))
    errors.extend(_unused(settings, _TLS_FILES, "SSL"))
    if (settings.tls_cert_file is None) != (settings.tls_key_file is None):
        errors.append("tls_cert_file, tls_key_file: expected both or neither")
    if settings.knowledge_base is not None and not (Path(settings.knowledge_base) / "meta.json").is_file():
        errors.append(
            f"knowledge_base: expected a folder made by `babelwire kb import`, got {settings.knowledge_base!r}"
        )
    if settings.traces == "otlp" and not _has_otel():
        errors.append("traces: 'otlp' needs OpenTelemetry: pip install 'babelwire[otel]'")
    if settings.http_host not in ("127.0.0.1", "::1", "localhost") and not settings.api_tokens:
        errors.append(
            f"api_tokens: needed to listen on {settings.http_host!r}; without tokens only loopback is served"
        )
    return errors


def _unused(settings: Settings, names: tuple[str, ...], word: str) -> list[str]:
    """Tells of a login or of certificates that the protocol passes over: who gave them means them to be used."""
    given = [name for name in names if getattr(settings, name) is not None]
    if not given or word in settings.security_protocol:
        return []
    names_given, protocol = ", ".join(given), settings.security_protocol
    others = " or ".join(other for other in get_args(_TYPES["security_protocol"]) if word in other)
    return [f"{names_given}: not used with security_protocol {protocol}; expected {others}"]


def _has_otel() -> bool:
    """Says whether the extra is there, without importing more of it than its empty outer packages."""
    try:
        return all(
            importlib.util.find_spec(name) is not None
            for name in ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
        )
    except ModuleNotFoundError:
        return False

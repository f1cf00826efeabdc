"""Reaches for a broker one step at a time, so that what fails has a name: DNS, TCP, TLS, Kafka, login.

Permissions are found by asking for something that is refused anyway: an empty produce, a fetch of one byte, a
heartbeat of nobody. The broker checks who is asking before it looks at what is asked
(kafka.server.KafkaApis), so the answer tells whether we may, and nothing is written or moved.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.conn import AIOKafkaConnection, collect_hosts
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest

from schemas.errors import SettingsError
from streams.broker import kafka, patience
from streams.settings import Settings

_STEP_SECONDS = 10.0
_CLOSE_SECONDS = 5.0
_TOPIC_REFUSED = 29
_GROUP_REFUSED = 30
"""Error codes of the Kafka protocol: TOPIC_ and GROUP_AUTHORIZATION_FAILED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a broker is said to be."""

    host: str
    port: int

    def __str__(self) -> str:
        """Returns ``host:port``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The step that failed."""

    step: str
    """``dns``, ``tcp``, ``tls``, ``kafka`` or ``login``."""
    error: str
    advice: str


def addresses(settings: Settings) -> tuple[Address, ...]:
    """Returns the bootstrap servers in the order they were given; raises :class:`SettingsError`."""
    found = []
    for server in settings.bootstrap_servers.split(","):
        try:
            ((host, port, _),) = collect_hosts([server.strip()])
        except ValueError:
            host, port = "", 0
        if not host or not 0 < port < 65536:
            raise SettingsError(
                f"bootstrap_servers: expected host:port joined by commas, got {server.strip()!r}"
            )
        found.append(Address(host=host, port=port))
    return tuple(found)


async def reach(settings: Settings, address: Address) -> Failure | None:
    """Goes through the steps to ``address`` and returns the one that fails, or None."""
    with patience.waiting_for(f"a Kafka broker at {address} ({settings.security_protocol})"):
        return await _reach(settings, address)


async def _reach(settings: Settings, address: Address) -> Failure | None:
    loop = asyncio.get_running_loop()
    try:
        await asyncio.wait_for(loop.getaddrinfo(address.host, address.port), _STEP_SECONDS)
    except (OSError, TimeoutError) as error:
        return Failure(
            step="dns",
            error=_words(error),
            advice=f"The name {address.host} has no address here. Check bootstrap_servers and the resolver.",
        )
    try:
        await _close(
            await asyncio.wait_for(asyncio.open_connection(address.host, address.port), _STEP_SECONDS)
        )
    except (OSError, TimeoutError) as error:
        return Failure(
            step="tcp",
            error=_words(error),
            advice=f"Nothing takes connections at {address}. Does the broker run, is the port right, is a "
            "firewall between?",
        )
    return await _tls(settings, address) or await _login(settings, address)


async def _tls(settings: Settings, address: Address) -> Failure | None:
    try:
        context = kafka.tls_context(settings)
    except (OSError, ssl.SSLError) as error:
        return Failure(step="tls", error=_words(error), advice="The TLS files must be PEM.")
    if context is None:
        return None
    try:
        await _close(
            await asyncio.wait_for(
                asyncio.open_connection(address.host, address.port, ssl=context), _STEP_SECONDS
            )
        )
    except ssl.SSLCertVerificationError as error:
        return Failure(
            step="tls",
            error=error.verify_message or _words(error),
            advice="The broker's certificate is not trusted. Set tls_ca_file to the authority that signed "
            "it, and use a host name that the certificate carries.",
        )
    except (OSError, ssl.SSLError, TimeoutError) as error:
        return Failure(
            step="tls",
            error=_words(error),
            advice=f"{address} does not speak TLS as we do. Is security_protocol "
            f"{settings.security_protocol} right for this port?",
        )
    return None


async def _login(settings: Settings, address: Address) -> Failure | None:
    try:
        async with connected(settings, address):
            return None
    except (SaslAuthenticationFailed, AuthenticationFailedError) as error:
        return Failure(
            step="login",
            error=_words(error),
            advice=f"The broker refuses the user {settings.sasl_username!r}: check sasl_username, "
            f"sasl_password and sasl_mechanism ({settings.sasl_mechanism}).",
        )
    except UnsupportedSaslMechanismError as error:
        return Failure(
            step="login",
            error=_words(error),
            advice=f"The broker does not offer {settings.sasl_mechanism}: set sasl_mechanism to one it does.",
        )
    except IllegalSaslStateError as error:
        return Failure(
            step="login",
            error=_words(error),
            advice="This port takes no login: set security_protocol to PLAINTEXT or SSL.",
        )
    except (KafkaError, OSError, TimeoutError, ValueError, AssertionError) as error:
        return Failure(
            step="kafka",
            error=_words(error),
            advice=f"{address} took the connection and does not answer as a Kafka broker does. With "
            f"security_protocol {settings.security_protocol}, is this the right port? One that wants TLS or "
            "a login looks like this without them.",
        )


@asynccontextmanager
async def connected(settings: Settings, address: Address) -> AsyncIterator[Any]:
    """A logged-in connection to the broker at ``address`` itself; the errors are the Kafka client's."""
    arguments = kafka.connection(settings)
    arguments.pop("bootstrap_servers")
    connection = AIOKafkaConnection(
        address.host, address.port, request_timeout_ms=int(_STEP_SECONDS * 1000), **arguments
    )
    try:
        await asyncio.wait_for(connection.connect(), _STEP_SECONDS)
        yield connection
    finally:
        closed = connection.close()
        if closed is not None:
            await asyncio.wait([closed], timeout=_CLOSE_SECONDS)


async def may_see(connection: Any, topic: str) -> bool:
    """Says whether we may describe ``topic``; true as well for one that does not exist."""
    answer = await connection.send(MetadataRequest([topic], allow_auto_topic_creation=False))
    return all(code != _TOPIC_REFUSED for code, *_ in answer.topics)


async def may_write(connection: Any, topic: str) -> bool:
    """Says whether we may produce to ``topic``: an empty produce is refused for its form, unwritten."""
    answer = await connection.send(ProduceRequest(None, -1, 1000, [(topic, [(0, b"")])]))
    return not any(code == _TOPIC_REFUSED for _, parts in answer.topics for _, code, *_ in parts)


async def may_read(connection: Any, topic: str) -> bool:
    """Says whether we may fetch from ``topic``."""
    answer = await connection.send(FetchRequest(1, 0, 1, 0, [(topic, [(0, 0, 1)])]))
    return not any(code == _TOPIC_REFUSED for _, parts in answer.topics for _, code, *_ in parts)


async def may_join(connection: Any, group: str) -> bool:
    """Says whether we may consume as ``group``; the heartbeat is nobody's, so no member notices."""
    answer = await connection.send(HeartbeatRequest(group, -1, "babelwire-doctor"))
    return bool(answer.error_code != _GROUP_REFUSED)


def api_versions(connection: Any) -> dict[int, tuple[int, int]]:
    """Returns the least and the greatest version of each Kafka request that the broker takes."""
    return dict(connection._versions)


async def _close(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    streams[1].close()
    try:
        await asyncio.wait_for(streams[1].wait_closed(), _CLOSE_SECONDS)
    except (OSError, ssl.SSLError, TimeoutError):
        return


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

"""Clients of any Kafka: one place for addresses, TLS, logins and the settings that decide what is lost.

Partitioning is murmur2 everywhere (aiokafka's default, the Java client's too), so every program that follows
Kafka's convention puts one article's revisions into one partition.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)

from schemas.errors import BrokerError, SettingsError
from streams.broker import coordinator, header_names, patience
from streams.settings import Settings

header_names.install()
coordinator.install()

MAX_REQUEST_BYTES = 72 << 20
"""Largest produce request: the largest record of the topic table and its headers."""


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """Returns the TLS context the settings ask for, or None without TLS."""
    if not settings.security_protocol.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca_file)
        if settings.tls_cert_file and settings.tls_key_file:
            context.load_cert_chain(settings.tls_cert_file, settings.tls_key_file)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            "tls_ca_file, tls_cert_file, tls_key_file: expected PEM files that OpenSSL can read, and a key that "
            f"belongs to its certificate: {error}"
        ) from None
    return context


def connection(settings: Settings) -> dict[str, Any]:
    """Returns the aiokafka arguments that every client shares."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers.split(","),
        "security_protocol": settings.security_protocol,
        "client_id": "babelwire",
    }
    context = tls_context(settings)
    if context is not None:
        arguments["ssl_context"] = context
    if settings.security_protocol.startswith("SASL"):
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        arguments["sasl_plain_username"] = settings.sasl_username
        arguments["sasl_plain_password"] = settings.sasl_password
    return arguments


def new_producer(settings: Settings) -> AIOKafkaProducer:
    """Returns a producer, not started, that waits for all in-sync replicas."""
    return AIOKafkaProducer(
        **connection(settings),
        acks="all",
        max_request_size=MAX_REQUEST_BYTES,
        max_batch_size=256 << 10,
        request_timeout_ms=30_000,
    )


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """A started producer that waits for all in-sync replicas.

    Raises:
        BrokerError: the broker cannot be reached or refuses the login.
    """
    async with _started(new_producer(settings), settings) as started:
        yield started


@asynccontextmanager
async def consumer(settings: Settings, *topics: str, **more: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A started consumer that commits nothing by itself."""
    client = AIOKafkaConsumer(
        *topics,
        **connection(settings),
        enable_auto_commit=False,
        fetch_max_wait_ms=int(settings.fetch_wait * 1000),
        **more,
    )
    async with _started(client, settings) as started:
        yield started


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client."""
    client = AIOKafkaAdminClient(**connection(settings), request_timeout_ms=20_000)
    await _start(client, client.close, settings)
    with _told_from_a_cancellation(settings):
        try:
            yield client
        finally:
            # The client's own close would swallow a cancellation that comes meanwhile.
            await asyncio.shield(client.close())


@asynccontextmanager
async def _started(client: Any, settings: Settings) -> AsyncIterator[Any]:
    await _start(client, client.stop, settings)
    with _told_from_a_cancellation(settings):
        try:
            yield client
        finally:
            await asyncio.shield(client.stop())


async def _start(client: Any, end: Callable[[], Coroutine[Any, Any, None]], settings: Settings) -> None:
    """Starts a client, or ends it and raises."""
    begun = time.monotonic()
    try:
        with patience.waiting_for(named(settings)):
            await _whole(client.start())
    except (KafkaError, OSError, ValueError, ssl.SSLError) as error:
        await end()
        waited = time.monotonic() - begun
        if isinstance(error, KafkaConnectionError) and waited > patience.TELL_SECONDS:
            raise unreachable(settings, TimeoutError(f"no answer in {waited:.0f} s")) from None
        raise unreachable(settings, error) from None
    except asyncio.CancelledError:
        await end()
        raise


@contextmanager
def _told_from_a_cancellation(settings: Settings) -> Iterator[None]:
    """Turns the CancelledError of a client that is stopped while it waits for a broker that went away into our error.

    Nobody cancelled the task then: it would end as if somebody had, and be missed by nobody.
    """
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        stopped = ConnectionError("the client was stopped while it waited for the broker")
        raise unreachable(settings, stopped) from None


async def _whole(starting: Coroutine[Any, Any, None]) -> None:
    """Awaits a client's start to its end, also when cancelled: aiokafka leaves open what it was connecting."""
    task = asyncio.ensure_future(starting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise


def named(settings: Settings) -> str:
    """Returns what the settings say of the broker, for people."""
    return f"a Kafka broker at {settings.bootstrap_servers} ({settings.security_protocol})"


def unreachable(settings: Settings, error: Exception) -> BrokerError:
    """Returns the error for a broker that cannot be used, with what to do."""
    words = str(error).removeprefix(f"{type(error).__name__}: ")  # aiokafka's say their own name
    if words.startswith("Unable to bootstrap from"):  # and then the addresses as Python has them
        words = "no connection could be made, or it was closed at once"
    return BrokerError(
        f"Expected {named(settings)}: {type(error).__name__}: {words}. Start one (`babelwire up` brings its own), "
        "or set BABELWIRE_BOOTSTRAP_SERVERS; `babelwire doctor` looks closer."
    )


@contextmanager
def in_words(settings: Settings) -> Iterator[None]:
    """Turns a Kafka client's errors into a :class:`BrokerError` that says what to do."""
    try:
        yield
    except TopicAuthorizationFailedError as error:
        raise BrokerError(
            f"Expected to be allowed to use {error.args[0] if error.args else 'the topic'}: the broker "
            "refuses. Grant READ, WRITE and DESCRIBE on it; `babelwire doctor` lists what is missing."
        ) from None
    except MessageSizeTooLargeError as error:
        raise BrokerError(
            f"Expected a record the broker takes: {error}. Raise the topic's max.message.bytes "
            "(`babelwire topics plan` shows it)."
        ) from None
    except KafkaError as error:
        raise unreachable(settings, error) from None

"""Settings: precedence, all errors at once, suggestions, masked secrets."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from schemas.errors import SettingsError, UsageError
from streams.broker import kafka
from streams.settings import Settings, load
from streams.work import slots


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(tmp_path: Path) -> None:
    (tmp_path / "babelwire.toml").write_text("processes = 2\npartitions = 5\nhttp_port = 1111\n")
    environ = {"BABELWIRE_PROCESSES": "3", "BABELWIRE_HTTP_PORT": "2222", "PATH": "/bin"}
    found = load({"http_port": 3333, "partitions": None}, environ=environ, folder=tmp_path)
    assert (found.http_port, found.processes, found.partitions, found.batch_articles) == (3333, 3, 5, 64)


def test_a_named_file_is_read_and_must_exist(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('topic_prefix = "test."\n')
    assert load(environ={"BABELWIRE_CONFIG": str(tmp_path / "mine.toml")}).topic_prefix == "test."
    with pytest.raises(SettingsError, match="No such file"):
        load(environ={"BABELWIRE_CONFIG": str(tmp_path / "other.toml")})


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "babelwire.toml").write_text("proceses = 2\n")
    environ = {
        "BABELWIRE_PARTITIONS": "many",
        "BABELWIRE_TOPOLOGY": "language | clean",
        "BABELWIRE_HTTP_HOST": "0.0.0.0",
        "BABELWIRE_SECURITY_PROTOCOL": "SASL_SSL",
        "BABELWIRE_TLS_CA_FILE": "/nowhere.pem",
    }
    with pytest.raises(SettingsError) as caught:
        load({"processes": 0}, environ=environ, folder=tmp_path)
    lines = str(caught.value).splitlines()
    for words in (
        "proceses in", "did you mean 'processes'", "BABELWIRE_PARTITIONS in the environment", "got 'many'",
        "--processes", "topology: expected the stages clean, language, entities",
        "api_tokens: needed to listen on '0.0.0.0'",
        "sasl_username, sasl_password: both are needed", "tls_ca_file: expected a readable PEM file",
    ):  # fmt: skip
        assert any(words in line for line in lines), words
    assert len(lines) == 7


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(
        SettingsError,
        match="BABELWIRE_BOOTSTRAP_SERVER in the environment: unknown setting, did you mean 'bootstrap_servers'",
    ):
        load(environ={"BABELWIRE_BOOTSTRAP_SERVER": "x"})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "babelwire.toml").write_text("this is not toml")
    with pytest.raises(SettingsError, match=r"babelwire\.toml"):
        load(environ={}, folder=tmp_path)


def test_secrets_are_masked_and_never_told_in_errors() -> None:
    login = {"security_protocol": "SASL_SSL", "sasl_username": "wire", "sasl_password": "hunter2"}
    found = load({**login, "api_tokens": "t0ken"}, environ={})
    assert "hunter2" not in str(found.shown())
    assert "t0ken" not in str(found.shown())
    assert found.shown()["sasl_password"] == "********"
    with pytest.raises(SettingsError) as caught:
        load({"api_tokens": ["hunter2"]}, environ={})
    assert "hunter2" not in str(caught.value)


def test_the_environment_carries_every_setting_to_a_child(tmp_path: Path) -> None:
    found = load({"processes": 3, "topic_prefix": "x.", "stage_timeout": 1.5, "api_tokens": "a"}, environ={})
    assert load(environ=found.environment(), folder=tmp_path) == found


def test_every_setting_has_a_manual() -> None:
    source = Path(str(load.__code__.co_filename)).read_text()
    for item in fields(Settings):
        after = source[source.index(f"    {item.name}: ") :].split("\n", 1)[1]
        assert after.lstrip().startswith('"""'), item.name


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("recognition", "modle", "expected one of 'model', 'rules', got 'modle'"),
        ("log_level", "chatty", "expected one of 'debug', 'info', 'warning', 'error', got 'chatty'"),
        ("security_protocol", "ssl", "expected one of 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        load({name: value}, environ={})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("kafka-1:9092, kafka-2:9092 ", "kafka-1:9092,kafka-2:9092"),
        ("[::1]:9092,[fe80::1]:9093", "[::1]:9092,[fe80::1]:9093"),
        ("kafka:9092,[::1]:9092", "kafka:9092,[::1]:9092"),
    ],
)
def test_addresses_may_have_blanks_between_them_and_be_ipv6(given: str, expected: str) -> None:
    assert load({"bootstrap_servers": given}, environ={}).bootstrap_servers == expected


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            {"sasl_username": "wire", "sasl_password": "hunter2"},
            "sasl_username, sasl_password: not used with security_protocol PLAINTEXT; expected SASL_PLAINTEXT",
        ),
        (
            {"sasl_username": "wire", "security_protocol": "SSL"},
            "sasl_username: not used with security_protocol SSL",
        ),
        (
            {"tls_ca_file": __file__},
            "tls_ca_file: not used with security_protocol PLAINTEXT; expected SSL or SASL_SSL",
        ),
    ],
)
def test_a_login_or_a_certificate_that_would_not_be_used_is_refused(
    flags: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(flags, environ={})
    assert str(caught.value).startswith(message)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["host", "host:nonsense", "", "kafka://host:9092", "a:1,,b:2", "a:99999", "::1:9092", "[::1]", "a:1 b:2"],
)
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="bootstrap_servers: expected host:port"):
        load({"bootstrap_servers": address}, environ={})


def test_a_tls_file_that_is_no_pem_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    found = load({"security_protocol": "SSL", "tls_ca_file": str(tmp_path / "ca.pem")}, environ={})
    with pytest.raises(SettingsError, match="expected PEM files"):
        kafka.tls_context(found)


def test_a_data_folder_that_cannot_be_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--data-dir"), slots.claim(str(tmp_path / "file")):
        pass


def test_a_slot_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        slots.claim(str(tmp_path)),
        pytest.raises(UsageError, match=f"process {os.getpid()} "),
        slots.claim(str(tmp_path)),
    ):
        pass


def test_traces_without_the_extra_are_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(environ={}).traces == "none"
    assert load(environ={"BABELWIRE_TRACES": "otlp"}).traces == "otlp"

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.util.find_spec", missing)
    assert load(environ={}).traces == "none"
    with pytest.raises(SettingsError, match=r"pip install 'babelwire\[otel\]'"):
        load(environ={"BABELWIRE_TRACES": "otlp"})

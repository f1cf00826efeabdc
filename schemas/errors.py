"""The errors of babelwire, and the one list of reasons an article can end with.

    BabelwireError                 code
    ├── BadInput                   (one of RejectReason: the article goes to dead letters)
    ├── SettingsError              settings
    ├── BrokerError                broker
    │   └── PublishFailed          publish_failed
    └── UsageError                 usage

Every error carries a short stable ``code``. For an article it is the ``reason`` label in the metrics, the
``bw_reason`` header of its dead letter and the word an operator filters by, so a code is never renamed.
"""

from __future__ import annotations

from enum import StrEnum


class RejectReason(StrEnum):
    """Why an article went to dead letters."""

    MALFORMED_JSON = "malformed_json"
    BAD_ENCODING = "bad_encoding"
    INVALID_FIELD = "invalid_field"
    TOO_LARGE = "too_large"
    PUBLISHED_IN_FUTURE = "published_in_future"
    MARKUP_TOO_COMPLEX = "markup_too_complex"
    STAGE_FAILED = "stage_failed"
    STAGE_CRASHED = "stage_crashed"
    STAGE_TIMEOUT = "stage_timeout"
    RESULT_TOO_LARGE = "result_too_large"


class DropReason(StrEnum):
    """Why an article ended deliberately, without a result and without a fault."""

    TOO_OLD = "too_old"
    NO_TEXT = "no_text"


EXPLANATIONS: dict[str, str] = {
    RejectReason.MALFORMED_JSON: "The value is not JSON. Fix the producer, then send the article again.",
    RejectReason.BAD_ENCODING: "The bytes are not UTF-8. Encode the record as UTF-8 JSON and send it again.",
    RejectReason.INVALID_FIELD: "A field is missing or has the wrong type; the detail names its JSON path.",
    RejectReason.TOO_LARGE: "The record is larger than `max_article_bytes`. Raise it and redrive, or cut it.",
    RejectReason.PUBLISHED_IN_FUTURE: "`published_at` lies over two days after the article was received.",
    RejectReason.MARKUP_TOO_COMPLEX: "The HTML is nested or linked too deeply. Send the text instead.",
    RejectReason.STAGE_FAILED: "A stage raised an error (see the detail): a bug. Redrive after the fix.",
    RejectReason.STAGE_CRASHED: "The stage's process died three times on this article (memory, crash).",
    RejectReason.STAGE_TIMEOUT: "The stage did not finish within `stage_timeout` three times.",
    RejectReason.RESULT_TOO_LARGE: "The stage's result is larger than the topic takes (`max_event_bytes`).",
    DropReason.TOO_OLD: "`published_at` is older than `max_age` allows.",
    DropReason.NO_TEXT: "Nothing was left after cleaning: no article text in the content.",
}


class BabelwireError(Exception):
    """Base of every error that babelwire raises on purpose.

    The text says what was expected, what came and what to do next; it is shown to users as it stands.
    """

    code = "error"


class BadInput(BabelwireError):  # noqa: N818 - names the input, the fault is in the reason
    """An article that cannot be taken; it becomes a dead letter with ``reason``."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.code = reason.value


class SettingsError(BabelwireError):
    """One or more settings are wrong; the text lists every one of them."""

    code = "settings"


class BrokerError(BabelwireError):
    """The broker cannot be reached, refuses us or lacks what we need."""

    code = "broker"


class PublishFailed(BrokerError):  # noqa: N818 - says what happened
    """A result could not be published for good; the worker stops without committing."""

    code = "publish_failed"


class UsageError(BabelwireError):
    """A command was called in a way that cannot work."""

    code = "usage"

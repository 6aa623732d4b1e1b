"""The log: one line an event, for people as key=value or for programs as JSON.

How a line looks and where it goes live here. What is worth a line is decided where it happens;
no secret belongs in one: no password, no token, no cookie, no query, no text of an author.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping

from gitcms.config import Log

ROOT = "gitcms"
_PLAIN = re.compile(r"[\w./:@+,~\[\]-]+", re.ASCII)


def set_up(config: Log) -> None:
    """Send the log to the standard error stream, as the configuration says."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if config.format == "json" else KeyValues())
    logger = logging.getLogger(ROOT)
    logger.handlers = [handler]
    logger.setLevel(config.level.upper())
    logger.propagate = False


def event(
    name: str, *, level: int = logging.INFO, error: BaseException | None = None, **facts: object
) -> None:
    """Write one line.

    :param name: what happened, such as "request" or "sign_in".
    :param error: an exception whose traceback goes with it.
    :param facts: who, where and what; those that are None are left out.
    """
    known = {key: value for key, value in facts.items() if value is not None}
    logging.getLogger(ROOT).log(level, name, extra={"facts": known}, exc_info=error)


class KeyValues(logging.Formatter):
    """`2026-03-01T12:00:00Z info sign_in who=3 how="by link"`; line ends stay inside the quotes."""

    def format(self, record: logging.LogRecord) -> str:
        words = [_moment(record), record.levelname.lower(), _value(record.getMessage())]
        return " ".join(words + [f"{key}={_value(value)}" for key, value in _facts(self, record).items()])


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        known = {"at": _moment(record), "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps(known | dict(_facts(self, record)), default=str, ensure_ascii=True)


def _moment(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))


def _facts(formatter: logging.Formatter, record: logging.LogRecord) -> Mapping[str, object]:
    facts: dict[str, object] = dict(getattr(record, "facts", {}))
    if record.exc_info:
        facts["trace"] = formatter.formatException(record.exc_info)
    return facts


def _value(value: object) -> str:
    text = str(value)
    # JSON's quoting keeps line ends and control characters from making a second line.
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=True)

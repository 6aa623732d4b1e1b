"""The log: one line an event, whatever is in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms import config as configuration
from gitcms import logs
from gitcms.config import Config


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    logger = logging.getLogger(logs.ROOT)
    kept = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.level, logger.propagate = kept


def settings(**values: str) -> Config:
    return configuration.load().with_values("log", **values)


def record(message: str, **facts: object) -> logging.LogRecord:
    made = logging.LogRecord(logs.ROOT, logging.INFO, "", 0, message, (), None)
    made.created = 1_767_225_600.0
    made.facts = facts
    return made


def test_a_line_for_people() -> None:
    line = logs.KeyValues().format(record("signed_in", who=3, how="by link"))
    assert line == '2026-01-01T00:00:00Z info signed_in who=3 how="by link"'


def test_a_line_for_programs() -> None:
    line = logs.JsonLines().format(record("signed_in", who=3))
    assert json.loads(line) == {"at": "2026-01-01T00:00:00Z", "level": "info", "event": "signed_in", "who": 3}


@given(text=st.text())
def test_an_event_is_one_line_whatever_is_in_it(text: str) -> None:
    for style in (logs.KeyValues(), logs.JsonLines()):
        line = style.format(record(text or "x", path=text))
        assert len(line.splitlines()) == 1
        assert line.isprintable()


def test_a_trace_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(settings(format="json").log)
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        logs.event("fault", level=logging.ERROR, error=error)
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: two\nlines" in json.loads(line)["trace"]


def test_what_is_none_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(settings().log)
    logs.event("request", who=None, status=200)
    assert capsys.readouterr().err.endswith("info request status=200\n")


def test_less_than_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(settings(level="warning").log)
    logs.event("request")
    assert capsys.readouterr().err == ""

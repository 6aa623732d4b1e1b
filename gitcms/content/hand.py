"""One of several processes that read contents: asked on its standard input, it answers on its output.

Who starts them and shares the work among them is `gitcms.index.hands`. What is here is all that they
import, so that they are soon ready. Question and answer are sent as Python itself keeps values (`marshal`),
with the length before them: both ends are one Python, and reading JSON took as long as keeping the words.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeAlias

from gitcms.content.facts import UNREADABLE, Facts, Words, facts_of, words_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A content to be read: `data` is None where it is damaged. `worded`: its words are wanted, too.

    `known` is what was read of it before, so that its fields are not read again.
    """

    path: str
    data: bytes | None
    worded: bool = False
    known: Facts | None = None


Told: TypeAlias = tuple[Facts, Words | None]

_LENGTH = 8


def tell(asked: Sequence[Asked]) -> list[Told]:
    """Return the facts of contents and, where they are wanted, their words."""
    return [_told(each) for each in asked]


def send_question(asked: Sequence[Asked], to: IO[bytes]) -> None:
    """Write what `main` reads."""
    _send([(one.path, one.data, one.worded, one.known and _listed(one.known)) for one in asked], to)


def read_answer(answers: IO[bytes]) -> list[Told]:
    """Return what `main` wrote. :raises ValueError: it is no whole answer."""
    if not (answer := _received(answers)):
        raise ValueError("the other end is gone")
    return [(Facts(*facts), Words(*words) if words else None) for facts, words in marshal.loads(answer)]


def main() -> None:
    """Answer until the input ends."""
    while question := _received(sys.stdin.buffer):
        asked = [
            Asked(path, data, worded, Facts(*known) if known else None)
            for path, data, worded, known in marshal.loads(question)
        ]
        answer = [
            (_listed(facts), words and (words.keys, words.said, words.text, words.partly))
            for facts, words in tell(asked)
        ]
        _send(answer, sys.stdout.buffer)


def _send(what: Any, to: IO[bytes]) -> None:
    data = marshal.dumps(what)
    to.write(len(data).to_bytes(_LENGTH))
    to.write(data)
    to.flush()


def _received(where: IO[bytes]) -> bytes:
    """What was sent; nothing where the other end is gone before it was all there."""
    length = int.from_bytes(where.read(_LENGTH))
    data = where.read(length)
    return data if len(data) == length else b""


def _told(asked: Asked) -> Told:
    facts = asked.known
    if facts is None:
        facts = facts_of(asked.data, asked.path) if asked.data is not None else UNREADABLE
    return facts, words_of(asked.data or b"", asked.path, facts) if asked.worded else None


def _listed(facts: Facts) -> tuple[str, str, str, bool]:
    return facts.format, facts.fields, facts.excerpt, facts.readable

"""One of several processes that read contents: asked on its standard input, it answers on its output.

Who starts them and shares the work among them is `gitcms.index.hands`. What is here is all that they
import, so that they are soon ready. Asked is a line of JSON with the bytes of the contents behind it; the
answer is a line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
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


def tell(asked: Sequence[Asked]) -> list[Told]:
    """Return the facts of contents and, where they are wanted, their words."""
    return [_told(each) for each in asked]


def send_question(asked: Sequence[Asked], to: IO[bytes]) -> None:
    """Write what `main` reads."""
    heads = [
        (one.path, None if one.data is None else len(one.data), one.worded, one.known and _listed(one.known))
        for one in asked
    ]
    to.write(json.dumps(heads).encode() + b"\n")
    for one in asked:
        to.write(one.data or b"")
    to.flush()


def read_answer(answer: bytes) -> list[Told]:
    """Return what `main` wrote. :raises ValueError: it is no whole answer."""
    return [
        (Facts(*facts), Words(tuple(map(tuple, words[0])), *words[1:]) if words else None)
        for facts, words in json.loads(answer)
    ]


def main() -> None:
    """Answer until the input ends."""
    while heads := sys.stdin.buffer.readline():
        told = tell(list(_asked(json.loads(heads), sys.stdin.buffer)))
        answer = [
            (_listed(facts), words and (words.keys, words.said, words.text, words.partly))
            for facts, words in told
        ]
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _asked(heads: Sequence[Any], rest: IO[bytes]) -> Iterator[Asked]:
    for path, size, worded, known in heads:
        yield Asked(path, None if size is None else rest.read(size), worded, Facts(*known) if known else None)


def _told(asked: Asked) -> Told:
    facts = asked.known
    if facts is None:
        facts = facts_of(asked.data, asked.path) if asked.data is not None else UNREADABLE
    return facts, words_of(asked.data or b"", asked.path, facts) if asked.worded else None


def _listed(facts: Facts) -> tuple[str, str, str, bool]:
    return facts.format, facts.fields, facts.excerpt, facts.readable

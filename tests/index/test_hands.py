"""Contents read by several processes: the same as read by one, whatever becomes of the others."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence

import pytest

from gitcms.content.facts import Facts, packed
from gitcms.content.hand import Asked, tell
from gitcms.index import hands

POST = "---\ntitle: Río {0}\ntags: [a, {0}]\n---\n東京 {0}\n"
CONTENTS = [
    *(Asked(f"{n}.md", POST.format(n).encode(), worded=bool(n % 2)) for n in range(80)),
    Asked("gone.md", None, worded=True),
    Asked("torn.md", b"---\na: [\n---\n\xff"),
    Asked("a\udcff.md", b""),
]


@pytest.fixture(autouse=True)
def _several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "ENOUGH", 1)
    monkeypatch.setattr(hands, "processors", lambda: 2)


def parts() -> Iterator[Sequence[Asked]]:
    yield from (CONTENTS[at : at + 7] for at in range(0, len(CONTENTS), 7))


def test_several_hands_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = []
    real = hands.hand.read_answer
    monkeypatch.setattr(hands.hand, "read_answer", lambda answer: answered.append(1) or real(answer))
    found = list(hands.told(parts(), list, len(CONTENTS)))
    assert [each for part, _ in found for each in part] == CONTENTS
    assert [each for _, told in found for each in told] == tell(CONTENTS)
    assert answered


def test_words_of_what_is_known_are_found_without_reading_its_fields_again() -> None:
    known = Facts("yaml", packed({"title": "Another", "n": [1, "Zwei"]}), "", readable=True)
    asked = [Asked(each.path, each.data, worded=True, known=known) for each in CONTENTS]
    found = list(hands.told([asked], list, len(asked), ahead=3))
    assert [told for _, told in found] == [tell(asked)]
    assert all(words and words.said == "another zwei" for _, words in found[0][1])


def test_what_a_hand_leaves_undone_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    real = hands.hand.send_question

    def killed(asked, to):
        for process in started:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        real(asked, to)

    started: list = []
    start = hands.subprocess.Popen
    monkeypatch.setattr(
        hands.subprocess, "Popen", lambda *a, **k: started.append(start(*a, **k)) or started[-1]
    )
    monkeypatch.setattr(hands.hand, "send_question", killed)
    assert [each for _, told in hands.told(parts(), list, len(CONTENTS)) for each in told] == tell(CONTENTS)
    assert started


def test_a_machine_that_starts_no_process_reads_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args, **_options):
        raise PermissionError("no processes here")

    monkeypatch.setattr(hands.subprocess, "Popen", refuse)
    assert [each for _, told in hands.told(parts(), list, len(CONTENTS)) for each in told] == tell(CONTENTS)


def test_all_hands_end_with_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list = []
    start = hands.subprocess.Popen
    monkeypatch.setattr(
        hands.subprocess, "Popen", lambda *a, **k: started.append(start(*a, **k)) or started[-1]
    )
    for _ in hands.told(parts(), list, len(CONTENTS)):
        break
    assert all(process.poll() is not None for process in started)

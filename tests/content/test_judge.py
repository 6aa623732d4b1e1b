"""Posts, real and made, edited in every way that an author can, before a judge that knows no code of ours.

The whole list is asked by `python tests/content/judge/run.py`; here is a part of it.
"""

from __future__ import annotations

import os

import pytest

from tests.content.judge import run, saving
from tests.content.judge.oracle import Ask
from tests.content.judge.verdict import faults

CORPUS = os.environ.get("GITCMS_CORPUS", "")


def told(tally: run.Tally) -> str:
    return "\n".join(f"{one.name} {one.ask}: {one.fate}, {one.why}" for one in tally.bad[:10])


def test_edits_of_made_files_do_what_was_asked_and_nothing_else():
    tally = run.Tally()
    for name, source in run.files(""):
        for outcome in run.outcomes(name, source):
            tally.add(outcome)
    assert tally.total["exact"] > 2500 and not tally.bad, told(tally)
    assert tally.total["refused"] < tally.total["exact"] / 25


@pytest.mark.skipif(not CORPUS, reason="needs real posts: set GITCMS_CORPUS to a folder of them")
def test_edits_of_real_posts_do_what_was_asked_and_nothing_else():
    tally = run.Tally()
    for name, source in run.files(CORPUS, every=12):
        for outcome in run.outcomes(name, source):
            tally.add(outcome)
    assert tally.total["exact"] > 3000 and not tally.bad, told(tally)
    assert tally.total["refused"] < tally.total["exact"] / 50


def test_the_command_line_does_the_same():
    asked = 0
    outcomes = [one for name, source in run.files("") for one in run.outcomes(name, source)]
    for outcome in outcomes[::60]:
        asked += saving.command_line_agrees(outcome.source, outcome.ask, outcome.fate, outcome.out)
    assert asked > 30


@pytest.mark.parametrize(
    ("ask", "after", "fault"),
    [
        (Ask("", "set", ("a",), "y"), "---\na: y # c\nb: [p, q]\n---\nText\n", ""),
        (Ask("", "set", ("a",), "y"), "---\na: y\nb: [p, q]\n---\nText\n", "comment: lost"),
        (Ask("", "set", ("a",), "y"), "---\na: z # c\nb: [p, q]\n---\nText\n", "value: "),
        (Ask("", "set", ("a",), "y"), "---\na: y # c\nb: [p,q]\n---\nText\n", "bytes: "),
        (Ask("", "set", ("a",), "y"), "---\na: y # c\nb: [p, q]\n---\nText.\n", "bytes: "),
        (Ask("", "set", ("a",), "no"), "---\na: no # c\nb: [p, q]\n---\nText\n", "value: "),
        (Ask("", "append", ("b",), "r"), "---\na: x # c\nb: [p, q, r]\n---\nText\n", ""),
        (Ask("", "append", ("b",), "r"), "---\na: x # c\nb:\n- p\n- q\n- r\n---\nText\n", "bytes: "),
        (Ask("", "append", ("b",), "Red boat"), "---\na: x # c\nb: [p, q, 'Red boat']\n---\nText\n", "style"),
        (Ask("", "unset", ("a",)), "---\nb: [p, q]\n---\nText\n", ""),
        (Ask("", "unset", ("a",)), "---\nb: [p]\n---\nText\n", "bytes: "),
        (Ask("", "move", ("b",), index=0, to=1), "---\na: x # c\nb: [q, p]\n---\nText\n", ""),
        (Ask("", "move", ("b",), index=0, to=1), "---\na: x # c\nb: [q,  p]\n---\nText\n", "bytes: "),
        (Ask("", "rename", ("a",), name="z"), "---\nz: x # c\nb: [p, q]\n---\nText\n", ""),
        (Ask("", "rename", ("a",), name="z"), "---\nz: 'x' # c\nb: [p, q]\n---\nText\n", "bytes: "),
    ],
)
def test_the_judge_sees_what_is_wrong(ask, after, fault):
    found = faults(b"---\na: x # c\nb: [p, q]\n---\nText\n", ask, after.encode())
    assert any(one.startswith(fault) for one in found) if fault else not found


@pytest.mark.parametrize("index", range(3))
def test_a_tag_of_org_goes_with_one_of_its_colons(index):
    tags = ["no", "no", "1e3"]
    source = "#+TITLE: a\n#+FILETAGS:  :{}:\n\nText\n"
    ask = Ask("", "unset", ("filetags", index))
    left = ":".join(tags[:index] + tags[index + 1 :])
    assert not list(faults(source.format(":".join(tags)).encode(), ask, source.format(left).encode()))
    more = source.format(left).replace("  :", " :").encode()
    assert list(faults(source.format(":".join(tags)).encode(), ask, more))

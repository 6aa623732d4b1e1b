"""The proof behind each edit: every dialect has to agree, not one of them."""

from __future__ import annotations

from gitcms.content.formats import FORMATS
from gitcms.content.formats.base import reads_as


def test_a_text_reads_as_expected_only_where_every_dialect_does():
    yaml = FORMATS["yaml"]
    one, two = yaml.readings("a: no\n")
    assert one != two
    assert reads_as(yaml, "a: no\n", [one, two])
    assert not reads_as(yaml, "a: no\n", [one, one])
    assert not reads_as(yaml, "a: no\n", [two, two])


def test_a_text_that_cannot_be_read_reads_as_nothing_expected():
    yaml = FORMATS["yaml"]
    assert not reads_as(yaml, "a: [\n", yaml.readings("a: x\n"))

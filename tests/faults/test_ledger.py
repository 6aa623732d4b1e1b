"""The ledger of faults is true: each test that it names is there, each fault without one says why."""

from __future__ import annotations

from pathlib import Path

from tests import conftest
from tests.faults.bad_inputs import ADDRESSES, MESSAGES, PATHS, PEOPLE, REFS
from tests.faults.ledger import CONNECTIONS, FAULTS, REPOSITORIES
from tests.faults.test_bad_inputs import LINKS, TAKEN

TOP = Path(__file__).resolve().parents[2]
# Nothing else is a reason to leave a fault out.
REASONS = ("not built: ", "not to be had: ")
AUTOMATED = 138
"""How many are forced by now. With what is pushed and told to others built, it is all but one."""


def test_every_fault_has_its_line() -> None:
    assert [fault.id for fault in FAULTS] == [f"F{number:03}" for number in range(1, 140)]
    assert len({fault.what for fault in FAULTS}) == len(FAULTS)


def test_every_test_that_is_named_is_written() -> None:
    written: dict[str, set[str]] = {}
    missing = []
    lines = [(fault.id, named) for fault in FAULTS for named in fault.tests]
    for number, named in [*lines, *REPOSITORIES.items(), *CONNECTIONS.items()]:
        file, _, name = named.partition("::")
        if file not in written:
            written[file] = {test for _, test in conftest.tests_written(TOP / file)}
        missing += [] if name in written[file] else [f"{number}: {named}"]
    assert missing == []


def test_what_is_not_forced_says_why() -> None:
    for fault in FAULTS:
        assert bool(fault.tests) != bool(fault.why_not), fault
        assert not fault.why_not or fault.why_not.startswith(REASONS), fault
    assert sum(bool(fault.tests) for fault in FAULTS) >= AUTOMATED


def test_the_bad_inputs_have_all_their_numbers() -> None:
    """Those that are tried one by one elsewhere are named here."""
    paths = {*PATHS, *LINKS, *TAKEN, "PATH-055", "PATH-057", "PATH-058", "PATH-059", "PATH-112", "PATH-113"}
    assert paths == {f"PATH-{number:03}" for number in range(1, 116)}
    assert set(REFS) == {f"REF-{number:03}" for number in range(1, 42)}
    assert {*PEOPLE, *MESSAGES, "COMMIT-015"} == {f"COMMIT-{number:03}" for number in range(1, 28)}
    assert set(CONNECTIONS) == {f"REMOTE-{number:03}" for number in range(1, 31)}
    assert set(ADDRESSES) < set(CONNECTIONS)

"""Rules that a site brings itself: functions that a package offers under the entry point `gitcms.checks`.

A rule is called once a check with the whole site and yields `Problem`s. Its name as an entry point is that
of its findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from gitcms.checks.findings import Finding, Severity
from gitcms.checks.site import CheckedSite
from gitcms.content.values import Path
from gitcms.errors import ConfigError

GROUP = "gitcms.checks"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule has to say: about which file, in a sentence, and about which value of it.

    `place` is the way to a value, such as `("links", 0, "url")`, whose line is then found; `line` is for what
    is no value.
    """

    path: str
    sentence: str
    place: Path = ()
    line: int = 0
    severity: Severity = "error"


Rule = Callable[[CheckedSite], Iterable[Problem]]


def installed() -> list[EntryPoint]:
    """Return the rules that are installed beside gitcms, by name."""
    return sorted(entry_points(group=GROUP), key=lambda one: one.name)


def findings(site: CheckedSite) -> Iterator[Finding]:
    """Yield what the installed rules find.

    :raises ConfigError: one of them cannot be loaded, or fails; the message names it.
    """
    for one in installed():
        try:
            rule: Rule = one.load()
            found = list(rule(site))
        except Exception as error:
            raise ConfigError(
                f"The rule “{one.name}” of {one.value} stopped: {type(error).__name__}: {error}",
                hint="Mend it, or uninstall the package that brings it.",
            ) from error
        for each in found:
            yield Finding(each.path, one.name, each.severity, each.sentence, each.place, each.line)

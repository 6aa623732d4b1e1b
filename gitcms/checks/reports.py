"""How findings are told: to people, to programs, to code hosts.

JSON is a promise to scripts. SARIF is that of OASIS, version 2.1.0 (sections 3.13 ff.); annotations are the
workflow commands of GitHub Actions ("Workflow commands", `error` and `warning`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from gitcms import __version__
from gitcms.checks.findings import RULES, Finding

Told = Callable[[Sequence[Finding], str], Iterator[str]]
"""From findings, and what stands before their paths as seen from the current folder, to lines."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def human(findings: Sequence[Finding], before: str = "") -> Iterator[str]:
    """Yield a line for each finding, as editors and terminals read them, and one that counts them."""
    for one in findings:
        about = f" [{one.field}]" if one.field else ""
        place = f"{one.line}:{one.column}" if one.column else str(one.line)
        yield f"{before}{one.path}:{place}: {one.severity}: {one.sentence}{about} ({one.rule})"
    counts = Counter(one.severity for one in findings)
    files = len({one.path for one in findings})
    told = [_number(counts[name], name) for name in ("error", "warning") if counts[name]]
    yield f"{' and '.join(told)} in {_number(files, 'file')}." if told else "Nothing is wrong."


def as_json(findings: Sequence[Finding], before: str = "") -> Iterator[str]:
    """Yield one object: `findings`, and how many `errors` and `warnings` there are. Paths are the site's."""
    counts = Counter(one.severity for one in findings)
    data = {
        "errors": counts["error"],
        "warnings": counts["warning"],
        "findings": [
            {
                "path": one.path,
                "line": one.line,
                "column": one.column or None,
                "severity": one.severity,
                "rule": one.rule,
                "field": one.field,
                "message": one.sentence,
            }
            for one in findings
        ],
    }
    yield json.dumps(data, indent=2, ensure_ascii=False)


def sarif(findings: Sequence[Finding], before: str = "") -> Iterator[str]:
    """Yield a log of one run."""
    names = [*RULES, *sorted({one.rule for one in findings} - RULES.keys())]
    rules = [
        {
            "id": name,
            "shortDescription": {"text": RULES.get(name, f"What the installed rule “{name}” finds.")},
        }
        for name in names
    ]
    run = {
        "tool": {"driver": {"name": "gitcms", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, names.index(one.rule), before) for one in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    yield json.dumps(log, indent=2, ensure_ascii=False)


def github(findings: Sequence[Finding], before: str = "") -> Iterator[str]:
    """Yield a workflow command for each finding."""
    for one in findings:
        places = {"file": before + one.path, "line": one.line, "col": one.column, "title": one.rule}
        said = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value)
        about = f"{one.field}: " if one.field else ""
        yield f"::{one.severity} {said}::{_data(about + one.sentence)}"


REPORTS: Mapping[str, Told] = {"human": human, "json": as_json, "sarif": sarif, "github": github}


def _result(one: Finding, number: int, before: str) -> dict[str, Any]:
    region = {"startLine": max(one.line, 1)} | ({"startColumn": one.column} if one.column else {})
    place = {"artifactLocation": {"uri": quote(before + one.path)}, "region": region}
    about = f"{one.field}: " if one.field else ""
    return {
        "ruleId": one.rule,
        "ruleIndex": number,
        "level": one.severity,
        "message": {"text": about + one.sentence},
        "locations": [{"physicalLocation": place}],
    }


def _number(count: int, name: str) -> str:
    return f"{count} {name}" + ("" if count == 1 else "s")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

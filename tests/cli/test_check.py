"""What a check finds is told to people, programs and code hosts, and by its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gitcms.checks import RULES
from gitcms.cli.check import check
from gitcms.resources import docs_folder
from tests.checks.test_checks import CLEAN, broken, written

BROKEN = {
    **CLEAN,
    **broken(20, "river-20.png", "river-01.png"),
    **broken(13, "author: ines", "title: 5 %, a:b"),
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(check, arguments)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return written(tmp_path / "my site", BROKEN)


def test_people_are_told_file_line_and_column(site: Path) -> None:
    result, posts = run(str(site)), "my site/_posts/2026-03-"
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{posts}13-rain.md:6: warning: “title” stands there twice. The last one counts. (duplicate-key)",
        f"{posts}20-rain.md:5:6: error: There is no picture “river-01.png” in this site. [img] (image)",
        "1 error and 1 warning in 2 files.",
    ]


def test_a_clean_site_exits_with_nothing(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, CLEAN)))
    assert (result.exit_code, result.output) == (0, "Nothing is wrong.\n")


def test_misuse_is_told_apart_from_findings(site: Path) -> None:
    assert run(str(site), "--file", "_posts/none.md").exit_code == 2
    assert run(str(site), "--nonsense").exit_code == 2
    missing = run(str(site / "missing"))
    assert str(missing.exception) == "There is no such folder."


def test_programs_are_told_the_same_as_data(site: Path) -> None:
    data = json.loads(run(str(site), "--json").output)
    assert (data["errors"], data["warnings"]) == (1, 1)
    assert data["findings"][1] == {
        "path": "_posts/2026-03-20-rain.md",
        "line": 5,
        "column": 6,
        "severity": "error",
        "rule": "image",
        "field": "img",
        "message": "There is no picture “river-01.png” in this site.",
    }


def test_a_sarif_log_has_what_the_standard_wants(site: Path) -> None:
    log: dict[str, Any] = json.loads(run(str(site), "--sarif").output)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (one_run,) = log["runs"]
    driver = one_run["tool"]["driver"]
    assert driver["name"] == "gitcms"
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for result in one_run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning") and result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert " " not in place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] >= 1 and place["region"].get("startColumn", 1) >= 1
    places = [one["locations"][0]["physicalLocation"] for one in one_run["results"]]
    assert places[1]["artifactLocation"]["uri"] == "my%20site/_posts/2026-03-20-rain.md"
    assert places[1]["region"] == {"startLine": 5, "startColumn": 6}


def test_annotations_are_commands_that_nothing_in_them_ends(site: Path) -> None:
    odd = written(site, {"_posts/2026-03-21-a,b:c.md": BROKEN["_posts/2026-03-20-rain.md"]})
    lines = run(str(odd), "--github").output.splitlines()
    assert (
        "::error file=my site/_posts/2026-03-20-rain.md,line=5,col=6,title=image"
        "::img: There is no picture “river-01.png” in this site." in lines
    )
    assert any(
        line.startswith("::error file=my site/_posts/2026-03-21-a%2Cb%3Ac.md,line=5") for line in lines
    )


def test_only_the_files_that_are_named_are_spoken_of(site: Path) -> None:
    one = run(str(site), "--json", "--file", "_posts/2026-03-13-rain.md")
    assert [found["rule"] for found in json.loads(one.output)["findings"]] == ["duplicate-key"]
    from_here = run(str(site), "--json", "--file", "my site/_posts/2026-03-20-rain.md")
    assert [found["rule"] for found in json.loads(from_here.output)["findings"]] == ["image"]
    clean = run(str(site), "--file", "_posts/2026-03-14-rain.md")
    assert clean.exit_code == 0


def test_warnings_can_be_left_out_and_then_fail_nothing(tmp_path: Path) -> None:
    site = written(tmp_path, {**CLEAN, **broken(13, "author: ines", "title: Again")})
    assert run(str(site)).exit_code == 1
    assert run(str(site), "--errors").exit_code == 0


def test_every_rule_is_documented() -> None:
    page = (docs_folder() / "command-line.md").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"\n| `{rule}` |" not in page] == []

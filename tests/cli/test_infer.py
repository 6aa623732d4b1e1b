"""The model of a site is told to people and to programs, from any folder."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gitcms.cli.infer import infer
from gitcms.resources import docs_folder
from gitcms.schema.fields import FIELD_TYPES
from tests.making import make_repository
from tests.schema.sites import BLOG, PORTFOLIO


def write(folder: Path, site: Mapping[str, str]) -> Path:
    for path, text in site.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> dict[str, Any]:
    result = CliRunner().invoke(infer, [str(folder), "--json"])
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def test_the_model_of_a_folder_is_printed_as_data(tmp_path: Path) -> None:
    posts, pages = told(write(tmp_path, PORTFOLIO))["collections"]
    assert (posts["path"], posts["kind"], posts["files"]) == ("_posts", "folder", 4)
    assert (pages["path"], pages["kind"], pages["files"]) == ("", "pages", 1)
    fields = {field["name"]: field for field in posts["fields"]}
    assert fields["links"]["type"] == "list of objects"
    assert fields["links"]["coverage"] == 0.75
    assert fields["links[].type"]["type"] == "select"
    assert fields["links[].type"]["choices"] == ["link", "github"]
    assert fields["title"]["meaning"] == "title" and fields["title"]["required"]


def test_dates_and_mixed_values_are_told_as_they_are_written(tmp_path: Path) -> None:
    post = "---\ntitle: T\ndate: 2025-01-0{day} 10:00:00 +0100\ncategory: {category}\n---\n"
    posts = {
        f"_posts/2025-01-0{day}-x.md": post.format(day=day, category=category)
        for day, category in ((1, "water"), (2, "[water, rain]"), (3, "rain"))
    }
    fields = {one["name"]: one for one in told(write(tmp_path, posts))["collections"][0]["fields"]}
    assert fields["date"]["spelling"] == "2006-01-02 15:04:05 +0100"
    assert fields["category"]["one_or_list"] is True


def test_a_repository_says_the_same_and_leaves_out_what_it_ignores(tmp_path: Path) -> None:
    ignored = {"_posts/2025-01-01-ignored.md": "---\ntitle: Built\n---\n"}
    clone = make_repository(tmp_path / "clone", {**PORTFOLIO, ".gitignore": "*ignored.md\n"})
    write(clone, ignored)
    assert told(clone) == told(write(tmp_path / "folder", PORTFOLIO))


def test_a_folder_that_a_repository_around_it_ignores_is_read_all_the_same(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("site/\n")
    assert told(write(tmp_path / "site", BLOG))["generator"] == "hugo"


def test_the_summary_names_what_stands_out(tmp_path: Path) -> None:
    posts = {
        f"_posts/2025-01-0{day}-x.md": f"---\ntitle: T\nlinks: [{{url: 'https://example.org/{day}'}}]\n---\n"
        for day in range(1, 8)
    }
    posts["_posts/2025-02-01-odd.md"] = "---\ntitle: Odd\ntitle: Odder\nlinks: none yet\n---\n"
    posts["_posts/2025-02-02-torn.md"] = "---\ntitle: [\n---\n"
    text = CliRunner().invoke(infer, [str(write(tmp_path, posts))]).output
    assert "Posts: 9 files in _posts" in text
    assert "    links[].url  URL in 100 %" in text
    assert "! _posts/2025-02-01-odd.md: “title” stands there twice. The last one counts." in text
    assert "! _posts/2025-02-01-odd.md: links: Text, and list of objects in most others" in text
    assert (
        "! _posts/2025-02-02-torn.md: The fields at the top of this file cannot be read (line 3, column 1)"
        in text
    )


def test_links_do_not_lead_out_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("---\ntitle: Secret\n---\n")
    site = write(tmp_path / "site", {"pages/a.md": "---\ntitle: A\n---\n"})
    (site / "pages" / "b.md").symlink_to(tmp_path / "secret.md")
    assert [one["files"] for one in told(site)["collections"]] == [1]


def test_a_folder_without_posts_and_none_at_all_get_a_sentence(tmp_path: Path) -> None:
    assert "no Markdown file was found" in CliRunner().invoke(infer, [str(tmp_path)]).output
    missing = CliRunner().invoke(infer, [str(tmp_path / "missing")])
    assert str(missing.exception) == "There is no such folder."


def test_every_type_is_documented_by_its_name_outside() -> None:
    page = (docs_folder() / "fields.md").read_text(encoding="utf-8")
    assert [kind.spelled for kind in FIELD_TYPES.values() if f"\n| {kind.spelled} |" not in page] == []

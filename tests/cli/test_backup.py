"""`gitcms backup` and `gitcms restore`: one file, and a site on another machine goes on with its people."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from gitcms.cli.backup import backup
from gitcms.cli.restore import restore
from gitcms.cli.user import user
from tests.making import JEKYLL, git, make_repository


def test_people_go_to_another_machine_in_one_file(tmp_path: Path) -> None:
    here = make_repository(tmp_path / "here", JEKYLL)
    there = tmp_path / "there"
    git(tmp_path, "clone", "-q", str(here), str(there))
    options = {}
    for name, site in (("a", here), ("b", there)):
        config = tmp_path / f"{name}.toml"
        config.write_text(f'[state]\nfolder = "{tmp_path / name}"\n', encoding="utf-8")
        options[name] = ["--site", str(site), "--config", str(config)]
    run = CliRunner().invoke
    added = run(user, ["add", "ada@example.org", "--name", "Ada", "--role", "admin", *options["a"]])
    assert added.exit_code == 0, added.output
    made = run(backup, [str(tmp_path / "b.zip"), *options["a"]])
    assert made.exit_code == 0, made.output
    assert "holds 1 person" in made.output
    put = run(restore, [str(tmp_path / "b.zip"), *options["b"]])
    assert put.exit_code == 0, put.output
    assert "1 person is here" in put.output
    assert "ada@example.org  admin" in run(user, ["list", *options["b"]]).output
    again = run(restore, [str(tmp_path / "b.zip"), *options["b"]])
    assert again.exit_code != 0
    assert "accounts here already" in str(again.exception)

"""`gitcms user`: people are let in and shut out from the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gitcms.accounts.refusals import InvalidAccount
from gitcms.cli.user import user
from gitcms.errors import AccountError, NotFound, RepositoryUnusable
from gitcms.site import open_site
from gitcms.web.app import create_app
from tests.making import JEKYLL, git, make_repository, settings

Run = Callable[..., Result]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "site", JEKYLL)


@pytest.fixture
def run(tmp_path: Path, clone: Path) -> Run:
    config = tmp_path / "gitcms.toml"
    config.write_text(f'[state]\nfolder = "{tmp_path / "state"}"\n', encoding="utf-8")

    def run(*arguments: str, **options: str) -> Result:
        return CliRunner().invoke(
            user, [*arguments, "--site", str(clone), "--config", str(config)], **options
        )

    return run


def link_of(result: Result) -> str:
    assert result.exit_code == 0, result.output
    address = result.output.splitlines()[-1]
    assert address.startswith("http://127.0.0.1:8800/sign-in/")
    return address.removeprefix("http://127.0.0.1:8800")


def test_somebody_is_added_and_comes_in_by_the_link(run: Run, clone: Path, tmp_path: Path) -> None:
    link = link_of(run("add", "ines@example.org", "--name", "Inés Caldera", "--role", "admin"))
    config = settings(clone, tmp_path / "state")
    site = open_site(config)
    try:
        client = create_app(config, site).test_client()
        assert client.get(link).status_code == 200
    finally:
        site.close()


def test_people_are_let_in_while_a_developer_is_at_work_in_the_folder(run: Run, clone: Path) -> None:
    git(clone, "checkout", "-q", "--detach")
    link_of(run("add", "ines@example.org", "--name", "Inés Caldera"))


def test_a_name_is_asked_for(run: Run) -> None:
    link_of(run("add", "ines@example.org", input="Inés Caldera\n"))
    assert "Inés Caldera" in run("list").output


def test_everybody_is_listed_with_role_and_state(run: Run) -> None:
    run("add", "ada@example.org", "--name", "Ada Rivas", "--role", "admin")
    run("add", "bruno@example.org", "--name", "Bruno Vidal")
    run("disable", "bruno@example.org")
    assert run("list").output.splitlines() == [
        "ada@example.org    admin        active    Ada Rivas",
        "bruno@example.org  author       disabled  Bruno Vidal",
    ]


def test_nobody_is_said_to_be_nobody(run: Run) -> None:
    assert "Nobody yet." in run("list").stderr


def test_a_role_is_changed_and_an_account_opened_again(run: Run) -> None:
    run("add", "ada@example.org", "--name", "Ada Rivas", "--role", "admin")
    run("add", "bruno@example.org", "--name", "Bruno Vidal")
    run("disable", "bruno@example.org")
    assert run("enable", "BRUNO@example.org").exit_code == 0
    assert run("role", "bruno@example.org", "reviewer").output == "Bruno Vidal is reviewer from now on.\n"


def test_somebody_is_let_write_in_some_places_and_everywhere_again(run: Run) -> None:
    run("add", "bruno@example.org", "--name", "Bruno Vidal")
    narrowed = run("places", "bruno@example.org", "posts", "_projects/")
    assert narrowed.output == "Bruno Vidal may write in posts, _projects/ from now on.\n"
    error = run("places", "bruno@example.org", "post").exception
    assert isinstance(error, InvalidAccount)
    assert "There is no collection “post” here." in str(error)
    assert run("places", "bruno@example.org").output == "Bruno Vidal may write everywhere from now on.\n"


def test_a_new_link_is_another_one(run: Run) -> None:
    first = link_of(run("add", "ines@example.org", "--name", "Inés Caldera"))
    assert link_of(run("link", "ines@example.org")) != first


def test_nobody_shuts_the_last_administrator_out(run: Run) -> None:
    run("add", "ada@example.org", "--name", "Ada Rivas", "--role", "admin")
    assert isinstance(run("disable", "ada@example.org").exception, AccountError)


def test_somebody_unknown_is_an_error_with_a_hint(run: Run) -> None:
    error = run("link", "nobody@example.org").exception
    assert isinstance(error, NotFound)
    assert "gitcms user list" in error.hint


def test_what_is_no_site_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(user, ["list", "--site", str(tmp_path / "empty")])
    assert isinstance(result.exception, RepositoryUnusable)

"""Where the remote is: what is configured counts first, what is kept is sealed and can be moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitcms import backup
from gitcms import config as configuration
from gitcms.errors import ConfigError, StorageFailed
from gitcms.remotes import connection
from gitcms.repository import check_address
from tests.making import settings

SSH = check_address("ssh://git@git.example.org/site.git")
HTTPS = check_address("https://git.example.org/site.git")


def test_what_is_configured_counts_before_what_is_kept(tmp_path: Path) -> None:
    config = settings(tmp_path, tmp_path)
    assert connection.connection_of(config, tmp_path) is None
    connection.keep(tmp_path, HTTPS, "user", "pa55word")
    kept = connection.connection_of(config, tmp_path)
    assert kept is not None and kept.url == HTTPS.url
    assert connection.keys(kept, tmp_path).password == "pa55word"
    configured = connection.connection_of(config.with_values("remote", url=SSH.url), tmp_path)
    assert configured is not None and (configured.url, configured.user) == (SSH.url, "")


def test_a_kept_password_is_readable_with_this_clones_key_alone(tmp_path: Path) -> None:
    connection.keep(tmp_path, HTTPS, "user", "pa55word")
    file = tmp_path / connection.KEPT
    assert "pa55word" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    kept = connection.connection_of(configuration.load(), tmp_path)
    assert kept is not None
    assert "pa55word" not in repr(kept) + repr(connection.keys(kept, tmp_path))
    (tmp_path / "secret.key").unlink()
    with pytest.raises(StorageFailed, match="stored secret"):
        connection.keys(kept, tmp_path)


def test_what_is_kept_works_in_a_folder_of_another_name(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    connection.keep(old, SSH)
    for name in (connection.KEY, connection.HOSTS):
        (old / name).write_text("")
    shutil.copytree(old, new)
    kept = connection.connection_of(configuration.load(), new)
    assert kept is not None
    assert (kept.key_file, kept.known_hosts) == (str(new / connection.KEY), str(new / connection.HOSTS))


def test_a_backup_holds_all_that_is_kept() -> None:
    assert {connection.KEPT, connection.KEY, connection.HOSTS, "remote-choices.json"} <= set(backup.FILES)


@pytest.mark.parametrize("text", ["two\nlines\n", "x" * 5000])
def test_a_file_that_holds_more_than_a_password_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "password").write_text(text)
    with pytest.raises(ConfigError, match="more than a password"):
        connection.read_password(str(tmp_path / "password"))


def test_a_damaged_file_is_no_remote(tmp_path: Path) -> None:
    (tmp_path / connection.KEPT).write_text("{")
    assert connection.connection_of(configuration.load(), tmp_path) is None

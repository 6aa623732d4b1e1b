"""Programs of other people's, planted wherever Git would start one: none runs, and the site opens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, Form, Person, serving

EYES = "/collections/projects/entries/_projects/eyes-on-the-river.md"
PAST = EYES.replace("/entries/", "/history/")
DELETION = EYES.replace("/entries/", "/deletions/")
LETTERS = "/collections/projects/entries/_projects/letters.md"
HOOKS = """
applypatch-msg commit-msg fsmonitor-watchman p4-changelist p4-post-changelist p4-pre-submit
p4-prepare-changelist post-applypatch post-checkout post-commit post-index-change post-merge
post-receive post-rewrite post-update pre-applypatch pre-auto-gc pre-commit pre-merge-commit
pre-push pre-rebase pre-receive prepare-commit-msg proc-receive push-to-checkout
reference-transaction sendemail-validate update
"""
# Each of these settings names a program, or a file that does.
PROGRAMS = """
core.fsmonitor core.sshCommand core.askPass core.editor core.pager core.alternateRefsCommand
core.gitProxy sequence.editor diff.external diff.x.textconv diff.x.command merge.x.driver
filter.x.clean filter.x.smudge filter.x.process gpg.program gpg.ssh.program gpg.openpgp.program
gpg.x509.program gpg.ssh.defaultKeyCommand credential.helper credential.https://example.org.helper
pager.log pager.diff pager.show pager.diff-tree pager.cat-file interactive.diffFilter
remote.o.uploadpack remote.o.receivepack uploadpack.packObjectsHook trailer.x.command trailer.x.cmd
mergetool.x.cmd difftool.x.cmd browser.x.cmd man.x.cmd guitool.x.cmd imap.tunnel
sendemail.smtpServer
"""
SETTINGS = {
    **dict.fromkeys(PROGRAMS.split(), "TRAP"),
    **{
        f"alias.{name}": "!TRAP" for name in ("log", "cat-file", "rev-parse", "status", "fsck", "hash-object")
    },
    "core.hooksPath": "planted/hooks",
    "commit.gpgSign": "true",
    "log.showSignature": "true",
    "filter.x.required": "true",
    "merge.default": "x",
    "diff.x.cachetextconv": "true",
    "remote.o.url": "ext::TRAP",
    "remote.o.promisor": "true",
    "remote.o.vcs": "TRAP",
    "protocol.ext.allow": "always",
    "url.ext::TRAP.insteadOf": "https://",
    "web.browser": "x",
    "submodule.s.update": "!TRAP",
    "submodule.s.url": "ext::TRAP",
    "submodule.recurse": "true",
    "submodule.s.active": "true",
    "core.attributesFile": "planted/attributes",
    "gc.auto": "1",
    "include.path": "../planted/config",
    "includeIf.gitdir:/**.path": "../planted/config",
    "extensions.worktreeConfig": "true",
    "core.preloadIndex": "true",
    "status.submoduleSummary": "true",
    "extensions.partialClone": "o",
}
IN_THE_ENVIRONMENT = """
PAGER EDITOR VISUAL BROWSER SSH_ASKPASS GIT_EXTERNAL_DIFF GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS
GIT_PAGER GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_PROXY_COMMAND
"""


class Planted:
    """A site full of traps, and the mark that any of them leaves."""

    def __init__(self, folder: Path) -> None:
        self.site = make_repository(folder / "site", JEKYLL)
        self.mark = folder / "sprung"
        self.trap = folder / "trap"
        self.trap.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.mark}"\ncat\nexit 0\n')
        self.trap.chmod(0o755)
        self._files()
        for key, value in SETTINGS.items():
            git(self.site, "config", key, value.replace("TRAP", str(self.trap)))

    def _files(self) -> None:
        planted = self.site / "planted"
        (planted / "hooks").mkdir(parents=True)
        drivers = "\n".join(f'[filter "y"]\n{name} = {self.trap}' for name in ("clean", "smudge", "process"))
        (planted / "config").write_text(f'{drivers}\n[diff "y"]\ntextconv = {self.trap}\n')
        (planted / "attributes").write_text("*.md diff=y\n")
        (self.site / ".gitattributes").write_text(
            "*.md diff=x merge=x\n*.html filter=y\n_projects/letters.md filter=x\n"
        )
        (self.site / ".gitmodules").write_text(
            f'[submodule "s"]\n\tpath = s\n\turl = ext::{self.trap}\n\tupdate = !{self.trap}\n'
        )
        git(self.site, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},s")
        (self.site / "s").mkdir()
        git(self.site, "add", "-A")
        git(self.site, "commit", "-q", "-m", "Traps")
        (self.site / ".git/info/attributes").write_text("*.yml diff=x\n")
        (self.site / ".git/config.worktree").write_text(f"[core]\n\tfsmonitor = {self.trap}\n")
        for folder in (self.site / ".git/hooks", planted / "hooks"):
            folder.mkdir(exist_ok=True)
            for name in HOOKS.split():
                (folder / name).unlink(missing_ok=True)
                (folder / name).symlink_to(self.trap)

    def sprung(self) -> str:
        return self.mark.read_text() if self.mark.exists() else ""


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return Planted(tmp_path)


@contextmanager
def signed_in(planted: Planted, tmp_path: Path) -> Iterator[Person]:
    state = tmp_path / "state"
    state.mkdir()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    users.add(
        database,
        name="Inés",
        email="ines@example.org",
        role=Role.ADMIN,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    database.close()
    env = dict.fromkeys(IN_THE_ENVIRONMENT.split(), str(planted.trap))
    env["GIT_CONFIG_PARAMETERS"] = f"'core.fsmonitor={planted.trap}'"
    with serving(planted.site, state, env=env) as address:
        person = Person(address)
        person.sign_in("ines@example.org")
        yield person


def test_a_trap_would_go_off(planted: Planted) -> None:
    """What stands in the other tests is only as good as the traps."""
    env = {"GIT_CONFIG_COUNT": "0"}
    subprocess.run(
        ["git", "log", "-p"], cwd=planted.site, env={**os.environ, **env}, capture_output=True, check=False
    )
    assert planted.sprung()


def test_nobody_elses_code_runs_from_opening_to_restoring(planted: Planted, tmp_path: Path) -> None:
    with signed_in(planted, tmp_path) as person:
        assert "Ágora Abierta" in person.get("/").text
        for page in ("/collections/projects/", EYES, LETTERS, PAST, "/history", "/rebuilds"):
            assert person.get(page).status == 200, page
        before = git_head(planted)
        form = Form.first(person.get(EYES).text, EYES)
        saved = person.post(EYES, form.with_values({"body": "Mine.", "intent": "save"}))
        assert saved.status == 303
        change = f"/changes/{git_head(planted)}"
        assert change in person.get("/history").text
        assert "Mine." in person.get(change).text
        looked = person.post("/preview", {"body": "# Look", **dict(form.fields)})
        assert looked.status < 500
        form = Form.first(person.get(LETTERS).text, LETTERS)
        refused = person.post(LETTERS, form.with_values({"body": "Mine.", "intent": "save"}))
        assert refused.status == 422 and "does not run here" in refused.text
        assert "Mine." in refused.text
        form = Form.first(person.get("/collections/projects/new").text, 'method="post"')
        made = person.post(
            "/collections/projects/new", form.with_values({"f.title": "New", "intent": "draft"})
        )
        assert made.status == 303, made.text[:3000]
        form = Form.first(person.get(DELETION).text, "stack narrow")
        assert person.post(DELETION, form.fields).status == 303
        again = f"/restorations/{before}/{EYES.partition('/entries/')[2]}"
        form = Form.first(person.get(again).text, "stack narrow")
        assert person.post(again, form.fields).status == 303
        assert person.get("/healthz").status == 200
    assert planted.sprung() == ""


def git_head(planted: Planted) -> str:
    return (planted.site / ".git/refs/heads/main").read_text().strip()


@pytest.mark.parametrize("options", [[], ["--audit"]])
def test_the_doctor_starts_none_and_names_them(planted: Planted, tmp_path: Path, options: list[str]) -> None:
    config = tmp_path / "my.toml"
    config.write_text(f'[state]\nfolder = "{tmp_path / "state"}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "gitcms", "doctor", *options, "--config", str(config), str(planted.site)],
        env={**os.environ, **dict.fromkeys(IN_THE_ENVIRONMENT.split(), str(planted.trap))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert planted.sprung() == ""
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
    if not options:
        assert done.returncode == 0, done.stdout
        for name in ("pre-commit", "core.fsmonitor", "diff.x.textconv", "filter.y.clean", "alias.log"):
            assert name in done.stdout

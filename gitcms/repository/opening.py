"""Is this folder one that we can work in? Found and checked once at the start, and before each save.

Each reason against it has a sentence that says what is there, and a hint that says what to do. Whose
repository may be opened at all is git's own rule (safe.directory, git-config(1)), never overruled here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from git.exc import InvalidGitRepositoryError, NoSuchPathError

from gitcms.errors import RepositoryUnusable
from gitcms.repository import plumbing
from gitcms.repository.plumbing import PlainRepo, forget_callers_repository, run
from gitcms.repository.refs import Refs, branch_name
from gitcms.repository.storage import signature
from gitcms.repository.values import NOTHING

_UNDERWAY = {
    "MERGE_HEAD": ("A merge is half done", "`git merge --continue` or `git merge --abort`"),
    "rebase-merge": ("A rebase is half done", "`git rebase --continue` or `git rebase --abort`"),
    "rebase-apply": (
        "A rebase or a series of patches is half done",
        "`git rebase --abort` or `git am --abort`",
    ),
    "CHERRY_PICK_HEAD": ("A cherry-pick is half done", "`git cherry-pick --continue` or `--abort`"),
    "REVERT_HEAD": ("A revert is half done", "`git revert --continue` or `git revert --abort`"),
    "BISECT_LOG": ("A search by bisection is under way", "`git bisect reset`"),
}


@dataclass(frozen=True)
class Place:
    """Where everything lies. All paths are real paths without symbolic links."""

    folder: Path
    top: Path
    git_folder: Path
    common_folder: Path
    reference: str
    config: Mapping[str, tuple[str, ...]] = field(repr=False)
    overruled: Mapping[str, str] = field(repr=False)

    @property
    def prefix(self) -> str:
        """What the site's paths begin with in the working tree: "" or "some/folder/"."""
        inner = self.folder.relative_to(self.top).as_posix()
        return "" if inner == "." else inner + "/"

    @property
    def branch(self) -> str:
        """The short name of the branch."""
        return self.reference.removeprefix("refs/heads/")

    @property
    def refs(self) -> Refs:
        """The references of this working tree."""
        return Refs(self.git_folder, self.common_folder, self.setting("core.logallrefupdates") != "false")

    def setting(self, key: str) -> str:
        """Return the last value of a configuration key (in lower case), "" when there is none."""
        return self.config.get(key, ("",))[-1]


def find(folder: Path) -> Place:
    """Return the place that a folder lies in, checked for everything that a save needs.

    :raises RepositoryUnusable: with a sentence and a hint.
    """
    forget_callers_repository()
    if not folder.is_dir():
        raise _no_folder(folder)
    _check_git_version(folder)
    real = Path(os.path.realpath(folder))
    facts = _facts(real)
    if facts["bare"] == "true":
        raise RepositoryUnusable(
            "This is a bare repository: it has a history but no files to edit.",
            hint="Clone it (`git clone THIS-FOLDER SITE`) and open the clone.",
        )
    if facts["in_git"] == "true":
        raise RepositoryUnusable("This is the folder of Git's own data.", hint="Open the folder above it.")
    if facts["in_tree"] != "true":
        raise _elsewhere()
    if facts["format"] != "sha1":
        raise RepositoryUnusable(
            f"This repository names its objects by {facts['format'].upper()}, which is not supported yet.",
            hint="Use a repository made by a plain `git init` or `git clone`.",
        )
    top = Path(os.path.realpath(_ask(real, "rev-parse", "--show-toplevel")))
    git_folder = Path(os.path.realpath(facts["git"]))
    common = Path(os.path.realpath(real / facts["common"]))
    config = _configuration(top)
    place = Place(real, top, git_folder, common, "", config, _no_programs(config))
    _check_own_tree(place)
    _check_formats(place)
    reference = place.refs.head()
    _check_nothing_underway(set(os.listdir(git_folder)))
    if reference is None:
        raise _detached()
    branch_name(reference)
    place = Place(real, top, git_folder, common, reference, config, _no_programs(config))
    _check_branch(place)
    _check_writable(place)
    return place


def git_folder_of(folder: Path) -> Path:
    """Return the Git data that all working trees of a folder's clone share, in whatever state they are.

    :raises RepositoryUnusable: there is no repository, or not one that we may open.
    """
    if not folder.is_dir():
        raise _no_folder(folder)
    real = Path(os.path.realpath(folder))
    return Path(os.path.realpath(real / _facts(real)["common"]))


def check_state(place: Place) -> str:
    """Return the commit that the branch points to, if the place can take a save right now; NOTHING where
    it has no commit yet, and the folder no files.

    :raises RepositoryUnusable: a merge was begun, the branch was switched, the folder is gone …
    """
    try:
        reference = place.refs.head()
        present = set(os.listdir(place.git_folder)) if place.top.is_dir() else None
    except FileNotFoundError:
        present = None
        reference = None
    if present is None:
        raise RepositoryUnusable(
            "The folder of the site is gone.",
            hint="Put it back where it was, or start again with its new place.",
        )
    _check_nothing_underway(present)
    if reference is None:
        raise _detached()
    if reference != place.reference:
        raise RepositoryUnusable(
            f"The site's folder was switched to “{reference.removeprefix('refs/heads/')}”.",
            hint=f"Run `git switch {place.branch}` there, or start again to edit the other one.",
        )
    commit = place.refs.read(reference)
    if commit is None:
        _check_branch(place)
    if commit is None and set(os.listdir(place.top)) - {".git"}:
        # Which of these files are the site is not ours to decide.
        raise RepositoryUnusable(
            "This repository has no first version yet.",
            hint="Run in it: git add . && git commit -m 'The site as it is'",
        )
    return commit or NOTHING


def git_version() -> str:
    """Return the version of the git program on this machine.

    :raises RepositoryUnusable: there is none.
    """
    _, output, _ = run(["--version"], cwd=Path("/"))
    return output.decode("ascii", "replace").removeprefix("git version ").strip()


def configuration_signature(place: Place) -> tuple[object, ...]:
    """Return what changes when the repository's or the user's configuration is written."""
    home = os.path.expanduser("~")
    configured = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    files = (
        place.common_folder / "config",
        place.git_folder / "config.worktree",
        os.environ.get("GIT_CONFIG_GLOBAL") or os.path.join(home, ".gitconfig"),
        os.path.join(configured, "git", "config"),
    )
    return tuple(signature(file) for file in files)


def reconfigured(place: Place) -> Place:
    """Return the place with its configuration read anew."""
    config = _configuration(place.top)
    place = replace(place, config=config, overruled=_no_programs(config))
    _check_own_tree(place)
    _check_formats(place)
    return place


def _check_nothing_underway(present: Collection[str]) -> None:
    for name, (state, remedy) in _UNDERWAY.items():
        if name in present:
            raise RepositoryUnusable(
                f"{state} in the site's folder.", hint=f"Finish it there: {remedy}. Your text is kept."
            )


def _no_folder(folder: Path) -> RepositoryUnusable:
    return RepositoryUnusable(
        "There is no such folder.", hint="Check the path of the site.", details=str(folder)
    )


def _check_git_version(folder: Path) -> None:
    _, output, _ = run(["--version"], cwd=folder)
    match = re.search(rb"(\d+)\.(\d+)", output)
    if not match:
        raise plumbing.git_missing()
    if (int(match[1]), int(match[2])) < plumbing.OLDEST_GIT:
        oldest = ".".join(map(str, plumbing.OLDEST_GIT))
        raise RepositoryUnusable(
            f"Git on the server is too old ({match[0].decode()}).", hint=f"Install git {oldest} or newer."
        )


def _facts(folder: Path) -> dict[str, str]:
    questions = {
        "bare": "--is-bare-repository",
        "in_git": "--is-inside-git-dir",
        "in_tree": "--is-inside-work-tree",
        "format": "--show-object-format",
        "git": "--absolute-git-dir",
        "common": "--git-common-dir",
    }
    answer = _ask(folder, "rev-parse", *questions.values())
    return dict(zip(questions, answer.split("\n"), strict=False))


def _ask(folder: Path, *arguments: str) -> str:
    code, output, said = run(arguments, cwd=folder)
    if code != 0:
        raise _not_opened(folder, said)
    return output.decode("utf-8", "surrogateescape").rstrip("\n")


def _not_opened(folder: Path, said: str) -> RepositoryUnusable:
    if "dubious ownership" in said or "unsafe repository" in said:
        return RepositoryUnusable(
            "This folder belongs to another user of this machine.",
            hint="If you trust it, run as the user who starts gitcms: "
            f"git config --global --add safe.directory {folder}",
            details=said,
        )
    if "cannot use bare repository" in said and ".git" in folder.parts:
        return RepositoryUnusable(
            "This is the folder of Git's own data.", hint="Open the folder above it.", details=said
        )
    if "cannot use bare repository" in said:
        return RepositoryUnusable(
            "This is a bare repository: it has a history but no files to edit.",
            hint="Clone it (`git clone THIS-FOLDER SITE`) and open the clone.",
            details=said,
        )
    if "extension" in said or "version" in said:
        return RepositoryUnusable(
            "This repository is in a format that the server's git cannot read.",
            hint="Install a newer git on the server.",
            details=said,
        )
    if "not a git repository" in said:
        return RepositoryUnusable(
            "This folder is not a Git repository.",
            hint="Clone your site with `git clone`, or run in it: "
            "git init && git add . && git commit -m 'The site as it is'",
            details=said,
        )
    return RepositoryUnusable(
        "Git cannot open this folder.", hint="Run `git status` in it and follow what it says.", details=said
    )


def _configuration(top: Path) -> dict[str, tuple[str, ...]]:
    code, output, said = run(["config", "--list", "-z"], cwd=top)
    if code != 0:
        raise RepositoryUnusable(
            "The repository's configuration cannot be read.", hint="Mend the file .git/config.", details=said
        )
    config: dict[str, tuple[str, ...]] = {}
    for item in output.decode("utf-8", "surrogateescape").split("\0"):
        key, equals, value = item.partition("\n")
        if key:
            # A key without a value means true (git-config(1), "Syntax").
            config[key] = (*config.get(key, ()), value if equals else "true")
    return config


def _no_programs(config: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Overrule each driver that the configuration names: a filter, converter or merge program."""
    overruled = {}
    for key in config:
        section, _, rest = key.partition(".")
        name, _, variable = rest.rpartition(".")
        if section == "filter" and variable in ("clean", "smudge", "process"):
            overruled[key] = ""
        elif section == "filter" and variable == "required":
            overruled[key] = "false"
        elif section == "diff" and name and variable in ("textconv", "command"):
            overruled[key] = ""
        elif section == "merge" and name and variable == "driver":
            overruled[key] = "false"
        elif section == "credential" and name and variable == "helper":
            overruled[key] = ""
    return overruled


def _check_own_tree(place: Place) -> None:
    try:
        own = PlainRepo(place.top, expand_vars=False)
    except (InvalidGitRepositoryError, NoSuchPathError) as error:
        raise _elsewhere() from error
    found = Path(os.path.realpath(own.git_dir))
    if found != place.git_folder or not place.folder.is_relative_to(place.top):
        raise _elsewhere()


def _elsewhere() -> RepositoryUnusable:
    return RepositoryUnusable(
        "This repository keeps its files in another folder.",
        hint="Remove core.worktree from .git/config (`git config --unset core.worktree`), or clone it anew.",
    )


def _check_formats(place: Place) -> None:
    stored = place.setting("extensions.refstorage") or "files"
    if stored != "files":
        raise RepositoryUnusable(
            f"This repository keeps its branches in the format “{stored}”, which is not supported yet.",
            hint="Run `git refs migrate --ref-format=files` in it.",
        )


def _detached() -> RepositoryUnusable:
    return RepositoryUnusable(
        "The site's folder shows an old version, not the newest one (a detached HEAD).",
        hint="Run `git switch main` (or the branch that the site is built from) in the folder.",
    )


def _check_branch(place: Place) -> None:
    """Refuse a branch that is not there, unless there is none at all."""
    if place.refs.read(place.reference) is not None:
        return
    code, output, _ = run(["for-each-ref", "--count=1", "refs/heads"], cwd=place.top)
    if code == 0 and output:
        raise RepositoryUnusable(
            f"The branch “{place.branch}” that the site's folder is on does not exist.",
            hint="Run `git branch` in it to see which there are, and `git switch` to one of them.",
        )


def _check_writable(place: Place) -> None:
    for folder in (
        place.folder,
        place.git_folder,
        place.common_folder / "objects",
        place.common_folder / "refs",
    ):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise RepositoryUnusable(
                "The site's folder is read-only for the server.",
                hint="Start gitcms as the user who owns it, or give this user the right to write.",
                details=str(folder),
            )

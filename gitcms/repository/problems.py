"""What an administrator should know about a repository: things in it that never run here, or look odd."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from gitcms.repository.opening import Place
from gitcms.repository.plumbing import run
from gitcms.repository.reindex import KEPT

_PROGRAMS = re.compile(
    r"core\.(?:fsmonitor|hookspath|sshcommand|askpass|editor|pager)|diff\.external|gpg(?:\.\w+)?\.program"
    r"|(?:filter|diff|merge)\..+\.(?:clean|smudge|process|textconv|command|driver)"
    r"|credential\.(?:.+\.)?helper|remote\..+\.(?:uploadpack|receivepack|vcs)|sequence\.editor|alias\..+"
)
_OTHER_FILES = re.compile(r"include\.path|includeif\..+\.path|core\.attributesfile|core\.excludesfile")
LOCKS = ("index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "shallow.lock")
# What `git gc --auto` looks at: 6700 loose objects are some 27 in each of 256 folders (builtin/gc.c).
LOOSE = 27


def find(place: Place) -> list[str]:
    """Return the findings, as sentences. Nothing in the repository is changed or run."""
    return [
        *_hooks(place),
        *_configuration(place),
        *_alternates(place),
        *_rescued(place),
        *_leftovers(place),
        *_unwaiting(),
    ]


def _unwaiting() -> Iterator[str]:
    """Tell of a library in this very process that only pretends to wait for the disk."""
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        if any("libeatmydata" in line for line in maps):
            yield (
                "The library libeatmydata is loaded, so nothing waits for the disk: a power cut would lose"
                " what was saved. Start gitcms without it (LD_PRELOAD)."
            )


def _hooks(place: Place) -> Iterator[str]:
    folder = place.common_folder / "hooks"
    for name in sorted(os.listdir(folder)) if folder.is_dir() else []:
        if not name.endswith(".sample") and os.access(folder / name, os.X_OK):
            yield f"The hook {name} is installed. It does not run for saves made here."


def _configuration(place: Place) -> Iterator[str]:
    for scope in ("--local", "--worktree"):
        code, output, _ = run(["config", scope, "--includes", "--list", "-z", "--name-only"], cwd=place.top)
        if code != 0:
            continue
        for key in sorted(set(output.decode("utf-8", "replace").split("\0"))):
            if _PROGRAMS.fullmatch(key):
                yield f"The repository's configuration names a program under {key}. It does not run here."
            elif _OTHER_FILES.fullmatch(key):
                yield f"The repository's configuration leads to another file by {key}."
        if place.setting("extensions.worktreeconfig") != "true":
            break


def _alternates(place: Place) -> Iterator[str]:
    if (place.common_folder / "objects/info/alternates").exists():
        yield "A part of the history lies in another repository (objects/info/alternates). Keep that one."
    if (place.common_folder / "refs/replace").is_dir() and any(
        (place.common_folder / "refs/replace").iterdir()
    ):
        yield "Parts of the history are replaced (git replace). The replacements are not looked at here."


def _rescued(place: Place) -> Iterator[str]:
    code, output, _ = run(["for-each-ref", "--format=%(refname)", "refs/gitcms/rescued"], cwd=place.top)
    for name in output.decode().split() if code == 0 else []:
        yield f"A save that was interrupted is kept aside as {name}. Look at it, then delete it."


def _leftovers(place: Place) -> Iterator[str]:
    for kept in sorted(place.git_folder.glob(f"{KEPT}*")):
        yield f"Git's index was damaged and made anew. The damaged one is kept as {kept}; delete it at will."
    for name in (*LOCKS, place.reference + ".lock"):
        for folder in dict.fromkeys((place.git_folder, place.common_folder)):
            if (folder / name).exists():
                yield f"There is a lock, {folder / name}. If no git is running, delete it."
    loose = place.common_folder / "objects/17"
    if loose.is_dir() and len(os.listdir(loose)) > LOOSE:
        yield "The history takes more room than it needs. Run `git gc` in the site's folder at a quiet time."

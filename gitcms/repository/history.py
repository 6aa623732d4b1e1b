"""What happened: commits, what each did to which file, and who changed a file last.

Everything is read through git's plumbing and parsed between NULs, so that no name, no message and
no path can be mistaken for another part. What a change means to a reader is told elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from gitcms.errors import NotFound, StorageFailed
from gitcms.repository.plumbing import ID, run
from gitcms.repository.values import Commit, FileChange, Outline, Person

LONGEST_DIFF = 4_000_000
"""Bytes of a raw diff that are read at most."""

_FIELDS = ("%H", "%P", "%an", "%ae", "%ad", "%cn", "%ce", "%B")
_FORMAT = "--format=tformat:%x01" + "%x00".join(_FIELDS) + "%x00"
# Said so that git does not ask .gitmodules, which may hold what it refuses to read ("update = !program").
_SUBMODULES = "--ignore-submodules=none"
_PLAIN = (
    *("--date=raw", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes"),
    _SUBMODULES,
)
_TOLD = ("-z", _FORMAT, *_PLAIN, "-c", "--raw", "-M", "-l1000", "--no-abbrev", "--root")
_PERSON = rb" ([^\s<>](?:[^\n<>]*[^\s<>])?) <([^\s<>]+)> "
_PLAIN_HEAD = re.compile(
    rb"tree [0-9a-f]{40}\n((?:parent [0-9a-f]{40}\n)*)"
    rb"author" + _PERSON + rb"(\d+ [+-]\d{4})\ncommitter" + _PERSON + rb"(\d+) [+-]\d{4}\n"
)
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class History:
    """The history of one working tree, as paths from the site's folder."""

    def __init__(self, top: Path, prefix: str, overruled: Mapping[str, str]) -> None:
        """
        :param prefix: what the site's paths begin with in the working tree, "" or "some/folder/".
        """
        self._top = top
        self._prefix = prefix
        self._overruled = overruled
        # As `git --bare`: following names asks .gitmodules all the same, and without a tree there is none.
        self._no_tree = {"GIT_DIR": str(top / ".git"), "GIT_IMPLICIT_WORK_TREE": "0"}

    def log(self, head: str, path: str | None, *, limit: int, skip: int) -> list[Commit]:
        """Return commits, newest first; those of one file also under its earlier names."""
        arguments = ["log", "-z", _FORMAT, *_PLAIN]
        if path is None:
            arguments += [f"--max-count={limit}", f"--skip={skip}"]
        else:
            # `--skip` beside `--follow` counts commits of other files, too, and goes past renames unseen.
            arguments += ["--follow", "--no-patch", f"--max-count={limit + skip}"]
        arguments += ["--end-of-options", head, "--"]
        if path is not None:
            arguments.append(self._prefix + path)
        elif self._prefix:
            arguments.append(self._prefix)
        commits = list(_commits(self._git(*arguments, extra=self._no_tree if path is not None else None)))
        return commits if path is None else commits[skip:]

    def commit(self, oid: str) -> Commit:
        """Return one commit. :raises NotFound: there is none of this id."""
        output = self._git_for(oid, "log", "-z", _FORMAT, *_PLAIN, "--no-walk", "--end-of-options", oid, "--")
        return next(_commits(output))

    def walk(self, head: str, known: str | None, *, limit: int) -> Iterator[tuple[Commit, list[str]]]:
        """Yield commits, newest first, with the paths that each touched.

        :param known: leave out this commit and all before it.
        """
        span = [head, f"^{known}"] if known else [head]
        arguments = [
            "log",
            "-z",
            _FORMAT,
            *_PLAIN,
            "-c",
            "--name-only",
            "--no-renames",
            f"--max-count={limit}",
        ]
        where = [self._prefix] if self._prefix else []
        yield from _with_paths(self._git(*arguments, "--end-of-options", *span, "--", *where), self._prefix)

    def outline(self, head: str, known: str | None) -> list[Outline]:
        """Return the id, the moment and the parents of each commit, parents before their children.

        :param known: leave out this commit and all before it.
        """
        span = [head, f"^{known}"] if known else [head]
        output = self._git("rev-list", "--topo-order", "--reverse", "--parents", "--timestamp", *span, "--")
        lines = (line.split() for line in output.decode("ascii").splitlines())
        return [Outline(oid, int(seconds), tuple(parents)) for seconds, oid, *parents in lines]

    def told(self, ids: Sequence[str]) -> Iterator[tuple[Commit, list[FileChange]]]:
        """Yield commits with what each did to the site's files; those that did nothing are left out.

        Of what was merged, only what is in neither side as it is now.
        """
        arguments = ["log", "--stdin", "--no-walk=unsorted", *_TOLD, "--end-of-options"]
        where = [self._prefix] if self._prefix else []
        # Ids and paths by the same way: behind `--stdin`, git takes paths from there alone.
        wanted = "".join(f"{each}\n" for each in (*ids, "--", *where))
        yield from _with_changes(self._git(*arguments[:-1], stdin=wanted.encode()), self._prefix)

    def follow(self, head: str, path: str, *, limit: int) -> list[tuple[Commit, FileChange]]:
        """Return the newest commits that touched a file, also under its earlier names, and how."""
        arguments = ["log", "--follow", f"--max-count={limit}", *_TOLD, "--end-of-options", head, "--"]
        output = self._git(*arguments, self._prefix + path, extra=self._no_tree)
        return [
            (commit, change)
            for commit, changes in _with_changes(output, self._prefix)
            for change in changes[:1]
        ]

    def steps(self, old: str | None, new: str, *, limit: int) -> list[Commit] | None:
        """Return the commits that took a branch from one to another, oldest first, along first parents.

        :param old: where the branch stood; None for the beginning.
        :returns: None where no such way leads there, as in a rewritten history, or it is longer than `limit`.
        """
        span = [new, f"^{old}"] if old else [new]
        arguments = ["log", "-z", _FORMAT, *_PLAIN, "--first-parent", f"--max-count={limit + 1}"]
        found = list(_commits(self._git(*arguments, "--end-of-options", *span, "--")))[::-1]
        whole = len(found) <= limit and bool(found) and found[0].parents[:1] == ((old,) if old else ())
        return found if whole else None

    def is_ancestor(self, old: str, new: str) -> bool:
        """Tell whether everything in `old` is in `new`."""
        if old == new:
            return True
        code, _, _ = run(["merge-base", "--is-ancestor", old, new], cwd=self._top, overruled=self._overruled)
        return code == 0

    def count(self, head: str) -> int:
        """Return how many versions led to a commit, along its first parents."""
        arguments = ["rev-list", "--count", "--first-parent", "--end-of-options", head]
        code, out, _ = run(arguments, cwd=self._top, overruled=self._overruled)
        return int(out) if code == 0 else 0

    def changes(self, commit: Commit) -> list[FileChange]:
        """Return what a commit did to each file of the site, against its first parent."""
        return self.changes_between(commit.parents[0] if commit.parents else None, commit.id)

    def changes_between(self, old: str | None, new: str) -> list[FileChange]:
        """Return what is different in a later commit; `old` is None for nothing at all."""
        arguments = ["diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv"]
        arguments.append(_SUBMODULES)
        where = [self._prefix] if self._prefix else []
        output = self._git(*arguments, "--end-of-options", old or _EMPTY_TREE, new, "--", *where)
        return list(_file_changes(output, self._prefix))

    def contents(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs with their ids, as they are stored; what is not there, or no blob, is left out."""
        if not all(map(ID.fullmatch, ids)):
            raise NotFound("There is no such version.")
        wanted = "".join(f"{each}\n" for each in ids).encode()
        code, output, said = run(
            ["cat-file", "--batch", "--buffer"], cwd=self._top, stdin=wanted, overruled=self._overruled
        )
        if code != 0:
            raise StorageFailed("A stored version of the site is damaged.", details=said)
        at = 0
        while at < len(output):
            end = output.index(b"\n", at)
            header = output[at:end].split(b" ")
            at = end + 1
            if len(header) == 3:
                size = int(header[2])
                if header[1] == b"blob":
                    yield header[0].decode(), output[at : at + size]
                at += size + 1

    def raw_diff(self, commit: Commit, paths: Sequence[str]) -> str:
        """Return a commit's change to some paths, or to all of the site, as text, cut off after a while.

        A file that was renamed is told as one under both its names.
        """
        old = commit.parents[0] if commit.parents else _EMPTY_TREE
        arguments = [
            "diff-tree",
            "-r",
            "-p",
            "-M",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--submodule=short",
            _SUBMODULES,
        ]
        where = [self._prefix + path for path in paths] or ([self._prefix] if self._prefix else [])
        output = self._git(*arguments, "--end-of-options", old, commit.id, "--", *where)
        return output[:LONGEST_DIFF].decode("utf-8", "replace")

    def _git_for(self, oid: str, *arguments: str) -> bytes:
        if not ID.fullmatch(oid):
            raise NotFound("There is no such change.", details=repr(oid[:80]))
        code, output, said = run(arguments, cwd=self._top, overruled=self._overruled)
        if code != 0 or not output:
            raise NotFound("There is no such change.", details=said)
        return output

    def _git(self, *arguments: str, extra: Mapping[str, str] | None = None, stdin: bytes = b"") -> bytes:
        encoded = [argument.encode("utf-8", "surrogateescape") for argument in arguments]
        code, output, said = run(encoded, cwd=self._top, stdin=stdin, overruled=self._overruled, extra=extra)
        if code != 0:
            raise StorageFailed(
                "The history of the site cannot be read.",
                hint="Ask an administrator to check the site's folder with `git fsck`.",
                details=said,
            )
        return output


def _commits(output: bytes) -> Iterator[Commit]:
    """Take apart what `git log` wrote in our format, without paths."""
    fields = output.split(b"\0")
    for start in range(0, len(fields) - len(_FIELDS), len(_FIELDS) + 1):
        yield _commit([field.decode("utf-8", "replace") for field in fields[start : start + len(_FIELDS)]])


def _with_paths(output: bytes, prefix: str) -> Iterator[tuple[Commit, list[str]]]:
    fields = output.split(b"\0")
    at = 0
    while at + len(_FIELDS) <= len(fields):
        commit = _commit([field.decode("utf-8", "replace") for field in fields[at : at + len(_FIELDS)]])
        at += len(_FIELDS)
        paths = []
        # Behind the message come the paths, the first one behind a line end; a new commit begins with \1.
        while at < len(fields) and not fields[at].startswith(b"\1"):
            name = fields[at].lstrip(b"\n").decode("utf-8", "surrogateescape")
            at += 1
            if name and name.startswith(prefix):
                paths.append(name[len(prefix) :])
        yield commit, paths


def _with_changes(output: bytes, prefix: str) -> Iterator[tuple[Commit, list[FileChange]]]:
    """Take apart what `git log` wrote in our format with raw differences, also combined ones."""
    fields = output.split(b"\0")
    at = 0
    while at + len(_FIELDS) <= len(fields):
        commit = _commit([field.decode("utf-8", "replace") for field in fields[at : at + len(_FIELDS)]])
        at += len(_FIELDS)
        raw: list[bytes] = []
        while at < len(fields) and not fields[at].startswith(b"\1"):
            header = fields[at].lstrip(b"\n")
            at += 1
            if header.startswith(b":"):
                # A path may begin as anything does, and is taken by number alone.
                count = 2 if header.rsplit(b" ", 1)[1][:1] in b"RC" and not header.startswith(b"::") else 1
                raw += [_plain_header(header), *fields[at : at + count]]
                at += count
        yield commit, list(_file_changes(b"\0".join(raw), prefix))


def _plain_header(header: bytes) -> bytes:
    """Return a combined header (git-diff-tree(1), "Diff format for merges") as one of the first parent's."""
    parents = len(header) - len(header.lstrip(b":"))
    if parents == 1:
        return header
    parts = header.lstrip(b":").split(b" ")
    modes, ids, letters = parts[: parents + 1], parts[parents + 1 : -1], parts[-1]
    gone, new = set(modes[-1]) <= set(b"0"), set(modes[0]) <= set(b"0")
    letter = b"D" if gone else b"A" if new else letters[:1] if letters[:1] in b"MT" else b"M"
    return b":" + b" ".join((modes[0], modes[-1], ids[0], ids[-1], letter))


def _commit(fields: Sequence[str]) -> Commit:
    oid, parents, name, email, date, committer, committer_email, message = fields
    message = message.rstrip("\n")
    return Commit(
        id=oid.lstrip("\n\1"),
        author=Person(name, email),
        committer=Person(committer, committer_email),
        when=moment(date),
        subject=message.split("\n", 1)[0],
        message=message,
        parents=tuple(parents.split()),
    )


def plain_commit(oid: str, raw: bytes) -> tuple[Commit, Outline] | None:
    """Return a commit that was read as an object, and its place; None where git is to be asked what it means.

    As `_commit` has it. Git knows what names without an end, other encodings and the like come to.
    """
    head, _, message = raw.partition(b"\n\n")
    match = _PLAIN_HEAD.match(head + b"\n")
    if match is None or b"\nencoding " in head or message.startswith(b"\n") or b"\0" in raw:
        return None
    parents, *fields, recorded = (part.decode("utf-8", "replace") for part in match.groups())
    ancestors = parents.replace("parent ", "").replace("\n", " ").strip()
    commit = _commit([oid, ancestors, *fields, message.decode("utf-8", "replace")])
    return commit, Outline(oid, int(recorded), commit.parents)


def moment(date: str) -> datetime:
    """Return git's raw date (seconds and zone) as a time; nonsense in old histories becomes 1970 or UTC."""
    match = re.fullmatch(r"(-?\d+) ([+-])(\d\d)(\d\d)", date.strip())
    if not match:
        return datetime.fromtimestamp(0, UTC)
    offset = timedelta(hours=int(match[3]), minutes=int(match[4]))
    zone = timezone(-offset if match[2] == "-" else offset) if offset < timedelta(hours=24) else UTC
    try:
        return datetime.fromtimestamp(int(match[1]), zone)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


_KINDS: dict[str, Literal["added", "modified", "deleted", "renamed"]] = {
    "A": "added",
    "D": "deleted",
    "M": "modified",
    "T": "modified",
    "R": "renamed",
    "C": "added",
}


def _file_changes(output: bytes, prefix: str) -> Iterator[FileChange]:
    """Take apart git's raw diff format (git-diff(1), "Raw output format")."""
    fields: Iterable[str] = output.decode("utf-8", "surrogateescape").split("\0")
    fields = iter(fields)
    for header in fields:
        if not header.startswith(":"):
            continue
        _, _, old, new, letter = header.split(" ")
        path = next(fields)
        old_path = None
        if letter[0] in "RC":
            old_path, path = path, next(fields)
        if not path.startswith(prefix):
            continue
        renamed = letter[0] == "R" and old_path is not None and old_path.startswith(prefix)
        yield FileChange(
            path=path[len(prefix) :],
            old_path=old_path[len(prefix) :] if renamed and old_path else None,
            kind=_KINDS.get(letter[0], "modified") if renamed or letter[0] != "R" else "added",
            old_blob=None if set(old) == {"0"} else old,
            new_blob=None if set(new) == {"0"} else new,
        )

"""The site's repository as the rest of the house sees it: read, compare, save, look back.

One object serves all threads. How each thing is done is in the neighbouring modules.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from gitcms.content.paths import Purpose
from gitcms.errors import ChangedOnDisk, NotFound, PathRefused, RepositoryBusy, StorageFailed
from gitcms.repository import (
    audit,
    lfs,
    objects,
    opening,
    outside,
    problems,
    receiving,
    recovery,
    reindex,
    saving,
    torn,
    worktree,
)
from gitcms.repository.address import Address
from gitcms.repository.attributes import FilterRefused
from gitcms.repository.desk import Desk
from gitcms.repository.history import History, plain_commit
from gitcms.repository.index import NotUnderstood
from gitcms.repository.locks import SaveLock
from gitcms.repository.outside import Outside
from gitcms.repository.plumbing import ID
from gitcms.repository.receiving import Join, People, Received, Rivals
from gitcms.repository.remote import Courier, Keys
from gitcms.repository.signing import SigningFailed
from gitcms.repository.storage import storage_errors
from gitcms.repository.values import (
    NOTHING,
    PLAIN,
    Commit,
    FileChange,
    Outline,
    Person,
    Policy,
    TreeFile,
    check_person,
)

LOCK_SECONDS = 10.0
WALKED_COMMITS = 50_000
"""How far back `last_changes` looks."""
FEW = 50
"""Objects that are soon read one by one."""


class Repository:
    """A site in a Git working tree. All paths are relative to `folder`, with forward slashes.

    May be used by many threads at once: each gets its own reader.
    """

    def __init__(self, desk: Desk) -> None:
        """Use `open`."""
        self._desk = desk
        self._history = History(desk.place.top, desk.place.prefix, desk.place.overruled)
        self._files: tuple[str, list[TreeFile]] | None = None
        self._changes = _LastChanges(self._history)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        lock_folder: Path | Callable[[Path], Path],
        committer: Person,
        policy: Policy = PLAIN,
        lock_seconds: float = LOCK_SECONDS,
    ) -> Self:
        """Open the working tree that a folder is, or lies in, and finish what a crash left undone.

        :param folder: the site's root.
        :param lock_folder: where the lock and the journal lie: outside the repository, and the same for all
            servers on this clone; or a function that names it for the clone's common Git folder.
        :param committer: who records the saves.
        :param policy: what the server's configuration asks of every save.
        :param lock_seconds: how long a save waits for others.
        :raises RepositoryUnusable: not a repository, bare, no first version, detached, half merged, someone
            else's, read-only …, with a sentence that says what to do.
        :raises IdentityRefused: the committer cannot stand in a commit.
        """
        place = opening.find(folder)
        kept = lock_folder if isinstance(lock_folder, Path) else lock_folder(place.common_folder)
        lock = SaveLock(kept, place.git_folder, lock_seconds)
        repository = cls(Desk(place, lock, check_person(committer), policy))
        repository.recover()
        opening.check_state(place)
        torn.refuse_torn(repository._desk)
        return repository

    @property
    def folder(self) -> Path:
        """The site's root, a real path."""
        return self._desk.place.folder

    @property
    def git_folder(self) -> Path:
        """The Git data of the clone, which all its working trees share."""
        return self._desk.place.common_folder

    @property
    def branch(self) -> str:
        """The branch that was checked out when the repository was opened, and that saves go to."""
        return self._desk.place.branch

    def close(self) -> None:
        """End the helpers of all threads. The repository may still be used, and starts them again."""
        self._desk.close()

    def recover(self) -> str | None:
        """Finish or take back a save that a killed process left. Returns a sentence on what was done."""
        try:
            with self._desk.lock.held(seconds=0) as journal, storage_errors("recovering"):
                said = (
                    torn.check(self._desk),
                    recovery.recover(self._desk, journal),
                    reindex.check(self._desk),
                )
        except RepositoryBusy:
            return None  # someone is saving, so nobody is dead; and whoever saves next looks again
        return self._desk.note_recovery(" ".join(filter(None, said)) or None)

    @property
    def recovered(self) -> str | None:
        """A sentence on the interrupted save that opening, or a later save, has finished or taken back."""
        return self._desk.recovered.sentence if self._desk.recovered else None

    @property
    def recovered_at(self) -> datetime | None:
        """When that was."""
        return self._desk.recovered.when if self._desk.recovered else None

    # ── reading ──

    def head(self) -> str:
        """Return the id of the newest commit of the branch, read anew.

        :raises RepositoryUnusable: the branch or the folder is gone.
        """
        place = self._desk.place
        commit = place.refs.read(place.reference)
        return commit if commit is not None else opening.check_state(place)

    def files(self, revision: str | None = None) -> list[TreeFile]:
        """Return every file of the site at a commit (the newest one by default), sorted by path.

        Links and other repositories inside are left out. The newest list is kept. Do not change it.

        :raises NotFound: no such commit.
        """
        commit = self._revision(revision)
        known = self._files
        if known is not None and known[0] == commit:
            return known[1]
        found: list[TreeFile] = []
        root = self._site_tree(commit)
        if root is not None:
            self._collect(root, "", found)
        found.sort(key=lambda file: file.path)
        if revision is None:
            self._files = (commit, found)
        return found

    def blob_of(self, path: str, revision: str | None = None) -> str | None:
        """Return the id of a file's content at a commit, None when there is no such file."""
        entry = self._entry(path, revision)
        return entry.id if entry else None

    def read_blob(self, blob: str) -> bytes:
        """Return a content by its id; of a file in Git LFS the content itself, if this clone has it.

        :raises NotFound: there is none. :raises StorageFailed: it is damaged.
        """
        kind, data = self._desk.reader().read(blob)
        if kind != "blob":
            raise NotFound("There is no such version.", details=f"{blob} is a {kind}")
        return self._desk.attributes.content(data)

    def read_blobs(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield contents with their ids, as `read_blob` gives them one by one; those that are not there are
        left out. Some hundreds at once cost little more than one.

        :raises StorageFailed: one of them is damaged.
        """
        found = self._history.contents(blobs) if len(blobs) > FEW else self._few_contents(blobs)
        for blob, data in found:
            yield blob, self._desk.attributes.content(data)

    def is_elsewhere(self, data: bytes) -> bool:
        """Tell whether `read` gave only a pointer, because the content (in Git LFS) is not in this clone."""
        return lfs.parse(data) is not None

    def read(self, path: str, revision: str | None = None) -> bytes:
        """Return a file's content at a commit. :raises NotFound: there is no such file."""
        blob = self.blob_of(path, revision)
        if blob is None:
            raise NotFound("There is no such file.", details=path)
        return self.read_blob(blob)

    def differs_on_disk(self, path: str) -> bool:
        """Tell whether the working tree or the index differs from the newest commit for a path."""
        desk = self._desk
        full = desk.place.prefix + path
        now = self._entry(path, None)
        with storage_errors("reading the site's folder"):
            try:
                staged = desk.index(desk.place.git_folder / "index").entry(full)
            except NotUnderstood:
                staged = desk.ask_index([full]).get(full)
            if (staged.entry.id if staged else None) != (now.id if now else None):
                return True
            try:
                on_disk = worktree.read(desk.place.top, full)
            except (PathRefused, ChangedOnDisk):
                return True
            if on_disk is None or now is None:
                return (on_disk is None) != (now is None) and not (
                    staged is not None and staged.skip_worktree
                )
            try:
                return desk.stored_id(full, on_disk.data, now) != now.id
            except FilterRefused:
                return False  # what the program would make of it is not known, and nothing is written there

    # ── writing ──

    def save(
        self,
        changes: Mapping[str, bytes | None],
        *,
        base: Mapping[str, str | None],
        author: Person,
        message: str,
        when: datetime | None = None,
        co_authors: Sequence[Person] = (),
        reviewed_by: Sequence[Person] = (),
        seen: Mapping[str, str] | None = None,
        sign_off: bool = False,
        purpose: Purpose = "write",
    ) -> Commit | None:
        """Record exactly these files as one durable commit by the author, and put them on the disk.

        :param changes: each path with its new content as the history shall hold it; None deletes the file.
        :param base: for each path the blob that the author opened, None (or left out) for "absent".
        :param message: what changed, subject first.
        :param when: the author's moment in the author's zone; now, in the server's zone, when left out.
        :param co_authors: who wrote it too, besides the author. :param reviewed_by: who looked at it.
        :param sign_off: the author certifies this change, where not all are by the policy.
        :param seen: for a path, the id of the unsaved work in the folder (see `outside`) that the author saw
            and took over. Just that may be replaced, and is kept.
        :param purpose: as `check_path` has it: what may be written at all.
        :returns: the commit, or None when the history holds just this already.
        :raises EditConflict: the file changed after the author opened it.
        :raises PathTaken: a new file's place is taken. :raises PathRefused: no author may write there.
        :raises ChangedOnDisk: someone's unsaved work on one of the files is in the folder.
        :raises RepositoryBusy: a lock was held for too long.
        :raises StorageFailed: the disk refused. :raises RepositoryUnusable: a merge was begun, or the like.
        :raises IdentityRefused, MessageRefused: a person or the message cannot stand in a commit.
        :raises SigningFailed: the server's key did not sign it.

        After any error everything is as it was.
        """
        moment = when if when is not None and when.tzinfo is not None else datetime.now().astimezone()
        return saving.save(
            self._desk,
            changes,
            base=base,
            author=author,
            message=message,
            when=moment,
            co_authors=co_authors,
            reviewed_by=reviewed_by,
            seen=seen,
            sign_off=sign_off,
            purpose=purpose,
        )

    def outside(self, path: str) -> Outside | None:
        """Return a file as it stands in the folder, where that is not what was saved last.

        None where it is, and where it cannot be told.
        """
        if not self.differs_on_disk(path):
            return None
        with storage_errors("reading the site's folder"):
            return outside.look(self._desk, self._desk.place.prefix + path, self._entry(path, None))

    def differing(self, *, new: bool) -> Iterator[tuple[str, bool]]:
        """Yield each file of the site that was changed, removed or added in the folder and not saved there.

        With whether the newest commit has it. Git looks through the whole folder for it: some tens of
        milliseconds for ten thousand files.

        :param new: files that no version has, as well.
        :raises StorageFailed: the folder cannot be compared.
        """
        prefix = self._desk.place.prefix
        for _, full in outside.states(self._desk, new=new):
            path = full.removeprefix(prefix)
            if not full.startswith(prefix):
                continue
            is_saved = self._entry(path, None) is not None
            # Git looked without the conversions that a file may go through.
            if not is_saved or self.differs_on_disk(path):
                yield path, is_saved

    def store(self, data: bytes) -> str:
        """Keep a content that no version holds yet, and return its id; Git forgets it after some weeks."""
        with storage_errors("keeping a text"):
            return self._desk.objects.write("blob", data)

    def put_back(self, path: str) -> bool:
        """Put a file that is gone from the folder back as it was saved; False when something stands there."""
        now = self._entry(path, None)
        with self._desk.lock.held(), storage_errors("saving"):
            return now is not None and outside.put_back(self._desk, self._desk.place.prefix + path, now)

    # ── remotes ──

    def courier(
        self, folder: Path, address: Address, keys: Keys, seconds: float, ca_file: str = ""
    ) -> Courier:
        """Return what fetches from a remote into this clone, and pushes to it. See `remote.Courier`."""
        return Courier(folder, self.git_folder / "objects", address, keys, seconds, ca_file)

    def receive(self, commit: str, join: Join, people: People = tuple) -> Received:
        """Take a fetched commit into the branch. See `receiving.receive`, which names the errors."""
        received = receiving.receive(self._desk, commit, join, people)
        if not received.contested:
            self.note_remote(commit)
        return received

    def take_instead(self, commit: str) -> str:
        """Have the branch be what the remote has, and what was here kept; return the name of what keeps it.

        :raises: as `receive`.
        """
        kept = self.rescue()
        receiving.receive(self._desk, commit, _never, instead=True)
        self.note_remote(commit)
        return kept

    def sides(self, commit: str, path: str) -> tuple[bytes | None, bytes | None, bytes | None, Rivals]:
        """Return a file as both began with it, as a fetched commit has it, as it is here; what is in its way.

        :param path: from the top of the working tree. :raises: as `receiving.sides`.
        """
        return receiving.sides(self._desk, commit, path)

    def place_in_site(self, path: str) -> str | None:
        """Return where a path from the top of the working tree lies in the site, None when outside."""
        prefix = self._desk.place.prefix
        return path.removeprefix(prefix) if path.startswith(prefix) else None

    def known_remote(self) -> str | None:
        """Return the newest commit of the remote that was seen and taken in, None when there was none."""
        return self._desk.refs.read(self._remote_ref())

    def note_remote(self, commit: str) -> None:
        """Remember a commit as the remote's newest, so that a rewritten history is noticed."""
        self._point(self._remote_ref(), commit, "remote")

    def count(self) -> int:
        """Return how many versions the site has."""
        return self._history.count(self.head()) if self.head() != NOTHING else 0

    def is_part_of(self, old: str, new: str) -> bool:
        """Tell whether everything in one commit is in another."""
        return self._plain_steps(old, new) is not None or self._history.is_ancestor(old, new)

    def rescue(self) -> str:
        """Keep the branch's newest commit under a reference of its own, and return its name."""
        head = self.head()
        name = f"{receiving.KEPT_ASIDE}{head}"
        self._point(name, head, "rescued")
        return name

    def hold(self, commit: str) -> None:
        """Keep a fetched commit that is not taken in yet from being swept away (git-gc(1))."""
        self._point(self._held_ref(), commit, "held")

    def let_go(self) -> None:
        """Forget what was held: it was taken in."""
        self._point(self._held_ref(), None, "taken in")

    def _held_ref(self) -> str:
        return f"refs/gitcms/incoming/{self.branch}"

    def _remote_ref(self) -> str:
        return f"refs/gitcms/remote/{self.branch}"

    def _point(self, name: str, commit: str | None, reason: str) -> None:
        refs = self._desk.refs
        if refs.read(name) == commit:
            return
        with self._desk.lock.held(), storage_errors("noting what others have"):
            if (old := refs.read(name)) != commit:
                refs.remove_leftovers()
                (refs.common_folder / name).parent.mkdir(parents=True, exist_ok=True)
                refs.move(name, old, commit, self._desk.stamp(), reason)

    # ── looking back ──

    def history(
        self, path: str | None = None, *, limit: int = 50, skip: int = 0, at: str | None = None
    ) -> list[Commit]:
        """Return the newest commits of the site, or of one file, also under its earlier names.

        :param at: a commit to look back from; the newest one, when left out.
        """
        if (head := self._revision(at)) == NOTHING:
            return []
        return self._history.log(head, path, limit=max(0, limit), skip=max(0, skip))

    def outline(self, commit: str, known: str | None = None) -> list[Outline]:
        """Return a commit and all before it as they hang together, parents before their children.

        :param known: leave out this commit and all that is in it.
        :raises StorageFailed: one of them is not in this clone (any more).
        """
        head = self._revision(commit)
        steps = self._plain_steps(known, head) if known else None
        return self._history.outline(head, known) if steps is None else [each for _, each in reversed(steps)]

    def told(self, ids: Sequence[str]) -> list[tuple[Commit, list[FileChange]]]:
        """Return commits with what each did to the site's files; those that did nothing are left out.

        :raises StorageFailed: one is not there.
        """
        return list(self._history.told([self._revision(each) for each in ids])) if ids else []

    def follow(self, path: str, *, limit: int = 50) -> list[tuple[Commit, FileChange]]:
        """Return the newest commits that touched a file, also under its earlier names, and what each did.

        Reads all of the history; `index.log` knows it by heart.
        """
        if (head := self.head()) == NOTHING:
            return []
        return self._history.follow(head, path, limit=max(0, limit))

    def commit(self, id: str) -> Commit:  # noqa: A002
        """Return a commit by its full id, for NOTHING an empty one. :raises NotFound: there is none."""
        if id == NOTHING and self.head() == NOTHING:
            committer = self._desk.committer
            return Commit(NOTHING, committer, committer, datetime.fromtimestamp(0).astimezone(), "", "", ())
        # Git knows better which parents a commit has in a clone whose history is cut off.
        if not (self.git_folder / "shallow").exists():
            with contextlib.suppress(NotFound, StorageFailed):
                kind, raw = self._desk.reader().read(id)
                if kind == "commit" and (plain := plain_commit(id, raw)):
                    return plain[0]
        return self._history.commit(id)

    def last_changes(self, paths: Iterable[str]) -> dict[str, Commit]:
        """Return the last commit that touched each path. Paths without one are left out."""
        known = self._changes.at(self.head())
        return {path: known[path] for path in paths if path in known}

    def touched_since(self, commit: str) -> dict[str, Commit] | None:
        """Return the paths that commits behind an earlier one touched, each with the last of these.

        None where the earlier one is not part of the branch any more.

        :raises NotFound: no such commit.
        """
        old, head = self._revision(commit), self.head()
        if NOTHING in (old, head):
            return None
        touched: dict[str, Commit] = {}
        if (steps := self._plain_steps(old, head)) is not None:
            for step, _ in steps:
                trees = [self._site_tree(each) for each in (step.parents[0], step.id)]
                for path, _, _ in self._differing(trees[0], trees[1], ""):
                    touched.setdefault(path, step)
            return touched
        if not self._history.is_ancestor(old, head):
            return None
        for each, paths in self._history.walk(head, old, limit=WALKED_COMMITS):
            for path in paths:
                touched.setdefault(path, each)
        return touched

    def changes(self, commit_id: str) -> list[FileChange]:
        """Return what a commit did to the site's files, against its first parent.

        :raises NotFound: no such commit.
        """
        commit = self.commit(commit_id)
        return self._history.changes(commit) if commit.id != NOTHING else []

    def between(self, old: str, new: str) -> list[FileChange]:
        """Return what differs in the site's files between two commits, renames as files that went and came.

        Folders that are the same in both are not looked into. Links and other repositories are left out.

        :raises NotFound: no such commit, or not in this clone any more.
        :raises StorageFailed: a part of it is damaged.
        """
        found: list[FileChange] = []
        trees = [self._site_tree(self._revision(commit)) for commit in (old, new)]
        for path, *pair in self._differing(trees[0], trees[1], ""):
            was, now = (one.id if one and one.mode.startswith("100") else None for one in pair)
            if was != now:
                found.append(
                    FileChange(path, None, "deleted" if not now else "modified" if was else "added", was, now)
                )
        return found

    def steps(self, old: str, new: str, *, limit: int) -> list[tuple[str, Commit]]:
        """Return how the branch went from one commit to another: each step's start and the commit it led to.

        A pull of many commits is as many steps; what somebody merged is one. Where no straight way leads
        there, or a longer one than `limit`, the whole is a single step.

        :raises NotFound: no such commit.
        """
        if new in (old, NOTHING):
            return []
        last, start = self.commit(new), None if old == NOTHING else self._known(old)
        found = self._history.steps(start, new, limit=limit)
        return [(step.parents[0] if step.parents else NOTHING, step) for step in found or ()] or [(old, last)]

    def changes_between(self, old: str, new: str) -> list[FileChange]:
        """Return what is different in `new`, by the site's files. An `old` that is gone counts as nothing.

        :raises NotFound: no such commit.
        """
        start = None if old == NOTHING else self._known(old)
        return self._history.changes_between(start, self.commit(new).id) if new != NOTHING else []

    def raw_diff(self, commit_id: str, paths: Sequence[str] = ()) -> str:
        """Return a commit's change as Git writes it, cut off after some megabytes.

        :param paths: tell of these alone.
        :raises NotFound: no such commit.
        """
        commit = self.commit(commit_id)
        return self._history.raw_diff(commit, paths) if commit.id != NOTHING else ""

    def problems(self) -> list[str]:
        """Return what an administrator should know about this repository, in sentences."""
        found = problems.find(self._desk.place)
        if self._desk.signer is not None:
            try:
                self._desk.signer.sign(b"tree\n\ntrial")
            except SigningFailed as error:
                found.insert(0, f"Nothing can be saved: the signing key does not sign. {error.details}")
        return found

    def audit(self) -> audit.Audit:
        """Look whether everything is there that was promised: saves, objects, files. May take minutes.

        :raises RepositoryBusy: others saved all the while.
        """
        return audit.audit(self._desk)

    # ── within ──

    def _known(self, commit: str) -> str | None:
        """Return a commit's id where it is still there: a rewritten history may have been swept."""
        try:
            return self._history.commit(commit).id
        except NotFound:
            return None

    def _revision(self, revision: str | None) -> str:
        if revision is None:
            return self.head()
        if not ID.fullmatch(revision) or (revision == NOTHING and self.head() != NOTHING):
            raise NotFound("There is no such version.", details=repr(revision[:80]))
        return revision

    def _site_tree(self, commit: str) -> str | None:
        root = self._desk.tree_of(commit)
        prefix = self._desk.place.prefix
        if not prefix:
            return root
        entry, _ = self._desk.look_up(root, prefix.rstrip("/"))
        return entry.id if entry and entry.mode == objects.FOLDER else None

    def _entry(self, path: str, revision: str | None) -> objects.Entry | None:
        root = self._desk.tree_of(self._revision(revision))
        entry, _ = self._desk.look_up(root, self._desk.place.prefix + path)
        return entry if entry and entry.mode in (objects.FILE, objects.EXECUTABLE, "100664") else None

    def _differing(
        self, old: str | None, new: str | None, place: str
    ) -> Iterator[tuple[str, objects.Entry | None, objects.Entry | None]]:
        """Yield what is no folder and differs in two trees, by its path, with both entries."""
        if old == new:
            return
        before, after = (self._desk.tree(tree) if tree else b"" for tree in (old, new))
        for raw, *pair in objects.differences(before, after):
            path = place + raw.decode("utf-8", "surrogateescape")
            inner = [one.id if one and one.mode == objects.FOLDER else None for one in pair]
            yield from self._differing(inner[0], inner[1], path + "/")
            was, now = (one if one and one.mode != objects.FOLDER else None for one in pair)
            if was or now:
                yield path, was, now

    def _plain_steps(self, old: str, new: str) -> list[tuple[Commit, Outline]] | None:
        """Return the commits from one to another, the last one first, where they are few and nothing was
        merged; None where git has to be asked.
        """
        found: list[tuple[Commit, Outline]] = []
        oid = new
        with contextlib.suppress(NotFound):
            while oid != old and len(found) < FEW:
                step = plain_commit(oid, self._desk.reader().read(oid)[1])
                if step is None or len(step[0].parents) != 1:
                    return None
                found.append(step)
                (oid,) = step[0].parents
        return found if oid == old else None

    def _few_contents(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """As `History.contents`, by this thread's reader: starting git costs more than reading a few."""
        for blob in blobs:
            with contextlib.suppress(NotFound):
                kind, data = self._desk.reader().read(blob)
                if kind == "blob":
                    yield blob, data

    def _collect(self, tree: str, place: str, found: list[TreeFile]) -> None:
        for raw, entry in objects.entries(self._desk.tree(tree)):
            path = place + raw.decode("utf-8", "surrogateescape")
            if entry.mode == objects.FOLDER:
                self._collect(entry.id, path + "/", found)
            elif entry.mode.startswith("100"):
                found.append(TreeFile(path, entry.id, None, entry.mode))


def _never(path: str, *sides: object) -> bytes | None:
    raise AssertionError("nothing is joined where one takes the other's place")


class _LastChanges:
    """Who touched each path last: one walk over the history, then only what is new."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._guard = threading.Lock()
        self._head: str | None = None
        self._known: dict[str, Commit] = {}

    def at(self, head: str) -> dict[str, Commit]:
        with self._guard:
            if self._head != head and head != NOTHING:
                start = self._head if self._head and self._history.is_ancestor(self._head, head) else None
                fresh: dict[str, Commit] = {}
                for commit, paths in self._history.walk(head, start, limit=WALKED_COMMITS):
                    for path in paths:
                        fresh.setdefault(path, commit)
                self._known = ({**self._known, **fresh}) if start else fresh
                self._head = head
            return self._known

"""A site: the bunch of keys. It holds repository, database, model and clock, and decides nothing.

Every service takes it as its first argument. What lives here besides is the one cache that all
of them share: what a post says, by its blob id, which never grows stale.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gitcms import index, logs, state
from gitcms.config import Config
from gitcms.content.document import Document
from gitcms.content.values import Value
from gitcms.database import Database
from gitcms.errors import (
    ConfigError,
    DocumentTooLarge,
    GitCMSError,
    NotFound,
    RepositoryBusy,
    RepositoryUnusable,
    StorageFailed,
)
from gitcms.index import IndexFile
from gitcms.repository import Person, Policy, Repository, git_folder_of, storage_errors
from gitcms.schema.collection import Collection, Model
from gitcms.schema.configured import Configured, model_of
from gitcms.schema.configured.keeping import KeptModel, packed, unpacked
from gitcms.schema.finding import Source, is_text

KEPT_MODEL = "model.json"
"""The file of the state folder with the model of a large site, as it was read last."""
# What is kept in memory of each kind; a post's values are about 2 KB.
KEPT = 5_000
READ_AHEAD = 500
# The model is read anew when this share of the site's files came, went or changed.
MODEL_STALE_SHARE = 0.05
FIRST_LOOK = 500
LARGE = 2000
"""On a larger site than this, the model is read off FIRST_LOOK entries of each collection first."""
MOST_LOOKED_AT = 20_000
"""Entries of one collection that stand for all others. What only another one says is shown in that one."""
LOOK_AGAIN_SECONDS = 60.0
PATIENCE = 3.0
"""Seconds that a page waits for what another thread reads for the first time."""


Kept = TypeVar("Kept")
Said: TypeAlias = tuple[str, dict[str, Value]]
"""The format of a content, and its values."""


class ListsBeingMade(RepositoryBusy):
    """The entries are read for the first time, which takes a moment for each thousand."""

    code = "lists.being_made"
    hint = "Look again in a moment."

    def __init__(self, done: int, of: int) -> None:
        so_far = f": {done} of {of} so far" if of else ""
        super().__init__(f"The entries of this site are being read for the first time{so_far}.")
        self.progress = (done, of) if of else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a post says: its values, the first words of its text, and whether it can be read."""

    values: dict[str, Value]
    excerpt: str
    readable: bool


class Memo(Generic[Kept]):
    """What has been worked out already, by a key that can never mean anything else.

    Safe to use from many threads; the least recently used are forgotten first.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under a key, made now if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class Recent(Generic[Kept]):
    """An answer that costs too much for every page, and may be some moments old.

    Within `fresh` seconds it is given as it is; within `stale` it is given, and looked for anew in the
    background; an older one is no answer.
    """

    def __init__(self, fresh: float, stale: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._fresh, self._stale, self._clock = fresh, stale, clock
        self._known: tuple[float, Kept] | None = None
        self._guard = threading.Lock()
        self._looking: Future[Kept] | None = None

    def get(self, make: Callable[[], Kept], patience: float | None = None) -> Kept | None:
        """Return the answer, made now if none is known that is young enough.

        :param patience: seconds to wait for it; without them, as long as it takes.
        :returns: None where it is still being made then. :raises GitCMSError: as `make` does.
        """
        known, now = self._known, self._clock()
        if known is not None and now - known[0] <= self._fresh:
            return known[1]
        looking = self._look(make)
        if known is not None and now - known[0] <= self._stale:
            return known[1]
        try:
            return looking.result(patience)
        except TimeoutError:
            return None

    def _look(self, make: Callable[[], Kept]) -> Future[Kept]:
        """Have the answer made in the background, once at a time."""
        with self._guard:
            if self._looking is None or self._looking.done():
                self._looking = Future()
                threading.Thread(target=self._made, args=(make, self._looking), daemon=True).start()
            return self._looking

    def _made(self, make: Callable[[], Kept], looking: Future[Kept]) -> None:
        at = self._clock()
        try:
            self._known = (at, made := make())
            looking.set_result(made)
        except GitCMSError as error:
            logs.event("not_looked_again", error=error)
            looking.set_exception(error)
        finally:
            looking.cancel()  # of a fault of ours: nobody waits for ever


class _Ahead:
    """What the index says of files, read some hundreds at a time, since they are asked for in their order."""

    def __init__(
        self, paths: Sequence[str], read: Callable[[Sequence[str]], dict[str, Said]], at_once: int
    ) -> None:
        self._paths, self._read, self._at_once = paths, read, at_once
        self._found: dict[str, Said] = {}
        self._from = self._to = 0

    def of(self, path: str) -> dict[str, Said]:
        """Return what is said of the contents around that of a file, by their blob ids."""
        at = bisect_left(self._paths, path)
        if at < len(self._paths) and self._paths[at] == path and not self._from <= at < self._to:
            self._from, self._to = at, at + self._at_once
            self._found = self._read(self._paths[self._from : self._to])
        return self._found


class Site:
    """One site that is open for editing. Safe to use from many threads."""

    def __init__(
        self,
        config: Config,
        repository: Repository,
        database: Database,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        :param folder: the clone's state folder.
        :param now: the clock, in UTC; tests put their own in.
        """
        self.config = config
        self.repository = repository
        self.database = database
        self.state = folder
        self.now = now
        self.zone = _zone(config)
        self._lock = threading.Lock()
        self._configured: Configured | None = None
        # Files that changed since the model was read, up to the commit of the last look.
        self._changed: set[str] = set()
        self._model_size = 0
        self._blobs: tuple[str, Mapping[str, str]] | None = None
        self._model_head = ""
        # Counts the models that were read: what was worked out by an earlier one is told from today's.
        self.edition = 0
        self._facts: Memo[Facts] = Memo()
        self.index = IndexFile(folder)
        self.past = index.history_file(folder)
        self._steps: dict[index.Step, threading.Lock] = {
            "entries": threading.Lock(),
            "words": threading.Lock(),
        }
        self._progress = (0, 0)
        self._all_read = threading.Event()
        self._closed = False
        # For services that work out something of an unchanging file or change again and again.
        self.memo: Memo[Any] = Memo()
        # What differs in the folder, which is asked of git: see `entries.on_disk`.
        self.outside: Recent[list[Any]] = Recent(fresh=5, stale=300)

    def model(self) -> Model:
        """Return the content model, read off the posts that exist and what the site's owners say."""
        return self.configured().model

    def configured(self, patience: float = PATIENCE) -> Configured:
        """Return the model with the file of the site that had a say in it, and what is to be said of that.

        :param patience: seconds to wait while another thread reads it.
        :raises ListsBeingMade: it took longer, and there is no earlier one.
        """
        head, known = self.repository.head(), self._configured
        if known is not None and head == self._model_head:
            return known  # also while all entries are looked at, after some
        if not self._lock.acquire(timeout=patience):
            if known is not None:
                return known  # while a newer one is being read
            raise ListsBeingMade(*self._progress)
        try:
            known = self._configured or self._from_last_time(head)
            if known is None and len(self.blobs()) > LARGE:
                # All others wait for what this one reads: it takes a look first, and then its time.
                known = self._read_model(head, FIRST_LOOK)
                threading.Thread(target=self._look_again, name="gitcms-model", daemon=True).start()
            elif known is None or (head != self._model_head and self._is_stale(known.model, head)):
                known = self._read_model(head)
            self._model_head = head
            return known
        finally:
            self._lock.release()

    def _from_last_time(self, head: str) -> Configured | None:
        """The model of a large site as it was when the server ran before, which is looked at anew later."""
        try:
            kept = unpacked((self.state / KEPT_MODEL).read_bytes())
        except OSError:
            return None
        if kept is None or kept.folder != str(self.repository.folder):
            return None
        self._model_head, self._model_size = kept.head, kept.size
        if self._is_stale(kept.configured.model, head):
            return None
        self._configured = kept.configured
        self.edition += 1
        if kept.head != head:
            threading.Thread(target=self._look_again, name="gitcms-model", daemon=True).start()
        return kept.configured

    def _read_model(self, head: str, most: int = MOST_LOOKED_AT) -> Configured:
        files = self.blobs()
        self._configured = configured = model_of(self.source(most))
        self._changed = set()
        self._model_size = len(files)
        self._model_head = head
        self.edition += 1
        if len(files) > LARGE and most == MOST_LOOKED_AT:
            kept = KeptModel(configured, str(self.repository.folder), head, len(files))
            try:
                state.put(self.state / KEPT_MODEL, packed(kept))
            except (OSError, TypeError) as error:
                logs.event("model_not_kept", error=error)
        return configured

    def _look_again(self) -> None:
        """Read the model off many entries, after it was read off some; lists and searches come before."""
        self._all_read.wait(LOOK_AGAIN_SECONDS)
        if self._closed:
            return
        with suppress(GitCMSError), self._lock:
            self._read_model(self.repository.head())

    def source(self, most: int = 0) -> Source:
        """Return the site's files at the newest commit; what the index keeps of them is not read again.

        :param most: entries of each kind that are looked at, 0 for all.
        """
        files = self.blobs()
        texts = {path: files[path] for path in files if is_text(path)}
        with suppress(RepositoryBusy, StorageFailed):
            index.read_ahead(self.index, self.repository, texts, self._note_progress)
        ahead = _Ahead(
            sorted(texts),
            lambda paths: index.said(self.index, [files[path] for path in paths]),
            # Those that stand for all others are far from each other.
            1 if most else READ_AHEAD,
        )

        def known(path: str) -> tuple[Mapping[str, Value], str] | None:
            found = ahead.of(path).get(files[path])
            return (found[1], found[0]) if found is not None else None

        return Source(sorted(files), lambda path: self.repository.read_blob(files[path]), known, most=most)

    def _is_stale(self, model: Model, head: str) -> bool:
        """Tell whether so much has changed that the model should be read anew.

        One save does not change what kind of field `year` is; a file at a new place may be a
        new collection, and a file that is no post may be the site's configuration.
        """
        try:
            # Since the last look alone: what a save costs must not grow with those before it.
            changed = {change.path for change in self.repository.between(self._model_head, head)}
        except (NotFound, StorageFailed):
            return True  # another history, as after a forced push
        self._changed |= changed
        if len(self._changed) > MODEL_STALE_SHARE * self._model_size and len(self._changed) > 20:
            return True
        return any(
            path.endswith((".md", ".markdown", ".toml", ".yml", ".yaml", ".json"))
            and not any(collection.holds(path) for collection in model.collections)
            for path in changed
        )

    def collection(self, name: str) -> Collection:
        """Return a collection by its name.

        :raises NotFound: when the site has none of that name.
        """
        for collection in self.model().collections:
            if collection.name == name:
                return collection
        raise NotFound("There is no such part of the site.")

    def collection_of(self, path: str, data: bytes | None = None) -> Collection | None:
        """Return the collection that holds a file, or None.

        :param data: what the file is going to say, where that is not what it says now.
        """
        model = self.model()
        found = model.collection_of(path)
        if found is None or not model.tells_by_values:
            return found
        blob = self.blobs().get(path)
        if data is None and blob is None:
            return found
        values = self.facts(blob or "", path).values if data is None else _facts(data, path).values
        return model.collection_of(path, values) or found

    def blobs(self) -> Mapping[str, str]:
        """Return path → blob id of every file at the branch's newest commit."""
        head = self.repository.head()
        known = self._blobs
        if known is None or known[0] != head:
            known = self._blobs = (head, self._blobs_at(head, known))
        return known[1]

    def _blobs_at(self, head: str, earlier: tuple[str, Mapping[str, str]] | None) -> Mapping[str, str]:
        if earlier is not None:
            # A save changes one file among many: the others need not be listed again.
            with suppress(NotFound, StorageFailed):
                blobs = dict(earlier[1])
                for change in self.repository.between(earlier[0], head):
                    if change.new_blob is None:
                        blobs.pop(change.path, None)
                    else:
                        blobs[change.path] = change.new_blob
                return blobs
        return {file.path: file.blob for file in self.repository.files(head)}

    def ask(
        self, question: Callable[[Connection], Kept], patience: float = PATIENCE, *, whole: bool = True
    ) -> Kept:
        """Answer a question of `gitcms.index` as things are at the branch's newest commit.

        :param patience: seconds to wait while another thread fills the index for the first time.
        :param whole: whether it is about words, values or changes; which entries there are is known earlier.
        :raises ListsBeingMade: it took longer. :raises RepositoryBusy: so it did in another process.
        :raises StorageFailed: the index cannot be kept.
        """
        answer = index.ask(
            self.index,
            self.repository,
            self.configured(patience).model,
            question,
            lambda step: self._turn(step, patience),
            self._note_progress,
            whole=whole,
        )
        if whole:
            self._all_read.set()
        return answer

    def look_back(self, question: Callable[[Connection], Kept], otherwise: Callable[[], Kept]) -> Kept:
        """Answer a question of `gitcms.index.log` as things are at the branch's newest commit.

        :param otherwise: what answers it while the history is not read, or cannot be kept.
        """
        try:
            return index.look_back(self.past, self.repository, question)
        except (RepositoryBusy, StorageFailed):
            return otherwise()

    def read_history(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Read what is not read yet of the history, in the background.

        :param goes_on: asked now and then; when it says no, the rest is for another time.
        """
        if index.note_history(self.past, self.repository)[1]:
            index.read_history(self.past, self.repository, goes_on)

    @property
    def has_lists(self) -> bool:
        """Whether the index was filled before, so that a question is answered at once."""
        return index.is_filled(self.index)

    @contextmanager
    def _turn(self, step: index.Step, patience: float) -> Iterator[None]:
        if not self._steps[step].acquire(timeout=patience):
            raise ListsBeingMade(*self._progress)
        try:
            yield
        finally:
            self._steps[step].release()

    def _note_progress(self, done: int, of: int) -> None:
        if self._closed:
            raise StorageFailed("The server ends.")
        self._progress = (done, of)

    def facts(self, blob: str, path: str = "") -> Facts:
        """Return what a post says, parsed once for each blob. The path tells data files from texts."""
        return self._facts.get(blob, lambda: _facts(self.repository.read_blob(blob), path))

    def local(self, moment: datetime) -> datetime:
        """Return an aware moment as the site's time zone shows it."""
        return moment.astimezone(self.zone)

    def close(self) -> None:
        """Let go of the Git processes and the database."""
        self._closed = True
        self._all_read.set()
        self.index.close()
        self.past.close()
        self.repository.close()
        self.database.close()


def open_site(config: Config) -> Site:
    """Open the site that the configuration names, with its state.

    :raises RepositoryUnusable: with a sentence that says what to do.
    :raises StorageFailed: when the state cannot be kept.
    """
    repository = _repository(config)
    folder = state.folder_for(repository.git_folder, config.state.folder)
    return Site(config, repository, _database(folder, config), folder)


@dataclass(frozen=True, slots=True)
class Vacant:
    """An empty folder that waits for its site, with the state that is kept for it already."""

    config: Config
    folder: Path
    state: Path
    database: Database

    def now(self) -> datetime:
        return datetime.now(UTC)

    def model(self) -> Model:
        """There is none yet.

        :raises RepositoryUnusable: always.
        """
        raise RepositoryUnusable(
            "There is no site here yet.", hint="Open the link that the server printed when it was started."
        )

    def close(self) -> None:
        self.database.close()


def open_vacant(config: Config) -> Vacant | None:
    """Return the folder that the configuration names as one that waits for its site; None if it is not empty.

    :raises StorageFailed: it cannot be read, or the state cannot be kept.
    """
    folder = Path(config.site.path).expanduser().resolve()
    with storage_errors("looking at the site's folder"):
        if not folder.is_dir() or any(folder.iterdir()):
            return None
    kept = state.folder_for(folder / ".git", config.state.folder)
    return Vacant(config, folder, kept, _database(kept, config))


def open_state(config: Config) -> tuple[Path, Database]:
    """Return the state folder of a site and its database, even while the site itself cannot be opened.

    :raises: as `open_site`.
    """
    folder, database = closed_state(config)
    database.upgrade()
    return folder, database


def closed_state(config: Config) -> tuple[Path, Database]:
    """Return the state folder of a site and its database, as it is and of whatever version.

    :raises: as `open_site`.
    """
    git_folder = git_folder_of(Path(config.site.path).expanduser().resolve())
    folder = state.folder_for(git_folder, config.state.folder)
    return folder, Database(_url(folder, config))


def _repository(config: Config) -> Repository:
    return Repository.open(
        Path(config.site.path).expanduser().resolve(),
        lock_folder=lambda git_folder: state.folder_for(git_folder, config.state.folder),
        committer=Person(config.committer.name, config.committer.email),
        policy=_policy(config),
        lock_seconds=config.limits.lock_seconds,
    )


def _policy(config: Config) -> Policy:
    """Return what the configuration asks of every save.

    :raises ConfigError: commits shall be signed, and no key is named.
    """
    committer = config.committer
    if committer.signing and not committer.signing_key:
        raise ConfigError(
            "[committer] asks for signed commits, and names no key.",
            where=str(config.source) if config.source else None,
            hint="Write signing_key under [committer]: the file of an SSH key, or the id of an OpenPGP key.",
        )
    return Policy(committer.signing, committer.signing_key, committer.sign_off, config.site.lfs)


def _database(folder: Path, config: Config) -> Database:
    database = Database(_url(folder, config))
    database.upgrade()
    return database


def _url(folder: Path, config: Config) -> str:
    return config.state.database or f"sqlite:///{folder / 'gitcms.sqlite3'}"


def _facts(data: bytes, path: str) -> Facts:
    try:
        document = Document.parse(data, path)
    except DocumentTooLarge:
        return Facts({}, "", readable=False)
    return Facts(document.values, document.body[:600], readable=document.problem is None)


def _zone(config: Config) -> tzinfo:
    if not config.site.time_zone:
        return UTC
    try:
        return ZoneInfo(config.site.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(
            f"There is no time zone {config.site.time_zone!r}.",
            where=str(config.source) if config.source else None,
            hint="Write one such as Europe/Madrid under [site].",
        ) from error

"""Random histories of a site in which things are brought back, and whether only those came back."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from gitcms import entries, history
from gitcms.content.document import Document
from gitcms.content.values import MISSING, same
from gitcms.entries import Change, Recovery, recovering
from gitcms.errors import DocumentError, EditConflict, NotFound, PathTaken
from gitcms.index import log
from gitcms.site import Site
from tests.making import INES, JEKYLL, TOMAS, git, make_repository, open_made

WORDS = ["water", "río", "harbour", "light", "ünï", "日本", "evening", "people"]


class Tale:
    """One random history, and what is brought back in it."""

    def __init__(self, root: Path, seed: int) -> None:
        self.draw = random.Random(seed)
        self.site: Site = open_made(make_repository(root / "site", JEKYLL), root / "state")
        self.folder = self.site.repository.folder
        self.said: list[str] = []
        self.done = {"version": 0, "field": 0, "undo": 0, "refused": 0, "choice": 0}

    def close(self) -> None:
        self.site.close()

    def play(self, steps: int) -> None:
        """Let things happen, and bring something back now and then."""
        for _ in range(steps):
            happening = self.draw.choice(
                (self._save, self._save, self._save, self._outside, self._delete, self._move, self._text)
            )
            happening()
            self.said.append(happening.__name__)
        for back in self.draw.sample((self._version, self._field, self._undo, self._undo), 4):
            self.said.append(back.__name__)
            back()

    # ── what happens ──

    def _paths(self) -> list[str]:
        model = self.site.model()
        return sorted(path for path in self.site.blobs() if model.collection_of(path))

    def _save(self) -> None:
        path = self.draw.choice(self._paths())
        collection = self.site.collection_of(path)
        assert collection is not None
        entry = entries.open_entry(self.site, collection, path)
        name = self.draw.choice(["title", "country", "tags", "people", "featured", "fresh"])
        value = {
            "featured": self.draw.random() < 0.5,
            "tags": self.draw.sample(WORDS, 2),
            "people": self.draw.sample(WORDS, 3),
        }.get(name, f"{self.draw.choice(WORDS)} {self.draw.randint(0, 99)}")
        change = Change(entry.base, {**entry.values, name: value}, None)
        entries.save(self.site, collection, path, change, self.draw.choice((INES, TOMAS)))

    def _text(self) -> None:
        path = self.draw.choice(self._paths())
        collection = self.site.collection_of(path)
        assert collection is not None
        entry = entries.open_entry(self.site, collection, path)
        passages = entry.body.rstrip("\n").split("\n\n")
        at = self.draw.randrange(len(passages) + 1)
        passages[at : at + self.draw.randint(0, 1)] = [" ".join(self.draw.choices(WORDS, k=6))]
        change = Change(entry.base, entry.values, "\n\n".join(passages) + "\n")
        entries.save(self.site, collection, path, change, INES)

    def _outside(self) -> None:
        path = self.folder / self.draw.choice(self._paths())
        lines = path.read_bytes().split(b"\n")
        lines.insert(self.draw.randrange(1, len(lines)), b"# a line of somebody's own")
        path.write_bytes(b"\n".join(lines))
        git(self.folder, "commit", "-q", "-am", "Outside")

    def _delete(self) -> None:
        if len(paths := self._paths()) > 2:
            path = self.draw.choice(paths)
            collection, blob = self.site.collection_of(path), self.site.repository.blob_of(path)
            assert collection is not None and blob is not None
            entries.delete(self.site, collection, path, blob, INES)

    def _move(self) -> None:
        path = self.draw.choice(self._paths())
        target = f"{path.rsplit('/', 1)[0]}/2026-06-0{self.draw.randint(1, 9)}-{self.draw.randint(0, 999)}.md"
        git(self.folder, "mv", path, target)
        git(self.folder, "commit", "-q", "-m", "Move")

    # ── what is brought back ──

    def _some_touch(self) -> tuple[str, log.Touch]:
        """A change of an entry that is there or was, and the path that the entry is known by."""
        deleted = [one.path for one in history.trash(self.site)[0]]
        path = self.draw.choice([*self._paths(), *deleted])
        touches = self.site.look_back(lambda c: log.of_path(c, path, limit=50), list)
        return path, self.draw.choice(touches)

    def _version(self) -> None:
        path, touch = self._some_touch()
        wanted = touch.change.new_blob or touch.change.old_blob
        saved = self._recover(path, lambda: recovering.version(self.site, path, touch.commit.id))
        if saved is not None:
            assert self.site.repository.blob_of(saved.path) == wanted, self.said
            self.done["version"] += 1

    def _field(self) -> None:
        path, touch = self._some_touch()
        blob = touch.change.new_blob or touch.change.old_blob
        assert blob is not None
        then = Document.parse(self.site.repository.read_blob(blob))
        name = self.draw.choice([None, *then.values, "country"])
        now = self.site.repository.blob_of(path)
        before = Document.parse(self.site.repository.read_blob(now)) if now else None
        saved = self._recover(path, lambda: recovering.field(self.site, path, touch.commit.id, name))
        if saved is None:
            return
        assert before is not None
        after = Document.parse(self.site.repository.read(saved.path))
        for each in {*before.values, *after.values, *then.values}:
            source = then if each == name else before
            assert same(after.values.get(each, MISSING), source.values.get(each, MISSING)), (each, self.said)
        assert after.body == (then if name is None else before).body, self.said
        if name is not None:
            _only_near(before.source, after.source, name)
        self.done["field"] += 1

    def _undo(self) -> None:
        path, touch = self._some_touch()
        now = self.site.repository.blob_of(path)
        saved = self._recover(path, lambda: recovering.before(self.site, path, touch.commit.id))
        if saved is not None:
            if now == touch.change.new_blob and touch.change.old_blob:
                assert self.site.repository.blob_of(saved.path) == touch.change.old_blob, self.said
            self.done["undo"] += 1

    def _recover(self, path: str, plan: Callable[[], Recovery]) -> Recovery | None:
        """Do a plan; look whether it touched its entry alone, and whether it can be undone to the byte."""
        start = dict(self.site.blobs())
        try:
            planned = plan()
        except (NotFound, PathTaken, EditConflict, DocumentError):
            self.done["refused"] += 1
            return None
        if planned.clashes:
            self.done["choice"] += 1
            return None
        saved = entries.recover(self.site, planned, INES)
        there = dict(self.site.blobs())
        assert {name for name in start.keys() | there if start.get(name) != there.get(name)} <= set(
            planned.files
        ), self.said
        assert git(self.folder, "status", "--porcelain") == "", self.said
        if saved.commit is None:
            return planned
        assert saved.commit.parents and len(saved.commit.parents) == 1
        known = saved.path if there.get(saved.path) else path
        undo = recovering.before(self.site, known, saved.commit.id)
        assert not undo.clashes, self.said
        entries.recover(self.site, undo, TOMAS)
        assert dict(self.site.blobs()) == start, self.said
        again = recovering.before(self.site, path, self.site.repository.head())
        entries.recover(self.site, again, INES)
        assert dict(self.site.blobs()) == there, self.said
        return planned


def _only_near(before: bytes, after: bytes, name: str) -> None:
    """Look whether two files are the same but for one run of lines that is about a field."""
    old, new = before.split(b"\n"), after.split(b"\n")
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    keys = {line.split(b":")[0] for line in old + new if line[:1].isalpha() and b":" in line}
    assert keys <= {name.encode()}, (keys, name)

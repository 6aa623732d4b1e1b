"""Random histories of a site, and whether the index that was brought along equals one made from nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from gitcms.index import IndexFile, Query, ask, fill, find, history_file, log, look_back
from gitcms.index.searches import _quoted, _terms
from gitcms.repository import Person, Repository
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.lists import ByField, Lists
from tests.making import INES, git

WORDS = ["harbour", "río", "evening", "light", "Ünïcode", "日本語", "boat", "library", "people", "水道"]
HAPPENINGS = (
    *("save", "save", "save", "outside", "outside", "rename", "delete", "copy"),
    *("touch", "revert", "branch", "force", "crash", "model", "list"),
)
TITLED = (
    Field("title", "Title", meaning="title"),
    Field("date", "Date", "date", meaning="date"),
    Field("draft", "Draft", "boolean", meaning="draft"),
)


def collection(name: str, *folders: str, filters: tuple[ByField, ...] = ()) -> Collection:
    lists = Lists(filters=filters)
    return Collection(
        name, name.title(), name[:-1].title(), folders, fields=TITLED, generator="hugo", lists=lists
    )


FILTERS = (
    ByField("Tens", "date", "20[12]"),
    ByField("Tagged", "tags"),
    ByField("Early", "title", r"^.*\b[a-h]"),
)
MODEL = Model("hugo", (collection("posts", "posts", filters=FILTERS), collection("notes", "notes")))
# As if the site's model had been read anew, with other places for the same files.
OTHER_FILTERS = (*FILTERS[:1], ByField("Later", "date", "20[23]"))
OTHER_MODEL = Model("hugo", (collection("posts", "posts", "notes", filters=OTHER_FILTERS),))


class Play:
    """A site on which anything may happen next."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance, self.count = root, chance, 0
        self.site = root / "site"
        (self.site / "posts").mkdir(parents=True)
        git(self.site, "init", "-q", "-b", "main")
        for key, value in (("user.name", "Dev"), ("user.email", "dev@example.org"), ("gc.auto", "0")):
            git(self.site, "config", key, value)
        for _ in range(4):
            self._write(self._fresh_path())
        self._commit()
        (root / "state").mkdir()
        self.repository = Repository.open(
            self.site, lock_folder=root / "state", committer=Person("gitcms", "gitcms@localhost")
        )
        self.index = IndexFile(root / "state")
        self.model = MODEL

    def close(self) -> None:
        self.index.close()
        self.repository.close()

    def step(self) -> str:
        """Do one thing at random, and say which."""
        name = self.chance.choice(HAPPENINGS)
        getattr(self, f"_{name}")()
        return name

    def fill(self) -> None:
        fill(self.index, self.repository, self.model)

    def told(self) -> list[Any]:
        """All that the index says, without the numbers that it gave."""
        return ask(self.index, self.repository, self.model, everything)

    def truth(self) -> list[Any]:
        """What an index says that is made from nothing now."""
        self.count += 1
        folder = self.root / f"fresh{self.count}"
        folder.mkdir()
        fresh = IndexFile(folder)
        said = ask(fresh, self.repository, self.model, everything)
        fresh.close()
        return said

    # ── what happens ──

    def _save(self) -> None:
        path = self.chance.choice([*self._paths(), self._fresh_path()])
        base = {path: self.repository.blob_of(path)}
        self.repository.save({path: self._post()}, base=base, author=INES, message="Save")

    def _outside(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self._write(self.chance.choice([*self._paths(), self._fresh_path()]))
        self._commit()

    def _rename(self) -> None:
        if paths := self._paths():
            target = self._fresh_path()
            (self.site / target).parent.mkdir(exist_ok=True)
            git(self.site, "mv", self.chance.choice(paths), target)
            self._commit()

    def _delete(self) -> None:
        if len(paths := self._paths()) > 1:
            git(self.site, "rm", "-q", self.chance.choice(paths))
            self._commit()

    def _copy(self) -> None:
        if paths := self._paths():
            target = self.site / self._fresh_path()
            target.parent.mkdir(exist_ok=True)
            target.write_bytes((self.site / self.chance.choice(paths)).read_bytes())
            self._commit()

    def _touch(self) -> None:
        """A change and its taking back, between two looks of the index."""
        self._outside()
        self._revert()

    def _revert(self) -> None:
        if git(self.site, "rev-list", "--count", "HEAD").strip() != "1":
            git(self.site, "revert", "--no-edit", "HEAD")

    def _branch(self) -> None:
        """The branch goes back some commits, and on from there."""
        git(self.site, "reset", "-q", "--hard", self._earlier())
        self._outside()

    def _force(self) -> None:
        """The branch becomes another history, and the old one is thrown away."""
        git(self.site, "checkout", "-q", "--orphan", f"other{self.count}")
        self._commit()
        git(self.site, "branch", "-q", "-M", "main")
        git(self.site, "reflog", "expire", "--expire=now", "--all")
        git(self.site, "gc", "-q", "--prune=now")

    def _crash(self) -> None:
        """The server ends; its index is shortened, or gone."""
        self.index.close()
        if self.chance.random() < 0.5:
            self.index.forget()
        elif self.index.path.exists():
            data = self.index.path.read_bytes()
            self.index.path.write_bytes(data[: self.chance.randrange(len(data))])
        self.index = IndexFile(self.root / "state")

    def _model(self) -> None:
        self.model = OTHER_MODEL if self.model is MODEL else MODEL

    def _list(self) -> None:
        """Somebody looks at a list, which needs less than the whole index."""
        ask(self.index, self.repository, self.model, lambda connection: None, whole=False)

    # ── what it is made of ──

    def _paths(self) -> list[str]:
        return [path for path in git(self.site, "ls-files", "-z").split("\0") if path.endswith(".md")]

    def _fresh_path(self) -> str:
        self.count += 1
        return f"{self.chance.choice(['posts', 'posts', 'notes', 'other'])}/a-{self.count}-file.md"

    def _post(self) -> bytes:
        draw = self.chance
        title = f"title: {draw.choice(WORDS)} {draw.randint(0, 99)}\n" if draw.random() < 0.8 else ""
        tags = f"tags: [{draw.choice(WORDS)}, {draw.choice(WORDS)}]\n" if draw.random() < 0.5 else ""
        dated = f"date: 20{draw.randint(10, 40)}-01-0{draw.randint(1, 9)}\n"
        draft = f"draft: {draw.choice(['true', 'false'])}\n" if draw.random() < 0.4 else ""
        broken = "odd: [\n" if draw.random() < 0.05 else ""
        return f"---\n{title}{tags}{dated}{draft}{broken}---\n{' '.join(draw.choices(WORDS, k=6))}\n".encode()

    def _write(self, path: str) -> None:
        file = self.site / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(self._post())

    def _commit(self) -> None:
        git(self.site, "add", "-A")
        git(self.site, "commit", "-q", "--allow-empty", "-m", "Outside")

    def _earlier(self) -> str:
        commits = git(self.site, "rev-list", "HEAD").split()
        return self.chance.choice(commits[:4])


def everything(connection: Connection) -> list[Any]:
    """All that an index says, in an order of its own."""
    entries = connection.execute(
        "SELECT path, blob, collection, title, title_key, named, moment, draft, waits_until, changed, author,"
        " fields, excerpt, readable FROM entries JOIN contents ON contents.id = content ORDER BY path"
    ).fetchall()
    said = connection.execute(
        "SELECT path, name, at, text, number FROM entries JOIN said USING (content) ORDER BY 1, 2, 3"
    ).fetchall()
    found = [
        (word, path)
        for word in sorted({*WORDS, "rio", "本"})
        for (path,) in connection.execute(
            "SELECT path FROM entries WHERE content IN (SELECT rowid FROM words WHERE words MATCH ?)"
            " ORDER BY path",
            (matching(word),),
        )
    ]
    begun = [
        (text, one.path)
        for text in ("harbou", "librar light", "peopl")
        for name in ("posts", "notes")
        for one in find(connection, Query(name, text, limit=1000), 0)
    ]
    tally = connection.execute("SELECT * FROM tally ORDER BY 1, 2, 3").fetchall()
    return [*entries, *said, *found, *begun, *tally]


def matching(text: str) -> str:
    """A search as FTS5 alone is asked it: every word, from its beginning on."""
    return " AND ".join(_quoted(words, begins=begins) for words, begins in _terms(text))


def plays(root: Path, number: int, steps: int, seed: int) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Yield for each step of each play what happened, what the index says, and the truth."""
    for play_number in range(number):
        play = Play(root / str(play_number), random.Random(seed + play_number))
        done = []
        for _ in range(steps):
            done += [play.step() for _ in range(play.chance.randint(1, 2))]
            yield " ".join(done), play.told(), play.truth()
        play.close()


class Past:
    """The history of a play's site: as it was brought along, as one made from nothing has it, as git says."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.file = history_file(play.root / "state")
        self._count = 0

    def close(self) -> None:
        self.file.close()

    def ask(self, question: Callable[[Connection], Any]) -> Any:
        return look_back(self.file, self.play.repository, question)

    def of(self, path: str) -> list[log.Touch]:
        """What the history says that happened to one file."""
        return self.ask(lambda connection: log.of_path(connection, path, limit=1000))

    def told(self) -> list[Any]:
        """All that it says, without the numbers that it gave."""
        return self.ask(self.everything)

    def fresh(self) -> list[Any]:
        """What one says that is made from nothing now."""
        self._count += 1
        folder = self.play.root / f"past{self._count}"
        folder.mkdir()
        file = history_file(folder)
        said = look_back(file, self.play.repository, self.everything)
        file.close()
        return said

    def by_git(self) -> list[Any]:
        """What a reader of git's own log says, who follows names by hand."""
        site = self.play.site
        done: dict[str, list[tuple[str, ...]]] = {}
        log_format = ("log", "--format=%x01%H", "--raw", "-c", "-M", "-l1000", "--no-abbrev", "--root", "-z")
        for part in git(site, *log_format).split("\x01")[1:]:
            oid, _, rest = part.partition("\0")
            fields = iter(rest.lstrip("\n").split("\0"))
            for header in fields:
                if header.lstrip("\n").startswith(":"):
                    letter = header.rsplit(" ", 1)[1][0]
                    names = [next(fields)] + ([next(fields)] if letter == "R" else [])
                    done.setdefault(oid, []).append((letter, *names))
        order = [oid for oid in git(site, "rev-list", "HEAD").split() if oid in done]
        stories = []
        for path in self.play._paths():
            name, story = path, []
            for oid in order:
                for letter, *names in done[oid]:
                    if names[-1] == name:
                        story.append(oid)
                        name = names[0] if letter == "R" else name
                        break
                    if letter == "R" and names[0] == name:
                        story.append(oid)
                        break
            stories.append((path, story))
        return [order, *stories]

    def everything(self, connection: Connection) -> list[Any]:
        commits = [commit.id for commit in log.of_site(connection, limit=10_000)]
        stories = [
            (path, [touch.commit.id for touch in log.of_path(connection, path, limit=1000)])
            for path in self.play._paths()
        ]
        return [commits, *stories]

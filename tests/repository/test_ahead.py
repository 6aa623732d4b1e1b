"""What a save makes ready while another server's is under way, and that it is used only where it fits."""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gitcms.errors import EditConflict, StorageFailed
from gitcms.repository import ahead, landing, planning, saving
from gitcms.repository import journal as journals
from gitcms.repository.journal import Journal
from gitcms.repository.objects import ObjectFolder
from gitcms.repository.planning import Plan, Request
from tests.repository.conftest import ADA, Clone, save


class Meeting:
    """Two servers on one clone: the first stops within its save until the second has looked ahead."""

    def __init__(self, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clone = clone
        self.first, self.second = clone.open(), clone.open()
        self.ahead: list[Plan] = []
        self.late: list[Plan] = []
        self.looks: list[bool] = []
        self.before_end: Callable[[], None] = lambda: None
        self._second = threading.current_thread()
        self._held, self._go_on = threading.Event(), threading.Event()
        monkeypatch.setattr(ahead, "plan", self._spied(self.ahead))
        monkeypatch.setattr(saving, "plan", self._spied(self.late))
        look = ahead.Ahead.look

        def looked(self_: ahead.Ahead) -> bool:
            self.looks.append(look(self_))
            return self.looks[-1]

        monkeypatch.setattr(ahead.Ahead, "look", looked)
        monkeypatch.setattr(landing, "reach", self._reached)

    def _spied(self, seen: list[Plan]) -> Callable[..., Plan]:
        def plan(*arguments: object) -> Plan:
            made = planning.plan(*arguments)  # type: ignore[arg-type]
            if threading.current_thread() is self._second:
                seen.append(made)
            return made

        return plan

    def _reached(self, name: str) -> None:
        if name == "save.index" and threading.current_thread() is not self._second:
            self._held.set()
            assert self._go_on.wait(30)
            self.before_end()

    def saves(
        self, path: str = "index.md", text: bytes | str = "second\n", then: Callable[[], None] | None = None
    ) -> tuple[Future[str | None], str | None]:
        """Save by the first, and while that is under way by the second, which goes on once it has looked.

        :param then: done by the second before the first goes on.
        """
        base = self.second.blob_of(path)

        def when_looked() -> None:
            deadline = time.monotonic() + 30
            while True not in self.looks and len(self.looks) < 40 and time.monotonic() < deadline:
                time.sleep(0.002)
            if then is not None:
                then()
            self._go_on.set()

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(save, self.first, "_posts/2024-01-01-hello.md", "first\n")
            assert self._held.wait(30)
            pool.submit(when_looked)
            return one, save(self.second, path, text, base={path: base})


@pytest.fixture
def meeting(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    for number in range(256):  # drafts go into folders that are there
        (clone.folder / f".git/objects/{number:02x}").mkdir(exist_ok=True)
    clone.write("_posts/2024-01-01-hello.md", "before\n")
    clone.write("index.md", "before\n")
    clone.commit()
    return Meeting(clone, monkeypatch)


def unfinished(clone: Clone) -> list[Path]:
    return list((clone.folder / ".git/objects").rglob("tmp_obj_*"))


def test_the_next_one_has_its_commit_ready_when_its_turn_comes(clone: Clone, meeting: Meeting) -> None:
    drafts: set[int] = set()
    one, two = meeting.saves(then=lambda: drafts.update(file.stat().st_ino for file in unfinished(clone)))
    assert [plan.commit.id for plan in meeting.ahead] == [two]
    stored = {clone.folder / f".git/objects/{oid[:2]}/{oid[2:]}" for oid in meeting.ahead[0].objects}
    assert {file.stat().st_ino for file in stored} == drafts
    assert meeting.late == []
    assert clone.git("rev-parse", "HEAD", "HEAD~1").split() == [two, one.result()]
    assert unfinished(clone) == []
    clone.audit()


def test_what_follows_a_save_that_failed_is_made_anew(meeting: Meeting) -> None:
    before = meeting.clone.git("rev-parse", "HEAD").strip()

    def fail() -> None:
        raise OSError(5, "Input/output error")

    meeting.before_end = fail
    one, two = meeting.saves()
    with pytest.raises(StorageFailed):
        one.result()
    assert len(meeting.ahead) == 1
    assert [plan.commit.id for plan in meeting.late] == [two]
    assert meeting.clone.git("rev-parse", "HEAD", "HEAD~1").split() == [two, before]
    assert unfinished(meeting.clone) == []
    meeting.clone.audit()


def test_drafts_that_git_tidied_away_are_written_again(meeting: Meeting) -> None:
    gone: list[Path] = []

    def tidy() -> None:
        gone.extend(unfinished(meeting.clone))
        for draft in gone:
            draft.unlink()

    _, two = meeting.saves(then=tidy)
    assert gone
    assert meeting.clone.git("rev-parse", "HEAD").strip() == two
    meeting.clone.audit()


def test_a_conflict_is_found_under_the_lock_and_leaves_nothing_behind(meeting: Meeting) -> None:
    with pytest.raises(EditConflict):
        meeting.saves("_posts/2024-01-01-hello.md")
    assert meeting.ahead == []
    assert unfinished(meeting.clone) == []
    meeting.clone.audit()


@pytest.mark.parametrize(
    ("attributes", "text"), [("*.md text eol=crlf\n", "second\n"), ("", "x" * (ahead.MOST_BYTES + 1))]
)
def test_what_goes_through_git_or_is_large_waits_for_its_turn(
    meeting: Meeting, attributes: str, text: str
) -> None:
    meeting.clone.write(".gitattributes", attributes)
    meeting.clone.commit()
    _, two = meeting.saves(text=text)
    assert meeting.ahead == []
    assert [plan.commit.id for plan in meeting.late] == [two]
    assert unfinished(meeting.clone) == []
    meeting.clone.audit()


def test_a_stored_object_is_not_drafted(clone: Clone) -> None:
    store = clone.open()._desk.objects
    oid = store.write("blob", b"there\n")
    assert store.early_draft(oid, "blob", b"there\n") is None


def test_no_folder_is_made_for_a_draft(tmp_path: Path) -> None:
    store = ObjectFolder(tmp_path)
    assert store.early_draft("ce013625030ba8dba906f756967f9e9ca394464a", "blob", b"hello\n") is None
    assert os.listdir(tmp_path) == []


def test_a_draft_of_another_file_of_that_name_is_not_taken(tmp_path: Path) -> None:
    store = ObjectFolder(tmp_path)
    oid = "ce013625030ba8dba906f756967f9e9ca394464a"
    (tmp_path / "ce").mkdir()
    draft = store.early_draft(oid, "blob", b"hello\n")
    assert draft is not None
    Path(draft.name).unlink()
    Path(draft.name).write_bytes(b"another")
    ready = {oid: draft}
    with store.drafted({oid: ("blob", b"hello\n")}, ready) as drafts:
        drafts.put()
    assert zlib.decompress((tmp_path / "ce" / oid[2:]).read_bytes()) == b"blob 6\0hello\n"
    assert ready == {}


@pytest.fixture
def alone(clone: Clone) -> ahead.Ahead:
    """A look ahead by somebody whose predecessor has stored nothing yet."""
    repository = clone.open()
    base = {"index.md": repository.blob_of("index.md")}
    save(repository, "_posts/one.md", "so that there is a lock file\n")
    request = Request({"index.md": b"wanted\n"}, base, ADA, "Change it", datetime.now().astimezone())
    return ahead.Ahead(repository._desk, request)


def note(looking: ahead.Ahead, commit: str, *, abandoned: bool = False) -> None:
    """Have the lock file say what the one before is about to land."""
    desk = looking._desk
    descriptor = os.open(desk.lock.path, os.O_RDWR)
    journals.write(descriptor, Journal("token", desk.place.reference, commit, commit, "Change", ()))
    if abandoned:
        journals.abandon(descriptor)
    os.close(descriptor)


def test_a_plan_is_for_one_version_and_for_these_files(clone: Clone, alone: ahead.Ahead) -> None:
    head = clone.git("rev-parse", "HEAD").strip()
    note(alone, head)
    with alone:
        assert alone.look()
        assert alone._plan is not None
        wishes = list(alone._plan.wishes)
        assert alone.plan_of(head, wishes) is alone._plan
        assert alone.plan_of("0" * 40, wishes) is None
        other = replace(wishes[0], disk=b"as it is on the disk now\n")
        assert alone.plan_of(head, [other]) is None


def test_where_nothing_differs_there_is_nothing_to_plan(clone: Clone, alone: ahead.Ahead) -> None:
    clone.write("index.md", "wanted\n")
    note(alone, clone.commit())
    with alone:
        assert alone.look()
        assert alone._plan is None


def test_a_save_that_is_taken_back_is_not_built_upon(clone: Clone, alone: ahead.Ahead) -> None:
    note(alone, clone.git("rev-parse", "HEAD").strip(), abandoned=True)
    with alone:
        assert not alone.look()
        assert alone._plan is None


def test_a_commit_is_waited_for_until_it_is_stored(clone: Clone, alone: ahead.Ahead) -> None:
    tree = clone.git("rev-parse", "HEAD^{tree}").strip()
    made = clone.git("commit-tree", tree, "-p", "HEAD", "-m", "coming").strip()
    file = clone.folder / f".git/objects/{made[:2]}/{made[2:]}"
    kept = file.read_bytes()
    file.unlink()
    note(alone, made)
    with alone:
        assert not alone.look()
        file.write_bytes(kept)
        assert alone.look()
        assert alone._plan is not None
        assert alone._plan.head == made


def test_the_index_is_read_again_once_it_has_changed(clone: Clone, alone: ahead.Ahead) -> None:
    with alone:
        alone.look()
        clone.write("other.md", "x\n")
        clone.git("add", "other.md")
        alone.look()
        assert alone._desk._index is not None
        assert alone._desk._index.data == (clone.folder / ".git/index").read_bytes()

"""Many writers on one clone: threads, processes, and a developer beside them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gitcms.errors import EditConflict, GitCMSError, RepositoryBusy, StorageFailed
from gitcms.repository import Person, Repository, locks
from gitcms.repository.locks import SaveLock
from tests.repository.conftest import ADA, Clone, save

WRITERS, SAVES = 16, 5

SERVER = """
import sys
from pathlib import Path
from gitcms.repository import Person, Repository

site, state, name, saves = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
committer = Person("gitcms", "gitcms@localhost")
repository = Repository.open(site, lock_folder=state, committer=committer, lock_seconds=60)
print("ready", flush=True)
sys.stdin.readline()
for number in range(saves):
    path = f"_posts/{name}.md"
    commit = repository.save(
        {path: f"{name} {number}\\n".encode()},
        base={path: repository.blob_of(path)},
        author=Person(name, "a@example.org"),
        message=f"{name} {number}",
    )
    print(commit.id, flush=True)
repository.close()
"""


def write_many(repository: Repository, name: str, saves: int = SAVES) -> list[str]:
    path = f"_posts/{name}.md"
    done = []
    for number in range(saves):
        commit = save(repository, path, f"{name} {number}\n", author=Person(name, "a@example.org"))
        assert commit
        done.append(commit)
    return done


def check(clone: Clone, acknowledged: list[str], before: str) -> None:
    reachable = clone.git("rev-list", f"{before}..HEAD").split()
    assert sorted(reachable) == sorted(acknowledged)
    for line in clone.git("log", "--format=%x00%an", "--name-only", f"{before}..HEAD").split("\0")[1:]:
        author, path = line.split()
        assert path == f"_posts/{author}.md"
    clone.audit()


def test_sixteen_threads(clone: Clone) -> None:
    repository = clone.open(lock_seconds=60.0)
    before = repository.head()
    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(lambda number: write_many(repository, f"w{number}"), range(WRITERS)))
    check(clone, [commit for commits in done for commit in commits], before)


def test_two_servers_and_a_developer(clone: Clone) -> None:
    before = clone.git("rev-parse", "HEAD").strip()
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", SERVER, str(clone.folder), str(clone.state), f"s{number}", "30"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for server in servers:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    by_hand = []
    while any(server.poll() is None for server in servers):
        clone.write("_posts/Dev.md", f"{len(by_hand)}\n")
        added = subprocess.run(
            ["git", "add", "_posts/Dev.md"], cwd=clone.folder, capture_output=True, check=False
        )
        made = subprocess.run(
            ["git", "commit", "-q", "-m", "by hand", "--", "_posts/Dev.md"],
            cwd=clone.folder,
            capture_output=True,
            check=False,
        )
        if added.returncode == 0 and made.returncode == 0:
            by_hand.append(len(by_hand))
        time.sleep(0.05)
    acknowledged = []
    for server in servers:
        out, _ = server.communicate()
        assert server.returncode == 0
        acknowledged += out.split()
    assert len(acknowledged) == 60
    clone.git("add", "-A")
    clone.git("commit", "-q", "-m", "last", fails=True)
    mine = clone.git("rev-list", "--author=Dev", f"{before}..HEAD").split()
    assert len(mine) >= len(by_hand)
    check(clone, acknowledged + mine, before)


def test_two_authors_of_one_file_at_once_are_one_save_and_one_conflict(clone: Clone) -> None:
    repository = clone.open()
    base = {"index.md": repository.blob_of("index.md")}
    start = threading.Barrier(2)

    def write(name: str) -> str:
        start.wait()
        try:
            repository.save({"index.md": name.encode()}, base=base, author=ADA, message=name)
        except EditConflict:
            return "conflict"
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ["one", "two"])) == ["conflict", "saved"]
    clone.audit()


def test_saves_go_on_while_git_tidies_up(clone: Clone) -> None:
    repository = clone.open()
    stop = threading.Event()
    failures = []

    def tidy() -> None:
        while not stop.is_set():
            done = subprocess.run(
                ["git", "gc", "-q", "--prune=now"], cwd=clone.folder, capture_output=True, check=False
            )
            failures.append(done.returncode)

    thread = threading.Thread(target=tidy)
    thread.start()
    try:
        before = repository.head()
        done = write_many(repository, "writer", 40)
    finally:
        stop.set()
        thread.join()
    check(clone, done, before)


@pytest.mark.parametrize("room", [0, 4, 8, 16, 24, 36, 400])
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path, room: int) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root: run the tests as root, to mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"needs mount: a machine where tests may mount a disk ({mounted.stderr.strip()})")
    try:
        clone = Clone(disk)
        clone.git("init", "-q", "-b", "main")
        clone.write("_posts/one.md", "x" * 20_000)
        clone.commit()
        repository = clone.open()
        _fill(disk, room)
        before = repository.read("_posts/one.md"), repository.head()
        said = ""
        try:
            save(repository, "_posts/one.md", os.urandom(20_000))
        except StorageFailed as error:
            said = str(error)
        assert ("full" in said) == (room < 40)
        if said:
            assert (repository.read("_posts/one.md"), repository.head()) == before
            assert (clone.folder / "_posts/one.md").read_bytes() == before[0]
        (disk / "filler").unlink()
        clone.audit()
        assert save(repository, "_posts/one.md", "after\n")
        clone.audit()
        clone.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path, room: int) -> None:
    """Leave only so many KiB."""
    with open(disk / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            filler.truncate(max(0, filler.tell() - room * 1024))


def test_a_save_of_more_files_than_a_process_may_have_open_is_one_commit(clone: Clone) -> None:
    child = os.fork()
    if child == 0:
        import resource

        code = 1
        try:
            repository = clone.open()
            used = len(os.listdir("/dev/fd"))
            resource.setrlimit(resource.RLIMIT_NOFILE, (used + 100, used + 100))
            posts = {f"many/{one}/index.md": b"%d\n" % one for one in range(150)}
            saved = repository.save(posts, base=dict.fromkeys(posts), author=ADA, message="Add many")
            code = 0 if saved else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(list((clone.folder / "many").rglob("*.md"))) == 150
    clone.audit()


def test_too_few_files_open_is_said(clone: Clone) -> None:
    child = os.fork()
    if child == 0:
        import resource

        code = 1
        try:
            repository = clone.open()
            base = {"index.md": repository.blob_of("index.md")}
            used = len(os.listdir("/dev/fd"))
            resource.setrlimit(resource.RLIMIT_NOFILE, (used - 1, used - 1))
            try:
                repository.save({"index.md": b"x"}, base=base, author=ADA, message="x")
            except StorageFailed as error:
                code = 0 if "files open" in str(error) else 2
            except GitCMSError:
                code = 3
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    clone.audit()


HOLDER = """
import sys, time
from pathlib import Path
from gitcms.repository.locks import SaveLock

lock = SaveLock(Path(sys.argv[1]), Path("site/.git"), 60.0)
print("ready", flush=True)
sys.stdin.readline()
print("comes", flush=True)
with lock.held():
    print(time.monotonic_ns(), flush=True)
    time.sleep(0.01)
"""


def waiters(folder: Path, number: int) -> list[subprocess.Popen[str]]:
    """Start processes that are about to ask for the lock."""
    found = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    for each in found:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    return found


def come(each: subprocess.Popen[str], before: int, queue: Path) -> None:
    """Let a process ask for the lock, and wait until it stands in the line behind so many."""
    assert each.stdin is not None
    each.stdin.write("go\n")
    each.stdin.flush()
    deadline = time.monotonic() + 30
    while _in_line(queue) <= before:
        assert time.monotonic() < deadline, "it does not stand in the line"
        time.sleep(0.002)


def _in_line(queue: Path) -> int:
    mark = f":{queue.stat().st_ino} "
    return sum(mark in line for line in Path("/proc/locks").read_text().splitlines())


def test_processes_save_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    """Else the unluckiest of sixteen waits five times as long as most; who was killed holds up nobody."""
    if not os.path.exists("/proc/locks"):
        pytest.skip("needs /proc/locks: Linux")
    lock = SaveLock(tmp_path, Path("site/.git"), 60.0)
    processes = waiters(tmp_path, 10)
    try:
        with lock.held():
            for number, each in enumerate(processes):
                come(each, number, lock.path.with_suffix(".queue"))
            processes[4].kill()
            processes[4].communicate()
        times = [int(each.communicate(timeout=60)[0].split()[1]) for each in processes[:4] + processes[5:]]
    finally:
        for each in processes:
            each.kill()
            each.communicate()
    assert times == sorted(times)


def test_all_who_came_before_are_counted(tmp_path: Path) -> None:
    """The system names them in no order that could be relied on."""
    if not hasattr(fcntl, "F_OFD_SETLK"):
        pytest.skip("needs locks of open files: Linux")
    files = [os.open(tmp_path / "queue", os.O_RDWR | os.O_CREAT) for _ in range(5)]
    for file, place in zip(files, (30, 10, 40, 20, 50), strict=True):
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, locks._LOCKED.pack(fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0))
    assert [locks._number_before(files[2], 0, end) for end in (10, 11, 40, 60)] == [0, 1, 3, 4]
    for file in files:
        os.close(file)


def test_the_line_has_an_end(tmp_path: Path) -> None:
    with SaveLock(tmp_path, Path("site/.git"), 60.0).held():
        other = SaveLock(tmp_path, Path("site/.git"), 0.1)
        with pytest.raises(RepositoryBusy), other.held():
            pass
    with SaveLock(tmp_path, Path("site/.git"), 0.1).held():
        pass


def test_where_nobody_can_be_given_a_place_the_lock_is_held_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(fcntl, "F_OFD_SETLK", raising=False)
    inside = []

    def work(_: int) -> None:
        with SaveLock(tmp_path, Path("site/.git"), 60.0).held():
            inside.append(1)
            assert len(inside) == 1
            time.sleep(0.002)
            inside.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))

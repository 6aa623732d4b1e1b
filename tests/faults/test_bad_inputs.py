"""Paths, versions, names, titles and addresses that are ways in elsewhere: each refused with a sentence, or
taken as what it is, and nothing else moved. What each looks like is in `bad_inputs`."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from gitcms.accounts.permissions import Role
from gitcms.content.paths import check_path
from gitcms.errors import GitCMSError, PathRefused
from gitcms.repository import Person as Author
from gitcms.repository import Repository
from tests.faults.at_the_desk import EYES, PLACE, Desk, add_people, sit_down, told
from tests.faults.bad_inputs import ADDRESSES, MESSAGES, PATHS, PEOPLE, REFS
from tests.making import JEKYLL, git, make_repository
from tests.serving import Answer, Form, served

SECONDS = 5.0
"""How long an answer may take. It is a bound against hanging, not a time to reach."""
REFUSED = (400, 404, 405, 409, 410, 413, 414, 422, 431)


@dataclass
class Watched:
    """A site that is served, what lies around it, and what all of it was before."""

    desk: Desk
    top: Path

    @property
    def site(self) -> Path:
        return self.desk.site

    def fingerprint(self) -> dict[str, str]:
        """Name every file of the site, of Git's data and beside the site with what it holds."""
        found = {}
        for place in (self.site, self.top / "beside"):
            for folder, folders, files in os.walk(place):
                found |= {f"{folder}/{name}/": "" for name in folders}
                for name in files:
                    file = Path(folder, name)
                    content = os.readlink(file).encode() if file.is_symlink() else file.read_bytes()
                    found[str(file)] = hashlib.sha256(content).hexdigest()
        found["mark"] = str(os.path.lexists(self.top / "mark"))
        return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    top = tmp_path_factory.mktemp("watched")
    (top / "state").mkdir()
    (top / "beside").mkdir()
    (top / "beside/canary.md").write_text("---\ntitle: Canary\n---\nAlive.\n")
    add_people(top / "state", "ines", role=Role.ADMIN)
    site = make_repository(top / "site", {**JEKYLL, ".gitignore": "ignored/\n_projects/private-*\n"})
    with served(site, top / "state") as server:
        yield Watched(sit_down(site, server.address, server.process.pid), top)


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="/")


def check_answer(answer: Answer, watched: Watched, where: str, *also: int) -> None:
    """A refusal in words, without a trace, a path of the server or a word of how Git was asked."""
    assert answer.status in (*REFUSED, *also), (where, answer.status, told(answer)[:500])
    if answer.status in (301, 308):
        assert answer.headers["location"].removeprefix(watched.desk.person.address).startswith("/")
        return
    words = told(answer)
    assert "Traceback" not in words and str(watched.top) not in words, (where, words[:500])


# ── paths ──


@pytest.mark.parametrize("name", PATHS)
def test_a_new_entry_of_this_path_is_refused_with_its_reason(name: str) -> None:
    path, code = PATHS[name]
    with pytest.raises(PathRefused) as refused:
        check_path(path, extensions={".md"})
    assert refused.value.code == code and str(refused.value) and refused.value.hint


@pytest.mark.parametrize("name", PATHS)
def test_no_page_leads_to_this_path(watched: Watched, name: str) -> None:
    path, _ = PATHS[name]
    if len(path) > 100_000:
        path = path[:60_000]  # as much as a request line may hold at all
    before, desk = watched.fingerprint(), watched.desk
    head = git(watched.site, "rev-parse", "HEAD").strip()
    form = Form.first(desk.person.get(PLACE).text, PLACE)
    began = time.monotonic()
    for place in ("entries", "history", "deletions"):
        where = f"/collections/projects/{place}/{encoded(path)}"
        check_answer(desk.person.get(where), watched, where, 308)
        if place != "history":
            check_answer(desk.person.post(where, form.with_values({"body": "x"})), watched, where, 308)
    for where in (f"/files/{encoded(path)}", f"/restorations/{head}/{encoded(path)}"):
        check_answer(desk.person.get(where), watched, where, 308)
    check_answer(desk.person.post(f"/restorations/{head}/{encoded(path)}", form.fields), watched, name, 308)
    assert time.monotonic() - began < 6 * SECONDS
    assert watched.fingerprint() == before


@pytest.mark.parametrize("name", PATHS)
def test_an_address_of_this_kind_makes_an_entry_of_the_collection_or_none(
    watched: Watched, name: str
) -> None:
    """What somebody types as the address of a new page becomes letters and hyphens, or is said to be none."""
    path, _ = PATHS[name]
    desk, before = watched.desk, watched.fingerprint()
    form = Form.first(desk.person.get("/collections/projects/new").text, 'method="post"')
    values = {"f.title": "Innocent", "name": path.encode("utf-8", "replace").decode(), "intent": "draft"}
    answer = desk.person.post("/collections/projects/new", form.with_values(values))
    after = watched.fingerprint()
    if answer.status != 303:
        check_answer(answer, watched, name)
        assert "Innocent" in answer.text or answer.status in (413, 400)
        assert after == before
        return
    fresh = [path for path in set(after) - set(before) if "/.git/" not in path]
    [made] = [path for path in fresh if not path.endswith("/")]
    assert re.fullmatch(r"[\w-]+\.md", Path(made).name), made
    assert Path(made).parent.name in ("_projects", "_drafts"), made
    for same in (".git/config", "_config.yml", EYES):
        key = str(watched.site / same)
        assert after[key] == before[key]
    git(watched.site, "reset", "-q", "--hard", "HEAD~1")


LINKS = {
    "PATH-049": ("_projects/l.md", "/etc/passwd", "_projects/l.md"),
    "PATH-050": ("_projects/l.md", "letters.md", "_projects/l.md"),
    "PATH-051": ("_projects/l.md", "../.git/config", "_projects/l.md"),
    "PATH-052": ("_projects/d", "../../beside", "_projects/d/canary.md"),
    "PATH-053": ("_projects/s", "../.git", "_projects/s/config"),
    "PATH-054": ("_projects/l.md", "../../beside/new.md", "_projects/l.md"),
    "PATH-056": ("assets", "../beside", "assets/canary.md"),
    "PATH-060": ("_projects/l.md", "../../beside/canary.md", "_projects/l.md"),
}


@pytest.mark.parametrize("tracked", [False, True], ids=["untracked", "tracked"])
@pytest.mark.parametrize("name", LINKS)
def test_a_link_in_the_site_leads_nowhere(watched: Watched, name: str, tracked: bool) -> None:
    link, target, path = LINKS[name]
    desk = watched.desk
    form = Form.first(desk.person.get(PLACE).text, PLACE)
    (watched.site / link).symlink_to(target)
    try:
        if tracked:
            git(watched.site, "add", link)
            git(watched.site, "commit", "-q", "-m", "A link")
        before = watched.fingerprint()
        where = f"/collections/projects/entries/{path}"
        for answer in (
            desk.person.get(where),
            desk.person.post(where, form.with_values({"body": "Through the link."})),
            desk.person.get(f"/collections/projects/deletions/{path}"),
            desk.person.post(f"/collections/projects/deletions/{path}", form.fields),
            desk.person.get(f"/files/{path}"),
        ):
            check_answer(answer, watched, where)
            assert "root:" not in answer.text and "Alive." not in answer.text
            assert "repositoryformatversion" not in answer.text
        assert desk.person.get("/collections/projects/").status == 200
        assert watched.fingerprint() == before
    finally:
        (watched.site / link).unlink()
        if tracked:
            git(watched.site, "reset", "-q", "--hard", "HEAD~1")


def test_a_hard_link_outside_keeps_its_content(watched: Watched) -> None:
    """PATH-057: what is saved takes the place of a name, and is written into no file that has another one."""
    desk = watched.desk
    canary = (watched.top / "beside/canary.md").read_bytes()
    os.link(watched.top / "beside/canary.md", watched.site / "_projects/h.md")
    git(watched.site, "add", "_projects/h.md")
    git(watched.site, "commit", "-q", "-m", "A hard link")
    where = "/collections/projects/entries/_projects/h.md"
    form = Form.first(desk.person.get(where).text, where)
    assert desk.person.post(where, form.with_values({"body": "Mine.", "intent": "save"})).status == 303
    assert "Mine." in (watched.site / "_projects/h.md").read_text()
    assert (watched.top / "beside/canary.md").read_bytes() == canary
    git(watched.site, "reset", "-q", "--hard", "HEAD~2")


@pytest.mark.parametrize("name", ["PATH-058", "PATH-059"])
def test_a_pipe_or_a_folder_in_the_place_of_a_file_holds_nobody_up(watched: Watched, name: str) -> None:
    desk = watched.desk
    desk.write()
    file = watched.site / EYES
    file.rename(watched.top / "kept.md")
    try:
        os.mkfifo(file) if name == "PATH-058" else file.mkdir()
        began = time.monotonic()
        assert desk.person.get(PLACE).status in (200, 409)
        answer = desk.save()
        assert time.monotonic() - began < SECONDS
        desk.check_refused(answer)
    finally:
        file.unlink() if name == "PATH-058" else file.rmdir()
        (watched.top / "kept.md").rename(file)
    desk.check_saved()


TAKEN = {
    "PATH-107": ("_projects/hello.md", "_projects/Hello.md", "path.taken"),
    "PATH-108": ("_projects/cafe\u0301.md", "_projects/caf\u00e9.md", "path.taken"),
    "PATH-109": ("_projects/\u212a.md", "_projects/k.md", "path.taken"),
    "PATH-110": ("_projects/a.md/b.md", "_projects/a.md", "path.taken"),
    "PATH-111": ("_projects/letters.md", "_projects/other.md", "path.taken"),
    "PATH-114": ("ignored/x.md", "_projects/other.md", "path.collision"),
    "PATH-115": ("_projects/sub/x.md", "_projects/other.md", "path.collision"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_is_taken_or_not_the_sites_is_refused(tmp_path: Path, name: str) -> None:
    path, there, code = TAKEN[name]
    files = {"_projects/letters.md": "x\n", there: "there\n", ".gitignore": "ignored/\n"}
    site = make_repository(tmp_path / "site", files)
    if name == "PATH-115":
        git(site, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},_projects/sub")
        git(site, "commit", "-q", "-m", "A site inside")
    (tmp_path / "state").mkdir()
    author = Author("Inés", "ines@example.org")
    repository = Repository.open(site, lock_folder=tmp_path / "state", committer=author)
    before = git(site, "for-each-ref"), git(site, "ls-files", "-s"), git(site, "status", "--porcelain")
    with pytest.raises(GitCMSError) as refused:
        repository.save({path: b"new\n"}, base={path: None}, author=author, message="New")
    repository.close()
    assert refused.value.code == code and refused.value.hint
    after = git(site, "for-each-ref"), git(site, "ls-files", "-s"), git(site, "status", "--porcelain")
    assert after == before


def test_publishing_onto_a_post_that_is_there_is_refused(watched: Watched) -> None:
    """PATH-112: the only way in which a page gets another name here."""
    desk, draft = watched.desk, "_drafts/first-rain.md"
    (watched.site / draft).write_text("---\ntitle: First rain\ndate: 2026-03-01\nlayout: post\n---\nAgain.\n")
    git(watched.site, "add", draft)
    git(watched.site, "commit", "-q", "-m", "A draft")
    before = watched.fingerprint()
    where = f"/collections/posts/entries/{draft}"
    form = Form.first(desk.person.get(where).text, where)
    answer = desk.person.post(where, form.with_values({"body": "Again, and typed.", "intent": "publish"}))
    assert answer.status == 409 and "there already" in told(answer), told(answer)[:800]
    assert "Again, and typed." in unescape(answer.text)
    assert watched.fingerprint() == before
    git(watched.site, "reset", "-q", "--hard", "HEAD~1")


def test_an_entry_of_a_collection_lies_in_its_folder(watched: Watched) -> None:
    """PATH-113"""
    before = watched.fingerprint()
    form = Form.first(watched.desk.person.get(PLACE).text, PLACE)
    for path in ("README.md", "_posts/2026-03-01-first-rain.md", "_layouts/project.html"):
        where = f"/collections/projects/entries/{path}"
        check_answer(watched.desk.person.get(where), watched, where)
        check_answer(watched.desk.person.post(where, form.fields), watched, where)
    assert watched.fingerprint() == before


# ── versions ──


@pytest.mark.parametrize("name", REFS)
def test_only_a_whole_id_names_a_version(watched: Watched, name: str) -> None:
    """Nobody names a branch here; what an address or a form names as a version is an id, or nothing."""
    ref = REFS[name].replace("MARK", str(watched.top / "mark"))
    desk, before = watched.desk, watched.fingerprint()
    form = Form.first(desk.person.get(PLACE).text, PLACE)
    inner = encoded(ref)
    for where in (
        f"/changes/{inner}",
        f"/changes/{inner}?path={EYES}",
        f"/restorations/{inner}/{EYES}",
        f"/collections/projects/history/{EYES}?version={quote(ref.encode(), safe='')}",
    ):
        check_answer(desk.person.get(where), watched, where, 200 if "?version" in where else 404, 308)
    check_answer(desk.person.post(f"/restorations/{inner}/{EYES}", form.fields), watched, name, 308)
    for field in ("base", "disk", "taken", "against"):
        values = {"body": "x", "intent": "save", "disk": "1" * 40, "taken": "1" * 40} | {field: ref}
        if field == "against":
            values |= {"resolve": "1", "base": "2" * 40}
        answer = desk.person.post(PLACE, form.with_values(values))
        if answer.status == 303:
            assert field in ("disk", "taken")  # one that is none counts for nothing
            git(watched.site, "reset", "-q", "--hard", "HEAD~1")
            before = before | {key: value for key, value in watched.fingerprint().items() if "/.git/" in key}
        else:
            check_answer(answer, watched, f"{name} {field}")
    assert watched.fingerprint() == before


# ── who, and what they say ──


@pytest.mark.parametrize("name", PEOPLE)
def test_an_account_that_would_forge_a_header_cannot_be_made(watched: Watched, name: str) -> None:
    person, email = PEOPLE[name]
    desk, before = watched.desk, watched.fingerprint()
    person = person.encode("utf-8", "replace").decode()
    page = desk.person.get("/people").text
    form = Form.first(page, 'action="/people"')
    answer = desk.person.post("/people", form.filled(name=person, email=email, role="author"))
    taken = answer.status < 400
    if not taken:
        check_answer(answer, watched, name)
    profile = Form.first(desk.person.get("/account").text, 'action="/account/profile"')
    answer = desk.person.post("/account/profile", profile.filled(name=person, email=email))
    assert answer.status < 500
    assert watched.fingerprint() == before
    desk.write()
    saved = desk.save()
    assert saved.status == 303, told(saved)[:800]
    raw = git(watched.site, "cat-file", "commit", "HEAD")
    head, _, _ = raw.partition("\n\n")
    assert [line.split(" ")[0] for line in head.split("\n")] == ["tree", "parent", "author", "committer"]
    assert re.search(r"^author [^<>\n]+ <ines@example\.org> \d+ [+-]\d{4}$", head, re.MULTILINE), head
    restore = Form.first(desk.person.get("/account").text, 'action="/account/profile"')
    desk.person.post("/account/profile", restore.filled(name="Ines", email="ines@example.org"))


def test_nobody_saves_in_the_name_of_another(watched: Watched) -> None:
    """COMMIT-015"""
    desk = watched.desk
    desk.write()
    desk.fields += [("author", "Boss <boss@example.org>"), ("name", "Boss"), ("email", "boss@example.org")]
    assert desk.save().status == 303
    raw = git(watched.site, "cat-file", "commit", "HEAD")
    assert "Boss" not in raw and "boss@" not in raw and "author Ines <ines@example.org>" in raw


@pytest.mark.parametrize("name", MESSAGES)
def test_a_title_tells_nothing_but_itself_in_the_history(watched: Watched, name: str) -> None:
    """A description of a change is made of an entry's title; nothing in one gives orders or names people."""
    desk = watched.desk
    title = MESSAGES[name].encode("utf-8", "replace").decode()
    head = git(watched.site, "rev-parse", "HEAD").strip()
    form = Form.first(desk.person.get(PLACE).text, PLACE)
    body = f"Told by {name}, {time.monotonic_ns()}."
    answer = desk.person.post(PLACE, form.with_values({"f.title": title, "body": body, "intent": "save"}))
    if answer.status != 303:
        check_answer(answer, watched, name)
        assert body in unescape(answer.text) or answer.status == 413
        assert git(watched.site, "rev-parse", "HEAD").strip() == head
        return
    raw = git(watched.site, "cat-file", "commit", "HEAD")
    header, _, message = raw.partition("\n\n")
    assert [line.split(" ")[0] for line in header.split("\n")] == ["tree", "parent", "author", "committer"]
    subject, _, rest = message.partition("\n")
    assert 0 < len(subject) <= 72 and rest == "", message
    assert not re.search(r"\[(skip|no)[ -]|[\x00-\x1f\x7f\ud800]", subject, re.IGNORECASE), subject
    assert git(watched.site, "log", "-1", "--format=%(trailers)").strip() == ""
    git(watched.site, "fsck", "--strict")
    git(watched.site, "reset", "-q", "--hard", head)


# ── where a repository comes from ──


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_a_clone_says_that_it_comes_from_is_never_asked(watched: Watched, name: str) -> None:
    """Reading, saving and looking back ask nobody, whatever the repository's own configuration names."""
    desk = watched.desk
    address = ADDRESSES[name].replace("MARK", str(watched.top / "mark"))
    config = watched.site / ".git/config"
    kept = config.read_bytes()
    try:
        git(watched.site, "config", "remote.origin.url", address)
        git(watched.site, "config", "remote.origin.promisor", "true")
        git(watched.site, "config", "branch.main.remote", "origin")
        desk.write()
        told_before = config.read_bytes()
        assert desk.save().status == 303
        for page in ("/", "/history", f"/collections/projects/history/{EYES}"):
            assert desk.person.get(page).status == 200
        missing = desk.person.get(f"/changes/{'1' * 40}")
        assert missing.status == 404
        assert config.read_bytes() == told_before
        assert not (watched.top / "mark").exists()
        if "token" in address:
            pages = "".join(desk.person.get(page).text for page in ("/", "/history", "/account"))
            assert "user:token" not in pages
    finally:
        config.write_bytes(kept)

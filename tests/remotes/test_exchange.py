"""Saves go to a real remote and come from it; whatever it does, no side is lost and nothing is forced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitcms import remotes
from tests.making import INES, RAIN, git
from tests.remote_servers import USER

from .conftest import OTHER, POST, OverHttp, clean, write


def test_a_save_is_sent_and_comes_to_the_others_with_files_and_index_in_step(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync(one).state == "sent"
    assert world.head() == one.repository.head()
    assert remotes.sync(two).state == "sent"
    assert two.repository.head() == one.repository.head()
    assert b"all night" in (two.repository.folder / POST).read_bytes()
    assert clean(two)


def test_two_changes_of_one_entry_are_joined_field_by_field(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "title: First rain", "title: The first rain")
    write(two, POST, "It rained.", "It rained all night.")
    assert [remotes.sync(site).state for site in (one, two, one)] == ["sent"] * 3
    expected = RAIN.replace("First rain", "The first rain").replace("It rained.", "It rained all night.")
    for site in (one, two):
        assert site.repository.read(POST).decode() == expected
        assert site.repository.head() == world.head()
        assert clean(site)
    assert one.repository.audit().findings == ()


def test_what_cannot_be_joined_overwrites_nothing_and_says_where(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "First rain", "Rain at last")
    write(two, POST, "First rain", "No rain yet")
    write(two, OTHER, "Look at the card.", "Look twice.")
    remotes.sync(one)
    before = two.repository.head()
    found = remotes.sync(two)
    assert found.state == "stopped"
    assert "“No rain yet”" in found.sentence
    assert found.contested == (POST,)
    assert (two.repository.head(), world.head()) == (before, one.repository.head())
    assert b"No rain yet" in two.repository.read(POST)
    assert clean(two)


def test_a_change_against_a_deletion_is_not_decided_by_the_machine(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    one.repository.save(
        {POST: None}, base={POST: one.repository.blob_of(POST)}, author=INES, message="Delete"
    )
    write(two, POST, "It rained.", "It rained all night.")
    remotes.sync(one)
    assert remotes.sync(two).state == "stopped"
    assert b"all night" in two.repository.read(POST)


def test_unsaved_work_in_the_folder_is_never_touched_and_what_comes_waits_for_it(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "It rained.", "It rained all night.")
    remotes.sync(one)
    (two.repository.folder / POST).write_text("somebody is writing here")
    found = remotes.sync(two)
    assert found.state == "waiting"
    assert (two.repository.folder / POST).read_text() == "somebody is writing here"
    git(two.repository.folder, "checkout", "--", POST)
    assert remotes.sync(two).state == "sent"
    assert two.repository.head() == world.head()


def test_a_rewritten_history_stops_everything_and_ours_is_kept(world: OverHttp) -> None:
    one = world.clone("one")
    write(one, POST, "It rained.", "It rained all night.")
    remotes.sync(one)
    write(one, OTHER, "Look at the card.", "Look twice.")
    ours = one.repository.head()
    git(world.bare, "update-ref", "refs/heads/main", f"{world.head()}~1")
    rewritten = world.head()
    found = remotes.sync(one)
    assert (found.state, world.head(), one.repository.head()) == ("stopped", rewritten, ours)
    assert "rewritten" in found.sentence
    assert git(one.repository.folder, "rev-parse", f"refs/gitcms/rescue/{ours}").strip() == ours
    git(one.repository.folder, "update-ref", "-d", "refs/gitcms/remote/main")
    assert remotes.sync(one).state == "sent"


def test_a_deleted_branch_is_said_and_not_made_anew(world: OverHttp) -> None:
    one = world.clone("one")
    remotes.sync(one)
    git(world.bare, "update-ref", "-d", "refs/heads/main")
    found = remotes.sync(one)
    assert found.state == "waiting"
    assert "not there any more" in found.sentence
    assert git(world.bare, "for-each-ref") == ""


def test_a_hook_of_the_remote_may_refuse_and_its_words_are_kept_clean(world: OverHttp) -> None:
    one = world.clone("one")
    hook = world.hook("printf 'frozen \\033[31muntil Monday\\n' >&2\nexit 1")
    write(one, POST, "It rained.", "It rained all night.")
    found = remotes.sync(one)
    assert (found.state, found.sentence) == ("waiting", "The shared server refused the changes.")
    assert "until Monday" in found.details
    assert "\033" not in found.details
    hook.unlink()
    assert remotes.sync(one).state == "sent"


def test_a_full_remote_is_tried_again(world: OverHttp) -> None:
    one = world.clone("one")
    hook = world.hook("echo 'write error: No space left on device' >&2\nexit 1")
    write(one, POST, "It rained.", "It rained all night.")
    assert "no room left" in remotes.sync(one).sentence
    hook.unlink()
    assert remotes.sync(one).state == "sent"


@pytest.mark.parametrize(
    ("status", "words"), [(500, "fault of its own"), (403, "password"), (404, "Nothing is found")]
)
def test_a_remote_that_answers_with_a_fault_is_named_and_tried_again(
    world: OverHttp, status: int, words: str
) -> None:
    one = world.clone("one")
    write(one, POST, "It rained.", "It rained all night.")
    world.mood.status = status
    found = remotes.sync(one)
    assert found.state == "waiting"
    assert words in found.sentence
    world.mood.status = 0
    assert remotes.sync(one).state == "sent"
    assert world.head() == one.repository.head()


def test_a_page_instead_of_an_answer_is_a_fault_of_the_remote(world: OverHttp) -> None:
    one = world.clone("one")
    world.mood.status, world.mood.body = 200, b"<html>Welcome to the hotel</html>"
    found = remotes.sync(one)
    assert found.state == "waiting"
    assert "<html>" not in found.sentence


def test_a_redirect_is_not_followed(world: OverHttp) -> None:
    one = world.clone("one")
    world.mood.status, world.mood.headers = 302, (("Location", "http://127.0.0.1:9/evil"),)
    assert remotes.sync(one).state == "waiting"
    assert ":9/" not in remotes.sync(one).sentence


def test_a_password_that_is_no_longer_good_is_said_and_never_shown(
    world: OverHttp, caplog: pytest.LogCaptureFixture
) -> None:
    one = world.clone("one")
    (world.folder / "token").write_text("wr0ng-secret")
    found = remotes.sync(one)
    assert "password" in found.sentence
    kept = (one.state / "remote.json").read_text() + caplog.text + repr(found)
    assert "wr0ng-secret" not in kept
    assert USER + ":" not in kept


def test_a_remote_that_is_down_delays_nothing_and_waits_longer_each_time(world: OverHttp) -> None:
    one = world.clone("one")
    one.config = one.config.with_values("remote", url="http://127.0.0.1:9/site.git")
    pauses = []
    for _ in range(4):
        found = remotes.sync(one)
        assert (found.state, found.sentence) == ("waiting", "The shared server cannot be reached.")
        pauses.append(found.next - found.at)
    assert pauses[-1] > 4 * pauses[0]
    write(one, POST, "It rained.", "It rained all night.")
    assert not remotes.sync_if_due(one)
    remotes.fetch_now(one)
    assert remotes.sync_if_due(one)


def test_a_remote_that_does_not_answer_is_left_after_the_time_set(world: OverHttp) -> None:
    one = world.clone("one")
    one.config = one.config.with_values("remote", timeout_seconds=1.0)
    world.mood.pause = 3.0
    found = remotes.sync(one)
    assert found.sentence == "The shared server took too long to answer."
    world.mood.pause = 0.0
    assert remotes.sync(one).state == "sent"


def test_a_lost_request_is_sent_again_and_a_lost_answer_makes_no_second_commit(world: OverHttp) -> None:
    one = world.clone("one")
    for mood in ("lose_requests", "lose_answers"):
        write(one, POST, "It rained", "It rained, and")
        setattr(world.mood, mood, 1)
        first = remotes.sync(one)
        assert remotes.sync(one).state == "sent", first
        assert world.head() == one.repository.head()
    assert len(git(world.bare, "log", "--format=%H", "main").split()) == 3
    assert git(world.bare, "fsck", "--strict") == ""


def test_nothing_that_the_repository_configures_about_remotes_applies(world: OverHttp) -> None:
    one = world.clone("one")
    folder, mark = one.repository.folder, world.folder / "pwned"
    run = f"touch {mark}"
    for key, value in {
        "url.http://127.0.0.1:9/.insteadOf": world.address,
        "url.ext::sh.pushInsteadOf": world.address,
        "core.sshCommand": run,
        "credential.helper": f"!{run}",
        "core.askPass": run,
        "http.proxy": "http://127.0.0.1:9",
        "remote.origin.uploadpack": run,
        "remote.origin.receivepack": run,
        "core.gitProxy": run,
        "protocol.ext.allow": "always",
    }.items():
        git(folder, "config", key, value)
    for name in ("pre-push", "post-merge", "reference-transaction", "post-index-change"):
        hook = folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{run}\n")
        hook.chmod(0o755)
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync(one).state == "sent"
    assert world.head() == one.repository.head()
    assert not mark.exists()


def test_an_address_that_is_not_allowed_is_never_called_and_its_password_not_shown(world: OverHttp) -> None:
    one = world.clone("one")
    one.config = one.config.with_values("remote", url="https://u:t0p-secret@h.example.org/r.git")
    found = remotes.sync(one)
    assert found.state == "stopped"
    assert "t0p-secret" not in repr(found)


WORKINGS = {
    "_config.yml": b"title: New\n",
    "_layouts/post.html": b"<h1>{{ page.title }}</h1>\n",
    ".github/workflows/site.yml": b"on: push\n",
    ".gitignore": b"_site\n",
    ".gitattributes": b"*.md text\n",
    "package.json": b"{}\n",
    "CON.txt": b"A name that some systems do not know.\n",
    "a b, c.": b"An odd name.\n",
}


def test_what_developers_change_of_the_sites_workings_comes_in_as_well(world: OverHttp) -> None:
    one = world.clone("one")
    git(world.folder, "clone", "-q", str(world.bare), "developer")
    developer = world.folder / "developer"
    for path, data in WORKINGS.items():
        (developer / path).parent.mkdir(parents=True, exist_ok=True)
        (developer / path).write_bytes(data)
    git(developer, "add", "-A")
    git(developer, "commit", "-qm", "Work on the site")
    git(developer, "push", "-q", "origin", "main")
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync(one).state == "sent"
    assert {path: (one.repository.folder / path).read_bytes() for path in WORKINGS} == WORKINGS
    assert clean(one)
    assert remotes.sync_if_due(one) is False
    write(one, POST, "all night", "for days")
    assert remotes.sync(one).state == "sent"
    assert one.repository.audit().findings == ()


def test_a_folder_is_a_remote_too(world: OverHttp) -> None:
    one = world.clone("one")
    one.config = replace(one.config).with_values("remote", url=str(world.bare))
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync(one).state == "sent"
    assert world.head() == one.repository.head()


def test_a_save_is_due_at_once_and_the_next_fetch_after_a_while(world: OverHttp) -> None:
    one = world.clone("one")
    assert remotes.sync_if_due(one)
    assert not remotes.sync_if_due(one)
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync_if_due(one)
    assert world.head() == one.repository.head()


# ── other repositories inside the site ──


def other_at(world: OverHttp, path: str, version: str | None) -> None:
    """Have a developer point a submodule to a version, or take it out."""
    there = world.folder / "there"
    if not there.exists():
        git(world.folder, "clone", "-q", str(world.bare), "there")
    git(there, "pull", "-q")
    git(there, "rm", "-rq", "--cached", "--ignore-unmatch", path)
    if version:
        git(there, "update-index", "--add", "--cacheinfo", f"160000,{version},{path}")
    git(there, "commit", "-qm", "Point the theme elsewhere")
    git(there, "push", "-q")


@pytest.mark.parametrize("joins", [False, True], ids=["follows", "joins"])
def test_another_version_of_a_submodule_is_taken_in_and_its_folder_left_alone(
    world: OverHttp, joins: bool
) -> None:
    site = world.clone("one")
    folder = site.repository.folder
    for version in ("1" * 40, "2" * 40, None, "3" * 40):
        if joins:
            write(site, POST, "It rained.", "It rained. It rained.")
        other_at(world, "theme", version)
        assert remotes.sync(site).state == "sent"
        assert world.head() == site.repository.head()
        assert git(folder, "ls-files", "-s", "theme").split()[:2] == (["160000", version] if version else [])
        assert (folder / "theme").is_dir() is (version is not None)
        assert clean(site)
    assert site.repository.audit().findings == ()


def test_what_a_developer_has_in_the_folder_of_a_submodule_stays(world: OverHttp) -> None:
    site = world.clone("one")
    other_at(world, "theme", "1" * 40)
    remotes.sync(site)
    (site.repository.folder / "theme/mine.txt").write_text("not saved anywhere")
    for version in ("2" * 40, None):
        other_at(world, "theme", version)
        assert remotes.sync(site).state == "sent"
        assert (site.repository.folder / "theme/mine.txt").read_text() == "not saved anywhere"
        assert (site.repository.folder / "theme").stat().st_mode & 0o700 == 0o700


def test_another_version_that_somebody_prepares_in_the_folder_is_not_overwritten(world: OverHttp) -> None:
    site = world.clone("one")
    other_at(world, "theme", "1" * 40)
    remotes.sync(site)
    git(site.repository.folder, "update-index", "--cacheinfo", f"160000,{'5' * 40},theme")
    other_at(world, "theme", "2" * 40)
    assert remotes.sync(site).state == "waiting"
    assert git(site.repository.folder, "ls-files", "-s", "theme").split()[1] == "5" * 40


def test_a_folder_that_became_a_submodule_makes_way(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    files = dict.fromkeys(("theme/a.css", "theme/b/c.css", "theme-2.css"), b"x\n")
    one.repository.save(files, base=dict.fromkeys(files), author=INES, message="Add a theme")
    assert [remotes.sync(site).state for site in (one, two)] == ["sent"] * 2
    other_at(world, "theme", "1" * 40)
    assert remotes.sync(two).state == "sent"
    assert git(two.repository.folder, "ls-files", "theme*").split() == ["theme", "theme-2.css"]
    assert list((two.repository.folder / "theme").iterdir()) == []
    assert clean(two)


def test_a_file_where_a_submodule_was_is_not_put_into_it(world: OverHttp) -> None:
    site = world.clone("one")
    other_at(world, "theme", "1" * 40)
    remotes.sync(site)
    there = world.folder / "there"
    git(there, "rm", "-q", "--cached", "theme")
    (there / "theme").mkdir(exist_ok=True)
    (there / "theme/a.css").write_text("x\n")
    git(there, "add", "theme/a.css")
    git(there, "commit", "-qm", "Keep the theme here")
    git(there, "push", "-q")
    found = remotes.sync(site)
    assert (found.state, found.hint) == ("waiting", "Run `git pull` in the site's folder.")
    assert not (site.repository.folder / "theme/a.css").exists()


@pytest.mark.parametrize("joins", [False, True], ids=["follows", "joins"])
def test_a_folder_that_became_a_file_makes_way(world: OverHttp, joins: bool) -> None:
    one, two = world.clone("one"), world.clone("two")
    files = dict.fromkeys(("about/a.md", "about/b/c.md"), b"x\n")
    one.repository.save(files, base=dict.fromkeys(files), author=INES, message="Add a folder")
    assert [remotes.sync(site).state for site in (one, two)] == ["sent"] * 2
    there = world.folder / "there"
    git(world.folder, "clone", "-q", str(world.bare), "there")
    git(there, "rm", "-rq", "about")
    (there / "about").write_text("one page\n")
    git(there, "add", "about")
    git(there, "commit", "-qm", "One page is enough")
    git(there, "push", "-q")
    if joins:
        write(two, POST, "It rained.", "It rained all night.")
    assert remotes.sync(two).state == "sent"
    assert (two.repository.folder / "about").read_text() == "one page\n"
    assert clean(two)

"""What authors are told of the shared server, and what they choose: nothing is lost, and no word of Git."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from gitcms import remotes
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.making import INES, git
from tests.remotes.conftest import OTHER, POST, World, clean, write
from tests.web.pages.conftest import Enter, Visitor, text_of

ENTRY = f"/collections/posts/entries/{POST}"
CLASH = f"/sending/choices/{POST}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for site in made.sites:
        site.close()


@pytest.fixture
def site(world: World) -> Site:
    return world.clone("here")


@pytest.fixture
def there(world: World) -> Site:
    """Another server's clone of the same site."""
    return world.clone("there")


@pytest.fixture
def app(site: Site) -> Flask:
    return create_app(site.config, site)


@pytest.fixture
def ada(enter: Enter) -> Visitor:
    return enter("Ada Rivas", "ada@example.org", Role.ADMIN)


def down(site: Site) -> None:
    site.config = site.config.with_values("remote", url="http://127.0.0.1:9/site.git")


def before_answer(site: Site, **more: object) -> None:
    site.config = site.config.with_values("remote", before_answer=True, **more)


def clashing(site: Site, there: Site) -> None:
    write(there, POST, "First rain", "Rain at last")
    write(there, POST, "It rained.", "It rained at last.")
    write(site, POST, "First rain", "No rain yet")
    remotes.sync(there)
    assert remotes.sync(site).kind == "clash"


def test_an_author_sees_saved_here_sent_and_why_not(ines: Visitor, site: Site) -> None:
    ines.post(ENTRY, ines.form(ENTRY, body="It rained all night."))
    assert "Being sent" in text_of(ines.get(ENTRY))
    remotes.sync(site)
    for page in (ENTRY, "/", "/rebuilds"):
        words = text_of(ines.get(page))
        assert "Saved here" in words or page == "/rebuilds"
        assert page != ENTRY or "Sent" in words
    ines.post(ENTRY, ines.form(ENTRY, body="It rained all day."))
    down(site)
    remotes.sync(site)
    words = text_of(ines.get(ENTRY))
    assert "Not sent yet, because the shared server cannot be reached." in words
    assert "Not sent yet, because the shared server cannot be reached." in text_of(ines.get("/"))
    assert "All" in ines.get("/sending") or "tried again" in text_of(ines.get("/sending"))
    other = f"/collections/posts/entries/{OTHER}"
    assert "Not sent yet" not in text_of(ines.get(other)), "this one is there"


def test_a_site_without_a_shared_server_says_nothing_of_it(tmp_path: Path, ines: Visitor, site: Site) -> None:
    site.config = site.config.with_values("remote", url="")
    assert "Sent" not in text_of(ines.get(ENTRY))
    assert "/sending" not in ines.get("/")
    assert "not sent anywhere" in text_of(ines.get("/sending"))


def test_with_before_answer_the_answer_says_that_it_was_sent(ines: Visitor, site: Site, world: World) -> None:
    before_answer(site)
    page = ines.follow(ines.post(ENTRY, ines.form(ENTRY, body="It rained all night.")))
    assert "Saved here, and sent." in text_of(page)
    assert world.head() == site.repository.head()


def test_with_before_answer_a_save_that_is_not_sent_is_kept_and_says_why(
    ines: Visitor, site: Site, world: World
) -> None:
    before_answer(site)
    world.hook("echo 'protected' >&2; exit 1")
    page = ines.follow(ines.post(ENTRY, ines.form(ENTRY, body="It rained all night.")))
    words = text_of(page)
    assert "Saved here, and not sent yet. The shared server refused the changes. It is tried again" in words
    assert b"all night" in site.repository.read(POST)
    (world.bare / "hooks" / "pre-receive").unlink()
    assert remotes.sync(site).state == "sent"
    assert world.head() == site.repository.head()


def test_with_before_answer_deleting_and_restoring_are_sent_as_well(
    ines: Visitor, site: Site, world: World
) -> None:
    before_answer(site)
    gone = f"/collections/posts/deletions/{POST}"
    page = ines.follow(ines.post(gone, ines.form(gone)))
    assert "Saved here, and sent." in text_of(page)
    deleted = site.repository.head()
    back = f"/restorations/{deleted}/{POST}"
    page = ines.follow(ines.post(back, ines.form(back)))
    assert "Saved here, and sent." in text_of(page)
    assert world.head() == site.repository.head()


def test_with_before_answer_a_move_is_sent_as_well(ines: Visitor, site: Site, world: World) -> None:
    before_answer(site)
    move = f"/collections/posts/moves/{POST}"
    form = ines.form(move, new_name="The first rain", sure="1")
    assert "Saved here, and sent." in text_of(ines.follow(ines.post(move, form)))
    assert world.head() == site.repository.head()


def test_with_before_answer_what_others_changed_elsewhere_is_said(
    ines: Visitor, site: Site, there: Site
) -> None:
    before_answer(site)
    write(there, POST, "It rained.", "It rained there.")
    remotes.sync(there)
    page = ines.follow(ines.post(ENTRY, ines.form(ENTRY, body="It rained here.")))
    assert "not sent yet. Here and elsewhere the same places were changed" in text_of(page)
    assert b"rained here" in site.repository.read(POST)


def test_with_before_answer_a_call_that_goes_on_is_not_taken_for_one_that_sent(
    ines: Visitor, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_answer(site)
    assert remotes.sync(site).state == "sent"
    monkeypatch.setattr("gitcms.remotes.exchange.ANSWER_SECONDS", 0.1)
    with (site.state / "remote.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        page = ines.follow(ines.post(ENTRY, ines.form(ENTRY, body="It rained all night.")))
        assert "not sent yet. The shared server is slow to answer. It is tried again" in text_of(page)
        remotes.fetch_now(site)
        assert not remotes.sync_if_due(site)
    assert remotes.sync_if_due(site), "what was asked for meanwhile is not forgotten"


def test_a_password_that_somebody_wrote_into_the_address_is_on_no_page(
    ines: Visitor, ada: Visitor, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    before_answer(site, url="https://user:s3cret-word@git.example.org/site.git")
    page = ines.follow(ines.post(ENTRY, ines.form(ENTRY, body="It rained all night.")))
    assert "must not hold a name or a password" in text_of(page)
    pages = "".join(ada.get(each) for each in ("/", "/sending", ENTRY, "/history", "/account")) + page
    assert "s3cret-word" not in pages + caplog.text + (site.state / "remote.json").read_text()


def test_one_place_that_both_changed_is_chosen_and_the_rest_joined(
    ines: Visitor, site: Site, there: Site, world: World
) -> None:
    clashing(site, there)
    home = ines.get("/")
    assert "Saved here, and not sent yet" in text_of(home)
    listed = ines.get("/sending")
    assert "1 place to choose" in text_of(listed)
    page = ines.get(CLASH)
    for words in ("Rain at last", "No rain yet", "1 of 1", "Already joined: Text."):
        assert words in text_of(page), words
    form = ines.form(CLASH, 'class="stack l"')
    name = next(key for key in form if key.startswith("choice."))
    form[name] = "own"
    form[name.replace("choice.", "own.", 1)] = "Rain, or none"
    answer = ines.post(CLASH, form)
    assert "is kept, and sent with the next call" in text_of(ines.follow(answer))
    assert "Chosen" in text_of(ines.get("/sending"))
    assert remotes.sync_if_due(site)
    assert remotes.status(site).state == "sent"  # type: ignore[union-attr]
    data = site.repository.read(POST)
    assert b"title: Rain, or none\n" in data
    assert b"It rained at last." in data
    assert git(world.bare, "log", "-1", "--format=%an", "main").strip() == "Inés Caldera"
    assert clean(site)
    assert "All is sent" in text_of(ines.get("/sending"))


def test_a_choice_made_too_late_is_asked_again_and_typed_text_stays(
    ines: Visitor, site: Site, there: Site
) -> None:
    clashing(site, there)
    form = ines.form(CLASH, 'class="stack l"')
    name = next(key for key in form if key.startswith("choice."))
    form[name], form[name.replace("choice.", "own.", 1)] = "own", "Typed, and kept"
    write(site, POST, "No rain yet", "No rain today")
    page = ines.post(CLASH, form, 409).text
    assert "saved once more while you chose" in text_of(page)
    assert "Typed, and kept" in page
    assert "No rain today" in text_of(page)


def test_a_deletion_against_a_change_is_shown_as_a_whole(ines: Visitor, site: Site, there: Site) -> None:
    write(there, POST, "It rained.", "It rained there.")
    remotes.sync(there)
    base = site.repository.blob_of(POST)
    site.repository.save({POST: None}, base={POST: base}, author=INES, message="Delete")
    remotes.sync(site)
    page = text_of(ines.get(CLASH))
    assert "It was deleted." in page
    assert "It rained there." in page
    form = ines.form(CLASH, 'class="stack l"') | {"whole": "theirs"}
    ines.post(CLASH, form)
    assert remotes.sync(site).state == "sent"
    assert b"rained there" in site.repository.read(POST)


def test_files_that_are_no_entries_are_an_administrators(
    ines: Visitor, ada: Visitor, site: Site, there: Site
) -> None:
    for each, text in ((there, "title: There\n"), (site, "title: Here\n")):
        (each.repository.folder / "_config.yml").write_text(text)
        git(each.repository.folder, "commit", "-qam", "Set the title")
    remotes.sync(there)
    assert remotes.sync(site).contested == ("_config.yml",)
    assert "Somebody who may write there chooses" in text_of(ines.get("/sending"))
    ines.get("/sending/choices/_config.yml", 403)
    page = ada.get("/sending/choices/_config.yml")
    assert "title: There" in page and "title: Here" in page
    ada.post(
        "/sending/choices/_config.yml",
        ada.form("/sending/choices/_config.yml", 'class="stack l"') | {"whole": "mine"},
    )
    assert remotes.sync(site).state == "sent"
    assert site.repository.read("_config.yml") == b"title: Here\n"


def test_who_may_write_drafts_only_does_not_choose_about_what_is_live(
    enter: Enter, site: Site, there: Site
) -> None:
    dora = enter("Dora Paz", "dora@example.org", Role.CONTRIBUTOR)
    clashing(site, there)
    dora.post(CLASH, dora.form(CLASH, 'class="stack l"'), 403)
    assert remotes.decisions(site) == {}


def rewrite(world: World) -> None:
    """Do as a developer who amends what was sent."""
    git(world.bare, "update-ref", "refs/heads/main", f"{world.head()}~1")
    changed = world.folder / "developer"
    git(world.folder, "clone", "-q", str(world.bare), str(changed))
    file = changed / POST
    file.write_text(file.read_text().replace("It rained.", "It rained, says the developer."))
    git(changed, "commit", "-qam", "Amended")
    git(changed, "push", "-q", "origin", "main")


@pytest.mark.parametrize(("choice", "words"), [("instead", b"says the developer"), ("join", b"by the river")])
def test_an_administrator_decides_about_a_rewritten_history(
    ada: Visitor, ines: Visitor, site: Site, world: World, choice: str, words: bytes
) -> None:
    write(site, OTHER, "Look at the card.", "Look twice, by the river.")
    remotes.sync(site)
    ours = site.repository.head()
    rewrite(world)
    remotes.sync(site)
    assert "history was rewritten" in text_of(ines.get("/"))
    assert "What is to happen" not in text_of(ines.get("/sending"))
    assert "refs/gitcms" not in ines.get("/sending")
    assert "What is to happen" in text_of(ada.get("/sending"))
    form = ada.form("/sending", 'action="/sending/history"') | {"choice": choice}
    page = ada.follow(ada.post("/sending/history", form))
    assert f"refs/gitcms/rescue/{ours}" in page
    assert remotes.sync(site).state == "sent"
    texts = site.repository.read(POST) + site.repository.read(OTHER)
    assert words in texts
    assert (b"by the river" in texts) == (choice == "join")
    assert world.head() == site.repository.head()
    assert site.repository.audit().findings == ()
    assert clean(site)


def test_a_history_rewritten_under_an_open_page_is_a_choice_and_nothing_typed_is_lost(
    ada: Visitor, ines: Visitor, site: Site, world: World
) -> None:
    """F109."""
    write(site, POST, "It rained.", "It rained all night.")
    remotes.sync(site)
    form = ines.form(ENTRY, body="It rained all night, and I typed this.")
    rewrite(world)
    remotes.sync(site)
    ada.post("/sending/history", ada.form("/sending", 'action="/sending/history"') | {"choice": "instead"})
    remotes.sync(site)
    page = ines.post(ENTRY, form, 409).text
    assert "and I typed this" in page
    assert "says the developer" in text_of(page)
    assert b"says the developer" in site.repository.read(POST)


def test_what_git_said_is_for_who_looks_after_the_server(
    ines: Visitor, rita: Visitor, site: Site, world: World
) -> None:
    world.hook("echo 'nobody <b>pushes</b> on Fridays' >&2; exit 1")
    write(site, POST, "It rained.", "It rained all night.")
    remotes.sync(site)
    assert "Fridays" not in ines.get("/sending")
    page = rita.get("/sending")
    assert "nobody &lt;b&gt;pushes&lt;/b&gt; on Fridays" in page
    answer = rita.post("/sending/calls", rita.form("/sending", 'action="/sending/calls"'))
    assert "is called now" in text_of(rita.follow(answer))
    (world.bare / "hooks" / "pre-receive").unlink()
    assert remotes.sync_if_due(site)
    assert world.head() == site.repository.head()


@pytest.mark.parametrize("whole", ["mine", "theirs"])
def test_a_file_here_and_a_folder_there_are_chosen_between(
    ada: Visitor, ines: Visitor, site: Site, there: Site, whole: str
) -> None:
    for who, files in ((there, {"about/us.md": b"We are two.\n"}), (site, {"about": b"We are one.\n"})):
        who.repository.save(dict(files), base=dict.fromkeys(files), author=INES, message="Add it")
    remotes.sync(there)
    assert remotes.sync(site).contested == ("about/us.md",)
    page = "/sending/choices/about/us.md"
    ines.get(page, 403)
    words = text_of(ada.get(page))
    for part in ("cannot be side by side", "We are two.", "about"):
        assert part in words, part
    assert "It was deleted" not in words
    ada.post(page, ada.form(page, 'class="stack l"', whole=""), 409)
    ada.post(page, ada.form(page, 'class="stack l"', whole=whole))
    assert "Chosen" in text_of(ada.get("/sending"))
    assert remotes.sync(site).state == "sent"
    kept = (site.repository.blob_of("about") is not None, site.repository.blob_of("about/us.md") is not None)
    assert kept == (whole == "mine", whole == "theirs")
    assert clean(site)


def test_what_is_in_the_way_goes_only_by_who_may_write_it(
    enter: Enter, ines: Visitor, site: Site, there: Site
) -> None:
    small, large = "_posts/2026-06-01-hi.md", "_posts/2026-06-01-HI.md"
    for who, path in ((there, large), (site, small)):
        who.repository.save(
            {path: b"---\ntitle: Hi\n---\n"}, base={path: None}, author=INES, message="Add it"
        )
    remotes.sync(there)
    assert remotes.sync(site).contested == (large,)
    dora = enter("Dora Paz", "dora@example.org", Role.CONTRIBUTOR)
    page = f"/sending/choices/{large}"
    dora.post(page, dora.form(page, 'class="stack l"', whole="theirs"), 403)
    ines.post(page, ines.form(page, 'class="stack l"', whole="theirs"))
    assert remotes.sync(site).state == "sent"
    assert (site.repository.blob_of(small), site.repository.blob_of(large) is None) == (None, False)

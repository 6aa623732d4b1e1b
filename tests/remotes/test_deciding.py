"""What both sides changed: joined where it fits, chosen by people where it does not, never lost."""

from __future__ import annotations

import pytest

from gitcms import remotes
from gitcms.content.merge import Answer, merge
from gitcms.errors import NotFound
from gitcms.remotes import deciding
from gitcms.site import Site
from tests.making import INES, TOMAS, git

from .conftest import OTHER, POST, OverHttp, World, clean, write

STYLE = "a {\n  color: red;\n}\n\nb {\n  color: red;\n}\n"


def put(site: Site, path: str, data: bytes | None) -> None:
    base = {path: site.repository.blob_of(path)}
    site.repository.save({path: data}, base=base, author=INES, message=f"Change {path}")


def with_file(world: World, path: str, data: bytes) -> tuple[Site, Site]:
    one = world.clone("one")
    put(one, path, data)
    assert remotes.sync(one).state == "sent"
    return one, world.clone("two")


def test_texts_that_are_no_entries_are_joined_line_by_line(world: OverHttp) -> None:
    one, two = with_file(world, "style.css", STYLE.encode())
    put(one, "style.css", STYLE.replace("a {\n  color: red", "a {\n  color: blue").encode())
    put(two, "style.css", STYLE.replace("b {\n  color: red", "b {\n  color: green").encode())
    assert [remotes.sync(site).state for site in (one, two, one)] == ["sent"] * 3
    joined = STYLE.replace("a {\n  color: red", "a {\n  color: blue").replace(
        "b {\n  color: red", "b {\n  color: green"
    )
    assert one.repository.read("style.css").decode() == two.repository.read("style.css").decode() == joined


def test_data_that_would_not_be_data_any_more_is_not_joined_by_lines(world: OverHttp) -> None:
    one, two = with_file(world, "_data/a.yml", b"a: 1\nb: 2\nc: 3\nd: 4\n")
    put(one, "_data/a.yml", b'a: "1\nb: 2\nc: 3\nd: 4"\n')
    put(two, "_data/a.yml", b'a: 1\nb: "x\nc: y"\nd: 4\n')
    remotes.sync(one)
    found = remotes.sync(two)
    assert (found.kind, found.contested) == ("clash", ("_data/a.yml",))


@pytest.mark.parametrize("whole", ["mine", "theirs"])
def test_a_file_that_is_no_text_is_chosen_as_a_whole(world: OverHttp, whole: str) -> None:
    one, two = with_file(world, "river.png", b"\x89PNG\0one")
    put(one, "river.png", b"\x89PNG\0theirs")
    put(two, "river.png", b"\x89PNG\0mine")
    remotes.sync(one)
    assert remotes.sync(two).contested == ("river.png",)
    deciding.decide(two, deciding.clash(two, "river.png"), TOMAS, whole=whole)
    assert remotes.sync(two).state == "sent"
    assert two.repository.read("river.png") == b"\x89PNG\0" + whole.encode()
    assert world.head() == two.repository.head()
    assert clean(two)
    # The other one is a part of the history.
    both = git(world.bare, "log", "--full-history", "--format=%H", "main", "--", "river.png").split()
    assert len(both) >= 3


def test_what_was_chosen_is_in_a_commit_by_who_chose(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "First rain", "Rain at last")
    write(two, POST, "First rain", "No rain yet")
    write(two, OTHER, "Look at the card.", "Look twice.")
    remotes.sync(one)
    assert remotes.sync(two).contested == (POST,)
    clash = deciding.clash(two, POST)
    assert clash.base is not None and clash.theirs is not None and clash.mine is not None
    choices = merge(clash.base, clash.theirs, clash.mine).choices
    assert len(choices) == 1
    answers = {choices[0].id: Answer("own", "Rain, and no rain")}
    deciding.decide(two, clash, TOMAS, answers=answers)
    assert deciding.is_decided(clash, deciding.decisions(two))
    assert remotes.sync(two).state == "sent"
    assert b"title: Rain, and no rain\n" in two.repository.read(POST)
    told = git(world.bare, "log", "-1", "--format=%an <%ae>|%cn", "main").strip()
    assert told == "Tomáš Novák <tomas@example.org>|gitcms"
    assert deciding.decisions(two) == {}
    assert remotes.sync(one).state == "sent"
    assert one.repository.head() == two.repository.head()
    assert two.repository.audit().findings == ()


def test_a_choice_does_not_count_for_other_versions(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "First rain", "Rain at last")
    write(two, POST, "First rain", "No rain yet")
    remotes.sync(one)
    remotes.sync(two)
    deciding.decide(two, deciding.clash(two, POST), TOMAS, whole="mine")
    write(one, POST, "Rain at last", "Rain at long last")
    remotes.sync(one)
    assert remotes.sync(two).state == "stopped"
    assert b"No rain yet" in two.repository.read(POST)


def test_a_deletion_and_a_change_are_chosen_between(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    put(one, POST, None)
    write(two, POST, "It rained.", "It rained all night.")
    remotes.sync(one)
    assert remotes.sync(two).contested == (POST,)
    deciding.decide(two, deciding.clash(two, POST), TOMAS, whole="theirs")
    assert remotes.sync(two).state == "sent"
    assert two.repository.blob_of(POST) is None
    assert clean(two)


def test_nothing_is_left_to_choose_once_it_is_joined(world: OverHttp) -> None:
    one = world.clone("one")
    remotes.sync(one)
    with pytest.raises(NotFound):
        deciding.clash(one, POST)


def test_a_rewritten_history_can_be_joined_or_take_the_place_of_ours(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    write(one, POST, "It rained.", "It rained all night.")
    for site in (one, two):
        remotes.sync(site)
    for site in (one, two):
        write(site, OTHER, "Look at the card.", "Look twice.")
    git(world.bare, "update-ref", "refs/heads/main", f"{world.head()}~1")
    rewritten = world.head()
    found = remotes.sync(two)
    assert (found.kind, found.theirs) == ("rewritten", rewritten)
    ours = two.repository.head()
    assert remotes.go_on(two, rewritten, keep_ours=False) == f"refs/gitcms/rescue/{ours}"
    assert two.repository.head() == rewritten
    assert remotes.sync(two).state == "sent"
    assert clean(two)
    assert b"It rained.\n" in two.repository.read(POST)
    assert two.repository.audit().findings == ()
    remotes.sync(one)
    remotes.go_on(one, rewritten, keep_ours=True)
    assert remotes.sync(one).state == "sent"
    assert b"all night" in one.repository.read(POST)
    git(world.bare, "merge-base", "--is-ancestor", rewritten, "main")


def test_a_history_rewritten_once_more_is_looked_at_anew(world: OverHttp) -> None:
    one = world.clone("one")
    write(one, POST, "It rained.", "It rained all night.")
    remotes.sync(one)
    git(world.bare, "update-ref", "refs/heads/main", f"{world.head()}~1")
    remotes.sync(one)
    with pytest.raises(NotFound):
        remotes.go_on(one, "1" * 40, keep_ours=False)


# ── what cannot be side by side ──

AS_A_FILE = {"about": b"one page\n"}
IN_A_FOLDER = {"about/index.md": b"one of two\n", "about/more.md": b"two of two\n"}
SMALL, LARGE = {"notes.txt": b"small\n"}, {"Notes.txt": b"large\n"}


def put_all(site: Site, files: dict[str, bytes]) -> None:
    base = {path: site.repository.blob_of(path) for path in files}
    site.repository.save(dict(files), base=base, author=INES, message="Add it")


@pytest.mark.parametrize("whole", ["mine", "theirs"])
@pytest.mark.parametrize(
    ("here", "there"),
    [(AS_A_FILE, IN_A_FOLDER), (IN_A_FOLDER, AS_A_FILE), (SMALL, LARGE)],
    ids=["a file here", "a folder here", "capitals"],
)
def test_what_cannot_be_side_by_side_is_chosen_about(
    world: OverHttp, here: dict[str, bytes], there: dict[str, bytes], whole: str
) -> None:
    one, two = world.clone("one"), world.clone("two")
    put_all(one, there)
    put_all(two, here)
    remotes.sync(one)
    found = remotes.sync(two)
    assert (found.kind, found.contested) == ("clash", tuple(sorted(there)))
    for path in there:
        clash = deciding.clash(two, path)
        assert [rival for rival, _ in clash.rivals] == sorted(here)
        assert (clash.base, clash.theirs, clash.mine) == (None, there[path], None)
        assert not deciding.is_decided(clash, {})
        deciding.decide(two, clash, TOMAS, whole=whole)
    assert remotes.sync(two).state == "sent"
    kept = here if whole == "mine" else there
    for path in {**here, **there}:
        blob = two.repository.blob_of(path)
        assert (two.repository.read_blob(blob) if blob else None) == kept.get(path), path
    assert clean(two)
    assert remotes.sync(one).state == "sent"
    assert clean(one)
    # What did not stay is a part of the history.
    known = git(world.bare, "log", "-m", "--name-only", "--format=", "main")
    assert {*here, *there} <= set(known.split())


def test_a_choice_does_not_count_once_what_is_in_the_way_is_another(world: OverHttp) -> None:
    one, two = world.clone("one"), world.clone("two")
    put_all(one, AS_A_FILE)
    put_all(two, IN_A_FOLDER)
    remotes.sync(one)
    remotes.sync(two)
    deciding.decide(two, deciding.clash(two, "about"), TOMAS, whole="theirs")
    put(two, "about/more.md", b"written meanwhile\n")
    assert remotes.sync(two).kind == "clash"
    assert two.repository.read("about/more.md") == b"written meanwhile\n"


def test_a_file_changed_there_and_made_a_folder_here_is_chosen_about(world: OverHttp) -> None:
    one, two = with_file(world, "about", b"one page\n")
    put(one, "about", b"one longer page\n")
    two.repository.save(
        {"about": None, **IN_A_FOLDER},
        base={"about": two.repository.blob_of("about"), **dict.fromkeys(IN_A_FOLDER)},
        author=INES,
        message="Make it a folder",
    )
    remotes.sync(one)
    assert remotes.sync(two).contested == ("about",)
    deciding.decide(two, deciding.clash(two, "about"), TOMAS, whole="theirs")
    assert remotes.sync(two).state == "sent"
    assert two.repository.read("about") == b"one longer page\n"
    assert clean(two)


@pytest.mark.parametrize("whole", ["mine", "theirs"])
def test_two_versions_of_a_submodule_are_chosen_between(world: OverHttp, whole: str) -> None:
    versions = {"theirs": "2" * 40, "mine": "3" * 40}
    one, two = world.clone("one"), world.clone("two")
    for site, version in ((one, versions["theirs"]), (two, versions["mine"])):
        folder = site.repository.folder
        (folder / "theme").mkdir()
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{version},theme")
        git(folder, "commit", "-qm", "Add a theme")
    remotes.sync(one)
    assert remotes.sync(two).contested == ("theme",)
    clash = deciding.clash(two, "theme")
    assert clash.theirs == f"Version {versions['theirs']}\n".encode()
    deciding.decide(two, clash, TOMAS, whole=whole)
    assert remotes.sync(two).state == "sent"
    assert git(two.repository.folder, "ls-files", "-s", "theme").split()[1] == versions[whole]
    assert clean(two)

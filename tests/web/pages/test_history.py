"""What happened, in words with people; one change in full; bringing back."""

from __future__ import annotations

from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, commits, newest, text_of

PATH = "_projects/eyes-on-the-river.md"
EYES = f"/collections/projects/entries/{PATH}"
PAST = f"/collections/projects/history/{PATH}"


def head(site: Site) -> str:
    return git(site.repository.folder, "rev-parse", "HEAD").strip()


def test_the_changes_of_the_site_are_told_with_people(ines: Visitor) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    words = text_of(ines.get("/history"))
    assert "Inés Caldera changed Eyes on the River" in words
    assert "Country" in words


def test_an_entrys_history_shows_one_version_word_by_word(ines: Visitor) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    page = ines.get(PAST)
    assert "<del>Chile</del>" in page
    assert "<ins>Peru</ins>" in page
    assert "What Inés changed" in text_of(page)


def test_an_older_version_can_be_looked_at_and_brought_back(ines: Visitor, site: Site) -> None:
    began = head(site)
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    assert "Restore this version" not in text_of(ines.get(PAST))
    assert "Restore this version" in text_of(ines.get(f"{PAST}?version={began}"))
    ask = f"/restorations/{began}/{PATH}"
    before = commits(site)
    assert "Restore “Eyes on the River”?" in text_of(ines.get(ask))
    assert commits(site) == before
    page = ines.follow(ines.post(ask, ines.form(ask)))
    assert "Restored." in page
    assert newest(site) == f"Inés Caldera\n\n1\t1\t{PATH}"
    assert "country: Chile\n" in git(site.repository.folder, "show", f"HEAD:{PATH}")


def test_a_deleted_entry_comes_back_from_the_change_that_deleted_it(ines: Visitor, site: Site) -> None:
    gone = EYES.replace("/entries/", "/deletions/")
    ines.post(gone, ines.form(gone))
    change = f"/changes/{head(site)}"
    assert "Bring it back" in ines.get(change)
    ask = f"/restorations/{head(site)}/{PATH}"
    ines.post(ask, ines.form(ask))
    assert "Eyes on the River" in ines.get(EYES)


def test_the_raw_difference_is_for_those_who_read_it(ines: Visitor, rita: Visitor, site: Site) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    change = f"/changes/{head(site)}"
    assert "Technical details" not in ines.get(change)
    page = rita.get(change)
    assert "Technical details" in page
    assert "-country: Chile" in page


def test_a_change_that_never_was_is_not_found(ines: Visitor) -> None:
    for name in ("f" * 40, "HEAD", "main", "nonsense"):
        ines.get(f"/changes/{name}", status=404)
    ines.get("/collections/projects/history/_projects/never.md", status=404)
    ines.get("/collections/nothing/", status=404)


def test_a_path_that_no_entry_can_have_has_no_past(ines: Visitor, site: Site) -> None:
    for path in ("../eyes.md", "_projects/../../eyes.md", "_projects/eyes%00.md", "_projects/.git/eyes.md"):
        ines.get(f"/collections/projects/history/{path}", status=422)
    for path in ("_projects/../../eyes.md", "_projects/eyes%00.md"):
        for commit in (head(site), "HEAD"):
            assert ines.client.get(f"/restorations/{commit}/{path}").status_code in (404, 422)

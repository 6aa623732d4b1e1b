"""What happened, in words with people; one change in full; bringing back."""

from __future__ import annotations

import re
from html import unescape

import pytest
from PIL import Image

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


def test_the_last_save_is_undone_from_the_entry(ines: Visitor, site: Site) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    ask = f"/undoings/{head(site)}/{PATH}"
    assert ask in ines.get(EYES) and ask in ines.get(PAST)
    assert "<ins>Chile</ins>" in ines.get(ask)
    page = ines.follow(ines.post(ask, ines.form(ask)))
    assert "Taken back." in page
    assert newest(site) == f"Inés Caldera\n\n1\t1\t{PATH}"
    assert "country: Chile\n" in git(site.repository.folder, "show", f"HEAD:{PATH}")


def test_an_undone_change_asks_where_it_was_changed_since(ines: Visitor, site: Site) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    first = head(site)
    ines.post(EYES, ines.form(EYES, f__country="Bolivia"))
    ask, before = f"/undoings/{first}/{PATH}", commits(site)
    assert "As it was before" in ines.get(ask) and "Bolivia" in ines.get(ask)
    form = ines.form(ask)
    (choice,) = [name for name in form if name.startswith("choice.")]
    ines.post(ask, {name: value for name, value in form.items() if name != choice}, 409)
    assert commits(site) == before
    ines.post(ask, {**form, choice: "mine"})
    assert "country: Chile\n" in git(site.repository.folder, "show", f"HEAD:{PATH}")


def test_one_field_is_restored_from_the_history(ines: Visitor, site: Site) -> None:
    began = head(site)
    ines.post(EYES, ines.form(EYES, f__country="Peru", f__title="Other"))
    ines.post(EYES, ines.form(EYES, f__country="Bolivia"))
    old = git(site.repository.folder, "rev-parse", "HEAD~1").strip()
    assert f"/restorations/{old}/{PATH}?field=country" in ines.get(f"{PAST}?version={old}")
    ask = f"/restorations/{began}/{PATH}?field=country"
    assert "Restore country of “Eyes on the River”?" not in text_of(ines.get(ask))
    assert "Restore country of “Other”?" in text_of(ines.get(ask))
    ines.post(ask, ines.form(ask))
    saved = git(site.repository.folder, "show", f"HEAD:{PATH}")
    assert "country: Chile\n" in saved and "title: Other\n" in saved


def test_it_is_told_who_changed_a_field_and_from_what(ines: Visitor, tomas: Visitor) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    ines.post(EYES, ines.form(EYES, f__title="Other"))
    tomas.post(EYES, tomas.form(EYES, f__country="Bolivia"))
    page = ines.get(f"/collections/projects/field-history/{PATH}?field=country")
    assert "Tomáš Novák" in text_of(page)
    assert "<del>Peru</del>" in page and "<del>Chile</del>" in page and "Other</ins>" not in page
    assert "Nobody has changed it yet" in ines.get(
        f"/collections/projects/field-history/{PATH}?field=nothing"
    )


@pytest.mark.parametrize("field", ["country", None])
def test_a_long_history_of_a_field_comes_in_pages(ines: Visitor, site: Site, monkeypatch, field) -> None:
    monkeypatch.setattr("gitcms.history.versions.SHOWN", 2)
    monkeypatch.setattr("gitcms.history.versions.LOOKED_AT", 4)
    typed = "f__country" if field else "body"
    for number in range(5):
        ines.post(EYES, ines.form(EYES, **{typed: f"Peru {number}"}))
        ines.post(EYES, ines.form(EYES, f__title=f"Other {number}"))
    address = f"/collections/projects/field-history/{PATH}" + ("?field=country" if field else "")
    seen: list[str] = []
    pages = 0
    while address:
        page = ines.get(address)
        seen += re.findall(r"<ins>[^<]*?(\d)</ins>", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(older[1]) if older else ""
        pages += 1
        assert ("Newer" in page) is (pages > 1)
    assert seen == ["4", "3", "2", "1", "0"] and pages == 3


def test_any_two_versions_are_compared(ines: Visitor, site: Site) -> None:
    began = head(site)
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    middle = head(site)
    ines.post(EYES, ines.form(EYES, f__title="Other"))
    page = ines.get(f"/collections/projects/comparison/{PATH}?old={began}")
    assert "<del>Chile</del>" in page and "Other</ins>" in page
    page = ines.get(f"/collections/projects/comparison/{PATH}?old={began}&new={middle}")
    assert "<del>Chile</del>" in page and "Other</ins>" not in page


def test_what_was_deleted_is_in_the_trash_until_it_is_back(ines: Visitor, site: Site) -> None:
    assert "The trash is empty" in ines.get("/trash")
    gone = EYES.replace("/entries/", "/deletions/")
    ines.post(gone, ines.form(gone))
    assert "Inés Caldera deleted it" in text_of(ines.get("/trash"))
    ask = f"/restorations/{head(site)}/{PATH}"
    assert ask in ines.get("/trash")
    ines.post(ask, ines.form(ask))
    assert "The trash is empty" in ines.get("/trash")


def test_changes_are_told_by_person_and_by_part_of_the_site(ines: Visitor, tomas: Visitor) -> None:
    ines.post(EYES, ines.form(EYES, f__country="Peru"))
    tomas.post(EYES, tomas.form(EYES, f__country="Bolivia"))
    words = text_of(ines.get("/history?person=tomas@example.org"))
    assert "Tomáš Novák changed" in words and "Inés Caldera changed" not in words
    assert "Tomáš Novák changed" in text_of(ines.get("/history?in=projects"))
    assert "No changes like this" in ines.get("/history?person=nobody@example.org")


def test_a_picture_is_shown_as_it_was(ines: Visitor, site: Site) -> None:
    folder = site.repository.folder
    (folder / "images").mkdir(exist_ok=True)
    for colour in ((1, 2, 3), (4, 5, 6)):
        Image.new("RGB", (8, 8), colour).save(folder / "images/river.png")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "A picture")
    old = git(folder, "rev-parse", "HEAD~1:images/river.png").strip()
    page = ines.get(f"/changes/{head(site)}")
    assert f"/picture-versions/{old}/images/river.png" in page
    answer = ines.client.get(f"/picture-versions/{old}/images/river.png")
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    text = git(folder, "rev-parse", f"HEAD:{PATH}").strip()
    assert ines.client.get(f"/picture-versions/{text}/images/river.png").status_code == 404

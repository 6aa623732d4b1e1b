"""The pages about what somebody typed and has not saved."""

from __future__ import annotations

import re

from gitcms import unsaved
from gitcms.accounts import users
from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, text_of

EYES = "/collections/projects/entries/_projects/eyes-on-the-river.md"
NEW = "/collections/projects/new"


def keep(visitor: Visitor, page: str, **values: str) -> dict[str, str]:
    """Open a page, type something into its form and have it kept; return the form."""
    fields = visitor.form(page, marked="data-edit", **values)
    address = re.search(r'data-keep="([^"]+)"', visitor.get(page))
    assert address is not None
    place = address[1].replace("&amp;", "&")
    place = re.sub(r"unsaved/[^?]+", f"unsaved/{fields['kept']}", place)
    answer = visitor.post(place, fields, status=200)
    assert re.fullmatch(r"\d\d:\d\d", answer.get_json()["at"])
    return fields


def test_what_was_typed_is_offered_on_the_page_and_at_home(ines: Visitor, tomas: Visitor) -> None:
    fields = keep(ines, EYES, f__title="Eyes on the Sea", body="Half a sen")
    link = f"/collections/projects/unsaved/{fields['kept']}"
    assert "You typed something here that is not saved" in text_of(ines.get(EYES))
    assert link in ines.get("/") and "Eyes on the Sea" in text_of(ines.get("/"))
    assert link not in tomas.get("/") and "not saved" not in text_of(tomas.get(EYES))
    tomas.get(link, 404)


def test_going_on_shows_the_form_as_it_was_typed_and_a_save_ends_it(ines: Visitor, site: Site) -> None:
    fields = keep(ines, EYES, f__title="Eyes on the Sea", body="Half a sen")
    page = f"/collections/projects/unsaved/{fields['kept']}"
    again = ines.form(page, marked="data-edit")
    assert (again["f.title"], again["body"], again["kept"]) == (
        "Eyes on the Sea",
        "Half a sen",
        fields["kept"],
    )
    assert "Not saved yet" in text_of(ines.get(page))
    ines.post(EYES, {**again, "intent": "save"})
    assert "title: Eyes on the Sea" in git(
        site.repository.folder, "show", "HEAD:_projects/eyes-on-the-river.md"
    )
    assert "Typed and not saved" not in text_of(ines.get("/"))
    ines.get(page, 404)


def test_a_copy_that_comes_after_the_save_brings_nothing_back(ines: Visitor) -> None:
    fields = ines.form(EYES, marked="data-edit", f__title="Eyes on the Sea")
    ines.post(EYES, {**fields, "intent": "save"})
    place = f"/collections/projects/unsaved/{fields['kept']}?path=_projects/eyes-on-the-river.md"
    ines.post(place, fields, status=409)
    assert "Typed and not saved" not in text_of(ines.get("/"))


def test_two_new_entries_are_kept_side_by_side(ines: Visitor) -> None:
    keep(ines, NEW, f__title="A first idea")
    keep(ines, NEW, f__title="A second idea")
    words = text_of(ines.get("/"))
    assert "A first idea" in words and "A second idea" in words
    assert text_of(ines.get(NEW)).count("Go on with it") == 2


def test_a_new_entry_goes_on_and_is_saved(ines: Visitor) -> None:
    fields = keep(ines, NEW, f__title="A first idea", body="Words")
    form = ines.form(f"/collections/projects/unsaved/{fields['kept']}", marked="data-edit")
    answer = ines.post(NEW, {**form, "intent": "draft"})
    assert "A first idea" in ines.follow(answer)
    assert "Typed and not saved" not in text_of(ines.get("/"))


def test_a_text_whose_entry_was_changed_meanwhile_is_joined(ines: Visitor, tomas: Visitor) -> None:
    fields = keep(ines, EYES, body="Ines wrote this.\n")
    tomas.post(EYES, tomas.form(EYES, marked="data-edit", f__title="Eyes on the Sea", intent="save"))
    form = ines.form(f"/collections/projects/unsaved/{fields['kept']}", marked="data-edit")
    page = ines.follow(ines.post(EYES, {**form, "intent": "save"}))
    assert "Eyes on the Sea" in page and "Ines wrote this." in page


def test_a_conflict_keeps_the_token_until_the_choice_is_saved(ines: Visitor, tomas: Visitor) -> None:
    fields = keep(ines, EYES, f__title="Mine")
    tomas.post(EYES, tomas.form(EYES, marked="data-edit", f__title="Theirs", intent="save"))
    answer = ines.post(EYES, {**fields, "intent": "save"}, status=409)
    assert f'name="kept" value="{fields["kept"]}"' in answer.text
    assert "Typed and not saved" in text_of(ines.get("/"))


def test_thrown_away_is_off_the_lists_and_can_be_brought_back(ines: Visitor) -> None:
    fields = keep(ines, EYES, f__title="Eyes on the Sea")
    page = ines.get(EYES)
    throw = f"/collections/projects/unsaved/{fields['kept']}/thrown"
    assert f'action="{throw}"' in page
    shown = ines.follow(ines.post(throw, {"csrf_token": fields["csrf_token"]}))
    assert "is thrown away" in text_of(shown) and "Bring it back" in text_of(shown)
    assert "You typed something here" not in text_of(shown)
    back = f"/collections/projects/unsaved/{fields['kept']}"
    assert ines.form(back, marked="data-edit")["f.title"] == "Eyes on the Sea"


def test_the_token_and_the_view_are_no_part_of_what_is_kept(ines: Visitor, site: Site) -> None:
    keep(ines, EYES, f__title="Eyes on the Sea")
    account = users.find_by_email(site.database, "ines@example.org")
    (listed,) = unsaved.texts(site.database, account)
    names = {name for name, _ in unsaved.text(site.database, account, listed.token).form}
    assert not names & {"csrf_token", "view", "intent", "do", "kept"} and {"f.title", "body", "base"} <= names


def test_a_path_out_of_the_site_is_not_kept(ines: Visitor) -> None:
    fields = ines.form(EYES, marked="data-edit")
    ines.post(f"/collections/projects/unsaved/{fields['kept']}?path=../../etc/passwd", fields, status=422)


def test_a_form_that_is_too_long_to_keep_says_so(ines: Visitor, monkeypatch) -> None:
    monkeypatch.setattr(unsaved, "LONGEST", 100)
    fields = ines.form(EYES, marked="data-edit")
    place = f"/collections/projects/unsaved/{fields['kept']}?path=_projects/eyes-on-the-river.md"
    assert "too long" in ines.post(place, fields, status=413).text

"""One change in many entries, from the list to the save."""

from __future__ import annotations

from gitcms.site import Site
from tests.web.pages.conftest import Visitor, commits, text_of

LIST = "/collections/posts/"
RAIN, STRIPS = "_posts/2026-03-01-first-rain.md", "_posts/2026-04-05-strips.md"
BULK = "/collections/posts/bulk"


def chosen(*paths: str) -> dict[str, object]:
    return {"path": list(paths)}


def test_the_list_lets_entries_be_ticked(ines: Visitor) -> None:
    page = ines.get(f"{LIST}?q=rain")
    assert f'name="path" value="{RAIN}"' in page
    assert 'name="q" value="rain"' in page
    for what in ("add", "delete"):
        assert f'name="what" value="{what}"' in page
        assert f'value="{what}" checked' in ines.get(f"{BULK}?path={RAIN}&what={what}")
    assert 'value="set" checked' in ines.get(f"{BULK}?path={RAIN}&what=anything")


def test_all_that_a_list_shows_are_meant(ines: Visitor) -> None:
    assert "Change 3 posts" in text_of(ines.get(f"{BULK}?all=1"))
    assert "Change 1 post" in text_of(ines.get(f"{BULK}?all=1&state=draft"))
    assert "None was chosen" in text_of(ines.get(BULK))


def test_it_is_shown_and_then_done_in_one_save(ines: Visitor, site: Site) -> None:
    before = commits(site)
    form = ines.form(f"{BULK}?path={RAIN}&path={STRIPS}", what="add", field="tags", text="rain")
    shown = ines.post(BULK, {**form, **chosen(RAIN, STRIPS)}, status=200).text
    assert "2 of 2 will change" in text_of(shown)
    assert commits(site) == before
    answer = ines.post(BULK, {**form, **chosen(RAIN, STRIPS), "sure": "1"})
    assert "Changed 2 posts." in text_of(ines.follow(answer))
    assert commits(site) == before + 1
    assert b"tags: [water, rain]" in site.repository.read(STRIPS)


def test_half_a_task_is_told_and_kept(ines: Visitor, site: Site) -> None:
    before = commits(site)
    form = ines.form(f"{BULK}?path={RAIN}", what="set", field="tags", text="")
    page = ines.post(BULK, {**form, "sure": "1"}, status=422).text
    assert "Write what it is to be" in text_of(page)
    assert commits(site) == before


def test_several_are_deleted_after_a_look(ines: Visitor, site: Site) -> None:
    form = ines.form(f"{BULK}?path={RAIN}", what="delete")
    assert "1 of 1 will be deleted" in text_of(ines.post(BULK, form, status=200).text)
    ines.post(BULK, {**form, "sure": "1"})
    assert RAIN not in site.blobs()

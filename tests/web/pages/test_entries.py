"""Lists, the writing page, and what becomes of a form: through the whole application."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, commits, newest, text_of

EYES = "/collections/projects/entries/_projects/eyes-on-the-river.md"
RAIN = "/collections/posts/entries/_posts/2026-03-01-first-rain.md"
WINTER = "/collections/posts/entries/_drafts/a-winter-of-numbers.md"


def test_the_list_shows_every_entry_with_its_state_and_who_changed_it(ines: Visitor) -> None:
    words = text_of(ines.get("/collections/posts/"))
    for expected in ("First rain", "How we read the strips", "A winter of numbers", "Draft", "Dev Eloper"):
        assert expected in words


def test_a_state_is_a_link_that_shows_only_its_entries(ines: Visitor) -> None:
    words = text_of(ines.get("/collections/posts/?state=draft"))
    assert "A winter of numbers" in words
    assert "First rain" not in words


def test_a_search_that_finds_nothing_says_what_is_still_there(ines: Visitor) -> None:
    words = text_of(ines.get("/collections/posts/?q=rivver&state=draft"))
    assert "Nothing in Draft matches “rivver”" in words
    assert "All 3 posts are still here" in words


def test_odd_questions_to_a_list_are_answered_with_the_list(ines: Visitor) -> None:
    assert "First rain" in ines.get("/collections/posts/?state=nope&sort=nope&page=-7")
    assert "First rain" in ines.get("/collections/posts/?page=zero")


def test_an_untouched_form_saves_nothing(ines: Visitor, site: Site) -> None:
    before = commits(site)
    page = ines.follow(ines.post(EYES, ines.form(EYES)))
    assert "Nothing to save, this is the saved version." in page
    assert commits(site) == before


def test_a_save_is_one_commit_by_who_is_signed_in(ines: Visitor, site: Site) -> None:
    page = ines.follow(ines.post(EYES, ines.form(EYES, f__title="Eyes")))
    assert newest(site) == "Inés Caldera\n\n1\t1\t_projects/eyes-on-the-river.md"
    assert "\nEyes</textarea>" in page


def test_return_in_the_title_is_no_part_of_it(ines: Visitor, site: Site) -> None:
    ines.post(EYES, ines.form(EYES, f__title="Eyes on\r\nthe River"))
    assert newest(site).startswith("Dev Eloper")


def test_a_title_that_begins_with_a_line_end_keeps_it(ines: Visitor, site: Site) -> None:
    (site.repository.folder / "_posts/2026-05-01-odd.md").write_text('---\ntitle: "\\nOdd"\n---\nText.\n')
    git(site.repository.folder, "add", "-A")
    git(site.repository.folder, "commit", "-q", "-m", "Add an odd title")
    odd = "/collections/posts/entries/_posts/2026-05-01-odd.md"
    assert "Nothing to save" in ines.follow(ines.post(odd, ines.form(odd)))


def test_summary_and_picture_stand_above_the_text_unless_the_owners_place_them(
    ines: Visitor, site: Site
) -> None:
    above, beside = ines.get(EYES).split("<aside")
    assert 'class="bare lede" id="f.one_line_description"' in above and 'name="file.img"' in above
    assert "f.one_line_description" not in beside and "f.img" not in beside
    # Its control lets line ends in, and its value has none, as before.
    ines.post(
        EYES,
        ines.form(EYES, marked="data-edit", f__one_line_description="Read\r\nin one line", intent="save"),
    )
    assert b"\none_line_description: Read in one line\n" in site.repository.read(
        "_projects/eyes-on-the-river.md"
    )
    owners = (
        "[collections.projects.fields]\nimg = { tab = 'Look' }\none_line_description = { group = 'Lists' }\n"
    )
    (site.repository.folder / "gitcms.toml").write_text(owners)
    git(site.repository.folder, "add", "-A")
    git(site.repository.folder, "commit", "-q", "-m", "Place fields")
    above, beside = ines.get(EYES).split("<aside")
    assert "f.one_line_description" not in above and "f.img" not in above
    assert 'id="f.one_line_description"' in beside and 'name="file.img"' in beside


def test_what_authors_write_reads_in_its_own_direction(ines: Visitor) -> None:
    page = ines.get(EYES)
    for control in ("f.title", "body", "f.one_line_description"):
        found = re.search(rf'<(?:textarea|input)[^>]* id="{re.escape(control)}"[^>]*>', page)
        assert found and 'dir="auto"' in found[0], control
    assert re.search(r"<div[^>]* data-look[^>]* dir=\"auto\"", page)


def test_a_wrong_field_comes_back_with_everything_that_was_typed(ines: Visitor, site: Site) -> None:
    before = commits(site)
    typed = ines.form(EYES, f__title="", body="Forty-two households, by now.")
    page = ines.post(EYES, typed, status=422).text
    assert "One field needs a look before this can be saved" in page
    assert 'href="#f.title"' in page
    assert "Forty-two households, by now." in page
    assert commits(site) == before


def test_a_wrong_field_of_a_card_is_named_by_the_way_to_it(ines: Visitor) -> None:
    page = ines.post(EYES, ines.form(EYES, f__links__0__url="map a"), status=422).text
    assert re.search(r'<a href="#f\.links\.0\.url">Links, [^<]+, Web address: Web addresses start', page)


@pytest.mark.parametrize("button", ["add:links", "remove:links.0", "duplicate:links.0"])
def test_a_list_button_changes_the_form_and_saves_nothing(ines: Visitor, site: Site, button: str) -> None:
    before = commits(site)
    form = ines.form(EYES)
    page = ines.post(EYES, {**form, "do": button, "f.title": "Kept"}, status=200).text
    count = re.search(r'name="f\.links\.__count" value="(\d)"', page)
    assert count is not None
    assert count[1] != form["f.links.__count"]
    assert "\nKept</textarea>" in page
    assert commits(site) == before


def test_the_plain_look_shows_what_was_typed_and_says_what_it_is(ines: Visitor, site: Site) -> None:
    before = commits(site)
    page = ines.post(EYES, {**ines.form(EYES, body="**Strong** words"), "intent": "preview"}, status=200).text
    assert "<strong>Strong</strong> words" in page
    assert "Text only: the site’s design is not shown" in page
    assert commits(site) == before


def test_the_script_gets_the_same_look(ines: Visitor) -> None:
    form = ines.form(EYES)
    sent = {"csrf_token": form["csrf_token"], "path": "", "body": "# A <script>"}
    assert ines.post("/preview", sent, status=200).text == "<h1>A &lt;script&gt;</h1>\n"


def test_a_form_without_its_version_saves_over_nothing(ines: Visitor, site: Site) -> None:
    before = commits(site)
    for base in ("", "absent", "HEAD", "f" * 39):
        ines.post(EYES, ines.form(EYES, f__title="Mine", base=base), status=400)
    ines.post(EYES, ines.form(EYES, f__title="Mine", base="f" * 40), status=404)
    assert commits(site) == before


# ── two people ──


def test_a_stale_save_shows_both_versions_and_overwrites_nothing(
    ines: Visitor, tomas: Visitor, site: Site
) -> None:
    mine, theirs = ines.form(EYES, f__title="Mine", f__country="Peru"), tomas.form(EYES, f__title="Theirs")
    tomas.post(EYES, theirs)
    after = commits(site)
    page = ines.post(EYES, mine, status=409).text
    words = text_of(page)
    assert "You and Tomáš both changed" in words
    assert "Nothing is lost: both versions are kept" in words
    assert "Mine" in words
    assert "Theirs" in words
    assert 'name="f.country" value="Peru"' in page
    assert commits(site) == after


def test_a_choice_saves_what_fits_together_and_what_was_chosen(
    ines: Visitor, tomas: Visitor, site: Site
) -> None:
    mine = ines.form(EYES, f__title="Mine", f__country="Peru")
    tomas.post(EYES, tomas.form(EYES, f__title="Theirs", f__year="2026"))
    page = ines.post(EYES, mine, status=409).text
    ines.post(EYES, {**chosen(page, "own", "Ours"), "intent": "save"})
    text = saved(site, "_projects/eyes-on-the-river.md")
    assert "title: Ours\n" in text
    assert "country: Peru\n" in text
    assert "year: 2026\n" in text


def test_words_that_differ_one_after_the_other_are_one_mark(ines: Visitor, tomas: Visitor) -> None:
    mine = ines.form(EYES, f__one_line_description="Whole towns measure the water that they drink.")
    theirs = "My neighbours measure the water in their jars."
    tomas.post(EYES, tomas.form(EYES, f__one_line_description=theirs))
    page = ines.post(EYES, mine, 409).text
    assert "<mark>Whole towns</mark> measure the water <mark>that they drink</mark>." in page
    assert "<mark>My neighbours</mark> measure the water <mark>in their jars</mark>." in page


def test_changes_of_different_places_are_joined_and_it_is_said(
    ines: Visitor, tomas: Visitor, site: Site
) -> None:
    mine = ines.form(EYES, f__title="Mine")
    tomas.post(EYES, tomas.form(EYES, f__country="Peru", body="Theirs."))
    page = ines.follow(ines.post(EYES, mine))
    words = text_of(page)
    said = "Tomáš Novák changed this while you were writing: country, 3 paragraphs. Both changes are kept."
    assert said in words
    text = saved(site, "_projects/eyes-on-the-river.md")
    assert "title: Mine\n" in text and "country: Peru\n" in text and text.endswith("Theirs.")
    assert newest(site) == "Inés Caldera\n\n1\t1\t_projects/eyes-on-the-river.md"


def test_two_windows_of_one_person_are_told_so(ines: Visitor) -> None:
    first, second = ines.form(EYES, f__title="First"), ines.form(EYES, f__title="Second")
    ines.post(EYES, first)
    words = text_of(ines.post(EYES, second, status=409).text)
    assert "You changed Eyes" in words or "in two windows" in words
    assert "First" in words and "Second" in words


def test_two_new_paragraphs_in_one_place_are_both_kept_unless_chosen_otherwise(
    ines: Visitor, tomas: Visitor, site: Site
) -> None:
    opened = ines.form(EYES)["body"]
    mine = ines.form(EYES, body=f"{opened}\r\nMine at the end.\r\n")
    tomas.post(EYES, tomas.form(EYES, body=f"{opened}\r\nTheirs at the end.\r\n"))
    page = ines.post(EYES, mine, status=409).text
    ines.post(EYES, {**posted(page), "intent": "save"})
    assert saved(site, "_projects/eyes-on-the-river.md").endswith(
        "\nMine at the end.\n\nTheirs at the end.\n"
    )


def test_a_choice_that_comes_too_late_is_asked_once_more(ines: Visitor, tomas: Visitor, site: Site) -> None:
    mine = ines.form(EYES, f__title="Mine")
    tomas.post(EYES, tomas.form(EYES, f__title="Theirs"))
    page = ines.post(EYES, mine, status=409).text
    tomas.post(EYES, tomas.form(EYES, f__title="Theirs again"))
    choice = {**chosen(page, "own", "My own words"), "intent": "save"}
    page = ines.post(EYES, choice, status=409).text
    assert "It was saved once more while you chose." in page
    assert "My own words" in page
    assert "title: Theirs again\n" in saved(site, "_projects/eyes-on-the-river.md")


def test_deciding_later_gives_the_text_back(ines: Visitor, tomas: Visitor, site: Site) -> None:
    mine = ines.form(EYES, f__title="Mine", body="My words.")
    tomas.post(EYES, tomas.form(EYES, f__title="Theirs"))
    after = commits(site)
    page = ines.post(EYES, mine, status=409).text
    page = ines.post(EYES, {**posted(page), "do": "continue"}, status=200).text
    assert "My words.</textarea>" in page
    assert f'name="base" value="{mine["base"]}"' in page
    assert commits(site) == after


def test_what_was_deleted_meanwhile_can_be_put_back(ines: Visitor, tomas: Visitor, site: Site) -> None:
    mine = ines.form(EYES, f__title="Mine", body="My own words, in full.")
    gone = EYES.replace("/entries/", "/deletions/")
    tomas.post(gone, tomas.form(gone))
    page = ines.post(EYES, mine, status=409).text
    assert "Tomáš deleted" in text_of(page)
    assert "My own words, in full." in text_of(page) and "what stood there before stays in Changes" in page
    ines.post(EYES, {**posted(page), "intent": "save"})
    assert "title: Mine\n" in saved(site, "_projects/eyes-on-the-river.md")


# ── new, live, gone ──


def test_a_new_draft_lies_where_drafts_lie(ines: Visitor, site: Site) -> None:
    form = ines.form("/collections/posts/new", f__title="Hello", body="Words.")
    answer = ines.post("/collections/posts/new", {**form, "intent": "draft"})
    assert answer.headers["Location"].endswith("/collections/posts/entries/_drafts/hello.md")
    assert "Words." in saved(site, "_drafts/hello.md")
    assert newest(site).startswith("Inés Caldera")


def test_an_address_that_is_taken_is_said_beside_the_address(ines: Visitor) -> None:
    form = ines.form("/collections/posts/new", f__title="A winter of numbers", body="Other words.")
    page = ines.post("/collections/posts/new", {**form, "intent": "draft"}, status=409).text
    assert 'href="#entry-name"' in page
    assert "Other words.</textarea>" in page


def test_publishing_moves_a_draft_and_the_page_with_it(ines: Visitor, site: Site) -> None:
    answer = ines.post(WINTER, {**ines.form(WINTER), "intent": "publish"})
    assert re.search(r"/entries/_posts/\d{4}-\d\d-\d\d-a-winter-of-numbers\.md$", answer.headers["Location"])
    page = ines.follow(answer)
    assert "Published." in page
    assert "Unpublish" in page


def test_unpublishing_takes_a_page_off(ines: Visitor, site: Site) -> None:
    page = ines.follow(ines.post(RAIN, {**ines.form(RAIN), "intent": "unpublish"}))
    assert "It is a draft now" in page


def test_a_picture_goes_into_the_site_with_its_entry(ines: Visitor, site: Site) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (24, 90, 110)).save(out, "PNG")
    form: dict[str, object] = {**ines.form(EYES)}
    picked = {name: (io.BytesIO(out.getvalue()), "Boats.png") for name in ("file.img",)}
    ines.post(EYES, form | picked)
    assert "boats.png" in newest(site)


def test_what_is_no_picture_is_refused_and_the_text_kept(ines: Visitor) -> None:
    form: dict[str, object] = {**ines.form(EYES, body="My words.")}
    page = ines.post(EYES, form | {"file.img": (io.BytesIO(b"<svg/>"), "a.png")}, status=415).text
    assert "My words.</textarea>" in page
    assert "Choose the picture again" in page


def test_deleting_asks_first(ines: Visitor, site: Site) -> None:
    before = commits(site)
    asked = EYES.replace("/entries/", "/deletions/")
    assert "Delete “Eyes on the River”?" in text_of(ines.get(asked))
    assert commits(site) == before
    page = ines.follow(ines.post(asked, ines.form(asked)))
    assert "can be brought back" in page
    ines.get(EYES, status=404)


def test_what_was_changed_meanwhile_is_not_deleted(ines: Visitor, tomas: Visitor, site: Site) -> None:
    asked = EYES.replace("/entries/", "/deletions/")
    form = ines.form(asked)
    tomas.post(EYES, tomas.form(EYES, f__title="Theirs"))
    page = ines.post(asked, form, status=409).text
    assert "Delete “Theirs”?" in text_of(page)
    ines.get(EYES)


# ── files as they are ──


@pytest.mark.parametrize("fields", ["title: [Broken", "title: [Broken, 1e999999]", "title: &a [Broken, *a]"])
def test_fields_that_cannot_be_read_are_shown_and_the_text_can_be_saved(
    ines: Visitor, site: Site, fields: str
) -> None:
    broken = f"---\n{fields}\n---\nWords.\n"
    write(site, "_projects/broken.md", broken)
    path = "/collections/projects/entries/_projects/broken.md"
    words = text_of(ines.get(path))
    assert "The fields of this page cannot be read" in words
    assert re.search(r"\(line \d+, column \d+\)", words)
    assert fields in words
    ines.post(path, ines.form(path, body="Other words.\r\n"))
    assert saved(site, "_projects/broken.md") == broken.replace("Words.", "Other words.")


TORN = "Before.\n<<<<<<< mine\nOne.\n=======\nTwo.\n>>>>>>> theirs\nAfter.\n"


@pytest.mark.parametrize("place", [EYES, WINTER, "/collections/projects/new"], ids=["live", "draft", "new"])
def test_two_versions_in_a_text_are_shown_and_not_published(ines: Visitor, site: Site, place: str) -> None:
    head = site.repository.head()
    assert "Two versions stand" not in ines.get(place)
    intent = "save" if place == EYES else "publish"
    form = ines.form(place, body=TORN, intent=intent, f__title="Torn")
    page = ines.post(place, form, 422).text
    assert "Keep one of them, and take those lines out." in page and "Two versions stand in the text" in page
    assert site.repository.head() == head
    if place == WINTER:
        ines.post(place, ines.form(place, body=TORN, intent="save"))
        assert "Two versions stand in the text" in ines.get(place)


def test_a_file_that_is_edited_outside_says_so_and_what_differs(ines: Visitor, site: Site) -> None:
    edit_outside(site, "country: Chile", "country: Bolivia")
    words = text_of(ines.get(EYES))
    assert "changed on the disk by someone else" in words
    assert "not yet saved there: country." in words
    assert "Bolivia" in words
    page = ines.post(EYES, ines.form(EYES, body="My words."), status=409).text
    assert "My words.</textarea>" in page
    assert 'value="take"' in page


def test_what_was_written_outside_can_be_taken_over_and_saved(ines: Visitor, site: Site) -> None:
    before = commits(site)
    edit_outside(site, "country: Chile", "country: Bolivia")
    page = ines.post(EYES, {**ines.form(EYES, f__title="Mine"), "do": "take"}, status=200).text
    assert "is in the form now, and not saved yet" in text_of(page)
    assert 'name="f.country" value="Bolivia"' in page and "\nMine</textarea>" in page
    assert commits(site) == before
    ines.post(EYES, {**edited(page), "intent": "save"})
    text = saved(site, "_projects/eyes-on-the-river.md")
    assert "title: Mine\n" in text and "country: Bolivia\n" in text
    assert git(site.repository.folder, "status", "--porcelain") == ""
    assert "changed on the disk" not in ines.get(EYES)


def test_taking_over_what_is_gone_by_now_keeps_the_text(ines: Visitor, site: Site) -> None:
    page = ines.post(EYES, {**ines.form(EYES, body="My words."), "do": "take"}, status=409).text
    assert "is not there any more" in text_of(page)
    assert "My words.</textarea>" in page


def test_a_file_that_was_removed_outside_can_be_put_back(ines: Visitor, site: Site) -> None:
    (site.repository.folder / "_projects/eyes-on-the-river.md").unlink()
    assert "removed on the disk by someone else" in text_of(ines.get(EYES))
    page = ines.post(EYES, {**ines.form(EYES, body="My words."), "do": "put-back"}, status=200).text
    assert "The page is back in the site’s folder." in text_of(page)
    assert "My words.</textarea>" in page
    ines.post(EYES, {**edited(page), "intent": "save"})
    assert git(site.repository.folder, "status", "--porcelain") == ""


def edited(page: str) -> dict[str, str]:
    """Return what the form of the page where one writes would send."""
    from tests.serving import Form

    return dict(Form.first(page, "data-edit").fields)


def edit_outside(site: Site, old: str, new: str) -> None:
    file = site.repository.folder / "_projects/eyes-on-the-river.md"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_an_ended_session_brings_the_whole_form_back(ines: Visitor, app: object) -> None:
    form = ines.form(EYES, f__title="Kept", body="My words.")
    ines.client.delete_cookie("gitcms")
    page = ines.client.post(EYES, data=form, headers={"Origin": "http://localhost"})
    assert page.status_code == 401
    assert 'name="kept.f.title" value="Kept"' in page.text


def posted(page: str) -> dict[str, str]:
    """Return what the form of the page with two versions would send."""
    from tests.serving import Form

    start = page.index("<main")
    return dict(Form.first(page[start:], 'method="post"').fields)


def chosen(page: str, which: str, own: str = "") -> dict[str, str]:
    """Return the same with a choice made in each place."""
    form = posted(page)
    made = {name: which for name in form if name.startswith("choice.")}
    return form | made | {name: own for name in form if own and name.startswith("own.")}


def saved(site: Site, path: str) -> str:
    return git(site.repository.folder, "show", f"HEAD:{path}")


def write(site: Site, path: str, text: str) -> None:
    (site.repository.folder / path).write_text(text, encoding="utf-8")
    git(site.repository.folder, "add", path)
    git(site.repository.folder, "commit", "-q", "-m", "By hand")


@pytest.mark.parametrize(("base", "status"), [("", 400), ("0" * 40, 404)])
def test_an_old_form_of_a_page_that_is_gone_is_answered(ines: Visitor, base: str, status: int) -> None:
    answer = ines.post(EYES, {"body": "My words.", "base": base, "csrf_token": "old"}, status=status)
    assert "There is nothing here" in answer.text or "We could not read that" in answer.text


def test_a_list_is_filtered_by_any_field_and_the_filter_can_be_taken_away(ines: Visitor) -> None:
    page = ines.get("/collections/projects/")
    assert 'name="f.country"' in page and "Chile (2)" in text_of(page)
    shown = ines.get("/collections/projects/?f.featured=true")
    assert "Eyes on the River" in text_of(shown) and "Letters to the Council" not in text_of(shown)
    assert "Featured: Yes" in text_of(shown) and 'href="/collections/projects/"' in shown
    both = ines.get("/collections/projects/?f.links.type=article&f.country=chile")
    assert "Letters to the Council" in text_of(both) and "Eyes on the River" not in text_of(both)
    nothing = text_of(ines.get("/collections/projects/?f.country=Peru"))
    assert "Nothing is like this" in nothing and "Clear the search" in nothing


def test_a_list_is_sorted_by_any_field(ines: Visitor) -> None:
    page = text_of(ines.get("/collections/projects/?sort=by:year"))
    assert page.index("Letters to the Council") > page.index("Eyes on the River")
    page = ines.get("/collections/projects/?sort=by:nothing&page=0&f.=x&f.country=")
    assert "Eyes on the River" in page and "Letters to the Council" in page


def test_a_search_shows_where_the_word_stands(ines: Visitor) -> None:
    page = ines.get("/collections/projects/?q=forty")
    assert "<mark>forty</mark>-one households" in page


def test_a_list_shows_the_fields_that_one_chooses(ines: Visitor) -> None:
    assert "Country: Chile" not in text_of(ines.get("/collections/projects/"))
    page = ines.get("/collections/projects/?show=country&show=nothing")
    assert "Country: Chile" in text_of(page)
    assert 'name="show" value="country"' in page


def test_a_list_is_put_under_headings_by_a_field(ines: Visitor) -> None:
    page = ines.get("/collections/projects/?group=year")
    assert page.count('<h2 class="day">') == 2
    assert page.index(">2025<") < page.index("Eyes on the River</a>")
    assert '<h2 class="day">' not in ines.get("/collections/projects/?group=nothing")

"""The page that gives an entry another name, the one that asks before a deletion, and duplicates."""

from __future__ import annotations

from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, commits, text_of

RAIN = "_posts/2026-03-01-first-rain.md"
MOVE = f"/collections/posts/moves/{RAIN}"
POST = f"/collections/posts/entries/{RAIN}"
LINKS = "[rain](/2026/03/01/first-rain.html)"


def linked(ines: Visitor) -> None:
    strips = "/collections/posts/entries/_posts/2026-04-05-strips.md"
    ines.post(strips, ines.form(strips, body=LINKS))


def test_a_move_is_shown_before_it_is_done(ines: Visitor, site: Site) -> None:
    linked(ines)
    assert "first-rain.html, finds nothing there" in text_of(
        ines.post(MOVE, ines.form(MOVE, new_name="The first rain"), status=200).text
    )
    folder = site.repository.folder
    (folder / "Gemfile").write_text('gem "jekyll-redirect-from"\n')
    git(folder, "add", "Gemfile")
    git(folder, "commit", "-qm", "Lead on")
    before = commits(site)
    page = text_of(ines.post(MOVE, ines.form(MOVE, new_name="The first rain"), status=200).text)
    assert "1 other page leads to it" in page
    assert "_posts/2026-03-01-the-first-rain.md" in page
    assert "/2026/03/01/first-rain.html, is led there" in page
    assert commits(site) == before


def test_it_is_one_save_and_goes_on_with_the_page_at_its_new_place(ines: Visitor, site: Site) -> None:
    linked(ines)
    before = commits(site)
    form = ines.form(MOVE, new_name="The first rain", sure="1")
    answer = ines.post(MOVE, form)
    assert answer.headers["Location"].endswith("/entries/_posts/2026-03-01-the-first-rain.md")
    assert "It has its new name" in ines.follow(answer)
    assert commits(site) == before + 1
    assert "the-first-rain.html" in site.repository.read("_posts/2026-04-05-strips.md").decode()


def test_a_name_that_is_taken_or_none_is_told_and_kept(ines: Visitor, site: Site) -> None:
    before = commits(site)
    for name, sentence in (("!!!", "no letter or digit"), ("", "no letter or digit")):
        page = ines.post(MOVE, ines.form(MOVE, new_name=name, sure="1"), status=422).text
        assert sentence in text_of(page)
        assert f'value="{name}"' in page
    ines.post(MOVE, ines.form(MOVE, new_name="x") | {"folder": "../x", "sure": "1"}, status=404)
    assert commits(site) == before


def test_somebody_elses_save_meanwhile_is_told(ines: Visitor, site: Site) -> None:
    form = ines.form(MOVE, new_name="other", sure="1")
    ines.post(POST, ines.form(POST, body="It poured."))
    page = ines.post(MOVE, form, status=409).text
    assert "Someone else saved this meanwhile" in text_of(page)


def test_who_leads_here_is_told_before_a_deletion(ines: Visitor) -> None:
    asks = f"/collections/posts/deletions/{RAIN}"
    assert "No other page leads here" in text_of(ines.get(asks))
    linked(ines)
    page = text_of(ines.get(asks))
    assert "1 other page leads here and will lead to nothing" in page
    assert "How we read the strips" in page


def test_a_duplicate_is_a_new_page_with_the_same_in_it(ines: Visitor, site: Site) -> None:
    new = f"/collections/posts/new?like={RAIN}"
    form = ines.form(new)
    assert (form["f.title"], form["body"].strip(), form["base"]) == (
        "First rain (copy)",
        "It rained.",
        "absent",
    )
    answer = ines.post("/collections/posts/new", {**form, "intent": "draft"})
    made = answer.headers["Location"].rpartition("/entries/")[2]
    text = site.repository.read(made).decode()
    assert "title: First rain (copy)\n" in text and "tags: [water, schools]\n" in text
    assert text.endswith("It rained.\n")

"""The content model in the browser: shown, changed, seen before it is saved, told when others were faster."""

from __future__ import annotations

import pytest

from gitcms.accounts.permissions import Role
from gitcms.schema.configured.keys import TYPES
from gitcms.schema.describing import described
from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Enter, Visitor, commits, newest, text_of

POSTS = "/model/collections/posts"
TITLE = "/model/collections/posts/field?at=title"
OWN = "gitcms.toml"
SETTINGS = 'id="settings"'
WRITTEN = """\
# Ours.
[site]
public_url = "https://example.org"   # with care

[collections.posts.fields]
title = { required = true, max_length = 80 } # as the front page has it
"""


@pytest.fixture
def ada(enter: Enter) -> Visitor:
    return enter("Ada Admin", "ada@example.org", Role.ADMIN)


def said(site: Site) -> str:
    return site.repository.read(OWN).decode()


def write(site: Site, text: str = WRITTEN, path: str = OWN) -> None:
    file = site.repository.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    git(site.repository.folder, "add", path)
    git(site.repository.folder, "commit", "-qm", "Set up", "--", path)


def change(who: Visitor, page: str, marked: str = SETTINGS, **values: str) -> str:
    """Fill in a form, look at what it changes, and save that."""
    shown = who.post(page, who.form(page, marked, **values), status=200).text
    assert "This is what will change" in text_of(shown)
    return who.follow(who.post(page, who.form(page, marked, **values) | {"sure": "1"}))


def test_what_was_read_off_the_posts_is_shown_with_its_coverage(ada: Visitor) -> None:
    assert "posts" in text_of(ada.get("/model"))
    page = text_of(ada.get(POSTS))
    assert "title" in page and "in 100 % of the posts" in page
    assert "All of it is read off the posts." in text_of(ada.get(TITLE))


def test_a_change_is_seen_first_and_is_one_save_by_who_made_it(ada: Visitor, site: Site) -> None:
    before = commits(site)
    form = ada.form(TITLE, SETTINGS, hint="One line", max_length="80")
    page = text_of(ada.post(TITLE, form, status=200).text)
    assert "Hint below it One line" in page and "Greatest number of characters 80" in page
    assert commits(site) == before
    assert "It counts from now on" in ada.follow(ada.post(TITLE, {**form, "sure": "1"}))
    assert commits(site) == before + 1 and newest(site).startswith("Ada Admin")
    assert '[collections.posts.fields]\ntitle = { hint = "One line", max_length = 80 }\n' in said(site)
    field = site.collection("posts").field_of("title")
    assert field is not None and (field.hint, field.options["max_length"]) == ("One line", 80)
    assert "is pinned: hint, max_length" in text_of(ada.get(TITLE))


def test_only_what_was_changed_differs_in_the_file(ada: Visitor, site: Site) -> None:
    write(site)
    change(ada, TITLE, max_length="60")
    assert said(site) == WRITTEN.replace("80", "60")
    change(ada, TITLE, max_length="")
    assert said(site) == WRITTEN.replace(", max_length = 80", "")


def test_an_untouched_form_saves_nothing(ada: Visitor, site: Site) -> None:
    write(site)
    before = commits(site)
    for page in (TITLE, POSTS):
        answer = ada.post(page, ada.form(page, SETTINGS) | {"sure": "1"})
        assert "Nothing was changed" in ada.follow(answer)
    ada.post("/model", ada.form("/model", SETTINGS))
    assert commits(site) == before and said(site) == WRITTEN


def test_what_is_pinned_can_be_let_go_and_tables_that_become_empty_go(ada: Visitor, site: Site) -> None:
    change(ada, TITLE, label="Headline")
    assert 'title = { label = "Headline" }' in said(site)
    form = ada.form(TITLE, SETTINGS)
    ada.post(TITLE, {**form, "free": "label", "sure": "1"})
    assert "title" not in said(site) and "[" not in said(site).replace("`[", "")
    field = site.collection("posts").field_of("title")
    assert field is not None and field.label == "Title"


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("max_length", "many", "Write a whole number"),
        ("pattern", "(", "no regular expression"),
        ("when.field", "nobody", "no field of that name"),
        ("label", "", "This cannot be empty"),
        ("type", "novel", "Choose one of these."),
        ("meaning", "nothing", "Choose one of these."),
        ("meaning", "date", "“Date” is that already, and only one field can be"),
    ],
)
def test_what_cannot_be_is_told_beside_its_control_and_kept(
    ada: Visitor, site: Site, key: str, typed: str, sentence: str
) -> None:
    before = commits(site)
    form = ada.form(TITLE, SETTINGS) | {key: typed, "hint": "Kept", "sure": "1"}
    page = ada.post(TITLE, form, status=422).text
    assert sentence in text_of(page) and 'aria-invalid="true"' in page
    assert 'value="Kept"' in page
    assert commits(site) == before


def test_a_least_above_the_most_and_names_nobody_has_are_told(ada: Visitor) -> None:
    form = ada.form(TITLE, SETTINGS, min_length="9", max_length="8")
    assert "more than the most" in ada.post(TITLE, form, status=422).text
    form = ada.form(POSTS, SETTINGS, field_order="titel")
    assert "Nothing here is called “titel”" in ada.post(POSTS, form, status=422).text


def test_two_who_change_different_things_do_not_meet(ada: Visitor, enter: Enter, site: Site) -> None:
    bea = enter("Bea Admin", "bea@example.org", Role.ADMIN)
    hers = bea.form(TITLE, SETTINGS, hint="Hers") | {"sure": "1"}
    change(ada, TITLE, label="Headline")
    bea.post(TITLE, hers)
    assert 'label = "Headline"' in said(site) and 'hint = "Hers"' in said(site)


def test_two_who_change_the_same_are_told(ada: Visitor, enter: Enter, site: Site) -> None:
    bea = enter("Bea Admin", "bea@example.org", Role.ADMIN)
    hers = bea.form(TITLE, SETTINGS, label="Caption", hint="Hers") | {"sure": "1"}
    change(ada, TITLE, label="Headline")
    before = commits(site)
    page = bea.post(TITLE, hers, status=409).text
    assert "Somebody else changed this meanwhile. It is “Headline” now." in text_of(page)
    assert 'value="Caption"' in page and 'value="Hers"' in page and commits(site) == before


def test_a_field_is_added_and_removed(ada: Visitor, site: Site) -> None:
    form = ada.form(POSTS, "/model/collections/posts/fields") | {
        "new.name": "subtitle",
        "new.type": "long text",
    }
    page = "/model/collections/posts/fields"
    assert "subtitle" in text_of(ada.post(page, form, status=200).text)
    assert "No post has it yet" in ada.follow(ada.post(page, form | {"sure": "1"}))
    field = site.collection("posts").field_of("subtitle")
    assert field is not None and field.type == "longtext"
    assert "already" in ada.post(page, form, status=422).text
    there = "/model/collections/posts/field?at=subtitle"
    ada.post(there, ada.form(there, SETTINGS) | {"remove": "1", "sure": "1"})
    assert site.collection("posts").field_of("subtitle") is None


def test_a_field_is_hidden_and_asked_for_beside_another(ada: Visitor, site: Site) -> None:
    change(ada, TITLE, type="hidden")
    field = site.collection("posts").field_of("title")
    assert field is not None and field.type == "hidden"
    form = ada.form(TITLE, SETTINGS) | {"when.field": "tags", "when.is": "a\nb", "sure": "1"}
    ada.post(TITLE, form)
    assert 'when = { field = "tags", is = ["a", "b"] }' in said(site)


KIND = "/model/collections/posts/field?at=kind"
CHOSEN = 'kind = { type = "select", choices = ["de", "en"] } # of texts\n'


def test_choices_are_called_otherwise_than_they_are_written(ada: Visitor, site: Site) -> None:
    write(site, WRITTEN + CHOSEN)
    shown = ada.post(KIND, ada.form(KIND, SETTINGS, labels="de = German\nen=English"), status=200).text
    assert "What choices are called in the form de = German, en=English" in text_of(shown)
    change(ada, KIND, labels="de = German\nen=English")
    labels = ', labels = { de = "German", en = "English" }'
    assert said(site) == WRITTEN + CHOSEN.replace('["de", "en"]', f'["de", "en"]{labels}')
    assert ">German</option>" in ada.get("/collections/posts/new")
    assert "de = German\nen = English</textarea>" in ada.get(KIND)
    change(ada, KIND, labels="de = Deutsch\nen = English")
    assert said(site) == WRITTEN + CHOSEN.replace('"en"]', '"en"]' + labels.replace("German", "Deutsch"))
    change(ada, KIND, labels="")
    assert said(site) == WRITTEN + CHOSEN


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("de = German\nEnglish", "Write a choice, a sign of equality and what it is called"),
        ("de =", "Write a choice, a sign of equality and what it is called"),
        ("fr = French", "Nothing here is called “fr”. There are de, en."),
    ],
)
def test_labels_that_say_nothing_of_a_choice_are_told(
    ada: Visitor, site: Site, labels: str, sentence: str
) -> None:
    write(site, WRITTEN + CHOSEN)
    page = ada.post(KIND, ada.form(KIND, SETTINGS, labels=labels), status=422).text
    assert sentence in text_of(page) and f"{labels}</textarea>" in page


def test_what_a_field_is_of_an_entry_is_chosen_and_let_go(ada: Visitor, site: Site) -> None:
    subject = "/model/collections/posts/field?at=subject"
    write(site, WRITTEN + "subject = { hint = 'Few words' }\n")
    shown = ada.post(TITLE, ada.form(TITLE, SETTINGS, meaning=""), status=200).text
    assert "The title, by which the entry is known → Nothing besides what it says" in text_of(shown)
    change(ada, TITLE, meaning="")
    change(ada, subject, meaning="title")
    field = site.collection("posts").meaning("title")
    assert field is not None and field.name == "subject"
    assert "subject = { hint = 'Few words', meaning = \"title\" }\n" in said(site)
    assert 'title = { required = true, max_length = 80, meaning = "" } # as' in said(site)
    ada.post(subject, {**ada.form(subject, SETTINGS), "free": "meaning", "sure": "1"})
    ada.post(TITLE, {**ada.form(TITLE, SETTINGS), "free": "meaning", "sure": "1"})
    assert said(site) == WRITTEN + "subject = { hint = 'Few words' }\n"


def test_a_part_of_an_object_is_not_asked_what_it_is_of_an_entry(ada: Visitor, site: Site) -> None:
    write(site, '[collections.posts.fields]\nlinks = { type = "object", fields = { url = {} } }\n')
    assert 'name="meaning"' in ada.get("/model/collections/posts/field?at=links")
    assert 'name="meaning"' not in ada.get("/model/collections/posts/field?at=links&at=url")


def test_languages_are_told_apart_as_chosen(ada: Visitor, site: Site) -> None:
    write(site)
    form = ada.form(POSTS, SETTINGS) | {"i18n.layout": "suffixes", "i18n.locales": "es\nen"}
    page = text_of(ada.post(POSTS, form, status=200).text)
    assert "The language in the name of the file, such as about.fr.md" in page and "es, en" in page
    ada.post(POSTS, form | {"sure": "1"})
    table = '\n[collections.posts.i18n]\nlayout = "suffixes"\nlocales = ["es", "en"]\n'
    assert said(site) == WRITTEN + table
    assert site.collection("posts").i18n == ("suffixes", ("es", "en"))
    form = ada.form(POSTS, SETTINGS) | {"i18n.locales": "es\nen\nfr", "sure": "1"}
    ada.post(POSTS, form)
    assert said(site) == WRITTEN + table.replace('"en"]', '"en", "fr"]')
    ada.post(POSTS, ada.form(POSTS, SETTINGS) | {"i18n.layout": "", "sure": "1"})
    fields = "[collections.posts.fields]"
    assert said(site) == WRITTEN.replace(fields, f"[collections.posts]\ni18n = {{}}\n\n{fields}")
    assert site.collection("posts").i18n == ("", ())
    ada.post(POSTS, ada.form(POSTS, SETTINGS) | {"free": "i18n.layout", "sure": "1"})
    assert said(site) == WRITTEN


def test_a_heading_goes_with_the_last_that_stood_under_it_and_no_other_does(ada: Visitor, site: Site) -> None:
    text = '[collections.notes]\n\n[collections.notes.i18n]\nlayout = "folders"\nlocales = ["es", "en"]\n'
    parts = "[collections.posts.fields]\ntitle = { required = true }\n"
    own = f"# Kept empty\n{text}\n"
    for kept, held in (
        ("", '[collections.posts]\nlabel = "Said once"\n\n'),
        ("[collections.posts] # by Ada\n", '[collections.posts] # by Ada\nlabel = "Said once"\n'),
    ):
        write(site, own + held + parts)
        ada.post(POSTS, ada.form(POSTS, SETTINGS) | {"free": "label", "sure": "1"})
        assert said(site) == own + kept + parts


@pytest.mark.parametrize(
    ("layout", "locales", "sentence"),
    [
        ("folders", "", "Write which languages there are"),
        ("folders", "es\nklingon", "“klingon” is no language"),
        ("drawers", "es", "Choose one of these."),
    ],
)
def test_languages_that_cannot_be_are_told(
    ada: Visitor, site: Site, layout: str, locales: str, sentence: str
) -> None:
    form = ada.form(POSTS, SETTINGS) | {"i18n.layout": layout, "i18n.locales": locales, "sure": "1"}
    assert sentence in text_of(ada.post(POSTS, form, status=422).text)
    assert site.repository.blob_of(OWN) is None


def test_a_part_of_the_site_is_named_and_added(ada: Visitor, site: Site) -> None:
    change(ada, POSTS, label="Articles", file_template="_posts/{year}-{month}-{day}-{slug}.md")
    assert site.collection("posts").label == "Articles"
    form = ada.form("/model", "/model/collections") | {
        "new.name": "news",
        "new.folder": "content/news",
        "sure": "1",
    }
    ada.post("/model/collections", form)
    assert site.collection("news").folders == ("content/news",)
    assert "already" in ada.post("/model/collections", form, status=422).text


def test_the_sites_own_settings_are_judged_and_saved(ada: Visitor, site: Site) -> None:
    form = ada.form("/model", SETTINGS, public_url="example")
    assert "Write a whole web address" in ada.post("/model", form, status=422).text
    form = ada.form("/model", SETTINGS, public_url="https://example.org/", media_folder="img")
    ada.post("/model", form | {"sure": "1"})
    assert (site.model().public_url, site.model().media_folder) == ("https://example.org", "img")


def test_a_site_set_up_for_another_cms_is_turned_into_ours_first(ada: Visitor, site: Site) -> None:
    config = "backend: {name: github}\nmedia_folder: img\nsearch: false\ncollections:\n"
    config += "  - {name: posts, label: Articles, folder: _posts, fields: [{name: title, label: Headline}]}\n"
    write(site, config, "admin/config.yml")
    page = ada.get("/model")
    assert "This site is set up in admin/config.yml" in text_of(page) and "was.title" not in page
    assert SETTINGS not in ada.get(TITLE)
    sent = ada.form("/model", "/model/import")
    page = ada.post("/model/import", sent, status=200).text
    assert "everybody can search" in text_of(page)
    ada.post("/model/import", sent | {"sure": "1"})
    assert 'label = "Headline"' in said(site) and site.configured().path == OWN
    ada.post("/model/import", sent, status=409)


def test_a_file_that_cannot_be_read_is_not_written_over(ada: Visitor, site: Site) -> None:
    write(site, "[site\n")
    form = ada.form(TITLE, SETTINGS, hint="x")
    assert "cannot be read" in text_of(ada.post(TITLE, form | {"sure": "1"}, status=422).text)
    assert said(site) == "[site\n"


def test_what_stands_out_is_named(ada: Visitor, site: Site) -> None:
    write(site, "---\ntitle: Odd\ndate: [1, 2]\n---\n", "_posts/2026-01-01-odd.md")
    assert "_posts/2026-01-01-odd.md" in ada.get("/model/collections/posts/outliers")


def test_authors_do_not_meet_it(ines: Visitor) -> None:
    assert "/model" not in ines.get("/")
    ines.get("/model", status=403)


def test_every_type_can_be_chosen_and_its_form_opens(ada: Visitor, site: Site) -> None:
    fields = "".join(f'"a {kind}" = {{ type = "{kind}" }}\n' for kind in TYPES)
    write(site, f"[collections.posts.fields]\n{fields}")
    for kind in TYPES:
        assert f'<option value="{kind}" selected>' in ada.get(f"/model/collections/posts/field?at=a+{kind}")
    ada.get("/collections/posts/new")
    described(site.model(), site.source())


def test_who_has_a_value_that_only_one_may_have_is_linked(ines: Visitor, site: Site) -> None:
    write(site, "[collections.posts.fields]\ntitle = { unique = true }\n")
    form = ines.form("/collections/posts/new", f__title="First rain")
    page = ines.post("/collections/posts/new", form | {"intent": "draft"}, status=422).text
    assert "“First rain” has this already" in text_of(page)
    assert 'href="/collections/posts/entries/_posts/2026-03-01-first-rain.md"' in page

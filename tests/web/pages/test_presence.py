"""Two people are told of each other before they clash: at load, by the script's question, and in lists."""

from __future__ import annotations

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.errors import StorageFailed
from gitcms.site import Site
from tests.web.pages.conftest import Enter, Visitor, text_of

NAME = "_projects/eyes-on-the-river.md"
EYES = f"/collections/projects/entries/{NAME}"
ASK = f"/collections/projects/presence/{NAME}"
LIST = "/collections/projects/"
HERE = "Inés Caldera has had this open since"


def told(visitor: Visitor, form: dict[str, str], **more: str) -> str:
    return text_of(visitor.post(ASK, form | more, status=200).get_json()["html"])


def test_the_second_is_told_at_load_and_the_first_by_the_scripts_question(
    ines: Visitor, tomas: Visitor
) -> None:
    first = ines.form(EYES, marked="data-edit")
    assert "has had this open" not in text_of(ines.get(EYES))
    assert f"{HERE} " in text_of(tomas.get(EYES)) and "where they meet, you are asked" in text_of(
        tomas.get(EYES)
    )
    assert "Tomáš Novák has had this open since" in told(ines, first)


def test_lists_name_who_has_which_entry_open_but_not_oneself(ines: Visitor, tomas: Visitor) -> None:
    ines.get(EYES)
    assert text_of(tomas.get(LIST)).count(HERE) == 1
    assert "has had this open" not in text_of(ines.get(LIST))


def test_who_leaves_or_saves_is_gone(ines: Visitor, tomas: Visitor) -> None:
    form = ines.form(EYES, marked="data-edit")
    told(ines, form, left="1")
    assert HERE not in text_of(tomas.get(LIST))
    form = ines.form(EYES, marked="data-edit", f__title="Eyes on the Sea", intent="save")
    assert HERE in text_of(tomas.get(LIST))
    ines.post(EYES, form)
    assert HERE not in text_of(tomas.get(LIST))


def test_who_writes_is_told_that_somebody_saved_meanwhile(ines: Visitor, tomas: Visitor) -> None:
    first = ines.form(EYES, marked="data-edit")
    assert "saved this" not in told(ines, first)
    tomas.post(EYES, tomas.form(EYES, marked="data-edit", f__title="Eyes on the Sea", intent="save"))
    assert "Tomáš Novák saved this" in told(ines, first)
    assert "It is joined with yours when you save." in told(ines, first)
    other = tomas.form(EYES, marked="data-edit") | {"base": first["base"]}
    assert "You saved this in another window" in told(tomas, other)


def test_another_window_of_ones_own_is_told_by_the_question_alone(ines: Visitor) -> None:
    first = ines.form(EYES, marked="data-edit")
    assert "another window" not in text_of(ines.get(EYES))
    assert "You have had this open in another window since" in told(ines, first)


def test_who_may_only_read_is_told_and_keeps_nobody_waiting(
    enter: Enter, ines: Visitor, tomas: Visitor, site: Site
) -> None:
    reader = enter("Dora Paz", "dora@example.org", Role.AUTHOR)
    dora = users.find_by_email(site.database, "dora@example.org")
    users.change_places(site.database, dora.id, ("posts",), collections=["posts", "projects"])
    ines.get(EYES)
    page = reader.get(EYES)
    assert HERE in text_of(page) and "data-presence" not in page
    assert "Dora Paz" not in text_of(tomas.get(EYES))


def test_a_new_entry_and_one_that_is_gone_have_nobody(ines: Visitor) -> None:
    assert "data-presence" not in ines.get("/collections/projects/new")
    form = ines.form(EYES, marked="data-edit")
    answer = ines.post("/collections/projects/presence/_projects/none.md", form, status=200)
    assert text_of(answer.get_json()["html"]) == ""
    ines.post("/collections/projects/presence/../../etc/passwd", form, status=422)


def test_the_page_opens_while_nothing_can_be_written(ines: Visitor, monkeypatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise StorageFailed("The disk is full.")

    monkeypatch.setattr("gitcms.presence._be_there", full)
    assert "Eyes on the River" in ines.get(EYES)

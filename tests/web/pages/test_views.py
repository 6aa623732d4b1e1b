"""Keeping a list under a name, through the whole application and without scripts."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from gitcms.accounts.permissions import Role
from tests.web.pages.conftest import Enter, Visitor, text_of

LIST = "/collections/projects/"
VIEWS = "/collections/projects/views"
CHILE = f"{LIST}?sort=by%3Ayear&show=year&group=country&f.country=Chile&q=the"
KEEP = f'action="{VIEWS}"'


def kept(who: Visitor, name: str = "In Chile", address: str = CHILE, **more: str) -> str:
    """Keep what a list shows as a view, by its form, and return the page behind it."""
    page = who.get(address)
    fields = [(key, unescape(value)) for key, value in hidden(page)] + [("name", name), *more.items()]
    return who.follow(who.post(VIEWS, _multi(fields)))


def hidden(page: str) -> list[tuple[str, str]]:
    form = page.split(KEEP)[1].split("</form>")[0]
    return re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)


def send(who: Visitor, path: str, fields: dict[str, str], status: int = 303) -> TestResponse:
    """Post a form with the token that this person's pages have."""
    (token,) = set(re.findall(r'name="csrf_token" value="([^"]*)"', who.get(VIEWS)))
    return who.post(path, {"csrf_token": token, **fields}, status)


def _multi(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in fields:
        found.setdefault(key, []).append(value)
    return found


def links(page: str) -> dict[str, tuple[str, bool]]:
    """The views above a list: name → address, and whether it is shown."""
    found = page.split('aria-label="Views">')[1].split("</nav>")[0] if 'aria-label="Views"' in page else ""
    return {
        text_of(words): (unescape(href), "aria-current" in rest)
        for href, rest, words in re.findall(r'<a(?: class="sm")? href="([^"]*)"([^>]*)>(.*?)</a>', found)
    }


def test_a_list_is_kept_under_a_name_with_all_that_it_asks(ines: Visitor) -> None:
    page = kept(ines)
    assert "Kept as “In Chile”." in text_of(page)
    there, current = links(page)["In Chile"]
    assert current and "Keep this view" not in page
    plain = ines.get(LIST)
    assert links(plain)["In Chile"] == (there, False) and links(plain)["Everything"][1]
    again = text_of(ines.get(there))
    assert "Eyes on the River" in again and "Country: Chile" in again
    shown = ines.get(there)
    assert 'value="by:year" selected' in shown and 'value="the"' in shown
    assert '<h2 class="day">Chile</h2>' in shown and "Year:" in text_of(shown)


def test_what_nobody_asked_for_keeps_no_view_and_shows_none(ines: Visitor, tomas: Visitor) -> None:
    assert links(ines.get(LIST)) == {} and "Keep this view" not in ines.get(LIST)
    kept(ines)
    assert links(tomas.get(LIST)) == {}


def test_a_name_that_is_taken_is_asked_about_and_nothing_is_lost(ines: Visitor) -> None:
    kept(ines)
    page = ines.get(f"{LIST}?q=river")
    fields = _multi([*hidden(page), ("name", "in chile")])
    answer = ines.post(VIEWS, fields, status=422)
    assert "You have a view “In Chile” here already." in text_of(answer.text)
    assert 'value="in chile"' in answer.text and ("q", "river") in hidden(answer.text)
    after = ines.follow(ines.post(VIEWS, {**_multi(hidden(answer.text)), "name": "in chile", "replace": "1"}))
    assert links(after)["in chile"] == (f"{LIST}?q=river", True)
    assert "A view wants a name." in text_of(ines.post(VIEWS, {**fields, "name": " "}, status=422).text)


def test_views_are_renamed_and_removed_and_entries_stay(ines: Visitor) -> None:
    kept(ines)
    page = ines.get(VIEWS)
    (number,) = re.findall(rf"{VIEWS}/(\d+)/removal", page)
    assert "You alone see it." in text_of(page) and "Share it" not in page
    assert "Of Chile" in ines.follow(send(ines, f"{VIEWS}/{number}", {"name": "Of Chile"}))
    answer = send(ines, f"{VIEWS}/{number}", {"name": "y" * 70}, 422)
    assert "y" * 70 in answer.text
    gone = ines.follow(send(ines, f"{VIEWS}/{number}/removal", {}))
    assert "The view “Of Chile” is removed." in text_of(gone) and "There are none yet." in text_of(gone)
    assert "Eyes on the River" in ines.get(LIST)
    send(ines, f"{VIEWS}/{number}/removal", {}, status=404)


def test_a_list_opens_with_the_view_that_its_reader_chose(ines: Visitor, tomas: Visitor) -> None:
    kept(ines)
    (number,) = re.findall(rf"{VIEWS}/(\d+)/removal", ines.get(VIEWS))
    page = ines.follow(send(ines, f"{VIEWS}/opening", {"view": number}))
    assert "The list opens with it for you." in text_of(page)
    there = ines.get(LIST, status=302)
    assert "f.country=Chile" in unescape(there)
    everything = links(ines.get(CHILE))["Everything"][0]
    assert "Letters to the Council" in ines.get(everything)
    assert "Letters to the Council" in tomas.get(LIST)
    # What takes the last filter away leads to everything, and not back to the view.
    alone = ines.get(f"{LIST}?f.country=Chile")
    (without,) = re.findall(r'<a class="chip is-draft" href="([^"]*)"', alone)
    assert "Letters to the Council" in ines.get(unescape(without))
    send(ines, f"{VIEWS}/opening", {"view": ""})
    assert "Letters to the Council" in ines.get(LIST)


def test_who_may_share_shares_with_everybody(rita: Visitor, ines: Visitor, enter: Enter) -> None:
    kept(rita, shared="1")
    assert links(ines.get(LIST)).keys() == {"Everything", "In Chile", "Change views…"}
    page = text_of(ines.get(VIEWS))
    assert "Shared by Rita Reyes." in page and "Remove" not in page
    (number,) = re.findall(rf"{VIEWS}/(\d+)/removal", rita.get(VIEWS))
    assert "is shared by somebody else" in send(ines, f"{VIEWS}/{number}", {"name": "x"}, status=403).text
    fields = {**_multi(hidden(ines.get(CHILE + "s"))), "name": "Mine", "shared": "1"}
    refused = ines.post(VIEWS, fields, status=403)
    assert 'value="Mine"' in refused.text
    admin = enter("Ada Rivas", "ada@example.org", Role.ADMIN)
    send(admin, f"{VIEWS}/{number}", {"name": "In Chile"})
    assert links(ines.get(LIST)) == {}
    assert "In Chile" in links(rita.get(LIST))


def test_a_view_of_fields_that_are_gone_shows_the_list(ines: Visitor) -> None:
    kept(ines, address=f"{LIST}?sort=by%3Ayear&group=country", name="Old")
    page = ines.get(f"{LIST}?sort=by%3Agone&group=gone&show=gone")
    assert "Letters to the Council" in page

"""A clock that jumps, under a server: pages, sessions and the order of things stay sane."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from tests.faults.at_the_desk import EYES, PLACE, House, add_people, told
from tests.making import JEKYLL, git, make_repository
from tests.serving import Person


@pytest.fixture(scope="module")
def preload() -> str:
    libraries = list(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not libraries:
        pytest.skip("needs libfaketime: apt-get install libfaketime")
    return str(libraries[0])


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "state").mkdir()
    add_people(tmp_path / "state", "ines")
    make_repository(tmp_path / "site", JEKYLL)
    return House(tmp_path)


def test_a_clock_that_was_a_day_ahead_is_no_obstacle(house: House, preload: str) -> None:
    with house.open(env={"LD_PRELOAD": preload, "FAKETIME": "+1d"}) as desk:
        desk.write()
        desk.check_saved()
        cookies = desk.person.cookies
        first = git(house.site, "rev-parse", "HEAD").strip()
    with house.open() as desk:
        stayed = Person(desk.person.address, cookies)
        for page in ("/", "/history", PLACE, f"/collections/projects/history/{EYES}"):
            answer = stayed.get(page)
            assert answer.status == 200, page
            assert "-1 " not in told(answer) and "in the future" not in told(answer)
        desk.write()
        desk.check_saved()
        second = git(house.site, "rev-parse", "HEAD").strip()
        history = desk.person.get(f"/collections/projects/history/{EYES}").text
        # The newest comes first by where it stands in the history, whatever the clock says.
        assert git(house.site, "rev-parse", "HEAD~1").strip() == first
        assert 0 < history.find(second[:7]) < history.find(first[:7])


def test_a_clock_that_jumps_a_year_ends_sessions_and_keeps_the_text(house: House, preload: str) -> None:
    with house.open() as desk:
        desk.write()
        cookies, fields, typed = desk.person.cookies, desk.fields, desk.typed
    with house.open(env={"LD_PRELOAD": preload, "FAKETIME": "+365d"}) as desk:
        late = Person(desk.person.address, cookies)
        assert late.get(PLACE).status == 302
        answer = late.post(PLACE, fields)
        assert answer.status == 401 and typed in unescape(answer.text)
        desk.write()
        desk.check_saved()
        assert desk.person.get("/").status == 200

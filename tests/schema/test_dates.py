from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.schema import dates

SPELLED = [
    "2019-11-12",
    "2019-11-12 15:00",
    "2019-11-12 15:00:00",
    "2019-11-12 15:00:00 -0500",
    "2019-11-12 15:00:00 -05:00",
    "2019-11-12T15:00:00+09:00",
    "2019-11-12T15:00:00.000Z",
    "2019-11-12T15:00Z",
    "2019-11-12 15:00:00 UTC+01:00",
    "2019/11/12",
    "2019/11/12 15:00:00",
]


@pytest.mark.parametrize("text", SPELLED)
def test_a_spelling_spells_its_own_date(text: str) -> None:
    when, spelling = dates.parse(text), dates.spelling_of(text)
    assert when is not None
    assert spelling is not None
    assert dates.spell(when, spelling) == text


@pytest.mark.parametrize("text", SPELLED)
def test_another_date_is_spelled_like_the_old_one(text: str) -> None:
    spelling = dates.spelling_of(text)
    assert spelling is not None
    written = dates.spell(datetime(2025, 5, 14, 15, 0), spelling)
    assert written == text.replace("2019-11-12", "2025-05-14").replace("2019/11/12", "2025/05/14")


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("Jul 08 2022", "Nov 02 2025"),
        ("July 8, 2022", "November 2, 2025"),
        ("8 July 2022", "2 November 2025"),
        ("08 Jul 2022", "02 Nov 2025"),
    ],
)
def test_a_month_in_words_stays_one(text: str, later: str) -> None:
    spelling = dates.spelling_of(text)
    assert spelling is not None
    assert dates.parse(text) == date(2022, 7, 8)
    assert dates.spell(date(2022, 7, 8), spelling) == text
    assert dates.spell(date(2025, 11, 2), spelling) == later


@pytest.mark.parametrize(
    "text",
    [
        "",
        "May 2015",
        "2024-02-30",
        "2024-01-01 25:00",
        "2024",
        "Jul 32 2022",
        "Foo 1 2022",
        "x" * 5000,
        "2024-" + "1" * 50_000,
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.parse(text) is None


def test_day_and_month_that_could_be_swapped_are_seen_but_not_read() -> None:
    assert dates.looks_like_a_date("08-01-2014")
    assert dates.read("08-01-2014") is None


def test_a_moment_is_carried_over_to_the_zone_of_its_neighbours() -> None:
    spelling = dates.spelling_of(datetime(2019, 1, 1, tzinfo=timezone(timedelta(hours=9))))
    assert spelling is not None
    written = dates.spell(datetime(2025, 5, 14, 20, 0, tzinfo=UTC), spelling)
    assert isinstance(written, datetime)
    assert written.isoformat() == "2025-05-15T05:00:00+09:00"


def test_a_plain_date_stays_one() -> None:
    spelling = dates.spelling_of(date(2019, 1, 1))
    assert spelling is not None
    assert dates.spell(datetime(2025, 5, 14, 20, 0), spelling) == date(2025, 5, 14)


@given(st.datetimes(timezones=st.just(UTC)).map(lambda when: when.replace(microsecond=0)))
def test_every_moment_survives_its_spelling(when: datetime) -> None:
    spelling = dates.spelling_of(when)
    assert spelling is not None
    assert dates.spell(when, spelling) == when
    assert dates.parse(when.isoformat()) == when


def test_days_are_told_from_months_by_their_neighbours() -> None:
    american = dates.numeric_spelling(["05/19/2020", "05/04/2020"])
    european = dates.numeric_spelling(["19.5.2020", "4.5.2020"])
    assert dates.read_as("05/04/2020", american) == date(2020, 5, 4)
    assert dates.read_as("4.5.2020", european) == date(2020, 5, 4)
    assert american is not None and dates.spell(date(2025, 11, 2), american) == "11/02/2025"
    assert european is not None and dates.spell(date(2025, 11, 2), european) == "2.11.2025"
    assert dates.read_as("13/13/2020", american) is None
    assert dates.numeric_spelling(["19/05/2020", "05/19/2020"]) is None


def test_days_in_numbers_may_have_a_time_of_day() -> None:
    usual = dates.numeric_spelling(["4.5.2020", "19.5.2020 15:00"], timed=True)
    assert usual is not None
    assert dates.read_as("19.5.2020 15:00", usual) == datetime(2020, 5, 19, 15, 0)
    assert dates.read_as("4.5.2020", usual) == date(2020, 5, 4)
    assert dates.spell(datetime(2025, 11, 2, 9, 30), usual) == "2.11.2025 09:30"
    day = dates.numeric_like("4.5.2020", usual)
    assert day is not None and dates.spell(date(2025, 11, 2), day) == "2.11.2025"
    assert dates.read_as("19.5.2020 25:00", usual) is None


def test_between_dots_the_day_comes_first() -> None:
    usual = dates.numeric_spelling(["04.05.2020", "05.06.2020"])
    assert dates.read_as("04.05.2020", usual) == date(2020, 5, 4)
    assert dates.numeric_spelling(["04/05/2020", "05/06/2020"]) is None

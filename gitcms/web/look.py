"""What every template may use: the site's name and parts, who may do what, and how times are told.

Registered once by the application. What a page shows besides is the page's own; which words stand
where is the templates'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app, flash, g, url_for
from flask_login import current_user

from gitcms import index, media, remotes
from gitcms.entries import Row
from gitcms.errors import GitCMSError
from gitcms.site import Site
from gitcms.web.languages import say

Answer = TypeVar("Answer")

TINTS = 5
# Not by `strftime`, which asks the machine's locale and not the reader's.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# How days are written, which a catalog changes as a whole; `wkd` and `mon` are three letters.
SHORT_DAY = "date: {wkd} {day} {mon}"
SHORT = "date: {day} {mon}"
SHORT_YEAR = "date: {day} {mon} {year}"
WHOLE = "date: {weekday} {day} {month} {year}"
WHOLE_DAY = "date: {weekday} {day} {month}"
WHOLE_MONTH = "date: {month} {year}"
PARTS = "gitcms.parts"


@dataclass(frozen=True, slots=True)
class Sent:
    """Whether what is saved is on the shared server: sent, sending, waiting or stopped; and why not."""

    state: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A collection as the rail shows it, unless it is hidden, with a line above it where it has a `divider`.

    `dated` tells a blog from a set of pages.
    """

    name: str
    label: str
    label_one: str
    count: int
    dated: bool
    hidden: bool
    divider: bool = False
    icon: str = ""


# The first mark that is found counts: most browsers name others as well.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def register(app: Flask) -> None:
    """Teach the application's templates what this module knows."""
    app.context_processor(_common)
    app.add_template_global(picture_named)
    for each in (
        clock,
        day,
        when,
        full_date,
        moment_of,
        initials,
        tint,
        path_of,
        host_of,
        capitalize_first,
        groupwise,
        browser_name,
    ):
        app.add_template_filter(each)


def _common() -> dict[str, Any]:
    """Return what each page has. A page for nobody has less: it may not even have a site."""
    site: Site | None = g.get("site")
    no_parts: tuple[Part, ...] = ()
    signed_in = bool(current_user and current_user.is_authenticated)
    return {
        "site_title": _or(title_of, site, "") if site else "",
        "logo": _or(_logo, site, "") if site else "",
        "report_to": _or(lambda site: site.model().look.report_to, site, "") if site else "",
        "theme": current_user.theme if signed_in else "",
        "collections": _or(_in_the_menu, site, no_parts) if site and signed_in else no_parts,
        "is_sent_on": bool(site and signed_in and remotes.is_on(site)),
    }


def _or(ask: Callable[[Site], Answer], site: Site, instead: Answer) -> Answer:
    """Return an answer about the site, or another when it cannot be read: the page says so anyway."""
    try:
        return ask(site)
    except GitCMSError:
        return instead


def _logo(site: Site) -> str:
    """Return the address of the site's logo, as far as it is to be seen and is there."""
    wanted = site.model().look
    signed_in = bool(current_user and current_user.is_authenticated)
    if not wanted.logo or (signed_in and not wanted.logo_in_header) or not logo_path(site):
        return ""
    return url_for("logo")


def logo_path(site: Site) -> str:
    """Return the path of the picture that is the site's logo, "" where it is not there."""
    return media.find(site, site.model().look.logo, "") or ""


def sent(site: Site, path: str = "") -> Sent | None:
    """Return whether the site, or one of its files, is on the shared server; None where there is none."""
    if not remotes.is_on(site):
        return None
    status = remotes.status(site)
    if path and remotes.is_sent(site, path):
        return Sent("sent")
    if status is None or status.state == "sent":
        up_to_date = not path and status is not None and status.commit == site.repository.head()
        return Sent("sent" if up_to_date else "sending")
    because = "the same places were changed elsewhere"
    if status.kind != "clash":
        because = status.sentence.partition(". ")[0].rstrip(".")
    return Sent(status.state, because[:1].lower() + because[1:])


def say_sent(status: remotes.Status | None) -> None:
    """Say what became of a save that was sent before it is answered; nothing where that is not done."""
    if status is None:
        return
    if status.state == "sent":
        flash("Saved here, and sent.", "live")
    else:
        again = " It is tried again by itself." if status.state == "waiting" else ""
        flash(f"Saved here, and not sent yet. {status.sentence}{again}", "review")


def picture_named(value: str, path: str) -> str | None:
    """Return where we show the picture that a value of an entry names, if the site has it."""
    found = media.find(g.site, value, path) if value else None
    return url_for("files", path=found) if found else None


def title_of(site: Site) -> str:
    """Return the site's own name, or its folder's."""
    return site.model().title or site.repository.folder.name


def parts(site: Site) -> tuple[Part, ...]:
    """Return the site's collections with the number of their entries, counted once for each save."""
    head = site.repository.head()
    known: tuple[str, tuple[Part, ...]] | None = current_app.extensions.get(PARTS)
    if known is None or known[0] != head:
        known = current_app.extensions[PARTS] = (head, _parts(site))
    return known[1]


def _parts(site: Site) -> tuple[Part, ...]:
    sizes = site.ask(index.sizes, whole=False) if site.has_lists else _counted(site)
    return tuple(
        Part(
            name=each.name,
            label=each.label,
            label_one=each.label_one,
            count=sizes.get(each.name, 0),
            dated=any(field.meaning == "date" for field in each.fields),
            hidden=each.lists.hidden,
            divider=each.divider,
            icon=each.lists.icon,
        )
        for each in site.model().collections
    )


def _in_the_menu(site: Site) -> tuple[Part, ...]:
    return tuple(part for part in parts(site) if not part.hidden)


def _counted(site: Site) -> dict[str, int]:
    paths = list(site.blobs())
    return {each.name: sum(map(each.holds, paths)) for each in site.model().collections}


# ── times, as the site's zone shows them ─────────────────────────────────────────────────────


def moment_of(seconds: float) -> datetime:
    """Return seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, UTC)


def clock(moment: datetime) -> str:
    """Return the time of day, such as 09:05."""
    return f"{_local(moment):%H:%M}"


def day(moment: date) -> str:
    """Return the day in the fewest words that are clear: Today, Yesterday, Thu 19 Nov, 14 May 2025."""
    shown, today = _day_of(moment), _today()
    if shown == today:
        return say("Today")
    if shown == today - timedelta(days=1):
        return say("Yesterday")
    if today - timedelta(days=6) <= shown < today:
        return _date(SHORT_DAY, shown)
    return _date(SHORT if shown.year == today.year else SHORT_YEAR, shown)


def when(moment: datetime) -> str:
    """Return the time of day for today and yesterday, else the day."""
    shown, today = _day_of(moment), _today()
    if shown == today:
        return clock(moment)
    return f"{say('yesterday')} {clock(moment)}" if shown == today - timedelta(days=1) else day(moment)


def full_date(moment: date) -> str:
    """Return the whole date, for those who ask."""
    words = _date(WHOLE, _day_of(moment))
    return f"{words}, {clock(moment)}" if isinstance(moment, datetime) else words


def heading_of(moment: datetime) -> str:
    """Return the heading under which a list by days puts a moment; older ones go by month."""
    shown, today = _day_of(moment), _today()
    if shown > today - timedelta(days=2):
        return day(moment)
    return _date(WHOLE_DAY if shown > today - timedelta(days=7) else WHOLE_MONTH, shown)


def _date(form: str, shown: date) -> str:
    """Return a day in one of the forms below, in the reader's language."""
    weekday, month = say(DAYS[shown.weekday()]), say(MONTHS[shown.month - 1])
    return (
        say(form)
        .removeprefix("date: ")
        .format(
            weekday=weekday,
            wkd=weekday[:3],
            day=shown.day,
            month=month,
            mon=month[:3],
            year=shown.year,
        )
    )


def greeting() -> str:
    """Return a greeting for the time of day at the site."""
    hour = _local(g.site.now()).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def _local(moment: datetime) -> datetime:
    site: Site = g.site
    own = _own_zone()
    if not moment.tzinfo:
        return moment
    return moment.astimezone(own) if own else site.local(moment)


def _day_of(moment: date) -> date:
    return _local(moment).date() if isinstance(moment, datetime) else moment


def _today() -> date:
    site: Site = g.site
    return _local(site.now()).date()


def _own_zone() -> ZoneInfo | None:
    """Return the zone that who is signed in has chosen, or None for the site's."""
    name = current_user.account.time_zone if current_user and current_user.is_authenticated else ""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None  # it was there when it was chosen; another machine's list may be shorter


# ── people and addresses ─────────────────────────────────────────────────────────────────────


def initials(name: str) -> str:
    """Return the first letters of the first and the last name."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words if len(words) < 2 else (words[0], words[-1]))).upper() or "?"


def tint(name: str) -> int:
    """Return which of the tints a person has, always the same for the same name."""
    return sum(name.encode()) % TINTS + 1


def path_of(address: str) -> str:
    """Return an address without the site's own name, as it is said on the site's pages."""
    return urlsplit(address).path or "/"


def public_url(site: Site) -> str:
    """Return the address of the published site, or ""."""
    return site.config.site.public_url or site.model().public_url


def host_of(address: str) -> str:
    """Return an address as one says it: without scheme and path."""
    return urlsplit(address).netloc or address


def browser_name(user_agent: str) -> str:
    """Return what a browser calls itself in few words, such as "Firefox on Linux"."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if not browser:
        return user_agent.split("/")[0][:40] or "Unknown browser"
    return f"{browser} on {system}" if system else browser


def groupwise(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Return the rows of a list under their headings, in the order in which each comes first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return list(found.items())


def capitalize_first(words: str) -> str:
    """Return words with the first letter large and the rest as it is."""
    return words[:1].upper() + words[1:]

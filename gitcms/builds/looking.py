"""Whether the published page shows what was saved, where no builder has said so.

What is looked for is a run of words that the save brought in: it was not in the entry before, and it was
not on the page when the rebuild was asked for. Only then does finding it prove anything. A save that
brings in no such words is never called live by this.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

from sqlalchemy import select

from gitcms import network
from gitcms.builds.standing import LIVE, PATIENCE, QUEUED, RUNNING, Report, report
from gitcms.content.document import Document
from gitcms.database.models import Build
from gitcms.errors import GitCMSError
from gitcms.site import Site

log = logging.getLogger(__name__)

LEAST_WORDS = 12
"""A run of fewer letters may be anywhere."""
MOST_PAGE_BYTES = 1_000_000
HEADERS = {"User-Agent": "gitcms", "Cache-Control": "no-cache"}
PAUSES = (5, 5, 10, 10, 20, 30, 60)
# Generators change quotes, dashes and whatever marks the text up: what stands between is left alone.
_RUN = re.compile(r"[^\W_]+(?:[ ,][^\W_]+)*")
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Due:
    id: int
    proof: dict[str, Any]
    looks: int


def look_if_due(site: Site, client: network.Client) -> bool:
    """Look at the page of one rebuild whose turn it is. Returns whether there was one."""
    with site.database.reading() as session:
        row = session.scalars(
            select(Build)
            .where(
                Build.look_at <= site.now(),
                Build.state.in_((QUEUED, RUNNING)),
                Build.requested_at > site.now() - PATIENCE,
            )
            .order_by(Build.look_at)
            .limit(1)
        ).first()
        due = _Due(row.id, dict(row.proof), row.looks) if row is not None else None
    if due is None:
        return False
    words = due.proof["words"] if due.looks else new_words(site, due.proof)
    seen = bool(words) and _shows(client, due.proof["url"], words)
    if due.looks and seen:
        report(site, due.id, Report(LIVE, link=due.proof["url"]), "page")
        return True
    # On the page before anybody was asked to build: it proves nothing.
    ends = not due.looks and (not words or seen)
    _look_again(site, due, words, None if ends else PAUSES[min(due.looks, len(PAUSES) - 1)])
    return True


def new_words(site: Site, proof: Mapping[str, Any]) -> str:
    """Return the longest run of words that a save brought into an entry, or "" when there is none."""
    # Line by line: what stands on two may be two headings, items or paragraphs.
    lines = [" ".join(line.split()) for line in _text(site, proof["after"], proof["path"]).splitlines()]
    old = " ".join(_text(site, proof["before"], proof["old_path"]).split())
    found = (run for line in lines for run in _RUN.findall(line))
    return max((run for run in found if len(run) >= LEAST_WORDS and run not in old), key=len, default="")[
        :200
    ]


def words_on(page: str) -> str:
    """Return what of a page people read, with single blanks."""
    return " ".join(unescape(_TAG.sub(" ", page)).split())


def _text(site: Site, commit: str, path: str) -> str:
    try:
        data = site.repository.read(path, commit)
        document = Document.parse(data, path)
    except GitCMSError:
        return ""
    return f"{document.values.get('title', '')}\n\n{document.body}"


def _shows(client: network.Client, url: str, words: str) -> bool:
    try:
        answer = client.send(network.Request(url, "GET", HEADERS, most_bytes=MOST_PAGE_BYTES))
    except (network.AddressRefused, network.NetworkFailed) as error:
        log.debug("the published page could not be looked at: %s", error)
        return False
    return answer.status == 200 and words in words_on(answer.body.decode("utf-8", "replace"))


def _look_again(site: Site, due: _Due, words: str, pause: int | None) -> None:
    with site.database.session() as session:
        row = session.get(Build, due.id, with_for_update=True)
        # Another save may have taken the rebuild over while the page was looked at.
        if row is None or row.proof.get("after") != due.proof.get("after"):
            return
        row.proof = {**row.proof, "words": words}
        row.looks += 1
        row.look_at = site.now() + timedelta(seconds=pause) if pause is not None else None

"""One search over all parts of the site: the first that each has. A part's own search is its list's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Flask, g, render_template, request

from gitcms import entries
from gitcms.accounts.permissions import Permission
from gitcms.entries import Listing
from gitcms.schema.collection import Collection
from gitcms.site import Site
from gitcms.web.pages.entries import MOST_SEARCHED, list_address
from gitcms.web.security import requires

SHOWN = 5


def register(app: Flask) -> None:
    app.add_url_rule("/search", "search", search)


@dataclass(frozen=True, slots=True)
class Part:
    """What was found in one part of the site: the first rows, and the address of its list with all."""

    collection: Collection
    found: Listing
    address: str


@requires(Permission.VIEW)
def search() -> str:
    """Show what is found in each part of the site."""
    site: Site = g.site
    text = request.args.get("q", "").strip()[:MOST_SEARCHED]
    parts = [_part(site, collection, text) for collection in site.model().collections if text]
    return render_template(
        "search/search.html", text=text, parts=[part for part in parts if part.found.rows], shown=SHOWN
    )


def _part(site: Site, collection: Collection, text: str) -> Part:
    query = replace(entries.usual(collection), text=text)
    return Part(collection, entries.listing(site, collection, query), list_address(collection, query))

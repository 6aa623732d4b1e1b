"""Listing, opening, saving, creating and deleting entries.

The one way into the repository for every author, whether they come from the browser or from
elsewhere. Whether the page is open to them is decided before we are called; a `Writer` is asked about
once more for each file, where it is going to lie. What a save
means on disk is `repository`'s, what a document's bytes become is `content`'s.

`listing` the lists, `opening` one entry as it is, `saving` what authors do with it, `recovering` how they
bring back what was, `together` two people in one entry, `elsewhere` an entry that changed here and on the
shared server, `outside` someone in the site's folder, `pictures` what comes with an entry, `recording` how
it becomes a commit, `relations` and `links` how entries name one another, `alone` what only
one may have, `moving` another name,
`bulk` one change in many.
"""

from __future__ import annotations

from gitcms.entries import recovering
from gitcms.entries.bulk import (
    MOST,
    TASKS,
    Bulk,
    Task,
    bulk_stories,
    change_many,
    fields_for,
    paths_of,
    plan_bulk,
)
from gitcms.entries.elsewhere import Elsewhere, choose, elsewhere
from gitcms.entries.links import Inbound, inbound, naming
from gitcms.entries.listing import (
    BY,
    NAMED,
    PER_PAGE,
    SORTS,
    STATES,
    Filter,
    Listing,
    ListQuery,
    Row,
    columns,
    filters,
    first_shown,
    groups,
    listing,
    sorts,
    used_words,
    usual,
)
from gitcms.entries.moving import Move, folders, home_of, move, plan, stories
from gitcms.entries.opening import ABSENT, Entry, Taken, blank_entry, is_full, open_entry
from gitcms.entries.outside import GONE, OnDisk, on_disk, put_back, story_outside, take_over
from gitcms.entries.pictures import Upload
from gitcms.entries.recording import Beside, Saved, Writer, allow, heed_rules
from gitcms.entries.recovering import Recovery, recover
from gitcms.entries.relations import Related, few, field_at, look_for, told
from gitcms.entries.saving import Change, create, delete, save
from gitcms.entries.together import Clash, Conflict, conflict, resolve

__all__ = [
    "ABSENT",
    "BY",
    "GONE",
    "MOST",
    "NAMED",
    "PER_PAGE",
    "SORTS",
    "STATES",
    "TASKS",
    "Beside",
    "Bulk",
    "Change",
    "Clash",
    "Conflict",
    "Elsewhere",
    "Entry",
    "Filter",
    "Inbound",
    "ListQuery",
    "Listing",
    "Move",
    "OnDisk",
    "Recovery",
    "Related",
    "Row",
    "Saved",
    "Taken",
    "Task",
    "Upload",
    "Writer",
    "allow",
    "blank_entry",
    "bulk_stories",
    "change_many",
    "choose",
    "columns",
    "conflict",
    "create",
    "delete",
    "elsewhere",
    "few",
    "field_at",
    "fields_for",
    "filters",
    "first_shown",
    "folders",
    "groups",
    "heed_rules",
    "home_of",
    "inbound",
    "is_full",
    "listing",
    "look_for",
    "move",
    "naming",
    "on_disk",
    "open_entry",
    "paths_of",
    "plan",
    "plan_bulk",
    "put_back",
    "recover",
    "recovering",
    "resolve",
    "save",
    "sorts",
    "stories",
    "story_outside",
    "take_over",
    "told",
    "used_words",
    "usual",
]

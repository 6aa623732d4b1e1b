"""Values that only one entry of a collection may have (`unique`): who has one already.

What one entry alone may hold is `schema.validation`'s; a whole site is looked through by `checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from sqlite3 import Connection

from gitcms import index
from gitcms.content.values import Value, same
from gitcms.entries.relations import Related
from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.schema.collection import Collection
from gitcms.schema.fields.base import is_empty, text_of
from gitcms.site import Site

MOST = 50
"""Entries that an index which heeds no capitals takes for the same, and that are looked at."""


def taken(
    site: Site, collection: Collection, path: str, values: Mapping[str, Value], old: Mapping[str, Value]
) -> dict[str, Related]:
    """Return key → the other entry that has its value, for values that are new and may be had by one alone.

    Nothing where the lists are not to be had, since then nobody can tell; `gitcms check` still does.

    :param path: the entry itself. :param old: its values as they were opened.
    """
    wanted = {
        field.name: text_of(value)
        for field in collection.fields
        if field.options.get("unique")
        and field.name in values
        and not is_empty(value := values[field.name])
        and not isinstance(value, (list, dict))
        and not (field.name in old and same(old[field.name], value))
    }
    if not wanted:
        return {}

    def answer(connection: Connection) -> dict[str, Related]:
        found = {}
        for name, text in wanted.items():
            query = index.Query(collection.name, choices=(index.Choice(name, text),), limit=MOST)
            for row in index.find(connection, query, site.now().timestamp()):
                if row.path != path and text_of(row.values.get(name)) == text:
                    found[name] = Related(text, row.title, row.path)
                    break
        return found

    try:
        return site.ask(answer)
    except (RepositoryBusy, StorageFailed):
        return {}

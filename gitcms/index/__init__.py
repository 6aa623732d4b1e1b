"""The index of a site: what its entries say, so that lists, filters and searches need not read them.

All of it is derived from the newest commit and can be deleted at will: it is made anew. Kept in one SQLite
file in the clone's state folder, shared by all servers on that clone. `tables` opens the file, `facts` reads
one content, `filling` brings the index to a commit, `queries` asks it.
"""

from gitcms.index.filling import ask, fill, is_filled
from gitcms.index.queries import Choice, Found, Query, Sort, counts, find, names, sizes, values_of
from gitcms.index.tables import IndexFile

__all__ = [
    "Choice",
    "Found",
    "IndexFile",
    "Query",
    "Sort",
    "ask",
    "counts",
    "fill",
    "find",
    "is_filled",
    "names",
    "sizes",
    "values_of",
]

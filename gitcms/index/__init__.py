"""The index of a site: what its entries say, so that lists, filters and searches need not read them.

All of it is derived from the newest commit and can be deleted at will: it is made anew. Kept in one SQLite
file in the clone's state folder, shared by all servers on that clone. `tables` opens the file, `filling`
brings the index to a commit, `hands` shares the reading for it, `patterns` keeps what the named filters of
lists find, `crowds` which contents have words of a frequent beginning, `queries` asks it, by `searches` where
words are sought. `commits` keeps the history in a file beside it, `log` asks that one.
"""

from gitcms.content.facts import EXCERPT, unpacked
from gitcms.index import log
from gitcms.index.commits import HistoryBeingRead, history_file, look_back
from gitcms.index.commits import note as note_history
from gitcms.index.commits import read as read_history
from gitcms.index.filling import Step, ask, fill, is_filled, read_ahead, said
from gitcms.index.queries import (
    AUTHOR,
    MOST_COUNTED,
    Choice,
    Found,
    Query,
    Sort,
    counts,
    find,
    names,
    naming,
    says_few,
    sizes,
    values_of,
)
from gitcms.index.tables import IndexFile

__all__ = [
    "AUTHOR",
    "EXCERPT",
    "MOST_COUNTED",
    "Choice",
    "Found",
    "HistoryBeingRead",
    "IndexFile",
    "Query",
    "Sort",
    "Step",
    "ask",
    "counts",
    "fill",
    "find",
    "history_file",
    "is_filled",
    "log",
    "look_back",
    "names",
    "naming",
    "note_history",
    "read_ahead",
    "read_history",
    "said",
    "says_few",
    "sizes",
    "unpacked",
    "values_of",
]

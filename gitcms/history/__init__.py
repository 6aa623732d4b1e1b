"""What happened to the site: versions in words, and what each one changed by field and word.

Sentences are made from what really changed, never from a commit's own message: that one may be
written for engineers, and is shown where they look for it. Reading commits is the repository's
work, finding them the index's, comparing texts is `content.compare`.

`stories` tells what one change did, `versions` lists changes and follows entries, `trash` what was deleted.
"""

from __future__ import annotations

from gitcms.history.stories import (
    TEXT,
    FieldStory,
    FileStory,
    Story,
    changes_of,
    compared,
    label_of,
    plain,
    story_of_texts,
    what_changed,
)
from gitcms.history.trash import Deleted, trash
from gitcms.history.versions import (
    PER_PAGE,
    FieldPage,
    FieldVersion,
    Page,
    Version,
    authors,
    entry_history,
    field_history,
    last_change,
    last_changes,
    moved_to,
    name_at,
    site_history,
    versions_since,
)

__all__ = [
    "PER_PAGE",
    "TEXT",
    "Deleted",
    "FieldPage",
    "FieldStory",
    "FieldVersion",
    "FileStory",
    "Page",
    "Story",
    "Version",
    "authors",
    "changes_of",
    "compared",
    "entry_history",
    "field_history",
    "label_of",
    "last_change",
    "last_changes",
    "moved_to",
    "name_at",
    "plain",
    "site_history",
    "story_of_texts",
    "trash",
    "versions_since",
    "what_changed",
]

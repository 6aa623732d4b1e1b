"""The content model, changed by who looks after the site: what `gitcms.toml` is to say, as one commit.

`controls` is what can be changed of the site, of a collection and of a field, how that is shown as text and
what a text means; `changing` makes edits of the file of it, and saves them. What a key of that file does is
`schema.configured`'s to know, how an edit is written into it `content`'s. Whether somebody may do it is
decided before we are called.
"""

from __future__ import annotations

from gitcms.modelling.changing import (
    Difference,
    Plan,
    added_collection,
    added_field,
    changed,
    imported,
    outliers_of,
    removed,
    save,
)
from gitcms.modelling.controls import ITEM, Control, Subject, controls, of_collection, of_field, of_site

__all__ = [
    "ITEM",
    "Control",
    "Difference",
    "Plan",
    "Subject",
    "added_collection",
    "added_field",
    "changed",
    "controls",
    "imported",
    "of_collection",
    "of_field",
    "of_site",
    "outliers_of",
    "removed",
    "save",
]

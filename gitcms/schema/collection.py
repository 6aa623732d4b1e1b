"""What a site is made of, as facts: a model of collections, a collection of fields.

Frozen data with the few questions that every room asks of it: is this file one of yours, what is
this entry called, is it a draft. How the facts are found out is in `inference`; what a generator
makes of them is in `generators`.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gitcms.content.document import AS_USUAL, Written
from gitcms.content.paths import USUAL as USUAL_SLUGS
from gitcms.content.paths import Slugs
from gitcms.content.values import Path
from gitcms.schema import labels, languages, looks, texts
from gitcms.schema.addresses import KNOWN, Address
from gitcms.schema.generators import GENERATORS, address_of, date_of, in_folder, slug_of, state_of
from gitcms.schema.languages import Layout
from gitcms.schema.lists import USUAL, Lists
from gitcms.schema.looks import Look
from gitcms.schema.messages import PLAIN, Messages
from gitcms.schema.rules import FREE, Rules
from gitcms.schema.texts import Text
from gitcms.schema.uploads import AS_SENT, Uploads

SKIPPED_FOLDERS = frozenset({"node_modules", "vendor", "bower_components", "__pycache__", "venv"})
INDEX = "_index"


@dataclass(frozen=True, slots=True)
class When:
    """When a field is asked for at all: while another key beside it has one of these values.

    `values` are compared as text (`true`, `3`, `link`); none at all means any value that is not empty.
    `pattern` is a regular expression that is found in it instead. `other_than` turns it round.
    """

    name: str
    values: tuple[str, ...] = ()
    other_than: bool = False
    pattern: str = ""

    def met(self, values: Mapping[str, Any]) -> bool:
        """Tell whether the field is asked for beside these values."""
        value = values.get(self.name)
        texts = {_plain(one) for one in (value if isinstance(value, list) else [value])}
        if self.pattern:
            wanted = _compiled(self.pattern)
            found = any(wanted.search(one) is not None for one in texts)
        else:
            found = not texts.isdisjoint(self.values) if self.values else not texts <= {"", "false"}
        return found is not self.other_than


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the front matter: what authors see and what may be written.

    `type` is a key of `fields.FIELD_TYPES`. `fields` are the parts of an object, or of each object of
    a list, or the kinds of object (each of type "object") of a typed list; `item` is what a list holds
    when its items are alike. `meaning` is one of title, date, draft, published, slug, tags, image, summary,
    layout, or "". `options` belong to the type; `docs/fields.md` names them. `place` is where the key
    usually stands among its neighbours in a file, counted from 0.

    For who writes: `hint` is Markdown of one line, `placeholder` stands in an empty control, `tab` and
    `group` are the headings that the field is found under, `when` says beside which values it is asked for.
    `default` is what a new entry, or a new object of a list, begins with: a value, or text with what
    `templates` fills in; None for none. `odd` is the type that is wanted where one value is shown by another.
    """

    name: str
    label: str
    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    item: Field | None = None
    meaning: str = ""
    hint: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    place: int = 0
    placeholder: str = ""
    default: Any = field(default=None, hash=False)
    when: When | None = None
    group: str = ""
    tab: str = ""
    odd: str = ""

    @property
    def label_one(self) -> str:
        """What one item of a list is called."""
        return str(self.options.get("label_one") or labels.one_of(self.label))


@dataclass(frozen=True, slots=True)
class Collection:
    """Entries of one kind and where they lie. Paths are relative to the site's root.

    `kind` is "folder", "pages" for what lies outside all other folders, or "files" for nothing but `files`.
    `apart` are folders inside its own that belong to others, `without` single files that are no entries.
    `file_template` names a new entry (`{slug}`, `{date}`, `{year}`, `{month}`, `{day}`); `defaults` is what
    new entries begin with; `example` is the path of an entry whose habits a new one takes over, and
    `format` that of its front matter; `i18n` says how languages are kept apart, `lists` how
    entries are shown in lists, `rules` what may be done with them, `address`
    where they are found on the site, `redirects` the key of the addresses that they had where it is not the
    generator's. Of the files that it holds, those alone are its entries whose values meet `only`, and that
    lie at most `depth` folders down, its own counted 1 (0 for any). `slugs` says how names of new entries
    are made of titles, `name_label` how the control for such a name is called, `divider` whether the menu
    draws a line above it, `text` how the text of an entry is written, `written` how a new file is spelled.
    `canonical` is the key in which a new entry notes the name that its translations share, and a template
    (`templates`) of that; () for none.
    """

    name: str
    label: str
    label_one: str
    folders: tuple[str, ...]
    draft_folder: str | None = None
    extensions: tuple[str, ...] = (".md",)
    fields: tuple[Field, ...] = ()
    generator: str = "plain"
    kind: str = "folder"
    file_template: str = "{slug}.md"
    apart: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)
    example: str = ""
    permalink: str = ""
    format: str = "yaml"
    i18n: Layout = languages.NONE
    files: frozenset[str] = frozenset()
    lists: Lists = USUAL
    rules: Rules = FREE
    address: Address = KNOWN
    redirects: str = ""
    only: When | None = None
    depth: int = 0
    slugs: Slugs = USUAL_SLUGS
    name_label: str = ""
    divider: bool = False
    text: Text = texts.USUAL
    written: Written = AS_USUAL
    canonical: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Tell whether a file, there or yet to be made, is an entry of this collection."""
        if self.kind == "files":
            return path in self.files
        if not path.lower().endswith(self.extensions) or path in self.without or out_of_sight(path):
            return False
        if self.draft_folder is not None and in_folder(path, self.draft_folder):
            return True
        if self._is_section_page(path):
            return self.kind == "pages"
        if (
            self.kind == "pages"
            and GENERATORS[self.generator].underscored
            and "/_" in f"/{posixpath.dirname(path)}"
        ):
            return False
        return any(self._reaches(path, folder) for folder in self.folders) and not any(
            in_folder(path, folder) for folder in self.apart
        )

    def takes(self, values: Mapping[str, Any]) -> bool:
        """Tell whether a file that it holds is an entry of it by what it says."""
        return self.only is None or self.only.met(values)

    @property
    def grows(self) -> bool:
        """Whether there may be entries besides those that it has."""
        return self.kind != "files" and self.rules.create

    @property
    def order(self) -> tuple[Path, ...]:
        """The keys of an entry in the order in which files usually have them, parts of objects behind these.

        Paths are without the numbers of items, as `content.edits.edits_between` wants them.
        """
        return tuple(_in_file_order(self.fields, ()))

    def field_of(self, name: str) -> Field | None:
        """Return the field of that key, or None."""
        return next((known for known in self.fields if known.name == name), None)

    def meaning(self, meaning: str) -> Field | None:
        """Return the field that has a meaning such as "title", or None."""
        return next((known for known in self.fields if known.meaning == meaning), None)

    def title_of(self, values: Mapping[str, Any], path: str) -> str:
        """Return what an entry is called: its title, else its file's name in words."""
        titled = self.meaning("title")
        for key in (titled.name if titled else "title", "title", "Title", "name"):
            value = values.get(key)
            if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip():
                return " ".join(str(value).split())
        return labels.from_file_name(slug_of(path)) or path

    def date_of(self, values: Mapping[str, Any], path: str) -> datetime | None:
        """Return the moment an entry is dated to, aware, or None. Without a zone it counts as UTC."""
        dated = self.meaning("date")
        return date_of(self.generator, values, path, key=dated.name if dated else "date")

    def state_of(self, values: Mapping[str, Any], path: str, now: datetime | None = None) -> str:
        """Return "draft", "scheduled" or "live", as the site's generator would see it at `now`."""
        return state_of(self, path, values, now or datetime.now(UTC))

    def address_of(self, values: Mapping[str, Any], path: str) -> str | None:
        """Return the path of an entry on the built site, such as "/about/"; None when unknown."""
        if self.address.template:
            drafts = self.draft_folder
            if drafts and in_folder(path, drafts):
                return None
            language = languages.language_of(path, self.i18n)
            return self.address.of(values, path, self.folders, self.date_of(values, path), language)
        return address_of(self, path, values)

    def _reaches(self, path: str, folder: str) -> bool:
        """Tell whether a file lies in a folder, and not too deep in it."""
        below = path[len(folder) + 1 if folder else 0 :]
        return in_folder(path, folder) and (not self.depth or below.count("/") < self.depth)

    def _is_section_page(self, path: str) -> bool:
        if not GENERATORS[self.generator].section_pages:
            return False
        folder, _, name = path.rpartition("/")
        if name.split(".")[0] != INDEX:
            return False
        return folder in (self.apart if self.kind == "pages" else self.folders)


@dataclass(frozen=True, slots=True)
class Model:
    """A whole site: its generator, its collections in the order of the menu, where pictures lie.

    `public_url` is the address that the site's own configuration names, without a final slash, or "";
    `messages` is how changes are described, `look` what gitcms shows of the site, `branch` the branch that
    its owners work on, "" where they do not say, `uploads` what becomes of pictures that are sent.
    """

    generator: str
    collections: tuple[Collection, ...]
    media_folder: str = ""
    title: str = ""
    public_url: str = ""
    messages: Messages = PLAIN
    look: Look = looks.PLAIN
    branch: str = ""
    uploads: Uploads = field(default=AS_SENT, hash=False)

    def collection(self, name: str) -> Collection | None:
        """Return the collection of that name, or None."""
        return next((one for one in self.collections if one.name == name), None)

    def collection_of(self, path: str, values: Mapping[str, Any] | None = None) -> Collection | None:
        """Return the collection that holds a file, or None for files that are no entries.

        :param values: what the file says, where collections of one folder are told apart by it.
        """
        for one in self.collections:
            if one.holds(path) and (values is None or one.takes(values)):
                return one
        return None

    @property
    def tells_by_values(self) -> bool:
        """Whether which collection an entry belongs to depends on what it says."""
        return any(one.only is not None for one in self.collections)


def out_of_sight(path: str) -> bool:
    """Tell whether a file lies in a hidden folder, or in one that holds other people's code."""
    if path.startswith(".") or "/." in path:
        return True
    return not SKIPPED_FOLDERS.isdisjoint(path.split("/")[:-1])


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _plain(value: object) -> str:
    """Return a single value as a condition names it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_file_order(fields: tuple[Field, ...], path: Path) -> Iterator[Path]:
    for one in sorted(fields, key=lambda one: one.place):
        yield (*path, one.name)
        yield from _in_file_order(one.fields or (one.item.fields if one.item else ()), (*path, one.name))

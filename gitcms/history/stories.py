"""What one change did, or what lies between two versions: file by file, by field and word, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from gitcms.content import compare
from gitcms.content.document import Document, body_of
from gitcms.content.values import MISSING, Path
from gitcms.counting import counted
from gitcms.errors import DocumentTooLarge
from gitcms.index import log
from gitcms.repository import Commit, FileChange
from gitcms.schema.collection import Collection, Field, Model
from gitcms.site import Site

TEXT = "Text"
# A change of more files than this is told by its size, and shown file by file up to it.
MOST_FILES = 100
# Entries that came or went are told whole when there are no more than these.
MOST_WHOLE = 10
# What is said of so many files of a kind, by what became of all of them.
ENTRIES = {
    "added": ("{1} entry added", "{1} entries added"),
    "deleted": ("{1} entry deleted", "{1} entries deleted"),
    "renamed": ("{1} entry renamed", "{1} entries renamed"),
    "changed": ("{1} entry changed", "{1} entries changed"),
}
IMAGES = {
    "added": ("{1} picture added", "{1} pictures added"),
    "deleted": ("{1} picture deleted", "{1} pictures deleted"),
    "renamed": ("{1} picture renamed", "{1} pictures renamed"),
    "changed": ("{1} picture changed", "{1} pictures changed"),
}
FILES = {
    "added": ("{1} file added", "{1} files added"),
    "deleted": ("{1} file deleted", "{1} files deleted"),
    "renamed": ("{1} file renamed", "{1} files renamed"),
    "changed": ("{1} file changed", "{1} files changed"),
}
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")


@dataclass(frozen=True, slots=True)
class FieldStory:
    """What became of one field. `kind` is added, changed, removed or moved.

    `path` is its place in the newer version, in the older one where it was removed. `pictures` has what
    both versions name where the field is a picture, "" for none.
    """

    name: str
    label: str
    kind: str
    spans: tuple[compare.Span, ...]
    path: Path = ()
    pictures: tuple[str, str] | None = None

    @property
    def group(self) -> str:
        """The label of the whole field that this is a part of."""
        return re.sub(r" \d+$", "", self.label.split(" · ")[0]) if len(self.path) > 1 else self.label

    @property
    def item(self) -> str:
        """Which item of a list it is in; the same for all parts of what is no list."""
        return str(self.path[1]) if len(self.path) > 1 and isinstance(self.path[1], int) else ""


@dataclass(frozen=True, slots=True)
class FileStory:
    """What became of one file. `collection` is None for a file that is no entry.

    `publication` is "Published" or "Unpublished" where the entry became that.
    """

    path: str
    title: str
    collection: Collection | None
    kind: str
    fields: tuple[FieldStory, ...]
    paragraphs: tuple[compare.ParagraphChange, ...]
    image: bool
    old_path: str | None
    old_blob: str | None
    new_blob: str | None
    publication: str = ""

    @property
    def moved(self) -> bool:
        """Whether it lies at another path than before."""
        return bool(self.old_path) and self.old_path != self.path

    @property
    def summary(self) -> str:
        """Say in a few words what changed, such as "Title, 2 links, 3 paragraphs"."""
        marks = ("draft", "published") if self.publication else ()
        items: dict[str, set[str]] = {}
        for field in self.fields:
            if field.name.lower() not in marks:
                items.setdefault(field.group, set()).add(field.item)
        words = [self.publication] if self.publication else []
        words += ["Address"] if self.moved else []
        words += [_counted(group, len(which)) for group, which in items.items()]
        if changed := sum(paragraph.kind != "same" for paragraph in self.paragraphs):
            words.append(counted(changed, "{1} paragraph", "{1} paragraphs"))
        return ", ".join(words[:1] + [word[:1].lower() + word[1:] for word in words[1:]])


@dataclass(frozen=True, slots=True)
class Story:
    """All that one change did. `raw` is the difference as Git shows it."""

    commit: Commit
    sentence: str
    files: tuple[FileStory, ...]
    more: int
    raw: str


def what_changed(site: Site, commit_id: str, path: str | None = None) -> Story:
    """Return what one change did, file by file, field by field and word by word.

    :param path: tell of this file alone, and how many others there are.
    :raises NotFound: when there is no such change.
    """
    model, commit = site.model(), site.repository.commit(commit_id)
    changes, count = _changes_told(site, commit, path)
    whole = len(changes) <= MOST_WHOLE
    files = [
        story_of_file(site, model, each, whole=whole) for each in _posts_first(model, changes)[:MOST_FILES]
    ]
    return Story(
        commit=commit,
        sentence=sentence_of(site, model, changes),
        files=tuple(files),
        more=count - len(files),
        raw=site.repository.raw_diff(commit.id, _names_in(changes, path) if path is not None else ()),
    )


def _names_in(changes: Sequence[FileChange], path: str) -> list[str]:
    return sorted({path} | {each.old_path for each in changes if each.path == path and each.old_path})


def _changes_told(site: Site, commit: Commit, path: str | None) -> tuple[list[FileChange], int]:
    """Return the changes to tell of, and how many there are in all."""
    if path is not None and len(commit.parents) < 2:
        # The commit that a site began with may have thousands of files, and this page is about one.
        known = site.look_back(lambda connection: log.changes_of(connection, commit.id, path), lambda: None)
        if known is not None:
            return known
    changes = changes_of(site, commit)
    return [each for each in changes if path is None or path in (each.path, each.old_path)], len(changes)


def changes_of(site: Site, commit: Commit) -> list[FileChange]:
    """Return what a commit did to the site's files, against its first parent."""
    if len(commit.parents) < 2:
        known = site.look_back(lambda connection: log.changes(connection, commit.id), lambda: None)
        if known is not None:
            return known
    return site.repository.changes(commit.id)


def compared(site: Site, old: tuple[str, str], new: tuple[str, str]) -> FileStory:
    """Return what lies between any two versions of an entry.

    :param old, new: the path that it had then, and its blob.
    """
    change = FileChange(new[0], old[0] if old[0] != new[0] else None, "modified", old[1], new[1])
    return story_of_file(site, site.model(), change, whole=True)


def told(site: Site, model: Model, change: FileChange) -> tuple[str, str]:
    """Return the title of the entry that a change is about, and in a few words what became of it."""
    story = story_of_file(site, model, change)
    done = {"added": "added", "deleted": "deleted"}.get(story.kind) or story.summary or "no visible change"
    return story.title, done


def sentence_of(site: Site, model: Model, changes: Sequence[FileChange]) -> str:
    """Say what a change did: one entry by its fields, many by their number."""
    posts = [change for change in changes if model.collection_of(change.path)]
    return ": ".join(told(site, model, posts[0])) if len(posts) == 1 else in_numbers(changes, posts)


def in_numbers(changes: Sequence[FileChange], posts: Sequence[FileChange]) -> str:
    """Say how many files a change touched, and of which kind."""
    if posts:
        return _count(posts, ENTRIES)
    pictures = [change for change in changes if change.path.lower().endswith(PICTURES)]
    if pictures and len(pictures) == len(changes):
        return _count(pictures, IMAGES)
    if not changes:
        return "No visible change"
    return f"The site's design or settings: {_count(changes, FILES)}"


def _count(changes: Sequence[FileChange], forms: Mapping[str, tuple[str, str]]) -> str:
    kinds = {change.kind for change in changes}
    kind = kinds.pop() if len(kinds) == 1 else "changed"
    return counted(len(changes), *forms.get(kind, forms["changed"]))


def story_of_texts(site: Site, path: str, old: Document | None, new: Document | None) -> FileStory:
    """Return what lies between two versions of one entry, either of which may be missing."""
    return story_of(site.collection_of(path), path, old, new)


def story_of(
    collection: Collection | None, path: str, old: Document | None, new: Document | None
) -> FileStory:
    """As `story_of_texts`, for a file of a collection or of none."""
    shown = new or old
    values = shown.values if shown else {}
    return FileStory(
        path=path,
        title=collection.title_of(values, path) if collection else PurePosixPath(path).name,
        collection=collection,
        kind="modified" if old and new else "added" if new else "deleted",
        fields=tuple(_fields(collection, old, new)),
        paragraphs=_paragraphs(old, new),
        image=False,
        old_path=None,
        old_blob=None,
        new_blob=None,
        publication=_publication(collection, path, old, path, new),
    )


def label_of(fields: Sequence[Field], path: Path) -> str:
    """Return the words for a place in an entry, such as "Links 2 · Web address"."""
    words: list[str] = []
    known: Sequence[Field] = fields
    for part in path:
        if isinstance(part, int):
            words[-1:] = [f"{words[-1]} {part + 1}"] if words else [str(part + 1)]
            continue
        field = next((each for each in known if each.name == part), None)
        words.append(field.label if field else str(part).replace("_", " ").replace("-", " ").capitalize())
        known = field.fields or (field.item.fields if field.item else ()) if field else ()
    return " · ".join(words)


def _pictures(known: Sequence[Field], change: compare.FieldChange) -> tuple[str, str] | None:
    field: Field | None = None
    for part in change.path:
        if not isinstance(part, int):
            field = next((each for each in known if each.name == part), None)
            known = field.fields or (field.item.fields if field.item else ()) if field else ()
        elif field is not None and field.item is not None:
            field = field.item
    if field is None or field.type != "image":
        return None
    old, new = (value if isinstance(value, str) else "" for value in (change.old, change.new))
    return old, new


def _counted(label: str, number: int) -> str:
    return label if number == 1 else f"{number} {label[:1].lower()}{label[1:]}"


def _posts_first(model: Model, changes: Sequence[FileChange]) -> list[FileChange]:
    return sorted(changes, key=lambda change: (model.collection_of(change.path) is None, change.path))


def story_of_file(site: Site, model: Model, change: FileChange, *, whole: bool = False) -> FileStory:
    """Tell what became of one file.

    :param whole: tell all that an entry held when it came or went, too.
    """
    collection = model.collection_of(change.path)
    old = _document(site, change.old_path or change.path, change.old_blob) if collection else None
    new = _document(site, change.path, change.new_blob) if collection else None
    shown = new or old
    compared = shown is not None and (whole or (old is not None and new is not None))
    return FileStory(
        path=change.path,
        title=collection.title_of(shown.values, change.path)
        if collection and shown
        else PurePosixPath(change.path).name,
        collection=collection,
        kind=change.kind,
        fields=tuple(_fields(collection, old, new)) if compared else (),
        paragraphs=_paragraphs(old, new) if compared else (),
        image=change.path.lower().endswith(PICTURES),
        old_path=change.old_path,
        old_blob=change.old_blob,
        new_blob=change.new_blob,
        publication=_publication(collection, change.old_path or change.path, old, change.path, new),
    )


def text_changes(site: Site, model: Model, change: FileChange) -> tuple[compare.ParagraphChange, ...]:
    """Tell what became of an entry's text; its fields are not read."""
    if model.collection_of(change.path) is None:
        return ()
    old, new = (
        body_of(site.repository.read_blob(blob), path) if blob is not None else ""
        for path, blob in ((change.old_path or change.path, change.old_blob), (change.path, change.new_blob))
    )
    return tuple(compare.paragraphs(old, new))


def field_changes(site: Site, model: Model, change: FileChange, name: str) -> tuple[FieldStory, ...]:
    """Tell what became of one of an entry's fields."""
    collection = model.collection_of(change.path)
    if collection is None:
        return ()
    old = _document(site, change.old_path or change.path, change.old_blob)
    new = _document(site, change.path, change.new_blob)
    return tuple(_fields(collection, old, new, (name,)))


def _publication(
    collection: Collection | None, old_path: str, old: Document | None, path: str, new: Document | None
) -> str:
    """Return "Published" or "Unpublished" where a change was that, else ""."""
    if collection is None or old is None or new is None:
        return ""
    was, is_now = (
        collection.state_of(document.values, place) == "draft"
        for document, place in ((old, old_path), (new, path))
    )
    return "" if was == is_now else "Published" if was else "Unpublished"


def _paragraphs(old: Document | None, new: Document | None) -> tuple[compare.ParagraphChange, ...]:
    return tuple(compare.paragraphs(old.body if old else "", new.body if new else ""))


def _document(site: Site, path: str, blob: str | None) -> Document | None:
    if blob is None:
        return None
    try:
        return Document.parse(site.repository.read_blob(blob), path)
    except DocumentTooLarge:
        return None


def _fields(
    collection: Collection | None,
    old: Document | None,
    new: Document | None,
    names: Sequence[str] | None = None,
) -> list[FieldStory]:
    """Tell what became of the fields, or of those that are named."""
    known = collection.fields if collection else ()
    before, after = (
        {name: values[name] for name in (values if names is None else names) if name in values}
        for values in (document.values if document else {} for document in (old, new))
    )
    return [
        FieldStory(
            name=".".join(map(str, change.path)),
            label=label_of(known, change.path),
            kind=change.kind,
            path=change.path,
            pictures=_pictures(known, change),
            spans=tuple(
                compare.words(_text(old, change.old_path, change.old), _text(new, change.path, change.new))
            ),
        )
        for change in compare.fields(before, after)
    ]


def _text(document: Document | None, path: Path, value: object) -> str:
    """Return a value as it is spelled in the file, or in plain words where it is not a scalar."""
    if value is MISSING or value is None or document is None:
        return ""
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return plain(value)
    return value if isinstance(value, str) else (document.text_of(path) or str(value))


def plain(value: object) -> str:
    """Return any value in words, for a page: lists by commas, objects by their keys."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    return str(value)

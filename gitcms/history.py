"""What happened to the site: versions in words, and what each one changed by field and word.

Sentences are made from what really changed, never from a commit's own message: that one may be
written for engineers, and is shown where they look for it. Reading commits is the repository's
work, comparing texts is `content.compare`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from gitcms.content import compare
from gitcms.content.document import Document
from gitcms.content.paths import check_path
from gitcms.content.values import MISSING, Path
from gitcms.errors import DocumentTooLarge
from gitcms.repository import Commit, FileChange
from gitcms.schema.collection import Collection, Field, Model
from gitcms.site import Site

PER_PAGE = 30
# A change of more files than this is told by its size, and shown file by file up to it.
MOST_FILES = 100
# Entries that came or went are told whole when there are no more than these.
MOST_WHOLE = 10
MOST_FOLLOWED = 1000
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")


@dataclass(frozen=True, slots=True)
class Version:
    """One change of the site: who and when are in `commit`; `title` is the one entry that it is about,
    or "", and `done` says what became of it."""

    commit: Commit
    title: str
    done: str
    paths: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return f"{self.title}: {self.done}" if self.title else self.done


@dataclass(frozen=True, slots=True)
class Page:
    """A page of versions, newest first; `more` tells whether older ones follow."""

    versions: tuple[Version, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class FieldStory:
    """What became of one field. `kind` is added, changed, removed or moved."""

    name: str
    label: str
    kind: str
    spans: tuple[compare.Span, ...]


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
    def summary(self) -> str:
        """Say in a few words what changed, such as "title, 2 links, text"."""
        marks = ("draft", "published") if self.publication else ()
        names = Counter(
            [self.publication] * bool(self.publication)
            + [field.label.split(" · ")[0] for field in self.fields if field.name.lower() not in marks]
        )
        words = [f"{count} × {label}" if count > 1 else label for label, count in names.items()]
        if self.old_path and self.old_path != self.path:
            words.insert(0, "address")
        if any(paragraph.kind != "same" for paragraph in self.paragraphs):
            words.append("text")
        return ", ".join(words[:1] + [word[:1].lower() + word[1:] for word in words[1:]])


@dataclass(frozen=True, slots=True)
class Story:
    """All that one change did. `raw` is the difference as Git shows it."""

    commit: Commit
    sentence: str
    files: tuple[FileStory, ...]
    more: int
    raw: str


def site_history(site: Site, page: int = 1) -> Page:
    """Return the changes of the whole site."""
    return _page(site, None, page)


def entry_history(site: Site, path: str, page: int = 1) -> Page:
    """Return the changes of one entry, through its renames.

    :raises PathRefused: when no entry can have such a path.
    """
    return _page(site, check_path(path, existing=True), page)


def what_changed(site: Site, commit_id: str, path: str | None = None) -> Story:
    """Return what one change did, file by file, field by field and word by word.

    :param path: tell of this file alone.
    :raises NotFound: when there is no such change.
    """
    model, commit = site.model(), site.repository.commit(commit_id)
    changes = site.repository.changes(commit.id)
    told = [each for each in changes if path is None or path in (each.path, each.old_path)]
    whole = len(told) <= MOST_WHOLE
    files = [_story(site, model, each, whole=whole) for each in _posts_first(model, told)[:MOST_FILES]]
    return Story(
        commit=commit,
        sentence=_version(site, model, commit, changes).sentence,
        files=tuple(files),
        more=len(changes) - len(files),
        raw=site.repository.raw_diff(commit.id, path),
    )


def name_at(site: Site, path: str, commit_id: str) -> str:
    """Return the path that an entry had right after a change, which it may have been renamed since.

    :raises PathRefused: when no entry can have such a path.
    """
    check_path(path, existing=True)
    for commit in site.repository.history(path, limit=MOST_FOLLOWED):
        if commit.id == commit_id:
            break
        for change in site.repository.changes(commit.id):
            if change.path == path and change.old_path:
                path = change.old_path
                break
    return path


def story_of_texts(site: Site, path: str, old: Document | None, new: Document | None) -> FileStory:
    """Return what lies between two versions of one entry, either of which may be missing."""
    collection = site.collection_of(path)
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


def _page(site: Site, path: str | None, page: int) -> Page:
    page, model = max(1, page), site.model()
    commits = site.repository.history(path, limit=PER_PAGE + 1, skip=(page - 1) * PER_PAGE)
    versions = []
    for commit in commits[:PER_PAGE]:
        changes = site.repository.changes(commit.id)
        own = [change for change in changes if change.path == path]
        key = ("version", site.edition, commit.id, path)
        versions.append(site.memo.get(key, partial(_version, site, model, commit, changes, own)))
        # Before its renaming, the entry is to be looked for under its earlier name.
        path = own[0].old_path or path if own else path
    return Page(tuple(versions), page, len(commits) > PER_PAGE)


def _version(
    site: Site, model: Model, commit: Commit, changes: Sequence[FileChange], own: Sequence[FileChange] = ()
) -> Version:
    """Say what a change did: one entry by its fields, many by their number.

    :param own: the one file whose history is told, if it is one's.
    """
    paths = tuple(change.path for change in changes)
    posts = own or [change for change in changes if model.collection_of(change.path)]
    if len(posts) != 1:
        return Version(commit, "", _in_numbers(changes, posts), paths)
    story = _story(site, model, posts[0])
    done = {"added": "added", "deleted": "deleted"}.get(story.kind) or story.summary or "no visible change"
    return Version(commit, story.title, done, paths)


def _in_numbers(changes: Sequence[FileChange], posts: Sequence[FileChange]) -> str:
    if posts:
        return _count(posts, "entry", "entries")
    pictures = [change for change in changes if change.path.lower().endswith(PICTURES)]
    if pictures and len(pictures) == len(changes):
        return _count(pictures, "picture", "pictures")
    if not changes:
        return "No visible change"
    return f"The site's design or settings: {_count(changes, 'file', 'files')}"


def _count(changes: Sequence[FileChange], one: str, many: str) -> str:
    kinds = {change.kind for change in changes}
    verb = (
        {"added": "added", "deleted": "deleted", "renamed": "renamed"}.get(kinds.pop())
        if len(kinds) == 1
        else None
    )
    return f"{len(changes)} {one if len(changes) == 1 else many} {verb or 'changed'}"


def _posts_first(model: Model, changes: Sequence[FileChange]) -> list[FileChange]:
    return sorted(changes, key=lambda change: (model.collection_of(change.path) is None, change.path))


def _story(site: Site, model: Model, change: FileChange, *, whole: bool = False) -> FileStory:
    """Tell what became of one file.

    :param whole: tell all that an entry held when it came or went, too.
    """
    collection = model.collection_of(change.path)
    old = _document(site, change.old_blob) if collection else None
    new = _document(site, change.new_blob) if collection else None
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


def _document(site: Site, blob: str | None) -> Document | None:
    if blob is None:
        return None
    try:
        return Document.parse(site.repository.read_blob(blob))
    except DocumentTooLarge:
        return None


def _fields(collection: Collection | None, old: Document | None, new: Document | None) -> list[FieldStory]:
    known = collection.fields if collection else ()
    before, after = old.values if old else {}, new.values if new else {}
    return [
        FieldStory(
            name=".".join(map(str, change.path)),
            label=label_of(known, change.path),
            kind=change.kind,
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

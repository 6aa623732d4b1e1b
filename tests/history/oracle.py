"""What has to be told of an edit, worked out from the parsed values and texts without the code under test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from gitcms.content.document import Document
from gitcms.content.markdown import blocks
from gitcms.content.values import Path
from gitcms.history import FieldStory, FileStory

NOTHING = object()


def problems(old: Document, new: Document, story: FileStory) -> Iterator[str]:
    """Yield what is changed and not told, and what is told and not changed."""
    told = list(story.fields)
    yield from _of_values(dict(old.values), dict(new.values), (), told)
    yield from (f"told, and no difference: {each.name} {each.kind}" for each in told)
    yield from _of_text([one.text for one in blocks(old.body)], [one.text for one in blocks(new.body)], story)


def _of_values(old: Any, new: Any, path: Path, told: list[FieldStory]) -> Iterator[str]:
    """Take out of `told` what is right; yield what is missing or wrong."""
    if repr(old) == repr(new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and ((old and new) or not path):
        for key in {**old, **new}:
            yield from _of_values(old.get(key, NOTHING), new.get(key, NOTHING), (*path, key), told)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_list(old, new, path, told)
    else:
        kind = "added" if old is NOTHING else "removed" if new is NOTHING else "changed"
        found = _take(told, path, kind)
        if found is None:
            yield f"{kind} and not told: {path}"
        elif kind == "changed" and (old or new) and str(old) != str(new) and _is_silent(found):
            yield f"no word of it is told: {path}"


def _of_list(old: list[Any], new: list[Any], path: Path, told: list[FieldStory]) -> Iterator[str]:
    """Items that are in one list alone must be told; equal ones may be told as moved and as nothing else."""
    here = [each for each in told if each.path[: len(path)] == path and len(each.path) > len(path)]
    come, gone = _alone(new, old), _alone(old, new)
    removed = sum(each.kind == "removed" and len(each.path) == len(path) + 1 for each in here)
    places = {
        int(each.path[len(path)])
        for each in here
        if each.kind != "moved" and not (each.kind == "removed" and len(each.path) == len(path) + 1)
    }
    names = Counter(repr(new[at]) for at in places if at < len(new))
    added = sum(each.kind == "added" and len(each.path) == len(path) + 1 for each in here)
    if names != come:
        yield f"items that came or changed at {path}: {dict(come)}, told {dict(names)}"
    if removed + len(places) - added != gone.total():
        yield f"{gone.total()} items went or changed at {path}, {removed} removed and {len(places)} told"
    if not come and not gone and not any(each.kind == "moved" for each in here):
        yield f"another order, and not told: {path}"
    if not here:
        yield f"nothing told of {path}"
    for each in here:
        told.remove(each)


def _of_text(old: list[str], new: list[str], story: FileStory) -> Iterator[str]:
    come, gone, moved = [], [], 0
    for each in story.paragraphs:
        before = "".join(span.text for span in each.spans if span.kind != "added")
        after = "".join(span.text for span in each.spans if span.kind != "removed")
        come += [after] if each.kind in ("added", "changed") else []
        gone += [before] if each.kind in ("removed", "changed") else []
        moved += each.kind == "moved"
    if Counter(come) != _alone(new, old, str):
        yield f"paragraphs that came or changed: {_alone(new, old, str)}, told {come}"
    if Counter(gone) != _alone(old, new, str):
        yield f"paragraphs that went or changed: {_alone(old, new, str)}, told {gone}"
    kept = sum(each.count for each in story.paragraphs if each.kind == "same")
    if kept + len(come) + moved != len(new):
        yield f"{len(new)} paragraphs, told {kept} + {len(come)} + {moved}"


def _is_silent(story: FieldStory) -> bool:
    return all(span.kind == "same" for span in story.spans)


def _alone(these: Iterable[Any], others: Iterable[Any], spelled: Any = repr) -> Counter[str]:
    return Counter(map(spelled, these)) - Counter(map(spelled, others))


def _take(told: list[FieldStory], path: Path, kind: str) -> FieldStory | None:
    found = next((each for each in told if each.path == path and each.kind == kind), None)
    if found is not None:
        told.remove(found)
    return found

"""What a site's owners have said about its model, over what was read off its entries.

`gitcms.toml` at the site's root, or else the configuration of another CMS where it lies. Neither has
to be there, and what is wrong in one is a remark with its line, never a reason not to open the site.

Here: which file counts, and one call for the model with everything that was said. How a file is read is in
`files`, what may be said in `keys`, other dialects in `decap`, `pages_cms` and `front_matter_cms`, what it
does to the model in `applying`, how such a file is written in `writing`, what editors are told of it in
`json_schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitcms.content.paths import MODEL_FILE
from gitcms.schema.collection import Model
from gitcms.schema.configured import decap, front_matter_cms, pages_cms
from gitcms.schema.configured.applying import applied
from gitcms.schema.configured.files import ConfigFile, Remark
from gitcms.schema.configured.keys import checked
from gitcms.schema.finding import Source
from gitcms.schema.inference import infer_from

OWN = MODEL_FILE

_READERS = {pages_cms.NAME: pages_cms.translated, front_matter_cms.NAME: front_matter_cms.translated}
"""By the path that such a file always has; Decap's may lie in several places."""

__all__ = ["OWN", "Configured", "Imported", "Remark", "facts_in", "foreign", "model_of"]


@dataclass(frozen=True, slots=True)
class Configured:
    """A model, the file that had a say in it ("" for none), and what is to be said about that file."""

    model: Model
    path: str = ""
    remarks: tuple[Remark, ...] = ()
    inferred: Model | None = None
    """The model as it was before anybody had a say in it; None where nobody had."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What the configuration of another CMS says, in the words of `gitcms.toml`."""

    path: str
    facts: Mapping[str, Any]
    remarks: tuple[Remark, ...]


def model_of(source: Source) -> Configured:
    """Return the model of a site: read off its entries, and changed by what its owners say."""
    inferred = infer_from(source)
    if source.has(OWN):
        file = ConfigFile.read(OWN, source.read(OWN))
        facts: Mapping[str, Any] = checked(file.values, file)
    elif (path := _elsewhere(source)) != "":
        file = ConfigFile.read(path, source.read(path))
        facts = _translated(file)
    else:
        return Configured(inferred)
    model = applied(inferred, facts, source, file)
    return Configured(model, file.path, _told(file), inferred)


def facts_in(data: bytes) -> tuple[dict[str, Any], tuple[Remark, ...]]:
    """Return what the bytes of a `gitcms.toml` say, as `keys.checked` has it, and what is wrong in it."""
    file = ConfigFile.read(OWN, data)
    return checked(file.values, file), _told(file)


def foreign(source: Source) -> Imported | None:
    """Return what the configuration of another CMS says, None where there is none."""
    path = _elsewhere(source)
    if not path:
        return None
    file = ConfigFile.read(path, source.read(path))
    return Imported(path, _translated(file), _told(file))


def _elsewhere(source: Source) -> str:
    """Return the path of another CMS' configuration, "" where there is none."""
    return decap.found(source) or next((path for path in _READERS if source.has(path)), "")


def _translated(file: ConfigFile) -> Mapping[str, Any]:
    # A value that is none for its key was wrong in the other file; the sentence about it names our key.
    return checked(_READERS.get(file.path, decap.translated)(file), file.silent())


def _told(file: ConfigFile) -> tuple[Remark, ...]:
    return tuple(sorted(set(file.remarks)))

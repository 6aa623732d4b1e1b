"""What Decap CMS and Sveltia CMS say of writing Markdown, in the words of `gitcms.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema import texts
from gitcms.schema.configured.files import ConfigFile

Told = Mapping[str, Any]

LEVELS = ("one", "two", "three", "four", "five", "six")
BUTTONS = {
    **{name: name for name in ("bold", "italic", "strikethrough", "code", "link", "quote", "code-block")},
    **{f"heading-{word}": f"heading-{level}" for level, word in enumerate(LEVELS, 1)},
    "bulleted-list": "list",
    "numbered-list": "numbered-list",
}
COMPONENTS = {"image": "picture", "code-block": "code-block"}


def of_markdown(told: Told, place: Path, file: ConfigFile) -> dict[str, Any]:
    """Return how a text is written: the buttons over it, and whether there is little room."""
    facts: dict[str, Any] = {"small": True} if told.get("minimal") is True else {}
    if told.get("modes") == ["raw"]:
        return {**facts, "buttons": []}
    if "buttons" not in told and "editor_components" not in told:
        return facts
    known = _known(told, "buttons", BUTTONS, place, file)
    buttons = known if "buttons" in told else texts.USUAL_BUTTONS
    more = _known(told, "editor_components", COMPONENTS, place, file)
    return {**facts, "buttons": list(dict.fromkeys([*buttons, *more]))}


def _known(told: Told, key: str, names: Mapping[str, str], place: Path, file: ConfigFile) -> list[str]:
    """Return the names of a list in our words; one that is not known is remarked."""
    found = []
    for number, one in enumerate(told[key] if isinstance(told.get(key), list) else ()):
        if one in names:
            found.append(names[one])
        else:
            file.say((*place, key, number), f"There is no button “{one}” here.", wrong=False)
    return found

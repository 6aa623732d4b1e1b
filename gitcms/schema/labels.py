"""Names of keys and folders as words that a person reads.

Only spelling lives here: `one_line_description` becomes "One line description", `_projects`
becomes "Projects" and one of them "Project". What a key means is decided in `inference`.
"""

from __future__ import annotations

import re

WORDS = {
    "url": "Web address",
    "uri": "Web address",
    "href": "Web address",
    "img": "Image",
    "desc": "Description",
    "slug": "Address",
    "permalink": "Address",
    "pubdate": "Publication date",
    "lastmod": "Last changed",
    "faq": "FAQ",
    "id": "ID",
    "seo": "SEO",
    "rss": "RSS",
    "toc": "Table of contents",
}
SMALL = {"url": "URL", "id": "ID", "seo": "SEO", "rss": "RSS", "css": "CSS", "html": "HTML", "faq": "FAQ"}
ONE_OF = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "series": "series",
    "news": "news item",
    "blog": "post",
    "docs": "page",
    "documentation": "page",
    "movies": "movie",
    "cookies": "cookie",
    "categories": "category",
    "media": "media",
    "data": "data",
    "indices": "index",
    "analyses": "analysis",
    "theses": "thesis",
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def label_of(key: str) -> str:
    """Return a key of the front matter, or a folder's name, as a label: a capital, then words."""
    key = key.encode("utf-8", "replace").decode()
    known = WORDS.get(key.lower())
    if known:
        return known
    words = re.split(r"[\s_\-.:/]+", _CAMEL.sub(" ", key.strip()))
    words = [SMALL.get(word.lower(), word) for word in words if word]
    if not words:
        return key.strip() or "Unnamed"
    lowered = [words[0], *(word if word.isupper() else _lower_first(word) for word in words[1:])]
    text = " ".join(lowered)
    return text[0].upper() + text[1:]


def of_folder(name: str) -> str:
    """Return a folder's name as a label. Capitals that somebody chose for it stay: `JavaScript`, `DevOps`."""
    name = name.lstrip("_")
    return name if name[:1].isupper() and name.isalnum() else label_of(name)


def one_of(label: str) -> str:
    """Return what one item of a list with this label is called: "Projects" gives "Project"."""
    first, _, last = label.rpartition(" ")
    single = _singular(last)
    if not first:
        return single[0].upper() + single[1:] if single else label
    return f"{first} {single}"


def from_file_name(stem: str) -> str:
    """Return a file's name as a title, for an entry that has none."""
    words = re.sub(r"[\s_\-]+", " ", stem).strip()
    return words[0].upper() + words[1:] if words else stem


def _singular(word: str) -> str:
    lower = word.lower()
    if lower in ONE_OF:
        return ONE_OF[lower]
    if len(lower) > 4 and lower.endswith("ies"):
        return word[:-3] + "y"
    if lower.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is", "os")):
        return word[:-1]
    return word


def _lower_first(word: str) -> str:
    return word[0].lower() + word[1:]

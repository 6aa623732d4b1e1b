"""Where the links, pictures and files of a site lead, and which of them lead to nothing.

An address is called broken only where the site's own files can tell: what a generator makes by itself (lists
of tags, archives, feeds), what lies on another server, and what a site without its configuration would be
built into is not known here, and nothing is said about it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from gitcms.checks.findings import Finding, Severity
from gitcms.checks.reading import Link
from gitcms.checks.site import CheckedSite, Entry, leaves
from gitcms.checks.values import is_own_address
from gitcms.content import markdown
from gitcms.content.document import Document
from gitcms.content.values import Value
from gitcms.schema import pictures
from gitcms.schema.collection import Field
from gitcms.schema.fields.image import is_image
from gitcms.schema.finding import MARKDOWN
from gitcms.schema.generators import EARLIER, GENERATORS, REDIRECT_FILES, slug_of
from gitcms.schema.languages import is_language

MADE_BY_GENERATORS = frozenset(
    {"tags", "tag", "categories", "category", "series", "authors", "author", "topics", "archive", "archives"}
    | {"page", "feed", "rss", "search", "sitemap"}
)
"""First parts of addresses that no file stands for."""
FILES = re.compile(r".*\.(?:pdf|zip|docx?|xlsx?|pptx?|od[tsp]|csv|epub|ics|mp3|ogg|mp4|webm)", re.IGNORECASE)

_STRANGE = re.compile(r"[{}<>$*|\\\s\"`]|^www\.|^@|^~|^\S+@\S+\.\w+$")
_PERMALINK = re.compile(r"^permalink:[ \t]*[\"']?(/[^\s\"']*)", re.MULTILINE)
MOST_TEMPLATES = 500
"""Files of HTML that are looked at for an address of their own."""


def are_known(site: CheckedSite) -> bool:
    """Tell whether addresses can be told at all: by a generator that we know, from its configuration."""
    names = {
        "jekyll": ("_config.yml", "_config.yaml", "_config.toml"),
        "hugo": (
            "hugo.toml",
            "hugo.yaml",
            "hugo.yml",
            "hugo.json",
            "config.toml",
            "config.yaml",
            "config.yml",
        ),
    }.get(site.model.generator, ())
    return any(name in site.files for name in names) or (
        site.model.generator == "hugo" and "config/_default" in site.folders
    )


def addresses_of(site: CheckedSite) -> dict[str, str]:
    """Return path → address of the entries whose address is known."""
    addresses = (
        (entry.path, entry.collection.address_of(entry.values, entry.path)) for entry in site.entries
    )
    return {path: address for path, address in addresses if address is not None}


class Places:
    """Every address of a site that its files tell of."""

    def __init__(self, site: CheckedSite, addresses: Mapping[str, str]) -> None:
        """:param addresses: those of the entries, by their paths."""
        self.site = site
        self.configured = are_known(site)
        self.generator = site.model.generator
        self.base = urlsplit(site.model.public_url).path.rstrip("/")
        self.known: set[str] = set()
        self.parents: set[str] = set()
        self.of = addresses
        self.wild: list[str] = []
        self._rooted: dict[str, tuple[str, Severity, str] | None] = {}
        self.has_pictures = any(path.lower().endswith(pictures.PICTURES) for path in site.paths)
        self.endings = {posixpath.splitext(path)[1].lower() for path in site.paths}
        row = GENERATORS[self.generator]
        self.roots = tuple(dict.fromkeys((*row.roots, "content", "docs", "")))
        self._stems = {slug_of(path) for path in site.paths if path.endswith(MARKDOWN)}
        for entry in site.entries:
            self._add_entry(entry)
        if self.configured:
            self._add_files()

    def broken_link(self, link: Link, path: str) -> tuple[str, Severity, str] | None:
        """Return rule, severity and sentence for an address in the text of a file; None where it is right."""
        if link.kind == "link":
            there = link.target.strip("\"'") in self.site.files or "{" in link.target
            return None if there else ("link", "error", f"There is no file “{link.target}” in this site")
        if link.kind == "post_url":
            return (
                None if self._is_post(link.target) else ("link", "error", f"There is no post “{link.target}”")
            )
        if link.kind == "ref":
            return (
                None
                if self._is_referred(link.target, path)
                else ("link", "error", f"There is no page “{link.target}” in this site")
            )
        return self.broken(link.target, path)

    def broken(self, target: str, path: str, field: Field | None = None) -> tuple[str, Severity, str] | None:
        """Return rule, severity and sentence for an address; None where it is right or nobody can tell.

        :param path: the file that holds it.
        """
        if field is not None or not target.startswith("/"):
            return self._broken(target, path, field)
        # What begins at the root leads to the same from every file.
        if target not in self._rooted:
            self._rooted[target] = self._broken(target, path, None)
        return self._rooted[target]

    def _broken(self, target: str, path: str, field: Field | None) -> tuple[str, Severity, str] | None:
        plain = unquote(target.split("#")[0].split("?")[0]).strip()
        static = re.match(r"[{|](static|attach|filename)[}|]", plain)
        if static:
            plain = plain[static.end() :]
        if not plain or "://" in plain or plain.startswith("//") or _STRANGE.search(plain):
            return None
        ending = posixpath.splitext(plain)[1].lower()
        if ending in pictures.PICTURES:
            if not self.has_pictures or self._is_file(plain, path) or self._is_picture(target, path, field):
                return None
            return "image", self._severity(plain), f"There is no picture “{plain}” in this site"
        if ending in MARKDOWN:
            if self._is_file(plain, path) or plain.lower().rstrip("/") in self.known:
                return None
            return "link", self._severity(plain), f"There is no file “{plain}” in this site"
        if FILES.fullmatch(plain):
            if ending not in self.endings or self._is_file(plain, path):
                return None
            return "link", self._severity(plain), f"There is no file “{plain}” in this site"
        return self._broken_page(plain, path)

    def _broken_page(self, plain: str, path: str) -> tuple[str, Severity, str] | None:
        if not self.configured or self._is_file(plain, path):
            return None
        if plain.startswith("/"):
            address = plain
        elif path in self.of:
            own = self.of[path]
            address = posixpath.join(own if own.endswith("/") else posixpath.dirname(own), plain)
        else:
            return None
        address = _normal(posixpath.normpath(address))
        if self.base and (address == self.base or address.startswith(self.base + "/")):
            address = address[len(self.base) :]
        first = address.strip("/").split("/")[0]
        if not first or first in MADE_BY_GENERATORS or is_language(first) or self._is_known(address):
            return None
        if posixpath.dirname(address) not in self.parents or posixpath.splitext(address)[1]:
            return None
        return "link", "warning", f"No page of this site has the address “{plain}”"

    def _is_known(self, address: str) -> bool:
        return address in self.known or any(address.startswith(one) for one in self.wild)

    def _is_file(self, plain: str, path: str) -> bool:
        """Tell whether an address is a file or folder of the site, beside the entry or from a root."""
        site = self.site
        tail = posixpath.normpath(plain.lstrip("/"))
        bases = [posixpath.join(root, tail) for root in self.roots]
        if not plain.startswith("/"):
            here = posixpath.dirname(path)
            # Pages are shown a level deeper than their files lie where each has a folder of its own.
            deeper = posixpath.splitext(path)[0]
            bases = [posixpath.normpath(posixpath.join(one, plain)) for one in (here, deeper)] + bases
            tail = re.sub(r"^(?:\.\./)+", "", tail)
        for one in bases:
            if one in site.files or (one in site.folders and one):
                return True
            if any(
                f"{one}{ending}" in site.files
                for ending in (".md", ".mdx", ".html", "/index.md", "/_index.md")
            ):
                return True
        return not tail.startswith("..") and site.has_ending(tail)

    def _is_picture(self, target: str, path: str, field: Field | None) -> bool:
        return pictures.find(self.site.model, field, target, path, self.site.files) is not None

    def _severity(self, plain: str) -> Severity:
        """Return "error", or "warning" where the address begins in a folder that the site does not have."""
        first, _, rest = plain.lstrip("/").partition("/")
        if not plain.startswith("/") or not rest:
            return "error"
        known = any(posixpath.join(root, first) in self.site.folders for root in self.roots)
        return "error" if known else "warning"

    def _is_post(self, name: str) -> bool:
        name = name.strip("\"'").strip("/")
        return "{" in name or any(
            f"{name}{ending}" in path
            for ending in MARKDOWN
            for path in self.site.names.get(f"{posixpath.basename(name)}{ending}", ())
        )

    def _is_referred(self, target: str, path: str) -> bool:
        plain = target.split("#")[0].split("?")[0].rstrip("/")
        if not plain or "://" in plain or _STRANGE.search(plain):
            return True
        return (
            self._is_file(plain, path)
            or slug_of(plain) in self._stems
            or posixpath.basename(plain) in self._stems
        )

    def _add_entry(self, entry: Entry) -> None:
        address = self.of.get(entry.path)
        if address is not None:
            self._add(address, parent=True)
        for key in entry.values.keys() & {*EARLIER, entry.collection.redirects, "url", "permalink"}:
            value = entry.values[key]
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and one:
                    self._add(one if one.startswith("/") else posixpath.join(address or "/", one))

    def _add(self, address: str, *, parent: bool = False) -> None:
        normal = _normal(address)
        self.known.add(normal)
        if parent:
            self.parents.add(posixpath.dirname(normal))
        above = posixpath.dirname(normal)
        while above not in self.known and above != "/":
            self.known.add(above)
            above = posixpath.dirname(above)

    def _add_files(self) -> None:
        looked = 0
        for path in self.site.paths:
            stem, ending = posixpath.splitext(path)
            if ending in (".html", ".htm", ".xml", ".json", ".txt", ".adoc", ".org", ".rst", ".textile"):
                for root in self.roots:
                    if not root or stem.startswith(root + "/"):
                        self.known.add(_normal("/" + stem[len(root) :].strip("/")))
                if ending == ".html" and looked < MOST_TEMPLATES:
                    looked += 1
                    own = _PERMALINK.search(self.site.read(path)[:4000].decode("utf-8", "replace"))
                    if own:
                        self._add(own[1])
            elif path in REDIRECT_FILES:
                for line in self.site.read(path).decode("utf-8", "replace").splitlines():
                    source = line.split("#")[0].split()[:1]
                    if source and source[0].startswith("/"):
                        star = source[0].split("*")[0].split(":")[0]
                        self.wild += [_normal(star)] if star != source[0] and star != "/" else []
                        self._add(source[0])


def in_text(places: Places, path: str, links: Sequence[Link]) -> Iterator[Finding]:
    """Yield what is broken in the text of a file."""
    found = [(link, wrong) for link in links if (wrong := places.broken_link(link, path))]
    if not found:
        return
    # What looks like a link to a quick eye may stand in code: a real reader of Markdown has the last word.
    written = markdown.addresses(Document.parse(places.site.read(path), path).body)
    for link, (rule, severity, sentence) in found:
        if link.kind or any(link.target in one for one in written):
            yield Finding(path, rule, severity, sentence + ".", (), link.line, link.column)


def in_fields(places: Places, entry: Entry) -> Iterator[Finding]:
    """Yield the pictures, files and addresses in an entry's fields that are not there."""
    for field, path, value in leaves(entry.collection.fields, entry.values):
        if field.type not in ("image", "file", "url") or is_own_address(path):
            continue
        wrong = _wrong_value(places, entry, field, value)
        if wrong is not None:
            rule, severity, sentence = wrong
            yield Finding(entry.path, rule, severity, sentence + ".", path)


def _wrong_value(
    places: Places, entry: Entry, field: Field, value: Value
) -> tuple[str, Severity, str] | None:
    if not isinstance(value, str) or re.match(r"[a-z][a-z0-9+.-]*:|//|#", value, re.IGNORECASE):
        return None
    if field.type == "url" and not value.startswith(("/", "./", "../")):
        return None
    if field.type == "image" and not is_image(value):
        return None
    return places.broken(value, entry.path, field)


def _normal(address: str) -> str:
    """Return an address as it is compared: without ending, final slash and capitals."""
    plain = unquote(address).lower()
    plain = re.sub(r"(?:/index)?\.html?$|/index$", "", plain)
    return "/" + plain.strip("/")

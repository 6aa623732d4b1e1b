"""Which files of a site are entries, and which collections they fall into.

One finder a generator. A finder looks at paths, and at the front matter of the few thousand Markdown
files through `Source`; the types of fields are found out in `inference`.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitcms.content.document import Document
from gitcms.errors import GitCMSError
from gitcms.schema import labels
from gitcms.schema.collection import INDEX, out_of_sight
from gitcms.schema.generators import GENERATORS, in_folder
from gitcms.schema.languages import is_language

MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdx")
_SPOKEN_OF_CODE = """
    readme changelog changes history license licence copying contributing contributors codeofconduct
    security authors maintainers codeowners governance notice thirdpartynotices support todo
    install upgrading credits acknowledgements acknowledgments pullrequesttemplate
    issuetemplate releasenotes releasing roadmap cla dco adopters owners citation
"""
REPOSITORY_FILES = frozenset(_SPOKEN_OF_CODE.split())
JEKYLL_OWN = frozenset({"_site", "_includes", "_layouts", "_sass", "_data", "_plugins", "_assets", "_tmp"})
CONTAINERS = frozenset(
    {
        "src",
        "source",
        "content",
        "contents",
        "site",
        "sites",
        "app",
        "apps",
        "website",
        "www",
        "web",
        "packages",
    }
)
MACHINERY = frozenset(
    {"themes", "theme", "archetypes", "scaffolds", "layouts", "templates", "_templates", "public", "_site"}
    | {"dist", "build", "resources", "test", "tests", "spec", "fixtures", "lib"}
    | {"_includes", "_layouts", "_data", "output", "versioned_docs"}
)
_PLURAL = frozenset({"pages", "posts", "blog", "docs", "news", "articles", "notes", "projects"})
"""Names of folders that will hold more than their index."""
MOST_LOOKED_AT = 400
"""Entries whose keys are looked at to tell the generator."""
_I18N = re.compile(
    r"(?:[^/]+/)?i18n/[^/]+/docusaurus-plugin-content-(?P<part>docs|blog|pages)/(?:(?:current|version-[^/]+)/)?"
)


def is_text(path: str) -> bool:
    """Tell whether a file may be an entry, by its name alone."""
    return path.lower().endswith(MARKDOWN) and not out_of_sight(path)


Spread = Callable[[Callable[[Sequence[str]], Any], Sequence[str]], Sequence[Any]]
"""What does a work on keys in parts, and gives back what came of each."""


def one_hand(work: Callable[[Sequence[str]], Any], keys: Sequence[str]) -> Sequence[Any]:
    """Do a work on all keys at once."""
    return [work(keys)]


@dataclass(slots=True)
class Source:
    """A site's files, read once each: every path, the values and the format of those looked at.

    `remarks` are sentences about files that read badly: a key that stands there twice, fields without an end.
    `known` gives the values and the format of a file that somebody read before, so that it need not be read
    again; then nothing is remarked on it.
    `spread` shares the work on keys, where somebody has several hands.
    `most`: so many entries of a collection stand for all, 0 for no limit.
    """

    paths: Sequence[str]
    read: Callable[[str], bytes]
    known: Callable[[str], tuple[Mapping[str, Any], str] | None] = lambda path: None
    spread: Spread = one_hand
    most: int = 0
    formats: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _known: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    shallow: Sequence[str] = ()
    """The paths that lie at the top or in a folder there, and are no entries."""
    _names: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._names = frozenset(self.paths)
        self.shallow = [path for path in self.paths if path.count("/") < 2 and not path.endswith(MARKDOWN)]

    def has(self, path: str) -> bool:
        """Tell whether there is a file of that path."""
        return path in self._names

    def values(self, path: str) -> Mapping[str, Any] | None:
        """Return the front matter of a file; None where it has none; {} where it cannot be read."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def looked_at(self, files: Sequence[str]) -> Sequence[str]:
        """Return those of a collection's files that stand for all of them."""
        return files[:: -(-len(files) // self.most)] if self.most and files else files

    def config(self, *names: str) -> Mapping[str, Any]:
        """Return what the first of these configuration files says, {} where there is none to read."""
        for name in names:
            if name in self._names:
                fence = b"+++\n" if name.endswith(".toml") else b"---\n"
                try:
                    text = self.read(name).removeprefix(b"---\n")
                    return Document.parse(fence + text + b"\n" + fence).values
                except GitCMSError:
                    return {}
        return {}

    def _read(self, path: str) -> Mapping[str, Any] | None:
        told = self.known(path)
        if told is not None:
            values, self.formats[path] = told
            return None if told[1] == "none" else values
        try:
            document = Document.parse(self.read(path), path, skim=True)
        except GitCMSError as error:
            self.remarks[path] = (str(error),)
            return {}
        self.formats[path] = document.format
        if document.problem is not None:
            self.remarks[path] = (str(document.problem),)
        elif document.warnings:
            self.remarks[path] = document.warnings
        if document.format == "none" and document.problem is None:
            return None
        return document.values


@dataclass(slots=True)
class Found:
    """A collection as its finder leaves it: where it is and which files it has now."""

    name: str
    label: str
    folders: tuple[str, ...]
    files: list[str]
    kind: str = "folder"
    draft_folder: str | None = None
    apart: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    home: str = ""
    """Where new files go; the first folder when left out."""


def generator_of(source: Source) -> str:
    """Return the key of the generator that builds a site, "plain" when it is none that we know well.

    Its own configuration tells; else what the site's packages are; else how the entries are written.
    """
    return (
        _configured(source)
        or _jekyll_or_hugo(source)
        or _asked_for(source)
        or _written_for(source)
        or "plain"
    )


def configurations(source: Source, generator: str) -> list[str]:
    """Return the configuration files of a generator, that nearest the top first."""
    row = GENERATORS[generator]
    return sorted(
        (
            path
            for path in source.shallow
            if posixpath.basename(path) in row.configs and _says(source, path, row.says)
        ),
        key=lambda path: (path.count("/"), path),
    )


def _configured(source: Source) -> str:
    """Return the generator whose configuration lies nearest the top, "" where there is none that tells."""
    found = [(path.count("/"), name) for name in GENERATORS for path in configurations(source, name)[:1]]
    if found:
        return min(found)[1]
    hexo = {"_config.yml", "_config.yaml"} & set(source.paths) and any(
        path.startswith(GENERATORS["hexo"].shape) for path in source.paths
    )
    return "hexo" if hexo else ""


def _says(source: Source, path: str, words: Sequence[str]) -> bool:
    text = source.read(path).decode("utf-8", "replace") if words else ""
    return all(re.search(rf"^\s*{word}\s*=", text, re.MULTILINE) for word in words)


def _jekyll_or_hugo(source: Source) -> str:
    names = set(source.paths)
    posts = any("_posts/" in path and path.endswith(MARKDOWN) for path in names)
    hexo = any(path.startswith(("source/_posts/", "scaffolds/")) for path in names)
    own = any(path.startswith("_") and path.endswith(MARKDOWN) for path in names)
    if not hexo and (posts or own or {"_config.yml", "_config.yaml", "_config.toml"} & names):
        return "jekyll"
    if any(name in names for name in ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")):
        return "hugo"
    return "hugo" if any(path.startswith("config/_default/") for path in names) else ""


def _asked_for(source: Source) -> str:
    """Return the generator that `package.json` asks for."""
    asked = source.config("package.json")
    packages = {
        name
        for kind in ("dependencies", "devDependencies")
        if isinstance(asked.get(kind), dict)
        for name in asked[kind]
    }
    return next((name for name, row in GENERATORS.items() if not packages.isdisjoint(row.packages)), "")


def _written_for(source: Source) -> str:
    """Return the generator that entries are written for, by their keys, their format and where they lie."""
    pages = [path for path in source.paths if is_text(path)]
    keys: Counter[str] = Counter()
    for path in pages[:: max(1, len(pages) // MOST_LOOKED_AT)]:
        for key, value in (source.values(path) or {}).items():
            keys[f"{key}." if isinstance(value, dict) and source.formats.get(path) == "toml" else key] += 1
    for name, row in GENERATORS.items():
        if sum(keys[key] for key in row.keys) >= max(1, 0.02 * min(len(pages), MOST_LOOKED_AT)):
            return name
        if any(in_folder(path, folder) for folder in row.shape for path in pages):
            return name
    for written, name in (("headers", "pelican"), ("nikola", "nikola")):
        if sum(source.formats.get(path) == written for path in pages) * 2 > len(source.formats) > 0:
            return name
    return "hugo" if content_root(source) is not None and _is_hugos(source) else ""


def content_root(source: Source) -> str | None:
    """Return the folder of a Hugo site's content: the configured one, `content`, or `*/content`."""
    config = source.config("hugo.toml", "hugo.yaml", "hugo.yml", "config.toml", "config.yaml", "config.yml")
    wanted = str(config.get("contentDir") or config.get("contentdir") or "content").strip("/")
    pages = [path for path in source.paths if path.endswith(MARKDOWN) and not out_of_sight(path)]
    if any(in_folder(path, wanted) for path in pages):
        return wanted
    roots = Counter(path.split("/content/")[0] + "/content" for path in pages if "/content/" in path)
    deep = {
        root: count for root, count in roots.items() if root.count("/") == 1 and not root.startswith("src/")
    }
    return max(deep, key=lambda root: (deep[root], root)) if deep else None


def find_collections(source: Source, generator: str) -> list[Found]:
    """Return the collections of a site, in the order of the menu, none of them empty."""
    pages = [path for path in source.paths if is_text(path)]
    finder = {"jekyll": _jekyll, "hugo": _hugo, "zola": _hugo}.get(generator, _plain)
    found = [one for one in finder(source, pages) if one.files]
    if finder is _plain:
        found = _with_drafts(_translated(_with_inner(found, GENERATORS[generator].inner)), generator)
    if not found and pages:
        found = _without_front_matter(pages)
    return _named_apart(found)


def _is_hugos(source: Source) -> bool:
    """Tell whether what lies in a folder `content` has front matter, as Hugo's has."""
    root = content_root(source) or ""
    pages = [path for path in source.paths if in_folder(path, root) and path.endswith(MARKDOWN)]
    return any(source.values(path) is not None and _is_fenced(source, path) for path in pages[:50])


def _is_fenced(source: Source, path: str) -> bool:
    return source.read(path).lstrip(b"\xef\xbb\xbf\r\n ")[:1] in (b"-", b"+", b"{")


def _jekyll(source: Source, pages: Sequence[str]) -> list[Found]:
    underscored: dict[str, list[str]] = defaultdict(list)
    loose: list[str] = []
    for path in pages:
        parts = path.split("/")
        under = next((index for index, part in enumerate(parts[:-1]) if part.startswith("_")), None)
        if under is None:
            loose.append(path)
        else:
            underscored["/".join(parts[: under + 1])].append(path)
    apart = tuple(sorted(underscored))
    homes = {home: files for home, files in underscored.items() if posixpath.basename(home) not in JEKYLL_OWN}
    posts = sorted(
        (home for home in homes if posixpath.basename(home) == "_posts"),
        key=lambda home: (home.count("/"), -len(homes[home]), home),
    )
    drafts = [home for home in homes if posixpath.basename(home) == "_drafts"]
    found = []
    if posts or drafts:
        folders = tuple(posts) or (posixpath.join(posixpath.dirname(drafts[0]), "_posts"),)
        draft_folder = drafts[0] if drafts else posixpath.join(posixpath.dirname(folders[0]), "_drafts")
        files = [path for home in (*posts, *drafts[:1]) for path in homes[home]]
        found.append(Found("posts", "Posts", folders, files, draft_folder=draft_folder))
    for home in sorted(homes):
        name = posixpath.basename(home).lstrip("_")
        if home not in posts and home not in drafts and name:
            found.append(Found(name, labels.of_folder(name), (home,), homes[home]))
    return [*found, _pages(source, loose, "", apart)]


def _hugo(source: Source, pages: Sequence[str]) -> list[Found]:
    root = content_root(source) or "content"
    inside = [path for path in pages if in_folder(path, root)]
    roots = _language_roots(root, inside)
    sections: dict[str, list[str]] = defaultdict(list)
    homes: dict[str, set[str]] = defaultdict(set)
    for path in inside:
        base = next((one for one in roots if in_folder(path, one)), root)
        folder, _, rest = path[len(base) + 1 :].partition("/")
        home = posixpath.join(base, folder)
        leaf = posixpath.dirname(path) == home and _stem(path) in ("index", INDEX)
        if rest and not leaf:
            sections[folder].append(path)
            homes[folder].add(home)
    leaves = {posixpath.dirname(path) for path in inside if _stem(path) == "index"}
    found, apart = [], set()
    for name in sorted(sections, key=lambda one: (-len(sections[one]), one)):
        order = {posixpath.join(one, name): place for place, one in enumerate(roots)}
        folders = sorted(homes[name] - leaves, key=order.__getitem__ if roots else str)
        files = [path for path in sections[name] if any(in_folder(path, one) for one in folders)]
        if any(source.values(path) is not None for path in files):
            found.append(Found(labels.label_of(name).lower(), labels.of_folder(name), tuple(folders), files))
            apart.update(folders)
    rest_of_them = [
        path
        for path in inside
        if not any(in_folder(path, one) for one in apart)
        or (_stem(path) == INDEX and posixpath.dirname(path) in apart)
    ]
    pages_of_all = _pages(source, rest_of_them, root, tuple(sorted(apart)))
    pages_of_all.home = roots[0] if roots else root
    return [*found, pages_of_all]


def _language_roots(root: str, inside: Sequence[str]) -> tuple[str, ...]:
    """Return `content/en`, `content/fr` … where all of a site's content lies in folders of languages."""
    counts = Counter(path[len(root) + 1 :].split("/")[0] for path in inside if "/" in path[len(root) + 1 :])
    if counts and all(map(is_language, counts)):
        return tuple(f"{root}/{name}" for name, _ in counts.most_common())
    return ()


def _plain(source: Source, pages: Sequence[str]) -> list[Found]:
    code = about_the_code(pages)
    titled = [path for path in pages if source.values(path) is not None and path not in code]
    languages = _language_folders(titled)
    homes: dict[tuple[str, str], set[str]] = defaultdict(set)
    counts: Counter[tuple[str, str]] = Counter()
    loose: list[str] = []
    single = _single_folders(pages)
    for path in titled:
        home, name = _home(path, languages)
        alone = posixpath.dirname(path) in single and posixpath.basename(posixpath.dirname(path)) == name
        if home is not None and name and not alone:
            homes[home, name].add(posixpath.join(_language_home(path, home, languages), name))
            counts[home, name] += 1
        elif home is not None:
            loose.append(path)
    found = []
    for (home, name), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        inside = {one: sum(in_folder(path, one) for path in titled) for one in homes[home, name]}
        folders = tuple(sorted(inside, key=lambda one: (one.count("/"), -inside[one], one)))
        files = [path for path in pages if any(in_folder(path, one) for one in folders)]
        label = labels.of_folder(name)
        found.append(Found(name.lstrip("_"), label, folders, files))
    if loose:
        alone_in = {posixpath.dirname(path) for path in loose if _home(path, languages)[1]}
        places = {posixpath.dirname(path) for path in loose} - alone_in
        folders = tuple(sorted(places | {posixpath.dirname(folder) for folder in alone_in}))
        others = {one for path in pages for one in _folders_beside(path, folders)} - alone_in
        kept = frozenset(loose)
        without = frozenset(path for path in pages if posixpath.dirname(path) in folders and path not in kept)
        found.append(
            Found("pages", "Pages", folders, loose, "pages", apart=tuple(sorted(others)), without=without)
        )
    return found


def _single_folders(pages: Sequence[str]) -> frozenset[str]:
    """Return the folders with an index and nothing else: pages such as `about/index.md`."""
    others = {posixpath.dirname(path) for path in pages if _stem(path) != "index"}
    folders = {posixpath.dirname(path) for path in pages}
    above = {
        "/".join(parts[:depth])
        for one in folders
        for parts in [one.split("/")]
        for depth in range(1, len(parts))
    }
    return frozenset(
        one for one in folders - others - above if posixpath.basename(one).lstrip("_") not in _PLURAL
    )


def _with_inner(found: Sequence[Found], inner: Sequence[str]) -> list[Found]:
    """Return the collections with those apart that lie inside one, as the posts of a blog in a handbook."""
    whole: list[Found] = []
    for one in found:
        for folder, tail in ((folder, tail) for folder in one.folders for tail in inner):
            home = posixpath.join(folder, tail)
            files = [path for path in one.files if in_folder(path, home)]
            if files:
                name = posixpath.basename(home)
                whole.append(Found(name, labels.of_folder(name), (home,), files))
                one.files = [path for path in one.files if not in_folder(path, home)]
                one.apart = (*one.apart, home)
        whole.append(one)
    return [one for one in whole if one.files]


def _translated(found: Sequence[Found]) -> list[Found]:
    """Return the collections with the translations of `i18n/fr/…` (Docusaurus) beside the originals."""
    kept = []
    for one in found:
        homes: dict[str, set[str]] = defaultdict(set)
        for path in one.files:
            match = _I18N.match(path)
            if match:
                homes[match["part"]].add(match[0].rstrip("/"))
        originals = {other.name: other for other in found if other is not one}
        if homes and homes.keys() <= originals.keys():
            for name, folders in homes.items():
                original = originals[name]
                original.folders = (*original.folders, *sorted(folders))
                original.files += [path for path in one.files if any(in_folder(path, at) for at in folders)]
        else:
            kept.append(one)
    return kept


def _with_drafts(found: Sequence[Found], generator: str) -> list[Found]:
    """Return the collections with each folder of drafts joined to the posts that lie beside it."""
    name = GENERATORS[generator].draft_folder
    if not name:
        return list(found)
    drafts = {
        posixpath.dirname(one.folders[0]): one for one in found if posixpath.basename(one.folders[0]) == name
    }
    for one in found:
        above, last = posixpath.split(one.folders[0])
        if last == "_posts":
            one.draft_folder = posixpath.join(above, name)
            one.files += drafts.pop(above).files if above in drafts else []
    for above, one in drafts.items():  # nothing is published yet
        one.name, one.label = "posts", "Posts"
        one.folders, one.draft_folder = (posixpath.join(above, "_posts"),), posixpath.join(above, name)
    return [one for one in found if posixpath.basename(one.folders[0]) != name]


def _home(path: str, languages: frozenset[str]) -> tuple[str | None, str]:
    """Return the folder around a file's collection and the collection's own; no name for a loose page.

    Containers (`src`, `content`) and folders of a language are looked through; the first other folder
    is the collection. None instead of a folder means machinery.
    """
    here = around = ""
    for part in path.split("/")[:-1]:
        below = posixpath.join(here, part)
        if part in MACHINERY:
            return None, ""
        if part.lower() not in CONTAINERS and below not in languages:
            return around, part
        here = below
        around = around if below in languages else below
    return around, ""


def _language_home(path: str, around: str, languages: frozenset[str]) -> str:
    """Return the folder of the language that a file lies in, else the folder around its collection."""
    first = path[len(around) + 1 if around else 0 :].split("/")[0]
    within = posixpath.join(around, first)
    return within if within in languages else around


def _language_folders(pages: Sequence[str]) -> frozenset[str]:
    """Return the folders of languages, at the root or in containers, where two at least lie side by side."""
    beside: dict[str, set[str]] = defaultdict(set)
    for path in pages:
        here = ""
        for part in path.split("/")[:-1]:
            if is_language(part):
                beside[here].add(posixpath.join(here, part))
            if part.lower() not in CONTAINERS:
                break
            here = posixpath.join(here, part)
    return frozenset(one for folders in beside.values() if len(folders) > 1 for one in folders)


def _folders_beside(path: str, folders: Iterable[str]) -> Iterable[str]:
    """Yield the folder right below one of these that a file lies in, if it does not lie in it directly."""
    for folder in folders:
        if in_folder(path, folder):
            inside = path[len(folder) + 1 :] if folder else path
            first, slash, _ = inside.partition("/")
            if slash and posixpath.join(folder, first) not in folders:
                yield posixpath.join(folder, first)


def _pages(source: Source, loose: Sequence[str], root: str, apart: tuple[str, ...]) -> Found:
    """Return the pages that lie outside every other folder, as far as they have front matter."""
    code = about_the_code(loose)
    kept = [path for path in loose if path not in code and source.values(path) is not None]
    without = frozenset(loose) - frozenset(kept)
    return Found("pages", "Pages", (root,), kept, "pages", apart=apart, without=without)


def _without_front_matter(pages: Sequence[str]) -> list[Found]:
    """Return every Markdown file, also README and the like: nothing on this site has front matter."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in pages:
        homes[path.split("/")[0] if "/" in path else ""].append(path)
    loose = homes.pop("", [])
    found = [
        Found(home.lower(), labels.of_folder(home), (home,), files) for home, files in sorted(homes.items())
    ]
    if loose:
        found.append(Found("pages", "Pages", ("",), loose, "pages", apart=tuple(sorted(homes))))
    return found


def about_the_code(pages: Iterable[str]) -> frozenset[str]:
    """Return the files at the root that speak of the code rather than of the site."""
    return frozenset(
        path
        for path in pages
        if "/" not in path and re.sub(r"[^a-z]", "", _stem(path).lower()) in REPOSITORY_FILES
    )


def _named_apart(found: Sequence[Found]) -> list[Found]:
    """Return the collections with names that are their own and can stand in an address."""
    taken: set[str] = set()
    for one in found:
        name = re.sub(r"[^\w]+", "-", one.name.lower()).strip("-") or "entries"
        if name in taken and one.folders[0]:
            above = posixpath.basename(posixpath.dirname(one.folders[0])).lstrip("_")
            one.label = f"{one.label} ({labels.label_of(above)})" if above else one.label
            name = f"{name}-{above.lower()}" if above else name
        elif name in taken:
            one.label = f"Other {one.label.lower()}"
        number = 2
        while name in taken:
            name = f"{name.rstrip('0123456789-')}-{number}"
            number += 1
        taken.add(name)
        one.name = name
    return list(found)


def _stem(path: str) -> str:
    return posixpath.basename(path).split(".")[0]

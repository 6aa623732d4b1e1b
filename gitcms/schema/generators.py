"""What a site's generator makes of a file: drafts, dates, names of new files, addresses.

One row a generator; a new generator is a new row. The functions below the table answer for one
entry: its state, what publishing it changes, what a new one is called, where it appears on the
site. They work on facts and paths alone; nothing here reads or writes a file.

Sources: Jekyll (Posts, Front Matter, Collections, Permalinks), Hugo (Front matter, Content
organization, URL management, `buildDrafts`, `buildFuture`); Hexo (Writing, Front-matter, Asset folders), Zola
(Page, Section, Configuration), Pelican (Writing content: `status`, `{static}`), Nikola (Handbook: metadata),
Docusaurus (blog, docs, i18n: front matter and folders), MkDocs and its Material theme (blog plugin), Astro
(Content collections), Gatsby and Eleventy (directory structure, content dates). Drafts of those that know
none follow what is usual on their sites.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from gitcms.content.edits import Edit, Set, Unset
from gitcms.content.paths import Slugs, fill, slugify
from gitcms.schema import dates


@dataclass(frozen=True, slots=True)
class Generator:
    """One row: the habits of a generator, and what it is known by.

    `draft_key` holds `draft_value` in a draft: yes or no, or a word. `holds_back` tells that a dated entry is
    built only once its date has come. `draft_folder` lies beside the folder of the posts. `underscored` tells
    that no page lies in a folder such as `_news`: that is a collection, or none of the site's. `roots` are
    folders whose files are served from "/"; `media` are the usual folders of pictures, likeliest first.
    `inner` are folders inside a collection that hold one of their own. `redirects` is the key that holds an
    entry's earlier addresses, from which visitors are led on; where a plugin does that, `redirects_by` is its
    name, as the site asks for it. The others lead on by their configuration, which is no author's to write
    (Docusaurus, Astro, Gatsby, MkDocs, Nikola), by plugins that read no key, or not at all.

    It is known by a file of one of the names `configs`, at the top or one folder below it, by `packages` that
    `package.json` asks for, or, where a site comes without configuration, by a key of the front matter that
    no other generator has (`keys`, of a table as `table.`), or by a folder (`shape`) with entries in it.
    `says` are words that such a file must hold where others have files of that name too. `titles` and `urls`
    are what the configuration calls the site's name and address.
    """

    name: str
    label: str
    draft_key: str
    draft_value: bool | str
    date_keys: tuple[str, ...] = ("date",)
    holds_back: bool = False
    draft_folder: str = ""
    section_pages: bool = False
    underscored: bool = False
    roots: tuple[str, ...] = ("",)
    media: tuple[str, ...] = ("images", "img", "assets/images", "assets/img", "assets", "uploads", "media")
    inner: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()
    shape: tuple[str, ...] = ()
    redirects: str = ""
    redirects_by: str = ""
    titles: tuple[str, ...] = ("title",)
    urls: tuple[str, ...] = ("url",)


def _script(stem: str) -> tuple[str, ...]:
    """Return the names of a configuration that is a program: `astro.config.mjs` and its kin."""
    return tuple(f"{stem}.{ending}" for ending in ("js", "mjs", "cjs", "ts", "mts"))


GENERATORS = {
    row.name: row
    for row in (
        Generator(
            "eleventy",
            "Eleventy",
            "draft",
            True,
            roots=("", "src", "public", "static", "content", "src/static", "src/public"),
            media=("src/images", "src/img", "src/assets/images", "public/img", "images", "img", "assets"),
            configs=(".eleventy.js", *_script("eleventy.config")),
            packages=("@11ty/eleventy",),
            keys=frozenset({"eleventyNavigation", "eleventyExcludeFromCollections", "eleventyComputed"}),
        ),
        Generator(
            "astro",
            "Astro",
            "draft",
            True,
            date_keys=("pubDate", "publishDate", "publishedAt", "pubDatetime", "date"),
            roots=("public", "src", ""),
            media=("src/assets", "public/images", "public/img", "public"),
            configs=_script("astro.config"),
            packages=("astro",),
            shape=("src/content",),
            urls=("site",),
        ),
        Generator(
            "gatsby",
            "Gatsby",
            "draft",
            True,
            roots=("static", "src", "content", ""),
            media=("static/img", "static/images", "src/images", "content/assets", "static"),
            configs=_script("gatsby-config"),
            packages=("gatsby",),
            keys=frozenset({"templateKey"}),
            urls=("siteUrl",),
        ),
        Generator(
            "docusaurus",
            "Docusaurus",
            "draft",
            True,
            roots=("static", "website/static", "docs", ""),
            media=("static/img", "website/static/img", "static"),
            configs=_script("docusaurus.config"),
            packages=("@docusaurus/core",),
            keys=frozenset(
                {
                    "sidebar_label",
                    "sidebar_position",
                    "hide_title",
                    "hide_table_of_contents",
                    "pagination_label",
                }
                | {"toc_max_heading_level", "toc_min_heading_level", "custom_edit_url", "displayed_sidebar"}
            ),
        ),
        Generator(
            "mkdocs",
            "MkDocs",
            "draft",
            True,
            roots=("docs", ""),
            media=("docs/assets/images", "docs/images", "docs/img", "docs/assets", "docs"),
            inner=("blog/posts",),
            configs=("mkdocs.yml", "mkdocs.yaml"),
            shape=("docs/blog/posts",),
            titles=("site_name",),
            urls=("site_url",),
        ),
        Generator(
            "pelican",
            "Pelican",
            "status",
            "draft",
            roots=("content", "content/extra", ""),
            media=("content/images", "content/static", "content/img", "content"),
            configs=("pelicanconf.py", "publishconf.py"),
            titles=("SITENAME",),
            urls=("SITEURL",),
        ),
        Generator(
            "nikola",
            "Nikola",
            "status",
            "draft",
            roots=("", "files"),
            media=("images", "files/images", "files"),
            configs=("conf.py",),
            says=("BLOG_TITLE",),
            titles=("BLOG_TITLE",),
            urls=("SITE_URL",),
        ),
        Generator(
            "hexo",
            "Hexo",
            "published",
            False,
            redirects="alias",
            redirects_by="hexo-generator-alias",
            draft_folder="_drafts",
            roots=("source", ""),
            media=("source/images", "source/img", "source/uploads", "source"),
            packages=("hexo",),
            shape=("source/_posts", "source/_drafts", "scaffolds"),
        ),
        Generator(
            "zola",
            "Zola",
            "draft",
            True,
            redirects="aliases",
            section_pages=True,
            roots=("static", "content", ""),
            media=("static/images", "static/img", "static", "content"),
            configs=("config.toml", "zola.toml"),
            says=("base_url",),
            keys=frozenset(
                {
                    "insert_anchor_links",
                    "in_search_index",
                    "page_template",
                    "paginate_by",
                    "extra.",
                    "taxonomies.",
                }
            ),
            urls=("base_url",),
        ),
        Generator(
            "jekyll",
            "Jekyll",
            "published",
            False,
            holds_back=True,
            draft_folder="_drafts",
            underscored=True,
            redirects="redirect_from",
            redirects_by="jekyll-redirect-from",
        ),
        Generator(
            "hugo",
            "Hugo",
            "draft",
            True,
            redirects="aliases",
            date_keys=("publishDate", "publishdate", "pubdate", "published", "date"),
            holds_back=True,
            section_pages=True,
            roots=("static", "assets"),
            media=(
                "static/images",
                "static/img",
                "static/uploads",
                "static/media",
                "static",
                "assets/images",
            ),
        ),
        Generator(
            "plain",
            "a folder of pages",
            "draft",
            True,
            roots=("", "public", "static", "src", "source", "site", "docs"),
        ),
    )
}

EARLIER = frozenset({row.redirects for row in GENERATORS.values()} - {""})
"""Keys that hold addresses which entries had, and which stay what they are."""
ASKING = ("_config.yml", "_config.yaml", "_config.toml", "Gemfile", "package.json")
"""Files by which a site asks for plugins."""
REDIRECT_FILES = ("_redirects", "static/_redirects", "public/_redirects", "source/_redirects")
"""Where hosts such as Netlify and Cloudflare Pages look for redirects: `/old /new 301` in a line."""

_DATED_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})-(.+)", re.ASCII)
_TOKEN = re.compile(r":([a-z_]+)")


class Shape(Protocol):
    """What the functions here need to know of a collection."""

    @property
    def name(self) -> str: ...
    @property
    def folders(self) -> tuple[str, ...]: ...
    @property
    def draft_folder(self) -> str | None: ...
    @property
    def extensions(self) -> tuple[str, ...]: ...
    @property
    def generator(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def file_template(self) -> str: ...
    @property
    def permalink(self) -> str: ...
    @property
    def defaults(self) -> Mapping[str, Any]: ...
    @property
    def slugs(self) -> Slugs: ...
    def meaning(self, meaning: str) -> Any: ...


def state_of(collection: Shape, path: str, values: Mapping[str, Any], now: datetime) -> str:
    """Return "draft", "scheduled" or "live". `now` is aware."""
    row = GENERATORS[collection.generator]
    if _in_drafts(collection, path):
        return "draft"
    key, marked = _draft_mark(collection)
    if _holds(values.get(key), marked):
        return "draft"
    if row.holds_back and not (row.name == "jekyll" and collection.kind == "pages"):
        when = date_of(row.name, values, path)
        if when is not None and when > now:
            return "scheduled"
    return "live"


def date_of(generator: str, values: Mapping[str, Any], path: str, *, key: str = "") -> datetime | None:
    """Return the moment an entry is dated to, by its values, else by its file's name; or None."""
    keys = GENERATORS[generator].date_keys
    for name in (*keys, key) if key not in keys else keys:
        found = dates.read(values.get(name))
        if found is not None:
            return dates.as_moment(found)
    day = _day_in(_name_of(path))
    return dates.as_moment(day) if day else None


def publication(
    collection: Shape, path: str, values: Mapping[str, Any], publish: bool, today: date
) -> tuple[str, list[Edit]]:
    """Return what publishing (or taking back) an entry changes: its path and edits of its values.

    The path is the same one unless the generator keeps drafts in a folder of their own. No edits and
    the same path mean that there is nothing to do.
    """
    key, marked = _draft_mark(collection)
    if not publish:
        already = _in_drafts(collection, path) or _holds(values.get(key), marked)
        return path, [] if already else [Set((key,), marked)]
    edits: list[Edit] = []
    if _holds(values.get(key), marked):
        edits.append(Set((key,), _live(marked)) if _says_so_when_live(collection) else Unset((key,)))
    if _in_drafts(collection, path):
        path = _published_path(collection, path, values, today)
    return path, edits


def new_path(collection: Shape, slug: str, now: date, *, draft: bool = False) -> str:
    """Return the path of a new entry. `slug` is a name already, or a title to make one of.

    :param now: the moment that its name may tell, or only the day.
    :raises PathRefused: it holds no letter or digit.
    """
    if draft and collection.draft_folder:
        name = slugify(slug, slugs=collection.slugs) + _extension(collection)
        return posixpath.join(collection.draft_folder, name)
    return fill(collection.file_template, slug, now, slugs=collection.slugs)


def blank_values(collection: Shape, now: datetime, *, draft: bool = False) -> dict[str, Any]:
    """Return what a new entry begins with: what its neighbours have in common, and the date.

    :param now: aware, in the zone of the site; used where the neighbours name no zone of their own.
    :param draft: the entry is to be a draft; marked as one where no folder of drafts does it.
    """
    values = dict(collection.defaults)
    dated = collection.meaning("date")
    if dated is not None and dated.name in values:
        now = now.replace(microsecond=0)
        values[dated.name] = dates.spell(now, dated.options.get("spelling") or dates.Spelling("date", False))
    key, marked = _draft_mark(collection)
    if draft and not collection.draft_folder:
        values[key] = marked
    elif key in values:
        values[key] = _live(marked)
    return values


def address_of(collection: Shape, path: str, values: Mapping[str, Any]) -> str | None:
    """Return the path of an entry on the built site, such as "/about/", as far as it can be known."""
    if _in_drafts(collection, path):
        return None
    if collection.generator == "jekyll":
        return _jekyll_address(collection, path, values)
    if collection.generator == "hugo":
        return _hugo_address(collection, path, values)
    return None


def slug_of(path: str) -> str:
    """Return the part of a path that names an entry: without date, ending and `index`."""
    name = _name_of(path)
    dated = _DATED_NAME.fullmatch(name)
    return dated[4] if dated else name


def in_folder(path: str, folder: str) -> bool:
    """Tell whether a path lies in a folder, at any depth. Everything lies in ""."""
    return not folder or path.startswith(folder + "/")


def _draft_mark(collection: Shape) -> tuple[str, bool | str]:
    """Return the key that marks drafts and the value that does: the site's own, else the generator's."""
    row = GENERATORS[collection.generator]
    if isinstance(row.draft_value, str):
        own = collection.meaning("status")
        return (own.name if own is not None else row.draft_key), row.draft_value
    if row.name not in ("jekyll", "hugo"):
        for meaning, marked in (("draft", True), ("published", False)):
            own = collection.meaning(meaning)
            if own is not None:
                return own.name, marked
    return row.draft_key, row.draft_value


def _holds(value: object, marked: bool | str) -> bool:
    """Tell whether a value is the one that marks a draft."""
    if isinstance(marked, str):
        return isinstance(value, str) and value.strip().lower() == marked
    return _as_bool(value) is marked


def _live(marked: bool | str) -> bool | str:
    """Return what stands in a live entry where a draft is marked."""
    return "published" if isinstance(marked, str) else not marked


def _says_so_when_live(collection: Shape) -> bool:
    key, marked = _draft_mark(collection)
    own = collection.meaning("status" if isinstance(marked, str) else "draft" if marked else "published")
    return own is not None and own.name == key and bool(own.options.get("said_when_live"))


def _in_drafts(collection: Shape, path: str) -> bool:
    return bool(collection.draft_folder) and in_folder(path, collection.draft_folder or "")


def _published_path(collection: Shape, path: str, values: Mapping[str, Any], today: date) -> str:
    """`_drafts/a/x.md` becomes `_posts/a/2025-05-14-x.md`, dated by its own date where it has one.

    Where posts have no date in their names, it keeps its own.
    """
    drafts = collection.draft_folder or ""
    inside = path[len(drafts) + 1 :]
    folder, name = posixpath.split(inside)
    dated = collection.generator == "jekyll" or "{date}" in collection.file_template
    if dated and not _DATED_NAME.fullmatch(posixpath.splitext(name)[0]):
        own = dates.read(values.get("date"))
        day = own.date() if isinstance(own, datetime) else own or today
        name = f"{day.isoformat()}-{name}"
    return posixpath.join(_posts_beside(collection, drafts), folder, name)


def _posts_beside(collection: Shape, drafts: str) -> str:
    beside = posixpath.join(posixpath.dirname(drafts), "_posts")
    return beside if beside in collection.folders else collection.folders[0]


def _extension(collection: Shape) -> str:
    return posixpath.splitext(collection.file_template)[1] or collection.extensions[0]


def _name_of(path: str) -> str:
    folder, name = posixpath.split(path)
    stem = (
        name.split(".")[0] if name.lower().startswith(("index.", "_index.")) else posixpath.splitext(name)[0]
    )
    return posixpath.basename(folder) or stem if stem in ("index", "_index") else stem


def _day_in(name: str) -> date | None:
    dated = _DATED_NAME.fullmatch(name)
    try:
        return date(int(dated[1]), int(dated[2]), int(dated[3])) if dated else None
    except ValueError:
        return None


def _as_bool(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False, "yes": True, "no": False}.get(value.lower())
    return bool(value) if isinstance(value, (bool, int)) else None


def _jekyll_address(collection: Shape, path: str, values: Mapping[str, Any]) -> str | None:
    own = values.get("permalink")
    if own is not None:
        return own if isinstance(own, str) and own.startswith("/") and ":" not in own else None
    if collection.kind == "pages":
        stem = posixpath.splitext(path)[0]
        if posixpath.basename(stem) == "index":
            return "/" + stem[: -len("index")]
        return f"/{stem}/" if collection.permalink == "pretty" else f"/{stem}.html"
    if not collection.permalink:
        return None
    return _fill(collection.permalink, _jekyll_tokens(collection, path, values))


def _jekyll_tokens(collection: Shape, path: str, values: Mapping[str, Any]) -> dict[str, str | None]:
    when = date_of("jekyll", values, path)
    own_slug = values.get("slug")
    slug = own_slug if isinstance(own_slug, str) and own_slug else slug_of(path)
    folder = next((one for one in collection.folders if in_folder(path, one)), "")
    inside = posixpath.splitext(path[len(folder) + 1 :])[0]
    above = posixpath.dirname(folder) if folder.endswith("_posts") else ""
    categories = values.get("categories", values.get("category"))
    listed = categories if isinstance(categories, list) else str(categories or "").split()
    return {
        "title": slug,
        "slug": slug,
        "name": slug,
        "path": inside,
        "collection": collection.name,
        "output_ext": ".html",
        "categories": "/".join(
            [*filter(None, above.split("/")), *(str(one).lower().replace(" ", "-") for one in listed)]
        ),
        **_date_tokens(when),
    }


def _hugo_address(collection: Shape, path: str, values: Mapping[str, Any]) -> str | None:
    own = values.get("url")
    if isinstance(own, str) and own:
        return own if own.startswith("/") else f"/{own}"
    if "." in posixpath.splitext(posixpath.basename(path))[0]:
        return None  # about.fr.md: the language is the configuration's to place
    root = next((one for one in collection.folders if in_folder(path, one)), "")
    inside = path.split("content/", 1)[-1] if "content/" in path else path[len(root) + 1 :]
    folder, name = posixpath.split(posixpath.splitext(inside)[0])
    if name in ("index", "_index"):
        folder, name = posixpath.split(folder)
    slug = values.get("slug")
    last = slug if isinstance(slug, str) and slug else name
    if collection.permalink:
        tokens = {
            "slug": last,
            "slugorfilename": last,
            "filename": name,
            "contentbasename": name,
            "title": slugify(str(values.get("title") or name), default=name),
            "section": collection.name,
            "sections": folder,
            **_date_tokens(date_of("hugo", values, path)),
        }
        return _fill(collection.permalink, tokens)
    parts = [part for part in (*folder.split("/"), last) if part]
    return "/" + "".join(f"{part.lower().replace(' ', '-')}/" for part in parts)


def _date_tokens(when: datetime | None) -> dict[str, str | None]:
    if when is None:
        return dict.fromkeys(("year", "month", "day", "i_month", "i_day", "short_year"))
    return {
        "year": f"{when.year:04}",
        "month": f"{when.month:02}",
        "day": f"{when.day:02}",
        "i_month": str(when.month),
        "i_day": str(when.day),
        "short_year": f"{when.year % 100:02}",
    }


def _fill(template: str, tokens: Mapping[str, str | None]) -> str | None:
    """Return a permalink with its tokens filled in; None where one is not known."""
    needed = _TOKEN.findall(template.replace(":output_ext", ".html"))
    if any(tokens.get(name) is None for name in needed):
        return None
    text = template.replace(":output_ext", ".html")
    filled = _TOKEN.sub(lambda found: tokens[found[1]] or "", text)
    return re.sub(r"/{2,}", "/", filled if filled.startswith("/") else f"/{filled}")

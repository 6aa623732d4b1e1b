"""The model of a site, read off the entries that exist. Nobody has to write one.

Here: from all values of a key to its field, its meaning, its label and its place; from all entries of
a collection to what a new one begins with. Which files are entries is found in `finding`, what a
type's values look like is known by `fields`. A post that differs from its neighbours costs nothing:
the model says what is usual, the form shows what is there.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitcms.content.values import Value, same
from gitcms.schema import dates, labels
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.fields import FIELD_TYPES, Observed
from gitcms.schema.fields.base import is_empty
from gitcms.schema.fields.longtext import PROSE
from gitcms.schema.finding import (
    MARKDOWN,
    Found,
    Source,
    Spread,
    configurations,
    find_collections,
    generator_of,
    one_hand,
)
from gitcms.schema.generators import GENERATORS, in_folder
from gitcms.schema.languages import layout_of
from gitcms.schema.pictures import Pictures
from gitcms.schema.relations import Relations

USUAL = 0.8
MOST_FIELDS = 120

TITLES = ("title", "name", "heading", "headline", "label")
DATES = (
    "date",
    "publishdate",
    "pubdate",
    "published",
    "published_at",
    "publishedat",
    "created",
    "created_at",
)
SUMMARIES = (
    "summary",
    "description",
    "excerpt",
    "one_line_description",
    "subtitle",
    "tagline",
    "lede",
    "lead",
    "deck",
    "teaser",
    "abstract",
    "intro",
    "desc",
)
TAGS = ("tags", "tag", "categories", "category", "keywords", "topics")
IMAGES = (
    "image",
    "img",
    "cover",
    "featured_image",
    "featuredimage",
    "thumbnail",
    "hero",
    "banner",
    "photo",
    "picture",
)
CATEGORIES = ("categories", "category", "topics", "section")
WEIGHTS = (
    "weight",
    "nav_order",
    "sidebar_position",
    "menu_order",
    "order",
    "position",
    "sort_order",
    "priority",
)
UPDATED = (
    *("lastmod", "updated", "updated_at", "updateddate", "last_updated"),
    *("last_modified_at", "last_modified", "modified", "modified_date"),
)
SLUGS = ("slug", "permalink", "url")
LAYOUTS = ("layout", "template", "templatekey")

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-")


@dataclass(frozen=True, slots=True)
class Around:
    """What a key's values are held against: the site's pictures, its entries, and texts under the same key.

    `texts` are those of keys that speak of prose, each with the collection that it stands in.
    """

    pictures: Pictures
    relations: Relations
    texts: Mapping[str, Sequence[tuple[str, str]]]
    spread: Spread = one_hand


def infer(paths: Sequence[str], read: Callable[[str], bytes]) -> Model:
    """Return the model of a site.

    :param paths: every file of the site, relative to its root.
    :param read: gives the bytes of one of them. Called for Markdown and the generator's configuration.
    """
    return infer_from(Source(list(paths), read))


def infer_from(source: Source) -> Model:
    """Return the model of a site whose files are read through a source, which keeps what they said."""
    generator = generator_of(source)
    pictures = Pictures(generator, source.paths)
    config = _configuration(source, generator)
    row = GENERATORS[generator]
    found = find_collections(source, generator)
    relations = Relations()
    for one in found:
        looked_at = source.looked_at(one.files)
        relations.add(one.name, [(path, source.values(path) or {}) for path in looked_at])
    around = Around(pictures, relations, _texts(found, source), source.spread)
    collections = tuple(_collection(one, source, generator, around, config) for one in found)
    fields = [field for one in collections for field in one.fields]
    return Model(
        generator=generator,
        collections=collections,
        media_folder=pictures.media_folder(fields),
        title=_named(source, generator, config, row.titles),
        public_url=_public_url(config) or _named(source, generator, config, row.urls).rstrip("/"),
    )


def infer_collection(found: Found, source: Source, generator: str) -> Collection:
    """Return a collection that somebody else found, its fields read off its files."""
    around = Around(Pictures(generator, source.paths), Relations(), _texts([found], source))
    return _collection(found, source, generator, around, _configuration(source, generator))


def infer_fields(
    name: str, entries: Sequence[tuple[str, Mapping[str, Any]]], around: Around
) -> tuple[Field, ...]:
    """Return the fields of a collection's entries, each with its path and values, in the order authors see.

    :param name: that of the collection.
    """
    counts, positions = _placed(entry for _, entry in entries)
    common = sorted(counts, key=lambda key: -counts[key])[:MOST_FIELDS]
    inside = _texts_inside(entry for _, entry in entries)

    def described(keys: Sequence[str]) -> dict[str, Field]:
        return {
            key: _observed(
                key,
                [(entry[key], path) for path, entry in entries if key in entry],
                len(entries),
                around,
                name,
                inside,
            )
            for key in keys
        }

    # The rare keys cost less: each part gets some of both.
    parts = around.spread(described, [*common[::2], *common[1::2]])
    known = {key: field for part in parts for key, field in part.items()}
    found = {key: known[key] for key in common}
    meant = _meanings(list(found.values()), len(entries), counts)
    usual = sorted(common, key=lambda key: positions[key] / counts[key])
    placed = [replace(field, place=usual.index(field.name)) for field in meant]
    return tuple(sorted(placed, key=lambda field: (_rank(field), field.place)))


def _collection(
    found: Found,
    source: Source,
    generator: str,
    around: Around,
    config: Mapping[str, Any],
) -> Collection:
    entries = [(path, source.values(path) or {}) for path in source.looked_at(found.files)]
    fields = infer_fields(found.name, entries, around)
    example = _example(entries)
    return Collection(
        name=found.name,
        label=found.label,
        label_one=labels.one_of(found.label.split(" (")[0]),
        folders=found.folders,
        draft_folder=found.draft_folder,
        extensions=MARKDOWN,
        fields=fields,
        generator=generator,
        kind=found.kind,
        file_template=_file_template(found, generator),
        apart=found.apart,
        without=found.without,
        defaults=_defaults(fields, entries),
        example=example,
        format=_format(found, source),
        permalink=_permalink(found, generator, config),
        i18n=layout_of(found.folders, entries),
        files=frozenset(found.files) if found.kind == "files" else frozenset(),
    )


def _texts(found: Sequence[Found], source: Source) -> dict[str, list[tuple[str, str]]]:
    texts: dict[str, list[tuple[str, str]]] = {}
    prose: dict[str, bool] = {}
    for one in found if len(found) > 1 else ():
        for path in source.looked_at(one.files):
            for key, value in (source.values(path) or {}).items():
                if key not in prose:
                    prose[key] = any(word in key.lower() for word in PROSE)
                if prose[key] and isinstance(value, str) and value:
                    texts.setdefault(key, []).append((one.name, value))
    return texts


def _placed(entries: Iterable[Mapping[str, Any]]) -> tuple[dict[str, int], dict[str, int]]:
    """Return for each key how many entries have it, and the sum of its places in them."""
    counts: dict[str, int] = {}
    positions: dict[str, int] = {}
    for entry in entries:
        for position, key in enumerate(entry):
            counts[key] = counts.get(key, 0) + 1
            positions[key] = positions.get(key, 0) + position
    return counts, positions


def _texts_inside(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the texts of the keys of objects, wherever in an entry the objects stand."""
    texts: dict[str, list[str]] = {}
    waiting: list[Any] = [
        value for entry in entries for value in entry.values() if isinstance(value, (list, dict))
    ]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, str) and inner:
                    texts.setdefault(key, []).append(inner)
                elif isinstance(inner, (list, dict)):
                    waiting.append(inner)
    return texts


def _observed(
    key: str,
    placed: Sequence[tuple[Any, str]],
    total: int,
    around: Around,
    collection: str,
    inside: Mapping[str, Sequence[str]],
) -> Field:
    full = [(value, path) for value, path in placed if value is not None and value != ""]
    seen = Observed(
        key,
        [value for value, _ in full],
        [path for _, path in full],
        total,
        [value for value, _ in placed if is_empty(value)] if len(full) < len(placed) else [],
        describe,
        around.pictures.habit,
        around.relations.habit,
        [text for place, text in around.texts.get(key, ()) if place != collection],
        inside,
    )
    return describe(seen)


def describe(seen: Observed) -> Field:
    """Return the field whose type recognises the values of a key."""
    kind, facts = _recognised(seen)
    options = {**facts.pop("options", {}), **_emptied(seen)}
    coverage = len(seen.values) / seen.total if seen.total else 0.0
    return Field(
        seen.name,
        labels.label_of(seen.name),
        kind,
        required=seen.total >= 10
        and coverage == 1.0
        and kind in ("text", "longtext", "image", "date", "datetime"),
        options={**options, "coverage": round(coverage, 3)},
        **facts,
    )


def _recognised(seen: Observed) -> tuple[str, dict[str, Any]]:
    if not seen.values:
        return _by_name(seen.name), {}
    if seen.name.lower() in (*SLUGS, *IMAGES) and not any(seen.values):
        return _by_name(seen.name), {}
    seen = _of_one_kind(_without_no(seen))
    for name, kind in FIELD_TYPES.items():
        facts = kind.recognise(seen)
        if facts is not None and name != "raw":
            return name, dict(facts)
    return _of_most(seen)


def _without_no(seen: Observed) -> Observed:
    """Return what is seen without `false`, where it says that an entry has no such text or picture."""
    if not any(value is False for value in seen.values):
        return seen
    others = [(value, place) for value, place in seen.placed() if value is not False]
    if len(others) in (0, len(seen.values)) or any(isinstance(value, bool) for value, _ in others):
        return seen
    return replace(seen, values=[value for value, _ in others], places=[place for _, place in others])


def _of_one_kind(seen: Observed) -> Observed:
    """Return what most entries have, where others have an object in place of a single value."""
    objects = seen.share(lambda value: isinstance(value, dict))
    if not 0 < objects < 0.8:
        return seen
    alike = [(value, place) for value, place in seen.placed() if isinstance(value, dict) is (objects >= 0.5)]
    return replace(seen, values=[value for value, _ in alike], places=[place for _, place in alike])


def _of_most(seen: Observed) -> tuple[str, dict[str, Any]]:
    """Return the type of the most frequent kind of value, where a key holds now this, now that."""
    kinds = Counter(type(value) for value in seen.values)
    if len(kinds) < 2:
        return "raw", {}
    most = kinds.most_common(1)[0][0]
    alike = [(value, place) for value, place in seen.placed() if type(value) is most]
    return _recognised(replace(seen, values=[one for one, _ in alike], places=[place for _, place in alike]))


def _by_name(key: str) -> str:
    """Return the type of a key that nobody has filled in yet."""
    lower = key.lower()
    if lower in DATES:
        return "date"
    if lower in ("tags", "categories", "keywords", "topics"):
        return "tags"
    if lower in IMAGES:
        return "image"
    if lower in ("permalink", "url"):
        return "url"
    return "boolean" if lower == "draft" else "text"


def _emptied(seen: Observed) -> dict[str, Any]:
    """Return what an emptied control should leave behind, where neighbours show that they leave something."""
    lists = [value for value in seen.values if value == []]
    empty = Counter(
        "list" if value == [] else "null" if value is None else "text" for value in [*seen.empties, *lists]
    )
    if not empty:
        return {}
    missing = seen.total - len(seen.values) - len(seen.empties)
    kind, count = empty.most_common(1)[0]
    return {"empty": {"list": [], "null": None, "text": ""}[kind]} if count > missing else {}


def _meanings(fields: Sequence[Field], total: int, counts: Mapping[str, int]) -> list[Field]:
    """Return the fields, each meaning given to the one field that fits it best.

    Besides those that the rest of the house asks for: status, categories, weight, updated, lang.
    """
    given: dict[str, str] = {}

    def give(meaning: str, names: Sequence[str], *types: str, share: float = 0.0) -> None:
        fitting = [
            field
            for field in fields
            if field.name not in given
            and field.name.lower() in names
            and field.type in types
            and counts[field.name] >= share * total
        ]
        if fitting:
            best = min(fitting, key=lambda field: (names.index(field.name.lower()), -counts[field.name]))
            given[best.name] = meaning

    give("title", TITLES[:1], "text", "longtext", "markdown", "number", "select")
    if "title" not in given.values():
        give("title", TITLES[1:], "text", "longtext", share=USUAL)
    give("draft", ("draft",), "boolean")
    give("published", ("published",), "boolean")
    give("date", DATES, "date", "datetime")
    give("summary", SUMMARIES, "text", "longtext", "markdown")
    give("tags", TAGS, "tags", "select", "text", "multiselect")
    give("image", IMAGES, "image")
    if "image" not in given.values():
        pictures = [field for field in fields if field.type == "image" and counts[field.name] >= 0.5 * total]
        given.update({field.name: "image" for field in pictures[:1]})
    give("slug", SLUGS, "text", "slug", "url", "select")
    give("layout", LAYOUTS, "text", "select")
    give("categories", CATEGORIES, "tags", "select", "text", "multiselect")
    give("status", ("status",), "text", "select")
    give("weight", WEIGHTS, "number")
    give("updated", UPDATED, "date", "datetime")
    give("lang", ("lang", "language", "locale"), "text", "select")
    return [_meant(field, given.get(field.name, "")) for field in fields]


def _meant(field: Field, meaning: str) -> Field:
    if meaning in ("draft", "published"):
        live = meaning == "published"
        said = live in field.options.get("values", ())
        return replace(
            field, meaning=meaning, required=False, options={**field.options, "said_when_live": said}
        )
    if meaning == "status":
        said = "published" in {choice.lower() for choice in field.choices}
        return replace(
            field, meaning=meaning, required=False, options={**field.options, "said_when_live": said}
        )
    if meaning in ("layout", "slug", "lang"):
        return replace(field, meaning=meaning, required=False)
    if meaning == "title":
        return replace(field, meaning=meaning, required=field.options["coverage"] >= 0.95)
    return replace(field, meaning=meaning)


def _rank(field: Field) -> int:
    """Return the place in a form: title, summary, date, then the rest; machinery last."""
    return {"title": 0, "summary": 1, "date": 2, "layout": 5, "slug": 4}.get(field.meaning, 3)


def _example(entries: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the path of an entry to take habits from: the newest of those with the usual keys."""
    if not entries:
        return ""
    shapes = Counter(frozenset(values) for _, values in entries)
    usual = max(shapes, key=lambda shape: (shapes[shape], len(shape), sorted(shape)))
    alike = [(path, values) for path, values in entries if frozenset(values) == usual]
    return max(alike, key=lambda entry: (_day(entry[1]), entry[0]))[0]


def _format(found: Found, source: Source) -> str:
    """Return the format that most entries have their front matter in."""
    formats = Counter(
        source.formats[path] for path in found.files if source.formats.get(path, "none") != "none"
    )
    return formats.most_common(1)[0][0] if formats else "yaml"


def _day(values: Mapping[str, Any]) -> str:
    when = dates.read(values.get("date"))
    return when.isoformat()[:10] if when is not None else ""


def _defaults(fields: Sequence[Field], entries: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return what nearly all entries have alike, in the usual order; a date is filled in later."""
    counts, positions = _placed(values for _, values in entries)
    order: dict[str, float] = {}
    defaults: dict[str, Any] = {}
    for field in fields:
        count = counts.get(field.name, 0)
        if count < USUAL * len(entries) or not count:
            continue
        order[field.name] = positions[field.name] / count
        if field.meaning == "date":
            defaults[field.name] = None
        elif field.type in ("boolean", "text", "select", "number") and field.meaning not in (
            "title",
            "slug",
            "summary",
        ):
            value = _usual_value([values[field.name] for _, values in entries if field.name in values], field)
            if value is not None:
                defaults[field.name] = value
    return {name: defaults[name] for name in sorted(defaults, key=order.__getitem__)}


def _usual_value(values: Sequence[Value], field: Field) -> Value:
    """Return the value that 9 of 10 entries have (most of them, for yes or no); None where there is none."""
    first = max(values[:50], key=lambda value: sum(same(value, other) for other in values[:200]))
    count = sum(same(first, other) for other in values)
    enough = 0.5 if field.type == "boolean" else 0.9
    return first if len(values) >= 3 and count >= enough * len(values) else None


def _file_template(found: Found, generator: str) -> str:
    """Return how a new file is named, after the files that are there."""
    files = [
        path for path in found.files if not found.draft_folder or not in_folder(path, found.draft_folder)
    ]
    inner = _inner_home(found, files)
    home = inner.replace("{", "{{").replace("}", "}}")
    dates_of_folders = _sub_folders((inner, *found.folders), files)
    endings = Counter(posixpath.splitext(path)[1] for path in files or found.files)
    ending = endings.most_common(1)[0][0] if endings else ".md"
    if generator == "jekyll" and posixpath.basename(found.folders[0]) == "_posts":
        return posixpath.join(home, dates_of_folders, "{date}-{slug}" + ending)
    if found.kind == "pages":
        apart = [path for path in files if posixpath.basename(path).startswith("index.")]
        apart = [path for path in apart if posixpath.dirname(path) not in found.folders]
        folder = "{slug}/index" if len(apart) * 2 > len(files) and generator != "hugo" else "{slug}"
        return posixpath.join(home, folder + ending)
    bundles = sum(posixpath.basename(path).startswith(("index.", "_index.")) for path in files)
    if generator != "jekyll" and bundles * 2 > len(files):
        index = Counter(posixpath.basename(path) for path in files).most_common(1)[0][0]
        names = [posixpath.basename(posixpath.dirname(path)) for path in files]
        dated = sum(bool(_DATED.match(name)) for name in names) * 2 > len(names)
        name = posixpath.join("{date}-{slug}" if dated else "{slug}", index)
    else:
        dated = sum(bool(_DATED.match(posixpath.basename(path))) for path in files) * 2 > len(files)
        name = ("{date}-{slug}" if dated else "{slug}") + ending
    return posixpath.join(home, dates_of_folders, name)


def _inner_home(found: Found, files: Sequence[str]) -> str:
    """Return the folder for new files: the innermost that nearly all lie below, of those without a date."""
    home = found.home or found.folders[0]
    if found.kind == "pages":
        return home
    places = [_place_of(path) for path in files if in_folder(path, home)]
    while len(places) > 2:
        below = Counter(place[len(home) :].strip("/").split("/")[0] for place in places)
        name, count = below.most_common(1)[0]
        if not name or re.match(r"\d", name) or count < USUAL * len(places):
            break
        home = posixpath.join(home, name)
        places = [place for place in places if place == home or in_folder(place, home)]
    return home


def _place_of(path: str) -> str:
    """Return the folder that an entry lies in, which for a folder with an index is the one around it."""
    folder, name = posixpath.split(path)
    return posixpath.dirname(folder) if name.startswith(("index.", "_index.")) else folder


def _sub_folders(homes: Sequence[str], files: Sequence[str]) -> str:
    """Return `{year}`, `{year}/{month}` … where most files lie in folders of that kind, else ""."""
    shapes: Counter[str] = Counter()
    for path in files:
        home = next((one for one in homes if in_folder(path, one)), "")
        inside = path[len(home) + 1 :] if home else path
        above = inside.split("/")[:-1]
        years = bool(above) and bool(re.fullmatch(r"(?:19|20)\d\d", above[0]))
        months = len(above) > 1 and bool(re.fullmatch(r"[01]\d", above[1]))
        days = len(above) > 2 and bool(re.fullmatch(r"[0-3]\d", above[2]))
        shapes[
            "/".join(["{year}"] * years + ["{month}"] * (years and months) + ["{day}"] * (months and days))
        ] += 1
    shape, count = shapes.most_common(1)[0] if shapes else ("", 0)
    return shape if count * 2 > len(files) else ""


def _configuration(source: Source, generator: str) -> Mapping[str, Any]:
    """Return what the generator's configuration says, as far as it is no program."""
    if generator in ("jekyll", "hexo"):
        return source.config("_config.yml", "_config.yaml", "_config.toml")
    if generator == "hugo":
        return source.config(
            "hugo.toml",
            "hugo.yaml",
            "hugo.yml",
            "config.toml",
            "config.yaml",
            "config.yml",
            "config/_default/hugo.toml",
        )
    return source.config(*configurations(source, generator))


def _named(source: Source, generator: str, config: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return what the configuration says under one of these names, also where it is a program."""
    for name in names:
        if _text(config.get(name)):
            return _text(config[name])
    for path in configurations(source, generator):
        if path.endswith((".js", ".mjs", ".cjs", ".ts", ".mts", ".py")):
            text = source.read(path).decode("utf-8", "replace")
            said = re.search(
                rf"^[ \t]*(?:{'|'.join(names)})[ \t]*[:=][ \t]*(['\"`])(.+?)\1", text, re.MULTILINE
            )
            if said:
                return said[2]
    return ""


def _permalink(found: Found, generator: str, config: Mapping[str, Any]) -> str:
    """Return the pattern of addresses that the configuration gives to a collection, or ""."""
    permalinks = config.get("permalinks")
    if generator == "hugo":
        pages = permalinks.get("page", permalinks) if isinstance(permalinks, dict) else {}
        return _text(pages.get(found.name)) if isinstance(pages, dict) else ""
    if generator != "jekyll":
        return ""
    named = {
        "date": "/:categories/:year/:month/:day/:title:output_ext",
        "pretty": "/:categories/:year/:month/:day/:title/",
        "none": "/:categories/:title:output_ext",
    }
    wanted = _text(config.get("permalink")) or "date"
    if found.kind == "pages":
        return "pretty" if wanted == "pretty" or wanted.endswith("/") else ""
    if found.draft_folder is not None:
        return named.get(wanted, wanted)
    declared = config.get("collections")
    facts = declared.get(found.name) if isinstance(declared, dict) else None
    if not isinstance(facts, dict) or facts.get("output") is not True:
        return ""
    own = _text(facts.get("permalink"))
    return own or ("/:collection/:path/" if wanted == "pretty" else "/:collection/:path:output_ext")


def _public_url(config: Mapping[str, Any]) -> str:
    base = _text(config.get("baseURL") or config.get("baseurl"))
    url = _text(config.get("url"))
    if url:
        return (url.rstrip("/") + "/" + base.strip("/")).rstrip("/") if not base.startswith("http") else url
    return base.rstrip("/") if base.startswith(("http://", "https://")) else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""

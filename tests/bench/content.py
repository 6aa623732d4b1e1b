"""What an edit costs: open, edit and verify, beside one reading by the plain parser, in turns in one run.

    python tests/bench/content.py [FOLDER] [--rounds N]

FOLDER holds posts and defaults to `$GITCMS_CORPUS/dev`. For each post with YAML front matter the parser's
time is that of `yaml.compose` by libyaml, with marks; for TOML and JSON it is that of `tomllib` and `json`.
Then made front matter of growing size, saves of many edits at once, long texts with their peak memory, and
files made to stall a reader.
Only the ratios of one run mean anything, since other work on the machine slows all ways alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.content import front_matter
from gitcms.content.document import Document
from gitcms.content.edits import Append, Edit, Set, edits_between
from gitcms.content.values import Value
from gitcms.errors import DocumentError
from tests.content import test_hostile

PARSERS: dict[str, Callable[[str], object]] = {
    "yaml": lambda text: yaml.compose(text, Loader=yaml.CSafeLoader),
    "toml": tomllib.loads,
    "json": json.loads,
}
CACHED = [
    thing
    for name, module in sys.modules.items()
    if name.startswith("gitcms.content")
    for thing in vars(module).values()
    if hasattr(thing, "cache_clear")
]
"""Everything that the rooms remember between calls; emptied before each, so that nobody has an advantage."""
TITLE = Set(("title",), "A new title: here")
KIB = 1024


def main() -> None:
    """Print one table after the other."""
    corpus = os.environ.get("GITCMS_CORPUS", "")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(corpus, "dev") if corpus else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--text", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.text:
        long_text(options.text)
        return
    if options.folder:
        posts(options.folder, options.rounds)
    growth(2)
    batches(2)
    texts()
    hostile(3)


# ── real posts ──


def posts(folder: Path, rounds: int) -> None:
    """Print each kind of edit over all posts of a folder, as multiples of the parser's time."""
    sources = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    for kind in PARSERS:
        read = [found for source in sources if (found := _readable(source, kind)) is not None]
        if read:
            _measure_posts(kind, sorted(read, key=lambda post: len(post[1])), rounds)


def _readable(source: bytes, kind: str) -> tuple[bytes, str, Document] | None:
    block = front_matter.split(source)
    try:
        document = Document.parse(source)
        PARSERS[kind](document.front_matter_text)
    except (DocumentError, yaml.YAMLError, ValueError):
        return None
    return (source, document.front_matter_text, document) if block.format == kind else None


def _measure_posts(kind: str, found: Sequence[tuple[bytes, str, Document]], rounds: int) -> None:
    best: list[dict[str, float]] = [{} for _ in found]
    for _ in range(rounds):
        for (source, text, document), times in zip(found, best, strict=True):
            _keep_best(times, "parser", lambda text=text: PARSERS[kind](text))
            _keep_best(times, "open", lambda source=source: Document.parse(source))
            for name, edits, body in _edits_of(document):
                _keep_best(times, name, lambda s=source, e=edits, b=body: Document.parse(s).change(e, b))
    sizes = [len(text) for _, text, _ in found]
    middle, large = sizes[len(sizes) // 2], sizes[len(sizes) * 9 // 10]
    print(f"\n{len(found)} posts in {kind}; characters of front matter: median {middle}, p90 {large}")
    print(f"{'times the parser':<18}{'posts':>7}{'median':>9}{'p90':>9}{'median size':>14}{'p90 size':>11}")
    for name in dict.fromkeys(name for times in best for name in times if name != "parser"):
        ratios = [times[name] / times["parser"] for times in best if name in times]
        tenth = sorted(ratios)[len(ratios) * 9 // 10]
        print(
            f"{name:<18}{len(ratios):>7}{statistics.median(ratios):>9.2f}{tenth:>9.2f}"
            f"{_around(ratios, 0.5):>14.2f}{_around(ratios, 0.9):>11.2f}"
        )


def _around(ratios: Sequence[float], share: float) -> float:
    """Return the median ratio of the twentieth of all posts that stands around a share of sizes."""
    middle, wide = int(len(ratios) * share), max(1, len(ratios) // 40)
    return statistics.median(ratios[max(0, middle - wide) : middle + wide])


def _edits_of(document: Document) -> Iterator[tuple[str, list[Edit], str | None]]:
    values = document.values
    yield "title", [TITLE], None
    for name, value in values.items():
        if isinstance(value, dict) and (inner := next(iter(value), None)) is not None:
            yield "nested", [Set((name, inner), "another text")], None
            break
    for name, value in values.items():
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            yield "append", [Append((name,), "one more")], None
            break
    yield "new key", [Set(("a_new_key",), "a new value")], None
    if len(document.body) > 1:
        yield "text", [], document.body + "One more line.\n"
        yield "title and text", [TITLE], document.body + "One more line.\n"


def _keep_best(times: dict[str, float], name: str, call: Callable[[], object]) -> None:
    for cached in CACHED:
        cached.cache_clear()
    start = time.perf_counter()
    try:
        call()
    except DocumentError:
        return
    took = time.perf_counter() - start
    times[name] = min(took, times.get(name, took))


# ── growing front matter ──


def growth(rounds: int) -> None:
    """Print for shapes of front matter the ratio at each size; the edit is in the middle."""
    sizes = [1 * KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1000 * KIB]
    print("\nMade front matter, an edit in its middle: times the parser (milliseconds)")
    print(f"{'':<22}" + "".join(f"{f'{size // KIB} KiB':>18}" for size in sizes))
    for name, (kind, make) in SHAPES.items():
        cells = []
        for size in sizes:
            text, edit = make(size)
            fence = {"yaml": "---\n", "toml": "+++\n", "json": ""}[kind]
            source = f"{fence}{text}{fence}\nSome words.\n".encode()
            times: dict[str, float] = {}
            for _ in range(rounds):
                _keep_best(times, "parser", lambda: PARSERS[kind](text))  # noqa: B023
                _keep_best(times, "edit", lambda: Document.parse(source).change([edit]))  # noqa: B023
            edited = times.get("edit")
            cells.append(
                f"{edited / times['parser']:.2f} ({edited * 1000:.1f})" if edited is not None else "refused"
            )
        print(f"{name:<22}" + "".join(f"{cell:>18}" for cell in cells))


def _many_keys(size: int) -> tuple[str, Edit]:
    count = size // 21
    return "".join(f"key{n:06}: value {n % 1000:03}\n" for n in range(count)), Set(
        (f"key{count // 2:06}",), "new"
    )


def _long_list(size: int) -> tuple[str, Edit]:
    count = size // 15
    return "items:\n" + "".join(f"  - item {n:05}\n" for n in range(count)), Set(("items", count // 2), "new")


def _long_text(size: int) -> tuple[str, Edit]:
    count = max(1, size // (64 * KIB))
    lines = "".join(f"  A line of some words {n:04}\n" for n in range(min(size, 64 * KIB) // 28))
    return "".join(f"text{n}: |\n{lines}" for n in range(count)), Set((f"text{count // 2}",), "new\ntext\n")


def _flow_list(size: int) -> tuple[str, Edit]:
    count = size // 8
    lines = ",\n  ".join(", ".join(f"it{n:04}" for n in range(i, i + 12)) for i in range(0, count, 12))
    return f"items: [{lines}]\n", Set(("items", count // 2), "new")


def _nested(size: int) -> tuple[str, Edit]:
    count = size // 90
    return "".join(
        f"key{n:05}:\n  name: Ada\n  links:\n    - url: https://example.org/{n:05}\n      title: 'A title'\n"
        for n in range(count)
    ), Set((f"key{count // 2:05}", "links", 0, "title"), "new")


def _toml_keys(size: int) -> tuple[str, Edit]:
    count = size // 24
    return "".join(f'key{n:06} = "value {n % 1000:03}"\n' for n in range(count)), Set(
        (f"key{count // 2:06}",), "new"
    )


def _toml_tables(size: int) -> tuple[str, Edit]:
    count = size // 60
    return "".join(
        f'[[links]]\nurl = "https://example.org/{n:05}"\ntitle = "A"\n\n' for n in range(count)
    ), Set(("links", count // 2, "title"), "new")


def _json_keys(size: int) -> tuple[str, Edit]:
    count = size // 27
    lines = ",\n".join(f'  "key{n:06}": "value {n % 1000:03}"' for n in range(count))
    return f"{{\n{lines}\n}}\n", Set((f"key{count // 2:06}",), "new")


SHAPES: dict[str, tuple[str, Callable[[int], tuple[str, Edit]]]] = {
    "YAML, many keys": ("yaml", _many_keys),
    "YAML, a long list": ("yaml", _long_list),
    "YAML, long texts": ("yaml", _long_text),
    "YAML, a flow list": ("yaml", _flow_list),
    "YAML, nested objects": ("yaml", _nested),
    "TOML, many keys": ("toml", _toml_keys),
    "TOML, many tables": ("toml", _toml_tables),
    "JSON, many keys": ("json", _json_keys),
}


# ── many edits in one save ──


def batches(rounds: int) -> None:
    """Print what a save of many edits costs, beside one edit of the same file."""
    print("\nMany edits in one save: milliseconds, and times a save of one edit")
    for kind, source in BATCHED.items():
        values = Document.parse(source).values
        items = values["items"]
        assert isinstance(items, list)
        one = {**values, "title": "new"}
        news: dict[str, Mapping[str, Value]] = {
            "300 items added": {**values, "items": [*items, *(f"new {n}" for n in range(300))]},
            "300 items put in front": {**values, "items": [*(f"new {n}" for n in range(300)), *items]},
            "300 items changed": {**values, "items": [f"{item} again" for item in items]},
            "all items removed but one": {**values, "items": items[150:151]},
            "300 items reversed": {**values, "items": items[::-1]},
            "300 fields added": {**values, **{f"field{n}": "new" for n in range(300)}},
            "100 fields changed": {**values, **{f"key{n}": "new" for n in range(100)}},
        }
        times: dict[str, float] = {}
        for _ in range(rounds):
            for name, new in {"one": one, **news}.items():
                _keep_best(times, name, lambda new=new: _save(source, new))  # type: ignore[misc]  # noqa: B023
        for name in news:
            took = times.get(name)
            cell = "refused" if took is None else f"{took * 1000:10.1f}{took / times['one']:10.1f} ×"
            print(f"{kind + ', ' + name:<34}{cell:>22}")


def _save(source: bytes, new: Mapping[str, Value]) -> bytes:
    document = Document.parse(source)
    return document.change(edits_between(document.values, new))


_PAIRS = [f"key{n}" for n in range(100)]
_ITEMS = [f"item {n}" for n in range(300)]
BATCHED = {
    "yaml": (
        "---\ntitle: A title\nitems:\n"
        + "".join(f"  - {item}\n" for item in _ITEMS)
        + "".join(f"{key}: value\n" for key in _PAIRS)
        + "---\nSome words.\n"
    ).encode(),
    "toml": (
        '+++\ntitle = "A title"\nitems = [\n'
        + "".join(f'  "{item}",\n' for item in _ITEMS)
        + "]\n"
        + "".join(f'{key} = "value"\n' for key in _PAIRS)
        + "+++\nSome words.\n"
    ).encode(),
    "json": (
        json.dumps({"title": "A title", "items": _ITEMS, **dict.fromkeys(_PAIRS, "value")}, indent=2)
        + "\n\nSome words.\n"
    ).encode(),
}


# ── long texts ──


def texts() -> None:
    """Print time and peak memory of one changed line in long texts, each in a process of its own."""
    print("\nOne line of a long text changed: milliseconds, peak memory above what the two texts take")
    for lines, length in ((1_000, 60), (10_000, 60), (100_000, 60), (500_000, 16), (140_000, 60)):
        run = subprocess.run(
            [sys.executable, __file__, "--text", str(lines * 1000 + length)],
            check=True,
            capture_output=True,
            text=True,
        )
        print(f"{lines:>8} lines of {length:<4}{run.stdout.strip()}")


def long_text(what: int) -> None:
    """Change a line of one long text and print what it took."""
    lines, length = divmod(what, 1000)
    body = "".join(f"{n:07} {'x' * (length - 9)}\n" for n in range(lines))
    source = b"---\ntitle: x\n---\n" + body.encode()
    at = body.index(f"{lines // 2:07}")
    new = body[:at] + "other" + body[at + 5 :]
    times: dict[str, float] = {}
    Path("/proc/self/clear_refs").write_text("5")  # The peak counts from here.
    before = _peak()
    _keep_best(times, "edit", lambda: Document.parse(source).change([], new))
    peak = _peak() - before
    size, took = len(source) / 1e6, times["edit"] * 1000
    print(f"{size:6.1f} MB{took:10.1f} ms{peak / 1000:10.1f} MB{peak / 1000 / size:7.1f} × its size")


def _peak() -> int:
    """Return the most kilobytes that this process has had in memory at once."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


# ── files made to stall a reader ──


def hostile(rounds: int) -> None:
    """Print what it costs to refuse each file, or to find that its fields cannot be read."""
    print("\nFiles made to stall a reader: milliseconds until they are refused")
    unreadable = {name: row[0] for name, row in test_hostile.UNREADABLE.items()}
    for name, source in {**test_hostile.BEFORE_PARSING, **test_hostile.WHILE_PARSING, **unreadable}.items():
        times: dict[str, float] = {}
        for _ in range(rounds):
            _keep_best(times, "refused", lambda source=source: _refused(source))
        print(f"{name:<44}{len(source) / KIB:>10.1f} KiB{times['refused'] * 1000:>10.2f}")


def _refused(source: bytes) -> None:
    try:
        assert Document.parse(source).problem
    except DocumentError:
        return


if __name__ == "__main__":
    main()

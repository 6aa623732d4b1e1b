"""What readers that are none of ours make of front matter: npm's, Ruby's Psych, Hugo.

Each is a process that is asked about many texts at once. A tree is a dict with text keys, a list, or a leaf:
`("str", text)`, `("num", float)`, `("bool", bool)`, `("null", None)`, `("date", datetime or text)`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gitcms.demo.hugo import find_hugo

HERE = Path(__file__).parent
MISSING = {
    "needs Node: npm ci --prefix tests/readers": not (HERE / "node_modules").is_dir()
    or shutil.which("node") is None,
    "needs Ruby: apt-get install ruby": shutil.which("ruby") is None,
}


@dataclass(frozen=True)
class Asked:
    """One text: `kind` is yaml, toml or json."""

    id: int
    kind: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What one reader says of one text: a tree, or the reason why there is none."""

    id: int
    reader: str
    tree: Any
    error: str = ""


def answers(asked: list[Asked], at_once: int = 4000) -> Iterator[Answer]:
    """What every reader says of every text of its kind."""
    for start in range(0, len(asked), at_once):
        part = asked[start : start + at_once]
        yield from _process(["node", "read.mjs"], part)
        yield from _process(["ruby", "read.rb"], part)
        yield from hugo(part)


def _process(command: list[str], asked: Iterable[Asked]) -> Iterator[Answer]:
    lines = "".join(json.dumps(vars(one)) + "\n" for one in asked)
    done = subprocess.run(
        command,
        input=lines.encode(),
        stdout=subprocess.PIPE,
        cwd=HERE,
        env={**os.environ, "TZ": "UTC", "LANG": "C.UTF-8"},
        check=True,
    )
    for line in done.stdout.split(b"\n"):
        if line:
            said = json.loads(line)
            tree = from_json(said["tree"]) if "tree" in said else None
            yield Answer(said["id"], said["reader"], tree, said.get("error", ""))


def from_json(tree: Any) -> Any:
    """A tree as the two scripts write it."""
    if "map" in tree:
        return {key: from_json(part) for key, part in tree["map"]}
    if "list" in tree:
        return [from_json(part) for part in tree["list"]]
    kind, text = tree["leaf"]
    if kind == "date":
        return kind, moment(text)
    if kind == "bool":
        return kind, text == "true"
    if kind == "num":
        return kind, float(text.replace("Infinity", "inf"))
    return kind, None if kind == "null" else text


def moment(text: str) -> datetime | str:
    """A date as an instant; midnight and UTC where it does not say."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


# Hugo

CONFIGURATION = """
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"]
[outputs]
home = ["json"]
[[cascade]]
[cascade.build]
render = "never"
[cascade.target]
path = "/posts/**"
[security]
allowContent = [".*"]
"""
DECODED = """{{- range (resources.Get "texts.json" | transform.Unmarshal) -}}
{{- $id := int .id -}}
{{- with try (transform.Unmarshal (dict "format" .kind) .text) -}}
{{- if .Err -}}
{{ dict "id" $id "error" (string .Err) | jsonify }}
{{ else -}}
{{ dict "id" $id "read" .Value "spelled" (printf "%v" .Value) | jsonify }}
{{ end -}}
{{- end -}}
{{- end -}}
"""
OF_PAGES = """{{- range site.RegularPages -}}
{{- $id := int (strings.TrimSuffix ".md" .File.LogicalName) -}}
{{ dict "id" $id "read" .Params "spelled" (printf "%v" .Params) | jsonify }}
{{ end -}}
"""


def hugo(asked: list[Asked]) -> Iterator[Answer]:
    """What Hugo's decoders of front matter make of each text."""
    with tempfile.TemporaryDirectory() as folder:
        site = _site(Path(folder), DECODED)
        (site / "assets").mkdir()
        (site / "assets/texts.json").write_text(json.dumps([vars(one) for one in asked]))
        assert not _build(site)
        yield from _home("Hugo", site)


def hugo_posts(files: dict[int, bytes]) -> Iterator[Answer]:
    """What a site of Hugo's has as the parameters of each file; one that stops its build has an error.

    Hugo writes their keys in lower case.
    """
    with tempfile.TemporaryDirectory() as folder:
        site = _site(Path(folder), OF_PAGES)
        posts = site / "content/posts"
        posts.mkdir(parents=True)
        for number, content in files.items():
            (posts / f"{number}.md").write_bytes(content)
        while complaint := _build(site):
            named = {int(number) for number in re.findall(r"posts/([0-9]+)\.md", complaint)}
            assert named, complaint
            for number in named:
                (posts / f"{number}.md").unlink(missing_ok=True)
                yield Answer(number, "Hugo's pages", None, complaint)
        yield from _home("Hugo's pages", site)


def _site(folder: Path, template: str) -> Path:
    (folder / "layouts").mkdir()
    (folder / "hugo.toml").write_text(CONFIGURATION)
    (folder / "layouts/home.json").write_text(template)
    return folder


def _build(site: Path) -> str:
    """Build it; what Hugo complains about, or nothing."""
    done = subprocess.run(
        [find_hugo(), "-DEF", "--source", site, "--destination", site / "public"],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TZ": "UTC", "HUGO_CACHEDIR": str(site / "cache")},
    )
    words = done.stdout.decode(errors="replace")
    return words[words.find("ERROR") :] if done.returncode else ""


def _home(reader: str, site: Path) -> Iterator[Answer]:
    for line in (site / "public/index.json").read_text().split("\n"):
        if line.strip():
            said = json.loads(line)
            tree = from_hugo(said["read"], said["spelled"]) if "read" in said else None
            yield Answer(said["id"], reader, tree, said.get("error", ""))


def from_hugo(value: Any, spelled: str) -> Any:
    """A value of Hugo's JSON as a tree.

    :param spelled: the same as Go prints it, where an instant has a space and text has what it has.
    """
    if isinstance(value, dict):
        return {key: from_hugo(part, spelled) for key, part in value.items()}
    if isinstance(value, list):
        return [from_hugo(part, spelled) for part in value]
    if isinstance(value, bool):
        return "bool", value
    if value is None:
        return "null", None
    if isinstance(value, int | float):
        return "num", float(value)
    instant = moment(value) if "T" in value or value.count("-") == 2 else value
    if isinstance(instant, date) and value not in spelled:
        return "date", instant
    return "str", value

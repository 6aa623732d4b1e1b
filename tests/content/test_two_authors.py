"""Two authors edit real posts at once, over and over: both survive, or there is a choice with both texts.

`GITCMS_MERGE_PAIRS` is how many pairs; the seed of each is its number, so that any of them can be run alone.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from gitcms.content.document import Document
from gitcms.content.merge import Answer, Merged, merge
from gitcms.content.values import MISSING, same
from gitcms.errors import DocumentError
from tests.content.two_authors import Edit, Post, applied, meets, some_edits, version

PAIRS = int(os.environ.get("GITCMS_MERGE_PAIRS", "400"))
FOLDER = os.environ.get("GITCMS_CORPUS", "")


@pytest.fixture(scope="module")
def posts() -> list[Path]:
    if not FOLDER:
        pytest.skip("needs real posts: set GITCMS_CORPUS to a folder of them")
    return real_posts(Path(FOLDER))


def real_posts(folder: Path) -> list[Path]:
    """Return the posts that are edited here, in an order that never changes."""
    found = sorted(
        path for kind in ("dev", "edge", "seed") for path in (folder / kind).rglob("*") if path.is_file()
    )
    return [path for path in found if path.stat().st_size < 60_000]


def test_nothing_of_two_authors_is_lost(posts: list[Path], tmp_path: Path) -> None:
    seen = edit_at_once(posts, PAIRS, tmp_path)
    assert seen["both survive"] > PAIRS / 4
    assert seen["a choice"] > PAIRS / 20
    assert seen["as git has it"] > PAIRS / 10


def edit_at_once(posts: list[Path], pairs: int, folder: Path, first: int = 1) -> Counter[str]:
    """Have two authors edit a post at once, so many times, and return how often which case came up.

    :param folder: where plain git may write.
    :param first: the seed of the first pair; each next one has the next.
    :raises AssertionError: something is lost, joined wrongly, not asked, or touched that nobody edited.
    """
    seen: Counter[str] = Counter()
    seed = first - 1
    while seen["pairs"] < pairs:
        seed += 1
        rng = random.Random(seed)
        path = rng.choice(posts)
        try:
            post = Post(path.read_bytes())
            theirs, mine = some_edits(post, rng, "a"), some_edits(post, rng, "b")
            sides = version(post, theirs), version(post, mine)
        except DocumentError:
            seen["not to be edited"] += 1
            continue
        if post.document.problem or not theirs or not mine or post.source in sides:
            continue
        seen["pairs"] += 1
        where = f"seed {seed}: {path.name}: {theirs} / {mine}"
        seen[judge(post, theirs, mine, sides, where, folder)] += 1
    return seen


def judge(
    post: Post, theirs: list[Edit], mine: list[Edit], sides: tuple[bytes, bytes], where: str, folder: Path
) -> str:
    """Hold what came of one pair against what has to come of it, and say which of the cases it was."""
    met = {meets(one, other) for one in theirs for other in mine}
    merged = merge(post.source, *sides)
    nothing_lost(merged, theirs, mine, where)
    if "same place" in met:
        assert merged.data is None, where
        each_side_in_full(merged, theirs, mine, where)
        whatever_is_chosen_the_rest_survives(post, merged, theirs, mine, sides, where)
        return "a choice"
    if "either" in met and merged.data is None:
        return "an order to choose"
    if merged.data is None and not can_be_told(post, without_twins(theirs, mine)):
        return "a file that cannot hold both"
    assert merged.data is not None, f"{where}: {merged.choices}"
    document = Document.parse(merged.data)
    turned = merge(post.source, sides[1], sides[0]).data
    assert turned is not None, where
    assert unordered(Document.parse(turned).values) == unordered(document.values), where
    assert Document.parse(turned).body == document.body, where
    untouched_lines_stay(post.source, *sides, merged.data, [*theirs, *mine], where)
    if "either" not in met:
        values, body = applied(post, without_twins(theirs, mine))
        # What both put at the end of one list stands in the order of either.
        other_way, _ = applied(post, without_twins(mine, theirs))
        assert same(document.values, values) or same(document.values, other_way), (
            f"{where}: {document.values} is not {values}"
        )
        assert document.body == body, where
        # Git takes a line that moved for one that was removed and another that was added.
        moved = any(edit.kind == "move" for edit in [*theirs, *mine])
        if not moved and as_git_has_it(post.source, *sides, merged.data, where, folder):
            return "as git has it"
    return "both survive"


def can_be_told(post: Post, edits: list[Edit]) -> bool:
    """Whether a file of this kind can hold what both edits make together (some headers need a known name)."""
    try:
        version(post, edits)
    except DocumentError:
        return False
    return True


def without_twins(theirs: list[Edit], mine: list[Edit]) -> list[Edit]:
    return [*theirs, *(edit for edit in mine if not any(meets(edit, other) == "alike" for other in theirs))]


def nothing_lost(merged: Merged, theirs: list[Edit], mine: list[Edit], where: str) -> None:
    """Every new word stands in what came out, or in a choice."""
    told = "" if merged.data is None else merged.data.decode("utf-8", "replace")
    told += " ".join(f"{choice.mine} {choice.theirs}" for choice in merged.choices)
    if merged.data is None:
        return  # then the words outside of the choices are looked for once all is answered
    for edit in [*theirs, *mine]:
        assert edit.word in told, f"{where}: {edit.word} is lost"


def each_side_in_full(merged: Merged, theirs: list[Edit], mine: list[Edit], where: str) -> None:
    for one in theirs:
        for other in mine:
            if meets(one, other) != "same place":
                continue
            assert any(
                holds(choice.theirs, one) and holds(choice.mine, other) for choice in merged.choices
            ), f"{where}: no choice between {one} and {other} in {merged.choices}"


def holds(side: object, edit: Edit) -> bool:
    """Whether one side of a choice shows what an edit did."""
    if edit.kind == "rewrite" and (side is MISSING or str(side) in str(edit.new)):
        return True  # this paragraph went, or a part of the new text stands here and the rest elsewhere
    if edit.kind in ("remove", "drop", "delete"):
        return side is MISSING or side is not None
    if edit.kind in ("append", "move"):
        return edit.word in repr(side)
    return same(side, edit.new) or str(edit.new) in str(side) or (edit.word != "" and edit.word in repr(side))


def whatever_is_chosen_the_rest_survives(
    post: Post, merged: Merged, theirs: list[Edit], mine: list[Edit], sides: tuple[bytes, bytes], where: str
) -> None:
    for which in ("mine", "theirs"):
        answers = {choice.id: Answer(which) for choice in merged.choices}  # type: ignore[arg-type]
        data = merge(post.source, *sides, answers).data
        assert data is not None, where
        text = data.decode("utf-8", "replace")
        shown = " ".join(f"{choice.mine} {choice.theirs}" for choice in merged.choices)
        chosen, others = (mine, theirs) if which == "mine" else (theirs, mine)
        for edit in chosen:
            assert edit.word in text, f"{where}: {edit.word} was chosen and is lost"
        for edit in others:
            assert edit.word in text or edit.word in shown, f"{where}: {edit.word} is lost"


def untouched_lines_stay(
    base: bytes, theirs: bytes, mine: bytes, merged: bytes, edits: list[Edit], where: str
) -> None:
    """Every line that both left as it was is there, byte for byte, and none is new that nobody wrote."""
    before, other, own, now = (
        Counter(data.splitlines(keepends=True)) for data in (base, theirs, mine, merged)
    )
    lost = {line for line in before if now[line] < min(before[line], other[line] + own[line] - before[line])}
    # An item that others came behind has a comma, and a list that lost its last one is empty and says so.
    lost = {line for line in lost if not reshaped(line, now)}
    # How far apart paragraphs are beside one that went is compared with the whole text.
    lost = {line for line in lost if line.decode("utf-8", "replace").strip()}
    # A comment right above what one took out goes with it once the other took out what stood behind it.
    removals = sum(edit.kind in ("remove", "drop") for edit in edits)
    lost = {line for line in lost if removals < 2 or not line.strip().startswith(b"#")}
    assert not lost, f"{where}: {lost}"
    fresh = {line for line in now if not (line in before or line in other or line in own)}
    # An object or a list of which each took out a part is empty, and says so.
    fresh = {line for line in fresh if not line.rstrip().endswith((b"{}", b"[]"))}
    made = {line for line in fresh if not reshaped(line, before) and not any(named(e, line) for e in edits)}
    assert not made, f"{where}: {made}"


def named(edit: Edit, line: bytes) -> bool:
    """Whether an edit can be why a line is in neither version: its word is in it, or its field."""
    fields = [str(step).encode() for step in edit.place if isinstance(step, str)]
    return (edit.word or "\0").encode() in line or any(field in line for field in fields)


def reshaped(line: bytes, now: Counter[bytes]) -> bool:
    bare = line.rstrip(b",\r\n")
    return any(other.rstrip(b",\r\n").startswith(bare) for other in now)


def as_git_has_it(base: bytes, theirs: bytes, mine: bytes, merged: bytes, where: str, folder: Path) -> bool:
    """Where plain git joins the lines without a conflict, it comes to the same bytes."""
    names = [folder / name for name in ("mine", "base", "theirs")]
    for name, data in zip(names, (mine, base, theirs), strict=True):
        name.write_bytes(data)
    done = subprocess.run(["git", "merge-file", "-p", *map(str, names)], capture_output=True, check=False)
    if done.returncode != 0:
        return False
    # A new value is quoted as the values of the file are that it comes into.
    assert re.sub(rb"[\"']", b"", done.stdout) == re.sub(rb"[\"']", b"", merged), where
    return True


def unordered(value: object) -> object:
    """A value in which the order of what both added does not matter."""
    if isinstance(value, dict):
        return {key: unordered(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted(repr(unordered(part)) for part in value)
    return repr(value)

from __future__ import annotations

import random
import subprocess
import zlib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.repository import objects
from gitcms.repository.objects import Entry, ObjectFolder

NAMES = st.text("ab.-_ 0146é", min_size=1, max_size=6).filter(lambda name: name not in (".", ".."))
IDS = st.binary(min_size=20, max_size=20).map(bytes.hex)
FOLDERS = st.dictionaries(
    NAMES.map(str.encode),
    st.tuples(st.sampled_from(["100644", "100755", "40000", "120000"]), IDS),
    max_size=12,
)


def as_tree(folder: dict[bytes, tuple[str, str]]) -> bytes:
    """The tree object, written the long way round."""
    ordered = sorted(folder.items(), key=lambda item: item[0] + (b"/" if item[1][0] == "40000" else b""))
    return b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in ordered)


@given(FOLDERS, NAMES.map(str.encode))
@settings(max_examples=200)
def test_a_name_is_found_whatever_the_ids_look_like(
    folder: dict[bytes, tuple[str, str]], name: bytes
) -> None:
    tree = as_tree(folder)
    assert dict(objects.entries(tree)) == {key: Entry(*value) for key, value in folder.items()}
    assert objects.find(tree, name) == (Entry(*folder[name]) if name in folder else None)
    assert objects.begins_with(tree, name) == (name in folder)


@given(FOLDERS, FOLDERS, st.dictionaries(st.integers(0, 11), st.sampled_from(["", "00", "ffee"]), max_size=2))
@settings(max_examples=200)
def test_two_trees_differ_in_their_names_alone(
    folder: dict[bytes, tuple[str, str]], others: dict[bytes, tuple[str, str]], begun: dict[int, str]
) -> None:
    after = {**folder, **dict(list(others.items())[:1])}
    for number, name in enumerate(folder):
        if number in begun:
            mode, oid = after.pop(name)
            if begun[number]:
                after[name] = (mode, begun[number] + oid[len(begun[number]) :])
    wanted = [
        (name, *(Entry(*side[name]) if name in side else None for side in (folder, after)))
        for name in sorted(folder.keys() | after.keys())
        if folder.get(name) != after.get(name)
    ]
    assert list(objects.differences(as_tree(folder), as_tree(after))) == wanted


@given(FOLDERS, NAMES.map(str.encode), st.sampled_from(["100644", "40000", None]), IDS)
@settings(max_examples=200)
def test_one_entry_changes_and_the_order_is_gits(
    folder: dict[bytes, tuple[str, str]], name: bytes, mode: str | None, oid: str
) -> None:
    tree = as_tree(folder)
    entry = Entry(mode, oid) if mode else None
    rebuilt = objects.rebuild("root", {name: entry}, {"root": tree}.__getitem__)
    wanted = {**folder, name: (mode, oid)} if mode else {key: folder[key] for key in folder if key != name}
    assert rebuilt.root is not None
    assert rebuilt.trees[rebuilt.root] == as_tree(wanted)


def test_an_id_that_ends_in_digits_does_not_hide_a_folder() -> None:
    tree = as_tree({b"a": ("100644", (b"x" * 19 + b"7").hex()), b"b": ("40000", "00" * 20)})
    assert objects.find(tree, b"b") == Entry("40000", "00" * 20)


def test_a_loose_object_is_what_git_writes(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    store = ObjectFolder(tmp_path / ".git/objects")
    oid = store.write("blob", b"hello\n")
    assert oid == store.write("blob", b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    said = subprocess.run(
        ["git", "cat-file", "blob", oid], cwd=tmp_path, check=True, capture_output=True
    ).stdout
    assert said == b"hello\n"
    assert [path.name for path in (tmp_path / ".git/objects/ce").iterdir()] == [oid[2:]]


def test_an_object_that_a_power_cut_left_empty_is_written_again(tmp_path: Path) -> None:
    store = ObjectFolder(tmp_path)
    oid = store.write("blob", b"hello\n")
    file = tmp_path / oid[:2] / oid[2:]
    file.unlink()
    file.touch()
    store.write_all([("blob", b"hello\n"), ("blob", b"hello\n")])
    assert file.stat().st_size > 0
    assert [path.name for path in file.parent.iterdir()] == [oid[2:]]


def test_of_a_new_folder_the_one_above_has_to_be_durable_as_well(tmp_path: Path) -> None:
    store = ObjectFolder(tmp_path)
    hello = {"ce013625030ba8dba906f756967f9e9ca394464a": ("blob", b"hello\n")}
    for wanted in ([f"{tmp_path}/ce", str(tmp_path)], [f"{tmp_path}/ce"]):
        with store.drafted(hello) as drafts:
            assert drafts.put() == wanted


def test_parts_that_begin_alike_are_not_taken_for_one() -> None:
    deflater = objects.Deflater()
    data = bytes(3 * deflater.PART)
    assert zlib.decompress(deflater.compress(data)) == data
    other = data[: deflater.PART + 1000] + b"changed" + data[deflater.PART + 1007 :]
    assert zlib.decompress(deflater.compress(other)) == other


@given(st.binary(max_size=200), st.integers(0, 400), st.randoms(use_true_random=False))
def test_what_is_compressed_in_parts_is_a_stream_as_any_other(
    piece: bytes, times: int, chance: random.Random
) -> None:
    deflater = objects.Deflater()
    data = piece * times
    for _ in range(3):
        assert zlib.decompress(deflater.compress(data)) == data
        at = chance.randrange(len(data) + 1)
        data = data[:at] + b"changed" + data[at + 7 :]

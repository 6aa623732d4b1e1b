from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.errors import ChangedOnDisk, PathRefused
from gitcms.repository import Repository
from tests.repository.conftest import Clone, save

ONE = "_posts/one.md"


def stored_by_git(clone: Clone, path: str) -> str:
    """The id under which git itself would store what lies on the disk."""
    return clone.git("hash-object", "--path", path, str(clone.folder / path)).strip()


@pytest.mark.parametrize(
    "attributes",
    [
        "* text=auto",
        "* text=auto eol=lf",
        "*.md text eol=crlf",
        "* text=auto eol=crlf",
        "*.md ident",
        "*.md working-tree-encoding=UTF-16LE-BOM",
        "*.md -text",
        "*.md binary",
        "*.md crlf",
        "*.md text=auto eol=crlf ident",
    ],
)
@pytest.mark.parametrize(
    "content", ["plain\n", "mixed\r\nends\n", "dos\r\nends\r\n", "$Id$ here\n", "é\u20ac\n", ""]
)
def test_a_file_is_stored_as_git_would_and_the_tree_is_clean(
    clone: Clone, attributes: str, content: str
) -> None:
    clone.write(".gitattributes", attributes + "\n")
    if "UTF-16" in attributes:
        for file in clone.folder.rglob("*.md"):
            file.write_bytes(b"\xff\xfe" + file.read_text().encode("utf-16-le"))
    clone.git("add", "--renormalize", ".")
    clone.git("add", ".")
    clone.git("commit", "-q", "-m", "attributes")
    clone.git("rm", "-q", "--cached", "-r", ".")
    clone.git("reset", "-q", "--hard")
    repository = clone.open()
    assert not repository.differs_on_disk(ONE)
    save(repository, ONE, content)
    save(repository, "_posts/new.md", content)
    for path in (ONE, "_posts/new.md"):
        assert repository.blob_of(path) == stored_by_git(clone, path)
        assert not repository.differs_on_disk(path)
    clone.audit()
    on_disk = (clone.folder / ONE).read_bytes()
    (clone.folder / ONE).unlink()
    clone.git("checkout", "-q", "--", ONE)
    assert (clone.folder / ONE).read_bytes() == on_disk  # what git itself would have put there
    assert save(repository, ONE, content) is None


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_the_users_own_line_end_habits_are_honoured(clone: Clone, autocrlf: str) -> None:
    clone.git("config", "--global", "core.autocrlf", autocrlf)
    repository = clone.open()
    save(repository, ONE, "a\nb\n")
    save(repository, "_posts/new.md", "a\r\nb\r\n")
    assert (clone.folder / ONE).read_bytes() == (b"a\r\nb\r\n" if autocrlf == "true" else b"a\nb\n")
    clone.audit()


def test_line_end_habits_may_change_while_the_server_runs(clone: Clone, repository: Repository) -> None:
    save(repository, ONE, "a\nb\n")
    clone.git("config", "core.autocrlf", "true")
    clone.write(".gitattributes", "*.txt text eol=crlf\n")
    clone.commit()
    save(repository, ONE, "c\nd\n")
    save(repository, "_posts/new.txt", "c\nd\n")
    assert (clone.folder / ONE).read_bytes() == b"c\r\nd\r\n"
    assert (clone.folder / "_posts/new.txt").read_bytes() == b"c\r\nd\r\n"
    clone.audit()


def test_files_that_were_stored_with_crlf_stay_so(clone: Clone) -> None:
    clone.write("_posts/dos.md", "a\r\nb\r\n")
    clone.commit()
    clone.write(".gitattributes", "* text=auto\n")
    clone.commit("attributes")
    repository = clone.open()
    assert not repository.differs_on_disk("_posts/dos.md")
    save(repository, "_posts/dos.md", "a\r\nc\r\n")
    assert repository.read("_posts/dos.md") == b"a\r\nc\r\n"
    assert clone.git("show", "--format=", "--numstat") == "1\t1\t_posts/dos.md\n"
    clone.audit()


def test_an_edit_on_the_disk_is_seen_through_the_conversion(clone: Clone) -> None:
    clone.write(".gitattributes", "*.md text eol=crlf\n")
    clone.commit()
    repository = clone.open()
    (clone.folder / ONE).write_bytes(repository.read(ONE).replace(b"\n", b"\r\n"))
    assert not repository.differs_on_disk(ONE)
    (clone.folder / ONE).write_bytes(b"theirs\r\n")
    assert repository.differs_on_disk(ONE)
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")


def test_characters_that_the_encoding_does_not_have_are_refused(clone: Clone) -> None:
    clone.write(".gitattributes", "*.txt working-tree-encoding=ISO-8859-1\n")
    clone.write("a.txt", "é\n".encode("latin-1"))
    clone.commit()
    repository = clone.open()
    with pytest.raises(PathRefused, match="characters"):
        save(repository, "a.txt", "日本\n")
    assert save(repository, "a.txt", "ñ\n")
    assert (clone.folder / "a.txt").read_bytes() == "ñ\n".encode("latin-1")
    clone.audit()


EOLS = st.lists(
    st.sampled_from(["a", "é", "\n", "\r\n", "\r", "$Id$", "$Id: 12 $", "\t", "日", ""]), max_size=12
)
RULES = st.lists(
    st.sampled_from(
        [
            *("text", "-text", "text=auto", "eol=lf", "eol=crlf", "ident", "-ident", "binary", "crlf"),
            *("-crlf", "!text", "-eol", "crlf=input"),
            *("working-tree-encoding=UTF-16LE-BOM", "working-tree-encoding=UTF-8"),
        ]
    ),
    max_size=3,
)
HABITS = st.fixed_dictionaries(
    {},
    optional={
        "core.autocrlf": st.sampled_from(["true", "input", "false"]),
        "core.eol": st.sampled_from(["lf", "crlf", "native"]),
    },
)


def test_returns_before_the_end_of_a_line_leave_the_tree_clean(clone: Clone) -> None:
    """Git takes one away on each way to the store, so that what it has stored may count as changed."""
    clone.write(".gitattributes", "*.md text\n")
    clone.commit()
    repository = clone.open()
    for ending in ("\r\r\n", "\r\r\r\n"):
        assert save(repository, "new.md", f"a{ending}")
        assert clone.status() == ""
        clone.git("rm", "-q", "--cached", "new.md")
        clone.git("reset", "-q", "--hard")
        assert clone.status() == "" and (clone.folder / "new.md").read_bytes() == b"a\n"
        assert save(repository, "new.md", "b\n")


@hypothesis.settings(
    max_examples=int(os.environ.get("GITCMS_ATTRIBUTES", "15")),
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@given(RULES, RULES, HABITS, EOLS, EOLS)
def test_whatever_is_asked_for_is_stored_as_git_stores_it(
    tmp_path: Path, rules: list[str], inner: list[str], habits: dict[str, str], old: list[str], new: list[str]
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        clone = Clone(Path(folder))
        clone.git("init", "-q", "-b", "main")
        clone.write("a/old.md", "".join(old))
        clone.commit()
        for key, value in habits.items():
            clone.git("config", key, value)
        clone.write(".gitattributes", f"*.md {' '.join(rules)}\n")
        clone.write("a/.gitattributes", f"new.md {' '.join(inner)}\n")
        added = subprocess.run(
            ["git", "add", "--renormalize", "."], cwd=clone.folder, capture_output=True, check=False
        )
        hypothesis.assume(added.returncode == 0)
        added = subprocess.run(["git", "add", "."], cwd=clone.folder, capture_output=True, check=False)
        hypothesis.assume(added.returncode == 0)
        clone.git("commit", "-q", "-m", "attributes")
        clone.git("rm", "-q", "--cached", "-r", ".")
        clone.git("reset", "-q", "--hard")
        hypothesis.assume(clone.status() == "")
        repository = clone.open()
        for path in ("a/old.md", "a/new.md"):
            try:
                save(repository, path, "".join(new))
            except PathRefused:
                continue  # the encoding does not have these characters
            if repository.blob_of(path) is None:
                continue
            lying = clone.folder / path
            clone.git("update-index", "--really-refresh", "-q", path, fails=True)
            assert clone.status() == ""
            before = repository.blob_of(path)
            os.utime(lying, (1, 1))  # git must look at the content again
            clone.git("add", path)
            assert clone.git("rev-parse", f":{path}").strip() == before
            assert not repository.differs_on_disk(path)
        clone.close()

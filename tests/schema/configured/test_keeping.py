"""A model that is kept is the same model, or none."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from gitcms.content.values import Raw
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.configured import Configured, keeping, model_of
from gitcms.schema.configured.keeping import KeptModel, packed, unpacked
from gitcms.schema.finding import Source

EVERYTHING = (Path(__file__).parent / "every_option.yml").read_bytes()
DEFAULTS = {
    "at": datetime(2026, 1, 2, 3, tzinfo=UTC),
    "on": date(2026, 1, 2),
    "by": time(3, 4),
    "odd": Raw("!x y", "It is odd."),
    "many": [{"a": 1.5, "b": None}, True, "a\udcff"],
}


@pytest.fixture(scope="module")
def kept() -> KeptModel:
    posts = {f"content/posts/{n}.md": f"---\ntitle: A {n}\ndate: 2024-01-0{n}\n---\n" for n in range(1, 5)}
    files = {name: text.encode() for name, text in posts.items()} | {"static/admin/config.yml": EVERYTHING}
    return KeptModel(model_of(Source(sorted(files), files.__getitem__)), "/site", "1" * 40, len(files))


def test_what_is_kept_comes_back_the_same(kept: KeptModel) -> None:
    again = unpacked(packed(kept))
    assert again == kept and packed(again) == packed(kept)
    collection = Collection("a", "A", "A", ("a",), defaults=DEFAULTS, files=frozenset("abc"))
    made = KeptModel(Configured(Model("hugo", (collection,))), "/site", "2" * 40, 3)
    assert unpacked(packed(made)) == made
    (told,) = unpacked(packed(made)).configured.model.collections
    assert {name: type(value) for name, value in told.defaults.items()} == {
        name: type(value) for name, value in DEFAULTS.items()
    }


def test_what_is_damaged_or_of_other_code_is_nothing(
    kept: KeptModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = packed(kept)
    for damaged in (b"", data[:-1], data.replace(b"posts", b"pests", 1), b"no model"):
        assert unpacked(damaged) is None
    monkeypatch.setattr(keeping, "_code", lambda: b"another version")
    assert unpacked(data) is None


@pytest.mark.parametrize(
    "named",
    [["os", "system", "true"], ["gitcms.schema.collection", "out_of_sight"], ["gitcms.state", "put"]],
)
def test_nothing_but_facts_is_made_of_a_file(named: list[str]) -> None:
    with pytest.raises(ValueError, match="fact"):
        keeping._made({"named": named})


def test_what_is_no_fact_is_not_kept() -> None:
    field = Field("a", "A", default=object())
    model = Model("hugo", (Collection("a", "A", "A", ("a",), fields=(field,)),))
    with pytest.raises(TypeError):
        packed(KeptModel(Configured(model), "/site", "3" * 40, 1))

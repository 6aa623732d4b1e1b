"""The house keeps its shape: imports point down the floors, and each tool comes in by one door."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
PACKAGE = TOP / "gitcms"

# From the ground up. A room imports from the floors below it and from itself; rooms on one floor
# do not know each other, but for the services, which build on one another.
FLOORS = [
    {
        "gitcms",
        "errors",
        "config",
        "counting",
        "resources",
        "state",
        "logs",
        "bootstrap",
        "network",
        "sealing",
        "mail",
    },
    {"content"},
    {"schema", "repository", "database"},
    {
        "accounts",
        "backup",
        "builds",
        "checks",
        "demo",
        "entries",
        "events",
        "folder",
        "history",
        "index",
        "jobs",
        "media",
        "modelling",
        "presence",
        "remotes",
        "site",
        "webhooks",
        "unsaved",
        "views",
    },
    {"web"},
    {"cli"},
    {"__main__"},
]
NEIGHBOURS_MAY_MEET = (0, 3)

# Where a whole room could be had, but only one module of it is wanted.
NARROW = {("repository", "content"): {"gitcms.content.paths"}}

DOORS = {
    "git": {"repository"},
    "flask": {"web", "cli.serve"},
    "flask_login": {"web"},
    "werkzeug": {"web", "cli.serve"},
    "sqlalchemy": {"database", "accounts", "builds", "events", "presence", "unsaved", "views", "webhooks"},
    "sqlite3": {"index", "site", "entries", "history"},
    "marshmallow": {"schema"},
    "alembic": {"database"},
    "yaml": {"content"},
    "frontmatter": {"content"},
    "PIL": {"media"},
    "argon2": {"accounts"},
    "authlib": {"accounts.oidc"},
    "fido2": {"accounts.passkeys"},
    "joserfc": {"accounts.oidc"},
    "segno": {"web"},
    "smtplib": {"mail"},
    "cryptography": {"sealing", "webhooks"},
    "click": {"cli"},
    "waitress": {"cli.serve"},
}

# A loop that must outlive whatever one job or one file does to it, and the page shown last of all.
MAY_CATCH_EVERYTHING = {"gitcms.jobs", "gitcms.webhooks.courier", "gitcms.web.errors_page", "gitcms.cli.edit"}
# … and what somebody else wrote, which must not end a check without its name.
MAY_CATCH_EVERYTHING |= {"gitcms.checks.own"}


def test_imports_point_down_the_floors() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module in modules()
        for imported in imports_of(module)
        if imported.startswith("gitcms") and not may_import(module, imported)
    ]
    assert wrong == []


def test_every_module_has_a_floor() -> None:
    assert {room_of(module) for module in modules()} <= set().union(*FLOORS)


@pytest.mark.parametrize("tool", DOORS)
def test_a_tool_comes_in_by_its_own_door(tool: str) -> None:
    rooms = tuple(f"gitcms.{room}" for room in DOORS[tool])
    wrong = [
        module
        for module in modules()
        for imported in imports_of(module)
        if imported.split(".")[0] == tool and not f"{module}.".startswith(tuple(f"{r}." for r in rooms))
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert list(circles()) == []


def test_the_bootstrap_needs_the_standard_library_alone() -> None:
    files = [m for m in modules() if m in ("gitcms", "gitcms.errors") or ".bootstrap" in m]
    imported = {name.split(".")[0] for module in files for name in imports_of(module)}
    assert imported - {"gitcms"} <= set(sys.stdlib_module_names)
    ours = {name for module in files for name in imports_of(module) if name.startswith("gitcms")}
    assert all(name.startswith(("gitcms.bootstrap", "gitcms.errors")) or name == "gitcms" for name in ours)


def test_every_module_opens_by_saying_what_lives_in_it() -> None:
    assert [module for module in modules() if not ast.get_docstring(tree_of(module))] == []


def test_only_the_last_resorts_catch_everything() -> None:
    found = {module for module in modules() for handler in broad_handlers(tree_of(module)) if handler}
    assert found <= MAY_CATCH_EVERYTHING


def test_errors_are_raised_from_the_house_and_never_swallowed_whole() -> None:
    bare = [m for m in modules() for node in ast.walk(tree_of(m)) if is_bare_except(node)]
    assert bare == []


def test_the_application_is_never_made_by_an_import() -> None:
    made = [
        module
        for module in modules()
        for node in tree_of(module).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) in ("Flask", "flask.Flask", "create_app")
    ]
    assert made == []


def test_the_code_names_no_address_of_a_package_index() -> None:
    hosts = ("pypi." + "org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian")
    files = [path for path in tracked_files() if path.suffix not in (".whl", ".png")]
    wrong = [path for path in files if any(host in path.read_text(errors="replace") for host in hosts)]
    assert wrong == []


def may_import(module: str, imported: str) -> bool:
    mine, other = room_of(module), room_of(imported)
    narrow = NARROW.get((mine, other))
    if mine == other or (narrow and imported.startswith(tuple(narrow))):
        return True
    here, there = floor_of(mine), floor_of(other)
    return narrow is None and (there < here or (there == here and here in NEIGHBOURS_MAY_MEET))


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def circles() -> Iterator[list[str]]:
    """Yield each path of imports that comes back to where it began, found from its first module."""
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> Iterator[list[str]]:
        if module in path:
            yield [*path[path.index(module) :], module]
        elif module not in done:
            for imported in imports_when_loaded(module):
                yield from visit(imported, [*path, module])
            done.add(module)

    for module in modules():
        yield from visit(module, [])


@cache
def modules() -> dict[str, Path]:
    """Dotted name → file, for every module of the package."""
    return {
        ".".join(path.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_bytes())


def imports_of(module: str) -> set[str]:
    """What a module imports, anywhere in it; `from a import b` is a.b where that is a module."""
    return set(imported_by(module, ast.walk(tree_of(module))))


def imports_when_loaded(module: str) -> set[str]:
    """The modules of ours that are imported when this one is; not those inside of functions."""
    return {name for name in imported_by(module, at_the_top(tree_of(module))) if name in modules()} - {module}


def at_the_top(tree: ast.Module) -> Iterator[ast.AST]:
    for node in tree.body:
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node


def imported_by(module: str, nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: say where from, in full"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else str(node.module)


def broad_handlers(tree: ast.Module) -> Iterator[ast.ExceptHandler]:
    """Handlers of everything that do not raise again: a clean-up that passes the error on may."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            names = {ast.unparse(part) for part in ast.walk(node.type) if isinstance(part, ast.Name)}
            last = node.body[-1]
            passes_on = isinstance(last, ast.Raise) and last.exc is None
            if names & {"Exception", "BaseException"} and not passes_on:
                yield node


def is_bare_except(node: ast.AST) -> bool:
    return isinstance(node, ast.ExceptHandler) and node.type is None


def tracked_files() -> list[Path]:
    folders = ("gitcms", "templates", "tests", ".ci")
    inside = [path for folder in folders for path in (TOP / folder).rglob("*") if path.is_file()]
    outside = [path for path in TOP.iterdir() if path.is_file()]
    left_out = {"node_modules", "__pycache__"}
    return [path for path in [*inside, *outside] if not left_out & set(path.parts)]

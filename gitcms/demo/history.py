"""How the demo's site came to be: who changed what, over seven weeks of 2024.

`site/` is the last state, for everyone to read. A change names what it put in place of what, or
which files it brought; undoing the changes, the last one first, gives the state that was imported
at the beginning. All dates are fixed, so the history is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gitcms.repository import Person
from gitcms.repository.create import Step

SITE = Path(__file__).parent / "site"
# Kept out of `site/`, where it would hide files from the tools that pack this package.
GITIGNORE = b"/public/\n/resources/\n.hugo_build.lock\n"

INES = Person("Inés Robledo", "ines@example.org")
TOMAS = Person("Tomáš Vrba", "tomas@example.org")
AMELIE = Person("Amélie Duclos", "amelie@example.org")
GASPAR = Person("Gaspar Nieto", "gaspar@example.org")
ZOFIA = Person("Zofia Wrona", "zofia@example.org")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: texts put in place of others, as (path, before, after), and files brought.

    An empty `before` means that the text was added.
    """

    author: Person
    when: str
    message: str
    texts: tuple[tuple[str, str, str], ...] = ()
    brought: tuple[str, ...] = ()


IMPORT = Change(INES, "2024-03-04T09:12:00+01:00", "Bring the site over from the old server")

CHANGES = (
    Change(
        AMELIE,
        "2024-03-05T11:40:00+01:00",
        "Name the second village of the bus",
        texts=(
            (
                "content/projects/bibliobus.md",
                "In Les Ormes people now look before they put",
                "In Les Ormes and in Vieux-Moulin people now look before they put",
            ),
        ),
    ),
    Change(
        TOMAS,
        "2024-03-07T16:05:00+01:00",
        "Correct the address of La Cadena",
        texts=(
            (
                "content/projects/mapa-de-sombras.md",
                "http://la-cadena.example.org/",
                "https://la-cadena.example.org/rutas",
            ),
        ),
    ),
    Change(
        INES,
        "2024-03-11T10:20:00+01:00",
        "Write about the seeds",
        texts=(
            (
                "content/projects/seed-drawer.md",
                "",
                "\nRead also: [Seeds do not wait](/blog/seeds-do-not-wait/).\n",
            ),
        ),
        brought=("content/blog/seeds-do-not-wait.md",),
    ),
    Change(
        ZOFIA,
        "2024-03-14T17:31:00+01:00",
        "Add Małgorzata, who signs the letters",
        texts=(
            (
                "content/projects/zegary.md",
                "",
                "  - Małgorzata Kępińska\n",
            ),
            (
                "content/projects/zegary.md",
                "signed by hand, because a signed letter",
                "signed by Małgorzata, by hand, because a signed letter",
            ),
        ),
    ),
    Change(
        GASPAR,
        "2024-03-18T09:03:00+01:00",
        "Show the Repair Evenings on the front page",
        texts=(("content/projects/repair-evenings.md", "featured: false", "featured: true"),),
    ),
    Change(
        AMELIE,
        "2024-03-21T15:48:00+01:00",
        "Add Sous les toits",
        texts=(
            (
                "content/projects/mapa-de-sombras.md",
                "",
                "\nThe same idea, under the roof, became [Sous les toits](/projects/sous-les-toits/).\n",
            ),
            (
                "content/blog/a-thermometer-in-every-attic.md",
                "",
                "\nWhat the boxes found is told in [Sous les toits](/projects/sous-les-toits/).\n",
            ),
        ),
        brought=("content/projects/sous-les-toits.md", "static/images/sous-les-toits.png"),
    ),
    Change(
        TOMAS,
        "2024-03-26T12:14:00+01:00",
        "Say until when the bus ran",
        texts=(("content/projects/bibliobus.md", "year: 2019\n", 'year: "2019-2021"\n'),),
    ),
    Change(
        ZOFIA,
        "2024-04-02T18:55:00+02:00",
        "Tell how a radio is mended",
        texts=(
            (
                "content/projects/repair-evenings.md",
                "",
                "\nHow such an evening goes is told in [How to mend a radio](/blog/how-to-mend-a-radio/).\n",
            ),
        ),
        brought=("content/blog/how-to-mend-a-radio.md", "static/images/round-table.png"),
    ),
    Change(
        INES,
        "2024-04-04T09:37:00+02:00",
        "Open in the evening on Thursdays",
        texts=(
            (
                "content/contact.md",
                'thursday = "10:00 to 14:00"\n',
                'thursday = "16:00 to 20:00"\n',
            ),
        ),
    ),
    Change(
        GASPAR,
        "2024-04-09T08:50:00+02:00",
        "Say in fewer words what the notebook is",
        texts=(
            (
                "content/projects/cuaderno-de-mareas.md",
                "one_line_description: A notebook in which the people of the cove write down the tides.\n",
                "one_line_description: A notebook of tides that the whole cove writes.\n",
            ),
        ),
    ),
    Change(
        TOMAS,
        "2024-04-12T14:22:00+02:00",
        "Make links easier to see",
        texts=(
            (
                "static/css/site.css",
                "a { color: var(--link); text-decoration: none; }\n",
                "a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 3px; }\n",
            ),
        ),
    ),
    Change(
        INES,
        "2024-04-15T19:06:00+02:00",
        "Begin a post about shade",
        brought=("content/blog/shade-is-a-public-service.md",),
    ),
    Change(
        AMELIE,
        "2024-04-18T10:11:00+02:00",
        "Introduce Zofia",
        texts=(
            (
                "content/about.md",
                "",
                "- **Zofia Wrona** mends what the rest of us drop.\n",
            ),
        ),
    ),
)


def steps() -> list[Step]:
    """Return the history as the steps of a new repository, the import first.

    :raises ValueError: when a change does not fit the files in `site/`.
    """
    files = today()
    later: list[Step] = []
    for change in reversed(CHANGES):
        touched = dict.fromkeys([path for path, _, _ in change.texts] + list(change.brought))
        later.append(_step(change, {path: files[path] for path in touched}))
        files = _without(change, files)
    return [_step(IMPORT, files), *reversed(later)]


def today() -> dict[str, bytes]:
    """Return path → bytes of every file of the site as it is at the end of its history."""
    files = {
        path.relative_to(SITE).as_posix(): path.read_bytes()
        for path in SITE.rglob("*")
        # What a desktop leaves lying about, such as .DS_Store, is not the site's.
        if path.is_file() and not path.name.startswith(".")
    }
    return files | {".gitignore": GITIGNORE}


def _without(change: Change, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files as they were before a change."""
    before = {path: content for path, content in files.items() if path not in change.brought}
    for path, old, new in reversed(change.texts):
        if before[path].count(new.encode()) != 1:
            raise ValueError(f"{change.message}: {path} does not hold this once: {new!r}")
        before[path] = before[path].replace(new.encode(), old.encode())
    return before


def _step(change: Change, files: dict[str, bytes]) -> Step:
    return Step(change.author, datetime.fromisoformat(change.when), change.message, files)

"""Texts that would run, load or cover something if a page obeyed them, on every page that can be opened.

Each stands as the title, a tag, a picture, a link, a field and the text of an entry, in the message of the
version and in the name of who saved it; people, views, services and the site are called like it. The pages
are walked without the guard of the browser (the content security policy), and the guard is tried on pages
that would let everything through, since either must do alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gitcms import presence, remotes, unsaved, views
from gitcms.accounts import links, users
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.webhooks import endpoints, queue
from tests.browser import every_page
from tests.browser.conftest import SECONDS
from tests.making import JEKYLL, git, make_repository, open_made
from tests.serving import PASSWORD, serving

HOSTILE = {
    "BODY-001": "<script>alert(1)</script>",
    "BODY-002": "<img src=x onerror=alert(1)>",
    "BODY-003": "[x](javascript:alert(1))",
    "BODY-004": "[x](JaVaScRiPt:alert(1))",
    "BODY-005": "[x](java\nscript:alert(1))",
    "BODY-006": "<iframe src=java&Tab;sc&Tab;ript:al&Tab;ert()></iframe>",
    "BODY-007": "<javascript:alert(1)>",
    "BODY-008": "[a]\n\n[a]: javascript:alert(1)",
    "BODY-009": "[x](vbscript:msgbox)",
    "BODY-010": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "BODY-011": "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "BODY-012": "<svg><script>alert(1)</script></svg>",
    "BODY-013": "<svg/onload=alert(1)>",
    "BODY-014": "<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>",
    "BODY-015": '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
    "BODY-016": '<svg><foreignObject><iframe srcdoc="<script>alert(1)</script>"></foreignObject></svg>',
    "BODY-017": "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "BODY-018": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "BODY-019": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "BODY-020": '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    "BODY-021": '<object data="javascript:alert(1)">',
    "BODY-022": '<embed src="//127.0.0.1:1/x.swf">',
    "BODY-023": '<meta http-equiv=refresh content="0;url=//elsewhere.example/">',
    "BODY-024": "<base href=//elsewhere.example/>",
    "BODY-025": "<form action=//elsewhere.example/><input name=password></form>",
    "BODY-026": "<input name=csrf_token value=x>",
    "BODY-027": "<img name=getElementById><a id=config><a id=config name=url href=//elsewhere.example>",
    "BODY-028": '<div style="position:fixed;inset:0;z-index:9999" class="cover">Login</div>',
    "BODY-029": "<style>input[value^=a]{background:url(//elsewhere.example/a)}</style>",
    "BODY-030": "<link rel=stylesheet href=//elsewhere.example/a.css>",
    "BODY-031": "![seen](//elsewhere.example/p.png?u=1)",
    "BODY-032": "<details open ontoggle=alert(1)>",
    "BODY-033": "<input autofocus onfocus=alert(1)>",
    "BODY-034": "<marquee onstart=alert(1)>",
    "BODY-035": '[x](http://a.example "\\"onmouseover=alert(1) x=\\"")',
    "BODY-036": '```"><img/src=x onerror=alert(1)>\nx\n```',
    "BODY-037": '# <a id="x" onclick=alert(1)>',
    "BODY-038": '|a|\n|:-" onclick=alert(1)|\n|b|',
    "BODY-039": '```mermaid\ngraph LR; A["<img src=x onerror=alert(1)>"]\n```',
    "BODY-040": "$$\\href{javascript:alert(1)}{x}$$",
    "BODY-041": "{{ site.github.token }}{% include_relative ../../.git/config %}",
    "BODY-042": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "BODY-043": '{{< readfile "/etc/passwd" >}}',
    "BODY-044": 'import fs from "fs"\n<Foo onClick={()=>alert(1)} />',
    "BODY-045": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "BODY-046": "<a href=//elsewhere.example target=_blank>x</a>",
    "BODY-047": "</textarea></title></option>'\"`--></script><svg onload=alert(1)>\u202e\ufeff${alert(1)}",
}
# No sign of an element may stand in a name that goes with what is saved.
NAME = "\" onmouseover=alert(1) autofocus onfocus=alert(1) x='${alert(1)}"


def path_of(number: str) -> str:
    return f"_projects/{number.lower()}.md"


def gone(number: str) -> str:
    """Return the path of an entry that says the same, and was deleted."""
    return f"_projects/gone-{number.lower()}.md"


def post(text: str, *, ending: str) -> str:
    """An entry that says `text` wherever an entry can say something, told from its other versions by words
    at the end of the title and of the text."""
    said = json.dumps(text)
    return (
        f"---\nlayout: project\ntitle: {json.dumps(f'{text} {ending}')}\nimg: {said}\ntags: [{said}]\n"
        f"{said}: {said}\nlinks:\n  - url: {said}\n    description: {said}\n    type: link\n---\n"
        f"{text}\n\n{ending}\n"
    )


@dataclass
class Place:
    """A running server of a site full of such texts, and what its versions are called."""

    address: str
    nobody: dict[str, str]
    created: str
    bases: dict[str, str]
    changed: dict[str, str]

    def once(self) -> dict[str, list[str]]:
        """Return the addresses of the pages that show many texts at once, by the page's name."""
        return {
            "home": ["/"],
            "entries": ["/collections/projects/?group=tags&show=img"],
            "bulk": ["/collections/projects/bulk?all=1"],
            "move": [f"/collections/projects/moves/{path_of('BODY-001')}"],
            "history": [f"/history?page={page}" for page in (1, 2, 3, 4)],
            "trash": ["/trash", "/trash?page=2"],
            "rebuilds": ["/rebuilds"],
            "sending": ["/sending"],
            "views": ["/collections/projects/views"],
            "people": ["/people"],
            "people_log": ["/people/log"],
            "account": ["/account"],
            "second_factor": ["/account/second-factor"],
            "ways_in": ["/account/ways-in"],
            "webhooks": ["/webhooks"],
            "new_webhook": ["/webhooks/new?preset=netlify"],
            "webhook": ["/webhooks/1"],
            "deliveries": ["/webhooks/deliveries"],
            "delivery": ["/webhooks/deliveries/1"],
            "model": ["/model"],
            "model_collection": ["/model/collections/projects"],
            "model_field": ["/model/collections/projects/field?at=title"],
            "outliers": ["/model/collections/projects/outliers"],
            "settings": ["/settings"],
            "help": ["/help/"],
            "help_page": ["/help/writing"],
        }

    def of_each(self, number: str) -> dict[str, list[str]]:
        """Return the addresses of the pages that show one text, by the page's name."""
        text, path, change = HOSTILE[number], path_of(number), self.changed[number]
        words = text.split("\n")[0][:60]
        return {
            "entries": [f"/collections/projects/?{urlencode({'q': words})}"],
            "search": [f"/search?{urlencode({'q': words})}"],
            "entry": [f"/collections/projects/entries/{path}?view=both"],
            "new_entry": [f"/collections/projects/new?like={path}"],
            "unsaved_text": [f"/collections/projects/unsaved/{number.lower()}"],
            "deletion": [f"/collections/projects/deletions/{path}"],
            "entry_history": [f"/collections/projects/history/{path}"],
            "field_history": [f"/collections/projects/field-history/{path}?{urlencode({'field': text})}"],
            "comparison": [f"/collections/projects/comparison/{path}?old={self.created}"],
            "change": [f"/changes/{change}"],
            "restoration": [f"/restorations/{self.created}/{each}" for each in (path, gone(number))],
            "undoing": [f"/undoings/{change}/{path}"],
            "clash": [f"/sending/choices/{path}"],
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    top = tmp_path_factory.mktemp("hostile")
    folder, state = made_site(top)
    created = git(folder, "rev-parse", "HEAD").strip()
    bases = {number: git(folder, "rev-parse", f"HEAD:{path_of(number)}").strip() for number in HOSTILE}
    change_elsewhere(folder, state)
    changed = {number: change_here(folder, number) for number in HOSTILE}
    git(folder, "rm", "-q", *map(gone, HOSTILE))
    git(folder, "commit", "-q", "-m", HOSTILE["BODY-047"])
    site = open_made(folder, state)
    assert len(remotes.sync(site).contested) == len(HOSTILE)
    endpoints.add(site, name=NAME, preset="netlify", fields={"url": "https://hooks.example.org/hook"})
    queue.rebuild_everywhere(site, NAME)
    nobody = add_people(site, folder)
    site.close()
    with serving(folder, state, extra="[webhooks]\nsenders = 0") as address:
        yield Place(address, nobody, created, bases, changed)


def made_site(top: Path) -> tuple[Path, Path]:
    files = {path: post(text, ending="Before.") for number, text in HOSTILE.items() for path in both(number)}
    config = JEKYLL["_config.yml"].replace("Ágora Abierta", json.dumps(HOSTILE["BODY-047"]))
    folder, state = make_repository(top / "site", {**JEKYLL, **files, "_config.yml": config}), top / "state"
    state.mkdir()
    return folder, state


def both(number: str) -> tuple[str, str]:
    return path_of(number), gone(number)


def change_here(folder: Path, number: str) -> str:
    """Save a text as somebody who is called like it, with it as the message; the version's name."""
    text = HOSTILE[number]
    (folder / path_of(number)).write_text(post(text, ending="After."), encoding="utf-8")
    git(folder, "add", path_of(number))
    name = text.replace("<", "‹").replace(">", "›").replace("\n", " ")
    git(folder, "-c", f"user.name={name}", "commit", "-q", "-m", f"{text}\n\n{text}")
    return git(folder, "rev-parse", "HEAD").strip()


def change_elsewhere(folder: Path, state: Path) -> None:
    """Have a shared server where somebody changes the same places."""
    there = every_page.shared_with(folder, state)
    for number, text in HOSTILE.items():
        (there / path_of(number)).write_text(post(text, ending="Elsewhere."), encoding="utf-8")
    git(there, "commit", "-q", "-a", "-m", HOSTILE["BODY-002"])
    git(there, "push", "-q")


def add_people(site: Site, folder: Path) -> dict[str, str]:
    """Add who walks the pages and who is beside them, with all that people can keep under a name; the
    addresses of the pages for those who have not signed in."""
    database, now, password = site.database, site.now(), PASSWORD
    admin = users.add(
        database, name=NAME, email="ada@example.org", role=Role.ADMIN, password=password, now=now
    )
    other = users.add(database, name=NAME, email="eve@example.org", role=Role.AUTHOR, now=now)
    for number, text in HOSTILE.items():
        path, words = path_of(number), f"{number[5:]} {' '.join(text.split())}"[:60]
        form = [("base", git(folder, "rev-parse", f"HEAD:{path}").strip()), ("body", text), ("f.title", text)]
        kept = {"collection": "projects", "path": path, "title": text, "form": form}
        unsaved.keep(database, admin, number.lower(), **kept, now=now)
        presence.come(database, other, number.lower(), path, now=now)
        if words.isprintable():
            views.keep(database, admin, "projects", words, {"q": [text]}, shared=False, now=now)
    link = partial(links.create, database, now=now, minutes=600)
    return {
        "sign_in": "/sign-in",
        "forgotten_password": "/forgotten-password",
        "sign_in_link": link(links.Purpose.SIGN_IN, user_id=other.id),
        "new_password": link(links.Purpose.RESET, user_id=other.id),
        "welcome": link(links.Purpose.FIRST_ADMIN),
    }


@dataclass
class Watched:
    """A window in which nothing may happen but what a page of ours does."""

    page: Any
    address: str
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def sign_in(self) -> None:
        self.page.goto(f"{self.address}/sign-in")
        self.page.locator("#email").fill("ada@example.org")
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("button.go").click()
        self.page.wait_for_url(f"{self.address}/")

    def visit(self, address: str, status: int = 200) -> None:
        answer = self.page.goto(f"{self.address}{address}")
        if answer.status != status:
            self.wrong.append(f"{address}: answered {answer.status}")
        self.look()

    def look(self) -> None:
        """Stir whatever a person could press or hover in what a text says, and look for what may not be."""
        self.page.evaluate(STIR)
        self.wrong += [f"{self.page.url}: {each}" for each in self.page.evaluate(SEARCH)]

    def _dialog(self, dialog: Any) -> None:
        # A page with text that is not saved asks before it is left.
        if dialog.type != "beforeunload":
            self.wrong.append(f"{self.page.url}: said {dialog.message}")
        dialog.accept()

    def _request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.address}/", "blob:")):
            self.wrong.append(f"{self.page.url}: asked {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 500:
            self.wrong.append(f"{response.url}: answered {response.status}")


@pytest.fixture
def watch(chromium: Any, place: Place) -> Iterator[Callable[..., Watched]]:
    """Open a window, with the guard of the browser (the content security policy) or without it."""
    contexts = []

    def open_window(*, guarded: bool) -> Watched:
        context = chromium.new_context(bypass_csp=not guarded, locale="en-GB")
        context.set_default_timeout(120 * SECONDS)
        contexts.append(context)
        return Watched(context.new_page(), place.address)

    yield open_window
    for context in contexts:
        context.close()


def test_no_page_is_missing_from_this_walk(place: Place, tmp_path: Path) -> None:
    shown = every_page.shown(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    walked = place.once().keys() | place.of_each("BODY-001").keys() | place.nobody.keys()
    assert shown == walked | every_page.NO_PAGE.keys()


def test_no_page_lets_a_text_run_load_or_cover_anything(place: Place, watch: Callable[..., Watched]) -> None:
    nobody, somebody = watch(guarded=False), watch(guarded=False)
    for address in place.nobody.values():
        nobody.visit(address)
    somebody.sign_in()
    for addresses in place.once().values():
        for address in addresses:
            somebody.visit(address)
    for number in HOSTILE:
        for addresses in place.of_each(number).values():
            for address in addresses:
                somebody.visit(address)
    assert nobody.wrong + somebody.wrong == []


def test_no_answer_to_a_form_lets_a_text_do_so_either(place: Place, watch: Callable[..., Watched]) -> None:
    somebody = watch(guarded=False)
    somebody.sign_in()
    page = somebody.page
    somebody.visit("/model/collections/projects/field?at=title")
    page.locator("#m-label").fill(NAME)
    answered(somebody, "See what changes")
    for number, text in HOSTILE.items():
        path, line = path_of(number), " ".join(text.split())
        somebody.visit(f"/collections/projects/moves/{path}")
        page.locator("#new-name").fill(f"moved-{number.lower()}")
        answered(somebody, "See what changes")
        somebody.visit(f"/collections/projects/bulk?path={path}&path={path_of('BODY-001')}")
        page.locator("[name=what][value=add]").check()
        page.locator("#bulk-field").select_option("people")
        page.locator("#bulk-text").fill(line)
        answered(somebody, "See what changes")
        somebody.visit(f"/collections/projects/entries/{path}?view=both")
        with page.expect_response("**/preview"):
            page.locator("#body").fill(f"Written.\n\n{text}")
        page.wait_for_function("document.querySelector('[data-look]').textContent.includes('Written.')")
        somebody.look()
        page.evaluate("base => { document.querySelector('[name=base]').value = base; }", place.bases[number])
        page.locator("#body").fill(f"{text}\n\nMine.")
        answered(somebody, "Save", status=409)
    assert somebody.wrong == []


def answered(somebody: Watched, button: str, status: int = 200) -> None:
    with somebody.page.expect_navigation() as led:
        somebody.page.locator("main, .save").get_by_role("button", name=button, exact=True).first.click()
    assert led.value.status == status, (somebody.page.url, led.value.status)
    somebody.look()


# No policy of a browser keeps a page from being led on: there it hangs on the page alone.
LEADS_AWAY = {"BODY-023"}


def test_the_guard_alone_stops_what_a_page_would_let_through(
    place: Place, watch: Callable[..., Watched]
) -> None:
    somebody = watch(guarded=True)
    went: list[str] = []

    def answer(route: Any) -> None:
        if route.request.url != f"{place.address}/sign-in":
            went.append(route.request.url)
            route.continue_()
            return
        page = route.fetch()
        route.fulfill(response=page, body=page.text().replace("</main>", f"{said}</main>"))

    somebody.page.route("**/*", answer)
    for number in HOSTILE.keys() - LEADS_AWAY:
        said = "" if number == "BODY-003" else HOSTILE[number]
        somebody.page.goto(f"{place.address}/sign-in")
        somebody.page.evaluate(STIR.replace(".prose", "main"))
        assert somebody.page.evaluate(COVERED) == [], number
    assert [each for each in somebody.wrong if ": said " in each] == []
    assert [each for each in went if not each.startswith(f"{place.address}/")] == []


COVERED = """() => [...document.querySelectorAll('main *')]
    .filter((one) => getComputedStyle(one).position === 'fixed').map((one) => one.outerHTML)"""

# What no page may hold, whoever wrote what it shows.
SEARCH = """() => [
    'iframe, object, embed, base, marquee, math, foreignObject, animate, .cover',
    '.prose :is(script, style, link, meta, form, input, svg, details, noscript)',
    '[href^="javascript:" i], [href^="vbscript:" i], [href^="data:" i]',
].flatMap((each) => [...document.querySelectorAll(each)]).concat(
    [...document.querySelectorAll('*')].filter((one) =>
        [...one.attributes].some((a) => /^on/i.test(a.name)))
).map((one) => one.outerHTML.slice(0, 200))"""
STIR = """() => document.querySelectorAll('.prose *').forEach((one) =>
    ['mouseover', 'focus', 'toggle', 'error'].forEach((kind) => one.dispatchEvent(new Event(kind))))"""

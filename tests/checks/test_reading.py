"""A file read for a check: which addresses in its text are links, and where they stand."""

from __future__ import annotations

import pytest

from gitcms.checks.reading import read


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("[a](/a/) and ![b](b.png)\n\n[c]: c.md\n", [("/a/", 4, 5), ("b.png", 4, 19), ("c.md", 6, 6)]),
        ("`[a](/a/)` ``[b](/b/)`` [c](/c/)", [("/c/", 4, 29)]),
        ("[a](/a/) `[b](/b/)\n\n[c](/c/)`", [("/a/", 4, 5), ("/b/", 4, 15), ("/c/", 6, 5)]),
        ("```\n[a](/a/)\n```\n[b](/b/)", [("/b/", 7, 5)]),
        ("  ~~~ x\n  [a](/a/) `\n  ~~~\n[b](/b/)", [("/b/", 7, 5)]),
        ("\t````\n[a](/a/)\n```\n````\n[b](/b/)", [("/b/", 8, 5)]),
        ("text ~~~\n[a](/a/)\n~~~\n[b](/b/)", [("/a/", 5, 5)]),
        ("~~~\n[a](/a/)", []),
        ("<!-- [a](/a/)\n--> [b](/b/)", [("/b/", 5, 9)]),
        ("<PRE>[a](/a/)</pre> <a href='/b/'>b</a> <code>[c](/c/)</code>", [("/b/", 4, 30)]),
        (
            "{% raw %}[a](/a/){% endraw %} {%- highlight x %}[b](/b/){% endhighlight %} [c](/c/)",
            [("/c/", 4, 80)],
        ),
        ("{{< highlight go >}}[a](/a/){{< /highlight >}} [b](/b/)", [("/b/", 4, 52)]),
    ],
)
def test_links_are_found_and_what_is_in_code_is_none(body: str, links: list[tuple[str, int, int]]) -> None:
    found = read("a.md", b"---\ntitle: A\n---\n" + body.encode()).links
    assert [(one.target, one.line, one.column) for one in found] == links

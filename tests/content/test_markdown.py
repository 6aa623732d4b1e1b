"""The safe look at Markdown, its blocks and its plain words."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content import markdown
from gitcms.content.markdown import blocks, plain_text, to_html

ELEMENTS = "p|h[1-6]|ul|ol|li|blockquote|pre|code|em|strong|s|a|img|span|br|hr|table|thead|tbody|tr|th|td"
ATTRIBUTES = {"href", "src", "alt", "title", "class", "rel", "target", "start", "style"}


class Look(HTMLParser):
    """What a browser makes of HTML: the elements, their attributes and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def values(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def safe(source: str) -> Look:
    look = Look(source)
    for tag, attributes in look.elements:
        assert re.fullmatch(ELEMENTS, tag)
        assert set(attributes) <= ATTRIBUTES
        assert re.fullmatch("|text-align:(left|right|center)", attributes.get("style") or "")
        for address in (attributes.get("href"), attributes.get("src")):
            bare = re.sub(r"[\x00-\x20]", "", address or "").lower()
            assert re.match(r"https?:|mailto:|[^:]*$|[^:]*[/?#]", bare), address
    return look


def test_markdown_becomes_html() -> None:
    source = to_html("# A *b*\n\n- one\n- [two](http://example.org)\n\n| a |\n|:-:|\n| ~~x~~ |\n")
    assert "<h1>A <em>b</em></h1>" in source
    assert '<li><a href="http://example.org"' in source
    assert "<s>x</s>" in source
    assert 'style="text-align:center"' in source


def test_links_open_beside_the_page_unless_told_otherwise() -> None:
    assert 'target="_blank"' in to_html("[x](/a)")
    assert "target=" not in to_html("[x](/a)", beside=False)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](java&#10;script:alert(1))",
        "[x](java&Tab;script&colon;alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](\u2028javascript:alert(1))",
        "<javascript:alert(1)>",
        "[a]\n\n[a]: javascript:alert(1)",
        "[x](vbscript:msgbox)",
        "[x](data:text/html;base64,PHM+)",
        "![x](data:image/svg+xml;base64,PHM+)",
        "[x](file:///etc/passwd)",
        "![x](javascript:alert(1))",
        '[x](http://a "\\"onmouseover=alert(1) x=\\"")',
        '```"><img/src=x onerror=alert(1)>\nx\n```',
        '# <a id="x" onclick=alert(1)>',
        '|a|\n|:-" onclick=alert(1)|\n|b|',
        "|a|\n|:-|\n|<b onclick=alert(1)>|",
        '![" onerror="alert(1)](http://a)',
        '![x](http://a"onerror="alert(1))',
        '{{ "><script>alert(1)</script> }}',
        '[x]({{ "><script>alert(1)</script> }})',
        "[x](java{{ a }}script:alert(1))",
        "[x]({% a %}javascript:alert(1))",
        "`{{ <script> }}`",
        "\ufdd00\ufdd1 {{ a }} \ufdd09\ufdd1",
        "&#xfdd0;9&#xfdd1; \\&#xfdd0;0&#xfdd1;",
        "<!--[if IE]><script>alert(1)</script><![endif]-->",
        "\udcff\ud800 a",
    ],
    ids=ascii,
)
def test_nothing_in_a_text_can_run(text: str) -> None:
    source = to_html(text, image_url=lambda address: address, link_url=lambda address: address)
    safe(source)
    source.encode()


SPACES = ("\n", "\n\n", "\t", " ")
MARKS = re.findall(
    r"\S+",
    "[ ]( ) ![ <a <script > \" ' javascript: http: {{ }} {% %} ` ``` | |- * _ ~~ & &#x3c; "
    "\\ # - > \ufdd0 \ufdd1 0 : data: \x01 onerror= {{<",
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*SPACES, *MARKS]),
            st.text(max_size=4),
        ),
        max_size=25,
    ).map("".join)
)
def test_whatever_is_typed_shows_as_harmless_elements(text: str) -> None:
    safe(to_html(text, image_url=lambda address: address))
    plain_text(text).encode()


def test_html_is_shown_and_not_obeyed() -> None:
    assert safe(to_html("a <b>c</b>\n\n<div>\n\nd")).words == "a <b>c</b>\n<div>\nd\n"


def test_a_picture_is_fetched_only_from_where_the_site_says() -> None:
    text = "![A *cat*](img/cat.png 'Tom') ![](//elsewhere.example.org/p.png)"

    def in_site(address: str) -> str | None:
        return f"/files/{address}" if address.startswith("img/") else None

    look = safe(to_html(text, image_url=in_site))
    assert [attributes for tag, attributes in look.elements if tag == "img"] == [
        {"src": "/files/img/cat.png", "alt": "A cat", "title": "Tom"}
    ]
    assert "img" not in {tag for tag, _ in safe(to_html(text)).elements}
    assert safe(to_html(text)).words.strip() == "A cat"


def test_the_site_says_where_a_link_leads() -> None:
    text = "[a](/about) [b](http://example.org) <mailto:ada@example.org>"
    assert safe(to_html(text)).values("href") == ["/about", "http://example.org", "mailto:ada@example.org"]
    assert safe(to_html(text, link_url=lambda address: None)).values("href") == []
    assert safe(to_html(text, link_url=lambda address: "javascript:a")).values("href") == []
    assert set(safe(to_html(text)).values("rel")) == {"noopener noreferrer nofollow"}


@pytest.mark.parametrize(
    "tag",
    [
        "{{ site.title | upcase }}",
        '{% include a.html b="*c*" %}',
        '{{< figure src="a.png" >}}',
        "{{% note %}}",
        "{%- if a -%}",
        "{{< figure\n  src='a'\n>}}",
        "{% highlight ruby %}\n*a*\n\n# b\n{% endhighlight %}",
        "{{< highlight go >}}\n\n*a*\n{{< /highlight >}}",
    ],
)
def test_template_tags_are_shown_as_code_wherever_they_stand(tag: str) -> None:
    assert f'<code class="template">{html.escape(tag)}</code>' in to_html(f"a *b* {tag} c")
    if "\n" not in tag:
        assert f'<td><code class="template">{html.escape(tag)}</code></td>' in to_html(f"|a|\n|-|\n|{tag}|")
    for written in (f"`{tag}`", f"```\n{tag}\n```", f"    a\n    {tag}"):
        assert html.escape(tag).split("\n")[0] in to_html(written)


def test_an_address_with_a_template_tag_is_for_the_site_to_understand() -> None:
    text = "![a]({{ site.baseurl }}/img/a.png) [b]({% link b.md %}) [c]({% link c.md %}#d)"
    asked: list[str] = []

    def without_tag(address: str) -> str | None:
        asked.append(address)
        return address.replace("{{ site.baseurl }}", "/files")

    look = safe(to_html(text, image_url=without_tag, link_url=without_tag))
    assert asked == ["{{ site.baseurl }}/img/a.png", "{% link b.md %}", "{% link c.md %}#d"]
    assert look.values("src") == ["/files/img/a.png"]
    assert look.values("href") == []


def test_a_tag_that_nobody_closed_is_text() -> None:
    assert to_html("a {{ b\n\nc }} *d*") == "<p>a {{ b</p>\n<p>c }} <em>d</em></p>\n"
    assert to_html("{% raw %} *a*") == '<p><code class="template">{% raw %}</code> <em>a</em></p>\n'


COSTLY = {
    "nested emphasis": "*a " * 50_000,
    "brackets": "[" * 50_000,
    "quotes": ">" * 50_000,
    "nested lists": "".join("  " * i + "* a\n" for i in range(600)),
    "backticks": "".join("e" + "`" * k for k in range(340)),
    "links": "[a](" * 50_000,
    "comments": "<!--" * 50_000,
    "table": "|" * 100_000,
    "wide table": "|a" * 60 + "\n" + "|-" * 60 + "\n" + ("|" * 60 + "\n") * 300,
    "definitions": "".join(f"[a{i}]: x\n" for i in range(9_000)),
    "a long address in many places": "[a]: " + "x" * 90_000 + "\n\n" + "[a]\n\n" * 3_000,
    "one line": "a" * 5_000_000,
    "lazy quotes": ">" * 18 + "a\n" + "a\n" * 9_900,
    "open tags": "{{" * 30_000,
    "open blocks": "{% highlight a %}" * 5_000,
    "far tags": "{%" + " \n" * 9_000 + "%}",
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_text_made_to_be_costly_stays_within_bounds(name: str) -> None:
    text = COSTLY[name]
    source = to_html(text)
    assert len(source) < 12 * len(text) + 1_000
    blocks(text)
    plain_text(text)


def test_a_text_over_the_bounds_is_shown_as_it_is() -> None:
    text = "*a* <b> " * 40_000
    assert len(text) > markdown.LONGEST_TEXT
    assert to_html(text) == f'<pre class="too-long">{html.escape(text)}</pre>\n'


def test_only_the_costly_paragraph_is_shown_as_it_is() -> None:
    source = to_html("*a*\n\n" + "[" * 2_000 + " *b*\n\n*c*")
    assert "<em>a</em>" in source
    assert "[ *b*" in source
    assert "<em>c</em>" in source


BODY = """\
First line
goes on.

```python
a = 1

b = 2
```
Behind.
~~~
open <b>

<div class="x">
x
</div>

<pre>
y

z
</pre>
- one
- two

<!-- a

b --> c
d
"""


def test_blocks_are_paragraphs_and_whole_pieces_of_code_and_html() -> None:
    text = BODY.replace("~~~\nopen <b>\n", "")
    assert [(block.kind, block.text) for block in blocks(text)] == [
        ("text", "First line\ngoes on."),
        ("code", "```python\na = 1\n\nb = 2\n```"),
        ("text", "Behind."),
        ("html", '<div class="x">\nx\n</div>'),
        ("html", "<pre>\ny\n\nz\n</pre>"),
        ("text", "- one\n- two"),
        ("html", "<!-- a\n\nb --> c"),
        ("text", "d"),
    ]


def test_code_that_is_not_closed_goes_to_the_end() -> None:
    assert [block.kind for block in blocks(BODY)] == ["text", "code", "text", "code"]
    assert blocks("```\na\n\n\n")[0].text == "```\na"
    assert [block.text for block in blocks("```\n~~~\n\n```\n\na")] == ["```\n~~~\n\n```", "a"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*"a\n\n \t\r", "```", "~~~", "<pre>", "</pre>", "<!--", "-->", "<p>"])))
def test_blocks_stand_where_they_say_and_leave_out_only_blank_space(pieces: list[str]) -> None:
    text = "".join(pieces)
    at = 0
    for block in blocks(text):
        assert text[at : block.start].strip() == ""
        assert text[block.start : block.end] == block.text
        assert block.text.strip()
        assert not block.text.endswith("\n")
        at = block.end
    assert text[at:].strip() == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Title\n\nSome *words* and [a link](http://example.org).", "Title Some words and a link."),
        ("![cat](c.png)\n\n<div>in <b>html</b></div>\n\nAfter<br>that", "in html After that"),
        ("{% include a %}Text {{ b }}\nhere\n\n```\ncode\n```\n", "Text here"),
        ("<script>\nbad()\n</script>\n\n<!-- a\n\nb -->\n\nGood &amp; `fine`", "Good & fine"),
        ("", ""),
        ("{% raw %}\n*a*\n{% endraw %}", ""),
    ],
)
def test_a_summary_holds_plain_words_only(text: str, words: str) -> None:
    assert " ".join(plain_text(text).split()) == words


def test_a_summary_is_cut_between_words() -> None:
    assert plain_text("One two, three four", 12) == "One two…"
    assert plain_text("One two", 7) == "One two"
    assert plain_text("O" * 30, 10) == "O" * 9 + "…"
    assert len(plain_text("你好" * 300, 100)) == 100


def test_a_summary_shows_nothing_of_what_only_the_generator_reads() -> None:
    assert plain_text("{{ page.title }}\n=====\n\nLast week") == "Last week"
    assert plain_text("\n{{ page.title }}\n=====\n\nLast week") == "Last week"
    assert plain_text("Howdy\n{: .message }\n\nA list{:.center #top} here") == "Howdy A list here"
    assert plain_text("a == b\n\n1 + 1\n=\n") == "a == b 1 + 1"

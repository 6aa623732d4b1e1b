"""Small files of the forms that few real posts have, each in several shapes: CRLF, no last line end …"""

from __future__ import annotations

from collections.abc import Iterator


def every() -> Iterator[tuple[str, bytes]]:
    """Each file in each of its shapes, with a name that seeds what is drawn for it."""
    for number, text in enumerate(FILES):
        for shape in ("lf", "crlf", "bom", "no end", "blank before"):
            yield f"made/{number} {shape}", _shaped(text, shape)


def _shaped(text: str, shape: str) -> bytes:
    if shape == "crlf":
        text = text.replace("\n", "\r\n")
    if shape == "no end":
        text = text.rstrip("\n")
    if shape == "blank before" and not text.startswith(("title", "Title")):
        text = "\n\n" + text
    return (b"\xef\xbb\xbf" if shape == "bom" else b"") + text.encode()


FILES = (
    # YAML: comments everywhere
    """---
# what this is
title: Boats and harbours # shown on top
tags: # by season
  # spring
  - sailing
  - rowing # on the river

  # winter
  - ice
# how to reach us
contact:
  # by post
  street: Quay 1
  # by wire
  mail: "a@example.org" # not public

draft: yes
# the end
---
Some words.

More words here.
And a last line.
""",
    # YAML: lists of objects in their usual layouts
    """---
title: "Links"
links:
- url: https://example.org/a
  title: 'A place'
  tags: [one, two]
- url: https://example.org/b # why
  title: Another place
- title: Third
people:
    - name: Ada
      born: 1815-12-10
      works:
        - notes
        - letters
    -   name: Grace
        born: 1906-12-09
empty: []
nothing:
object: {}
---
Text.

* a
* b

""",
    # YAML: blocks
    """---
summary: >
  A folded text that goes on
  over two lines.

  And a second paragraph.
literal: |
  first
    indented
  last
stripped: >-
  one line
  still the same
kept: |+
  with blank lines behind

indented: |2
    two more spaces
  none
list:
  - |
    in a list
    two lines
  - >-
    folded in
    a list
plain: goes on
  over two lines
single: 'goes on

  over a blank line'
double: "with \\
  escapes \\u00e9"
last: 1
---
Body
of
three
lines
""",
    # YAML: anchors, aliases, merge keys
    """---
base: &base
  kind: post
  lang: en
shared: &words [one, two]
here: *words
deep:
  <<: *base
  lang: de
  own: 1
copy: *base
title: Plain
---
""",
    # YAML: brackets
    """---
{title: Boats, "tags": [a, 'b', "c"], n: 1, deep: {er: [x, {y: z}]}}
---
""",
    """---
title: 'Flow'
tags: [
  one,   # the first
  two,

  three  # the last
]
wide: [ a , b ]
trailing: [ a, b, ]
object: { a: 1, b: 'two' }
nested: {
  a: [1, 2],
  b: {c: d},
}
none: []
---
x
""",
    # YAML: dates, numbers, old booleans, odd keys
    """---
date: 2024-01-05 10:00:00 +0900
updated: 2024-01-05T10:00:00.5Z
day: 2024-01-05
time: 18:00:00
price: 12.50
year: 2015
octal: 0755
on: off
"quoted key": v
'single': "v"
og.title: x
"2024": twenty
null: ~
? long key
: its value
spaced   :   far
---
""",
    # YAML: quotes everywhere, four-space lists, duplicate keys
    """---
"title": "One"
"date": "2020-01-01"
"tags":
    - "a"
    - "b: c"
"author": "Ada"
"author": "Grace"
---
""",
    """---
title: 'One'
tags:
- 'a'
- 'it''s'
- 'c'
nested:
   deeper:
      deepest: 'x'
   list:
   - - 1
     - 2
   - - 3
---
Words
""",
    # YAML: closed by dots, and opened by nothing
    """---
title: Dots
tags: a b c
...
Text
""",
    """title: Hexo
date: 2013-7-13 20:46:25
tags:
- a
---
Text
""",
    # TOML
    """+++
# what this is
title = "Boats" # shown on top
date = 2024-01-05T10:00:00+09:00
local = 2024-01-05 10:00:00
day = 2024-01-05
clock = 18:00:00
draft = false
weight = 10
price = 12.50
words = 'raw \\ text'
long = \"\"\"
First line
second "line"
\"\"\"
raw = '''
it's raw
'''
tags = ["a", "b"]
tall = [
  "one", # the first
  "two",
  # before the last
  "three",
]
point = { x = 1, y = "two" }
fruit.name = "apple"
fruit.color = "red"

# about the author
[author]
name = "Ada" # of London
"odd key" = 1

[params.deep]
er = true
list = [1, 2]

[[links]]
url = "https://example.org/a"
title = "A"

# the second
[[links]]
url = "https://example.org/b"
title = "B" # why
  [links.more]
  n = 1

[[links]]
url = "https://example.org/c"

[end]
z = 1
+++
Text

Body
text
""",
    """+++
title = 'Single'
tags = [ 'x', 'y' ]
[taxonomies]
categories = ["one"]
tags = []
[extra]
people = [{ name = "Ada", age = 36 }, { name = "Grace" }]
empty = {}
+++
""",
    """+++

[menu]
  [menu.main]
    name = "Home"
    weight = 1

[[resources]]
  src = "a.jpg"
[[resources]]
  src = "b.jpg"
  [resources.params]
    icon = "photo"
+++
""",
    # JSON
    """{
  "title": "Boats",
  "date": "2024-01-05",
  "draft": false,
  "weight": 10,
  "price": 1.50,
  "nothing": null,
  "tags": ["a", "b"],
  "tall": [
    "one",
    "two"
  ],
  "links": [
    {"url": "/a", "title": "A"},
    {"url": "/b"}
  ],
  "people": [
    {
      "name": "Ada",
      "works": []
    },
    {
      "name": "Grace"
    }
  ],
  "object": {},
  "deep": { "er": { "est": "\\u00e9 \\/ x" } }
}

Text
and more
lines
""",
    """;;;
"title": "Pairs",
"tags": ["a"],
"n": 1
;;;
Text
""",
    """{
\t"title" : "Tabs" ,
\t"list" : [ 1 , 2 ] ,
\t"last" : { "a" : 1 , "b" : 2 }
}
""",
    # headers
    """Title: My super title
Date: 2010-12-03 10:20
Modified: 2010-12-05 19:30
Category: Python
Tags: pelican, publishing
Slug:   my-super-post
Authors: Alexis Metaireau,
    Conan Doyle
Summary: Short version for index
    and feeds

This is the content.

More.
""",
)

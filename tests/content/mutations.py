"""Faults put into the code that edits files, each of which some test has to notice.

Here: the list. `tests/bench/mutations.py` puts each into a copy and runs the tests; `test_mutations.py` keeps
the list true of the code.
"""

from __future__ import annotations

from dataclasses import dataclass

YAML, SCALARS, TOML, PEN = (
    f"formats/{name}.py" for name in ("yaml_edits", "yaml_scalars", "toml", "toml_pen")
)
HABITS, JSON, ORG = (f"formats/{name}.py" for name in ("yaml_habits", "json", "org"))
BRACKETS, HEADERS, BASE, NODES = (
    f"formats/{name}.py" for name in ("brackets", "headers", "base", "yaml_nodes")
)


@dataclass(frozen=True)
class Mutation:
    """`file` below `gitcms/content`; the text `old` stands there once, and `new` comes in its place."""

    what: str
    file: str
    old: str
    new: str


MUTATIONS = (
    Mutation(
        "no proof behind an edit", BASE, "if not reads_as_edited(known, text, changed, [edit]):", "if False:"
    ),
    Mutation("of two dialects one is proved", BASE, "return all(one == other", "return any(one == other"),
    Mutation(
        "of a key that stands twice the first counts",
        BASE,
        "range(len(tree[1]) - 1, -1, -1)",
        "range(len(tree[1]))",
    ),
    Mutation(
        "a new key among others goes to the end",
        BASE,
        "return len(names) - list(reversed(names)).index(edit.after)",
        "return len(names)",
    ),
    Mutation("YAML: an apostrophe is not doubled", SCALARS, """text.replace("'", "''")""", "text"),
    Mutation("YAML: `no` goes plain", SCALARS, "if text.lower() in _WORDS or", "if"),
    Mutation(
        "YAML: numbers go plain",
        SCALARS,
        "if _NUMBERLIKE.fullmatch(text) and (before",
        "if False and (before",
    ),
    Mutation("YAML: minutes and seconds go plain", SCALARS, "if _SEXAGESIMAL.fullmatch(text):", "if False:"),
    Mutation("YAML: commas go plain in brackets", SCALARS, 'for sign in ",[]{}:?"', 'for sign in "[]{}:?"'),
    Mutation("YAML: a colon goes plain", SCALARS, 'or ": " in text or " #" in text', 'or " #" in text'),
    Mutation("YAML: `yes` becomes `false`", SCALARS, '"yes": "no"', '"yes": "false"'),
    Mutation(
        "YAML: a block ends in a line end too many",
        SCALARS,
        'if not text.endswith("\\n"):\n        return "-"',
        'if not text.endswith("\\n"):\n        return ""',
    ),
    Mutation("YAML: a folded text loses its line ends", SCALARS, 'out.append("")', "pass"),
    Mutation("YAML: a zone is spelled anew", SCALARS, "before.strip() not in", "before.strip() in"),
    Mutation("YAML: a moment loses its gap", SCALARS, 'gap = old["gap"] if old else "T"', 'gap = "T"'),
    Mutation("YAML: the quotes of the old text are lost", YAML, "return Look(node.style)", 'return Look("")'),
    Mutation(
        "YAML: neighbours do not tell the quotes",
        YAML,
        "return max(dict.fromkeys(reversed(styles)), key=styles.count)",
        'return ""',
    ),
    Mutation(
        "YAML: an empty value loses its gap",
        YAML,
        'return [Splice(at, at, " " + spelled)]',
        "return [Splice(at, at, spelled)]",
    ),
    Mutation(
        "YAML: a block takes another indicator",
        YAML,
        "if sorted(indicator) == sorted(header[0]):",
        "if False:",
    ),
    Mutation(
        "YAML: a block is indented anew",
        YAML,
        'return len(line) - len(line.lstrip(" "))\n        return self._column(place.entry_start)',
        "return 7\n        return self._column(place.entry_start)",
    ),
    Mutation(
        "YAML: a comment of others goes with a key",
        YAML,
        "return first if heads_more and same_level else",
        "return",
    ),
    Mutation(
        "YAML: a key leaves its comment behind",
        YAML,
        "first = self._own_comment_start(first, end, column)",
        "pass",
    ),
    Mutation(
        "YAML: a new item lands in front of comments",
        YAML,
        'if stripped.startswith("#") and len(line) - len(stripped) > column:',
        "if False:",
    ),
    Mutation(
        "YAML: an item moves to the next place",
        YAML,
        "order.insert(edit.to, order.pop(edit.index))",
        "order.insert(edit.to + 1, order.pop(edit.index))",
    ),
    Mutation(
        "YAML: an alias is edited as if it were the value", YAML, "if child.node.kind == ALIAS:", "if False:"
    ),
    Mutation(
        "YAML: new lines end in LF",
        YAML,
        'return "\\r\\n"\n        return "\\n" if',
        'return "\\n"\n        return "\\n" if',
    ),
    Mutation(
        "YAML: of equal keys the first is renamed",
        YAML,
        "for key in keys\n        ]",
        "for key in keys[:1]\n        ]",
    ),
    Mutation(
        "YAML: lists stand at the margin",
        YAML,
        "self.items(value, column + self._habits.list_step, look)]",
        "self.items(value, column, look)]",
    ),
    Mutation(
        "YAML: words take the place of the whole text",
        YAML,
        "while low > 0 and not old[low - 1].isspace():",
        "while low > 0:",
    ),
    Mutation("YAML: aliases unfold without bounds", NODES, "if size > EXPANDED:", "if False:"),
    Mutation(
        "brackets: no comma behind the last part",
        BRACKETS,
        'return [Splice(end, end, ","), Splice(at, at,',
        "return [Splice(at, at,",
    ),
    Mutation(
        "brackets: the comma stays behind",
        BRACKETS,
        "after = end if comma is None else comma + 1\n    if len",
        "after = end\n    if len",
    ),
    Mutation("brackets: comments do not move along", BRACKETS, "if not whole:", "if True:"),
    Mutation(
        "TOML: a literal takes an apostrophe",
        PEN,
        """r"['\\x00-\\x08\\x0a-\\x1f\\x7f]", value):\n            return f"'{value}'\"""",
        """r"[\\x00-\\x08\\x0a-\\x1f\\x7f]", value):\n            return f"'{value}'\"""",
    ),
    Mutation(
        "TOML: a long text gains a first line",
        PEN,
        'lead = self._newline if first or body.startswith("\\n") else ""',
        "lead = self._newline * 2",
    ),
    Mutation(
        "TOML: the signs of equality part",
        PEN,
        "if len(columns) == 1 and len(pairs) > 1 and max(gaps) > 1:",
        "if False:",
    ),
    Mutation(
        "TOML: a new key lands behind the tables",
        TOML,
        "return self._with_lines(next_line(self._text, section.pairs[place - 1].value.end), line)",
        "return self._with_lines(len(self._text), line)",
    ),
    Mutation(
        "TOML: a key leaves its comment behind",
        TOML,
        'if not following or following[0] in "#[":',
        "if False:",
    ),
    Mutation(
        "TOML: a table takes the blank lines before it along",
        TOML,
        "start = self._found.above(section)\n",
        "start = len(text[:self._found.above(section)].rstrip())\n",
    ),
    Mutation(
        "headers: the space behind the colon is lost",
        HEADERS,
        "if value and not entry.colon[1:]:",
        "if False:",
    ),
    Mutation(
        "text: line ends are all alike",
        "body.py",
        "lines += before[low:high] if fresh is None",
        "lines += [(line, usual) for line, _ in before[low:high]] if fresh is None",
    ),
    Mutation(
        "text: a new line takes LF", "body.py", "yield line, before[max(place, 0)][1]", 'yield line, "\\n"'
    ),
    Mutation(
        "text: what is alike is rewritten",
        "body.py",
        "if name == new:\n        return old",
        "if name == new:\n        return new",
    ),
    Mutation(
        "a text that begins like fields is taken",
        "document.py",
        "if (new.format, new.inner, new.body) != (old.format, inner, text):",
        "if False:",
    ),
    Mutation("front matter of any size is read", "document.py", "if len(inner) > FIELDS_SIZE:", "if False:"),
    Mutation(
        "several edits are proved as one",
        "batches.py",
        "if reads_as_edited(known, text, changed, steps):",
        "if True:",
    ),
    Mutation(
        "YAML: a comment goes with the block that it heads",
        YAML,
        "return [Splice(at, header.end() if header else header_end, spelled), rest]",
        "return [Splice(at, rest.end, spelled)]",
    ),
    Mutation(
        "YAML: keys lose the quotes that all have",
        HABITS,
        "return _quote(keys) if all(",
        "return _quote(keys) if not all(",
    ),
    Mutation(
        "YAML: lists stand in the other style",
        HABITS,
        "return sum(1 if node.flow else -1 for node in nodes) > 0",
        "return sum(1 if node.flow else -1 for node in nodes) < 0",
    ),
    Mutation(
        "YAML: brackets lose their blanks",
        HABITS,
        'return " " if sum(padded) * 2 > len(padded) else ""',
        'return ""',
    ),
    Mutation(
        "TOML: an item on one line takes several",
        PEN,
        "spread = one_line and",
        "spread = False and",
    ),
    Mutation(
        "TOML: a zone of zero is spelled anew",
        PEN,
        '("z" if written.endswith("z") else "Z")',
        '"+00:00"',
    ),
    Mutation(
        "TOML: an empty item is written",
        PEN,
        'raise EditRefused("A list in this file cannot have an empty item.")',
        'return ""',
    ),
    Mutation(
        "JSON: of equal keys the first counts",
        JSON,
        "next((pair.value for pair in reversed(self.pairs) if",
        "next((pair.value for pair in self.pairs if",
    ),
    Mutation(
        "JSON: of equal keys the first is renamed",
        JSON,
        "name) for pair in pairs]",
        "name) for pair in pairs[:1]]",
    ),
    Mutation(
        "JSON: letters are escaped in a new file",
        JSON,
        "ensure_ascii=False, indent=2",
        "ensure_ascii=True, indent=2",
    ),
    Mutation(
        "JSON: the blank behind a colon is made up",
        JSON,
        "self._colon = text[pairs[0].key_end : pairs[0].value.start] if pairs else",
        "self._colon = ",
    ),
    Mutation(
        "JSON: new lines end in LF",
        JSON,
        "pad = self._newline + self._indent_at(row.end) if at_least",
        'pad = "\\n" + self._indent_at(row.end) if at_least',
    ),
    Mutation(
        "Org: a new name is small where all are capitals",
        ORG,
        "_spelled_line(str(edit.path[0]), edit.value, gap, str.upper if capitals else str)",
        "_spelled_line(str(edit.path[0]), edit.value, gap, str)",
    ),
    Mutation(
        "Org: of several lines one is removed",
        ORG,
        'return [Splice(line.start, line.end, "") for line in field.lines]',
        'return [Splice(line.start, line.end, "") for line in field.lines[:1]]',
    ),
    Mutation(
        "Org: two words become two items",
        ORG,
        "if not word or len(word.split()) != 1 or",
        "if not word or",
    ),
    Mutation(
        "Org: a list of one line becomes a text unsaid",
        ORG,
        "if len(field.lines) == 2:",
        "if False:",
    ),
    Mutation(
        "a key gets the name of another",
        "edits.py",
        "if find(values, (*edit.path[:-1], edit.name)) is not MISSING:",
        "if False:",
    ),
    Mutation(
        "a whole list is written anew",
        "edits.py",
        "if isinstance(found, list) and isinstance(edit.value, list) and found and edit.value:",
        "if False:",
    ),
    Mutation(
        "a line that cannot be read is mended unproved",
        "mending.py",
        "if read.values.get(name) != edit.value:",
        "if False:",
    ),
    Mutation(
        "places of a batch count the items that are gone",
        "batches.py",
        "            del row[index]\n",
        "            pass\n",
    ),
    Mutation(
        "splices are done in any order",
        "spans.py",
        "if splice.start < at or splice.end < splice.start:",
        "if False:",
    ),
    Mutation(
        "a byte order mark is lost",
        "front_matter.py",
        "return self.prefix + fields +",
        "return fields +",
    ),
    Mutation(
        "a mark with blanks behind it is none",
        "formats/markers.py",
        're.compile(rf"{re.escape(one)}[ \\t]*(?:\\r?\\n|\\Z)")',
        're.compile(rf"{re.escape(one)}(?:\\r?\\n|\\Z)")',
    ),
)

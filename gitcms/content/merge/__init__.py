"""Two people's changes of one file joined, and the places where somebody has to choose.

    merge(base, theirs, mine)             front matter field by field, lists item by item,
                                          the text paragraph by paragraph
    merge(base, theirs, mine, answers)    the same with what was chosen
    merge_files(base, theirs, mine)       any other file, as a whole
    merge_lines(base, theirs, mine)       any other text, line by line

What only one side changed is taken; what both changed alike is taken once; what both changed differently is a
`Choice` with all versions in full. To take back a change, merge the version before it as mine, against
the version after it as the base. `fields` joins values, `passages` texts, `files` whole files.
"""

from __future__ import annotations

from gitcms.content.merge.choices import Answer, Choice
from gitcms.content.merge.files import Contested, Merged, merge, merge_files, merge_lines

__all__ = ["Answer", "Choice", "Contested", "Merged", "merge", "merge_files", "merge_lines"]

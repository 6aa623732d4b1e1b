"""The ground floor: bytes in, bytes out. No disk, no Git, no web.

Documents and their front matter, the edits that change them, Markdown, paths, comparisons.
"""

"""The content model: collections, fields, their types, and the rules that values must keep.

It is read off the site's own entries (`inference`). Nothing here writes a file or knows of the web.
"""

"""The demo: a small real site of made-up people, and what it takes to show it.

`site/` holds the site as it is today (texts and pictures were made for it), `history` how it came
to be, `maker` puts both into a folder, `hugo` finds the generator, `static_server` serves what it
built. The command that joins them to the CMS is `cli.demo`.
"""

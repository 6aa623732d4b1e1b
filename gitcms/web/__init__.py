"""The web floor: it takes requests apart, calls one service, and answers. It decides nothing.

`app` puts it together, `security` guards the door, `sessions` and `login` know who is there,
`errors_page` tells what went wrong, `pages` has one module for each kind of thing.
"""

"""`python3 -m gitcms`: the bootstrap first, then the command line.

In a checkout the bootstrap sees to it that what the command needs is installed; everywhere else it
returns at once.
"""

from __future__ import annotations

import sys

from gitcms import bootstrap

if __name__ == "__main__":
    bootstrap.ensure(sys.argv[1:])

    from gitcms.cli import main

    main()

"""gitcms: a content management system whose store is a Git repository.

Nothing but the version lives here, and nothing but the standard library may be imported: the
bootstrap reads this package before any dependency is installed.
"""

__version__ = "0.1.0"

"""The errors of the house, drawn as a tree.

    GitCMSError
    ├── ConfigError              the configuration file cannot be used
    ├── DocumentError            a file's bytes cannot be changed as asked
    │   ├── FrontMatterUnreadable    front matter does not parse; carries line and column
    │   ├── DocumentTooLarge         over a bound that is checked before parsing
    │   └── EditRefused              the change cannot be made without touching something else
    ├── PathRefused              a path that no author may name
    ├── InvalidEntry             values that the collection does not allow; carries field errors
    ├── NotFound                 no such collection, entry, change or page
    ├── PermissionDenied         this person may not do that
    ├── EditConflict             the entry changed after this author opened it; carries the base
    ├── UploadRefused            a picture or file that we do not take
    │   └── UploadTooLarge           … because of its size
    ├── AccountError             users, passwords, sign-in links
    ├── BuildError               the site's own generator stopped
    └── RepositoryError          the site's folder or its Git data
        ├── RepositoryUnusable       it cannot be opened as it is (bare, detached, merge in progress …)
        ├── RepositoryBusy           someone else holds a lock for longer than we wait
        ├── StorageFailed            the disk refused: full, read-only, no permission, I/O error
        ├── ChangedOnDisk            the file differs from the last saved version
        └── PathTaken                an entry of that name is there already

Every error says in `str(error)` what happened, in words an author understands, and in `hint` what
to do next. `code` is a stable name for programs; `details` are for "Technical details" and logs
and are never shown to authors unasked. Foreign errors are mapped where they enter.
"""

from __future__ import annotations

from collections.abc import Mapping


class GitCMSError(Exception):
    """Anything we expected could go wrong. `hint` tells the reader what to do next."""

    code = "error"
    hint = "Ask an administrator to look at the log."

    def __init__(self, message: str, *, hint: str | None = None, details: str | None = None) -> None:
        """
        :param message: what happened, one sentence for the person who meets it.
        :param hint: what to do next; the class's own hint when left out.
        :param details: what an administrator needs and an author does not.
        """
        super().__init__(message)
        self.details = details
        if hint is not None:
            self.hint = hint


class ConfigError(GitCMSError):
    """The configuration file cannot be used. `where` is "file:line" when it is known."""

    code = "config"
    hint = "Mend the configuration file and start again."

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        details: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.where = where


class DocumentError(GitCMSError):
    """A file's bytes cannot be read or changed as asked. The file is as it was."""

    code = "document"
    hint = "The file is unchanged. Ask an administrator to open it in a text editor."


class FrontMatterUnreadable(DocumentError):
    """Front matter that does not parse. `line` and `column` count from 1, in the whole file."""

    code = "frontmatter.invalid"
    hint = "The text below can be edited. The fields can be once this line is mended."

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
        details: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.line = line
        self.column = column


class DocumentTooLarge(DocumentError):
    """Over a bound (size, depth, number of values) that is checked before parsing."""

    code = "frontmatter.too_large"
    hint = "Make the file smaller, or edit it outside."


class EditRefused(DocumentError):
    """The change cannot be made without touching something else. Nothing was written."""

    code = "edit.refused"
    hint = "Nothing was changed. Ask an administrator to edit this value in the file itself."


class PathRefused(GitCMSError):
    """A path that no author may name: outside the site, inside its metadata, or not portable."""

    code = "path.refused"
    hint = "Choose another name: letters, digits, hyphens and dots."

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        details: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        if code is not None:
            self.code = code


class InvalidEntry(GitCMSError):
    """Values that the collection does not allow. `errors` maps a dotted path to a sentence.

    `entries` maps it to the path of another entry that the sentence speaks of, where it does.
    """

    code = "entry.invalid"
    hint = "Mend the fields that are marked. Nothing is lost."

    def __init__(
        self, message: str, errors: Mapping[str, str], entries: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.errors = dict(errors)
        self.entries = dict(entries or {})


class NotFound(GitCMSError):
    """There is no such collection, entry, change or page."""

    code = "not_found"
    hint = "It may have been renamed or deleted. Look for it in the list or in the history."


class PermissionDenied(GitCMSError):
    """This person may not do that."""

    code = "denied"
    hint = "Ask an administrator for the right to do this."


class EditConflict(GitCMSError):
    """The entry changed after this author opened it. Nothing was written, nothing is lost.

    `path` is the entry; `base` and `current` are blob ids, or None where the file did not or
    does not exist.
    """

    code = "conflict"
    hint = "Compare the two versions and save again."

    def __init__(self, path: str, *, base: str | None, current: str | None) -> None:
        super().__init__("Someone else saved this while you were writing.")
        self.path = path
        self.base = base
        self.current = current


class UploadRefused(GitCMSError):
    """A picture or file that we do not take."""

    code = "upload.refused"
    hint = "Choose a JPEG, PNG, GIF, WebP or AVIF picture."


class UploadTooLarge(UploadRefused):
    """A picture of more bytes, points or frames than we take."""

    code = "upload.too_large"
    hint = "Make it smaller, and choose it again."


class AccountError(GitCMSError):
    """Users, passwords and sign-in links."""

    code = "account"
    hint = "Try again, or ask an administrator for a new sign-in link."


class BuildError(GitCMSError):
    """The site's own generator stopped, or could not be started."""

    code = "build"
    hint = (
        "The last good version of the site stays as it is. Ask an administrator to look at the rebuild log."
    )


class RepositoryError(GitCMSError):
    """The site's folder or its Git data. Foreign errors arrive here mapped."""

    code = "repository"
    hint = "Ask an administrator to run `gitcms doctor` in the site's folder."


class RepositoryUnusable(RepositoryError):
    """The repository cannot be opened, or not be written to, in the state that it is in.

    Its sentence is for the one who mends it, and speaks of Git. Authors are told `PLAIN`.
    """

    code = "repository.unusable"
    PLAIN = "The site's files are being worked on outside, so nothing can be saved here at the moment."
    PLAIN_HINT = "Your text is kept on this page. Tell an administrator: they are shown the reason."


class RepositoryBusy(RepositoryError):
    """Someone else holds a lock for longer than we wait."""

    code = "repository.busy"
    hint = "Your text is kept. Wait a moment and save again."
    progress: tuple[int, int] | None = None
    """How far that which one waits for is: so much of so much, where that is known."""


class StorageFailed(RepositoryError):
    """The disk refused: full, read-only, no permission, or an I/O error."""

    code = "storage"
    hint = "Your text is still here. Save again once an administrator has made room or mended the disk."


class ChangedOnDisk(RepositoryError):
    """The file differs from its last saved version: someone edits it outside."""

    code = "changed_on_disk"
    hint = "Your text is kept. Ask whoever edits the site's folder to finish, then save again."


class PathTaken(RepositoryError):
    """A new entry would take the place of a file that is there already."""

    code = "path.taken"
    hint = "Choose another address."

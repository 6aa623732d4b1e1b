"""What people typed and have not saved yet: kept on the server while they write.

A closed window, a crash, an empty battery and an ended session lose nothing of it. Each form has a token
of its own, so two windows keep two texts; a save ends its token, so a copy that arrives late brings
nothing back. What is kept is the form as it was, word for word; what it means is for those who save it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import Unsaved
from gitcms.errors import GitCMSError, NotFound

LONGEST = 2_000_000
"""Characters of one form. A text that is longer is a book, and its author is told to save."""
LONGEST_TOKEN = 64
ENDED_FOR = timedelta(days=1)
"""How long a saved form's token is remembered: longer than any request is under way."""
THROWN_FOR = timedelta(days=30)
"""How long what somebody threw away can be brought back."""

KEPT, SAVED, THROWN = "kept", "saved", "thrown"
NOTHING: dict[str, list[list[str]]] = {"fields": []}

Form = Sequence[tuple[str, str]]


class TooLongToKeep(GitCMSError):
    """A form that is too long to be kept beside the site."""

    code = "unsaved.too_long"
    hint = "Save it, and it is safe."


class AlreadySaved(GitCMSError):
    """A copy of a form that has been saved meanwhile, by itself or by another window."""

    code = "unsaved.over"
    hint = "Nothing has to be done."


@dataclass(frozen=True, slots=True)
class KeptText:
    """A form as it was when it was last kept. `path` is empty for a new entry, and so is `form` in lists."""

    token: str
    collection: str
    path: str
    title: str
    kept_at: datetime
    form: Form = ()


def new_token() -> str:
    """Return a name for a form that is given out now."""
    return secrets.token_urlsafe(16)


def keep(
    database: Database,
    account: Account,
    token: str,
    *,
    collection: str,
    path: str,
    title: str,
    form: Form,
    now: datetime,
) -> None:
    """Keep a form in place of its earlier copy.

    :param token: as `new_token` made it for this form.
    :param title: what its author would know it by.
    :raises TooLongToKeep: at more than `LONGEST` characters.
    :raises AlreadySaved: when a save ended the token.
    """
    if len(token) > LONGEST_TOKEN or sum(len(name) + len(text) for name, text in form) > LONGEST:
        raise TooLongToKeep("This text is too long to be kept while you write.")
    with database.session() as session:
        session.execute(
            delete(Unsaved).where(
                ((Unsaved.state == SAVED) & (Unsaved.kept_at < now - ENDED_FOR))
                | ((Unsaved.state == THROWN) & (Unsaved.kept_at < now - THROWN_FOR))
            )
        )
        known = session.get(Unsaved, (account.id, token))
        if known is None:
            known = Unsaved(user_id=account.id, token=token)
            session.add(known)
        elif known.state == SAVED:
            raise AlreadySaved("This was saved meanwhile.")
        known.state, known.kept_at = KEPT, now
        known.collection, known.path, known.title = collection, path, title
        known.form = {"fields": [list(pair) for pair in form]}


def texts(database: Database, account: Account, path: str | None = None) -> list[KeptText]:
    """Return what somebody has not saved yet, the newest first.

    :param path: of this entry alone.
    """
    wanted = select(Unsaved.token, Unsaved.collection, Unsaved.path, Unsaved.title, Unsaved.kept_at).where(
        Unsaved.user_id == account.id, Unsaved.state == KEPT
    )
    if path is not None:
        wanted = wanted.where(Unsaved.path == path)
    with database.reading() as session:
        return [KeptText(*row) for row in session.execute(wanted.order_by(Unsaved.kept_at.desc()))]


def text(database: Database, account: Account, token: str) -> KeptText:
    """Return one of somebody's own texts whole, even one that they threw away.

    :raises NotFound: when they have none of that name, or it was saved.
    """
    with database.reading() as session:
        found = session.get(Unsaved, (account.id, token[:LONGEST_TOKEN]))
    if found is None or found.state == SAVED:
        raise NotFound("This text is not here any more.", hint="It was saved or thrown away meanwhile.")
    form = [(str(name), str(value)) for name, value in found.form["fields"]]
    return KeptText(found.token, found.collection, found.path, found.title, found.kept_at, form)


def end(database: Database, account: Account, token: str, *, now: datetime) -> None:
    """Forget a form that was saved, and take no later copy of it."""
    _settle(database, account, token, SAVED, now)


def throw_away(database: Database, account: Account, token: str, *, now: datetime) -> None:
    """Take a text off the lists. It can be opened, and so brought back, for `THROWN_FOR`."""
    _settle(database, account, token, THROWN, now)


def _settle(database: Database, account: Account, token: str, state: str, now: datetime) -> None:
    token = token[:LONGEST_TOKEN]
    with database.session() as session:
        known = session.get(Unsaved, (account.id, token))
        if known is None:
            # A copy that is still under way must find that it comes too late.
            known = Unsaved(user_id=account.id, token=token, collection="", path="", title="", form=NOTHING)
            session.add(known)
        elif known.state == SAVED:
            return
        known.state, known.kept_at = state, now
        if state == SAVED:
            known.form, known.title = NOTHING, ""

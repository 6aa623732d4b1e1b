"""Views: lists as people keep them under a name, each with what it asks for, and the one a list opens with.

A view is its owner's, and everybody's once it is shared. What it asks for is kept as the list's address has
it (`web.pages.entries` makes it and takes it apart), so that a field that is gone by now asks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from gitcms.accounts.permissions import Permission
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import OpensWith, SavedView, User
from gitcms.errors import GitCMSError, NotFound, PermissionDenied

LONGEST_NAME = 60
LONGEST_QUESTION = 8_000
"""Characters of all that a view asks for: more than an address may have."""
MOST = 50
"""Views of one person for one list."""

Asked = Mapping[str, list[str]]
"""What a list is asked for, as its address has it: `{"sort": ["title"], "f.country": ["Chile"]}`."""


class InvalidView(GitCMSError):
    """A view cannot be kept so. `taken` tells that another one of its owner has the name."""

    code = "view.invalid"
    hint = "Choose another name."

    def __init__(self, sentence: str, *, taken: bool = False) -> None:
        super().__init__(sentence)
        self.taken = taken


@dataclass(frozen=True, slots=True)
class View:
    """A list under a name. `owner` is a name, empty for one's own; `may_change` tells who it was read for."""

    id: int
    name: str
    asked: Asked
    shared: bool
    owner: str
    may_change: bool
    opens: bool
    """Whether the list opens with it."""


def of_list(database: Database, account: Account, collection: str) -> list[View]:
    """Return the views that somebody has for a list: their own and shared ones, by name."""
    wanted = (
        select(SavedView, User.name)
        .join(User, User.id == SavedView.user_id)
        .where(SavedView.collection == collection)
        .where(or_(SavedView.user_id == account.id, SavedView.shared))
    )
    with database.reading() as session:
        opens = session.get(OpensWith, (account.id, collection))
        found = [
            View(
                id=row.id,
                name=row.name,
                asked=row.asked,
                shared=row.shared,
                owner="" if row.user_id == account.id else owner,
                may_change=_may_change(account, row),
                opens=opens is not None and opens.view_id == row.id,
            )
            for row, owner in session.execute(wanted)
        ]
    return sorted(found, key=lambda view: (view.name.casefold(), view.id))


def keep(
    database: Database,
    account: Account,
    collection: str,
    name: str,
    asked: Asked,
    *,
    shared: bool,
    replacing: bool = False,
    now: datetime,
) -> None:
    """Keep a list under a name.

    :param replacing: in place of the view of that name, which must be there otherwise.
    :raises InvalidView: the name cannot be taken, or there are too many. :raises PermissionDenied: to share.
    """
    name = _checked(name)
    if sum(len(key) + sum(map(len, values)) for key, values in asked.items()) > LONGEST_QUESTION:
        raise InvalidView("This list asks for too much to be kept. Take some filters away.")
    with database.session() as session:
        known = _named(session, account.id, collection, name)
        if known is not None and not replacing:
            raise InvalidView(f"You have a view “{known.name}” here already.", taken=True)
        if known is None:
            own = (SavedView.user_id == account.id, SavedView.collection == collection)
            if (session.scalar(select(func.count()).select_from(SavedView).where(*own)) or 0) >= MOST:
                raise InvalidView(f"You have {MOST} views here already. Remove one first.")
            known = SavedView(user_id=account.id, collection=collection, shared=False, created_at=now)
            session.add(known)
        _share(account, known, shared)
        known.name, known.asked = name, {key: list(values) for key, values in asked.items()}


def change(database: Database, account: Account, view: int, name: str, *, shared: bool) -> None:
    """Give a view another name, share it or stop sharing it.

    :raises NotFound: this person cannot see it. :raises PermissionDenied: it is for others to change.
    :raises InvalidView: the name cannot be taken.
    """
    with database.session() as session:
        known = _to_change(session, account, view)
        name = _checked(name)
        other = _named(session, known.user_id, known.collection, name)
        if other is not None and other.id != known.id:
            raise InvalidView(f"There is a view “{other.name}” here already.", taken=True)
        _share(account, known, shared)
        known.name = name


def remove(database: Database, account: Account, view: int) -> str:
    """Remove a view for everybody, and return the name it had. :raises: as `change`."""
    with database.session() as session:
        known = _to_change(session, account, view)
        session.delete(known)
        return known.name


def open_with(database: Database, account: Account, collection: str, view: int | None) -> None:
    """Have a list open with a view for this person alone; with None, as it is.

    :raises NotFound: this person cannot see it, or it is another list's.
    """
    with database.session() as session:
        if view is not None and _visible(session, account, view).collection != collection:
            raise _gone()
        chosen = session.get(OpensWith, (account.id, collection))
        if view is None:
            if chosen is not None:
                session.delete(chosen)
        elif chosen is None:
            session.add(OpensWith(user_id=account.id, collection=collection, view_id=view))
        else:
            chosen.view_id = view


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise InvalidView("A view wants a name.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidView(f"A name has at most {LONGEST_NAME} characters that can be read.")
    return name


def _share(account: Account, view: SavedView, shared: bool) -> None:
    if shared and not view.shared and not account.rights.may(Permission.SHARE_VIEWS):
        raise PermissionDenied("Your account may not share views.", hint="Keep it for yourself.")
    view.shared = shared


def _named(session: Session, owner: int, collection: str, name: str) -> SavedView | None:
    own = select(SavedView).where(SavedView.user_id == owner, SavedView.collection == collection)
    # In Python, since databases differ in what they take for the same letter.
    return next((one for one in session.scalars(own) if one.name.casefold() == name.casefold()), None)


def _visible(session: Session, account: Account, view: int) -> SavedView:
    known = session.get(SavedView, view)
    if known is None or not (known.shared or known.user_id == account.id):
        raise _gone()
    return known


def _to_change(session: Session, account: Account, view: int) -> SavedView:
    known = _visible(session, account, view)
    if not _may_change(account, known):
        raise PermissionDenied("This view is shared by somebody else.", hint="Keep one of your own.")
    return known


def _may_change(account: Account, view: SavedView) -> bool:
    return view.user_id == account.id or account.rights.may(Permission.SHARE_VIEWS)


def _gone() -> NotFound:
    return NotFound("This view is not here any more.", hint="Somebody removed it, or does not share it now.")

"""The people: adding them, finding them, changing what is known of them.

Whoever calls has already been allowed to. Nobody is ever deleted, only shut out, since the
history names them. Passwords are judged in `passwords`, signing in is `sign_in`.
"""

from __future__ import annotations

import difflib
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gitcms.accounts import passwords
from gitcms.accounts.permissions import Rights, Role, problem_with_places
from gitcms.accounts.refusals import InvalidAccount
from gitcms.database import Database
from gitcms.database.models import LoginSession, SignInLink, User
from gitcms.errors import AccountError, NotFound

THEMES = ("", "light", "dark")
MINE, ALL = "mine", "all"
BUILD_MAIL = ("", MINE, ALL)
"""Of which failed rebuilds somebody is told by mail: of none, those with what they saved, or every one."""
NAME_LENGTH = 100
EMAIL_LENGTH = 254
# What an id's column can hold in every database.
LARGEST_NUMBER = 2**31 - 1
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]*[^\s@<>()\[\],;:\\\".]")


@dataclass(frozen=True, slots=True)
class Account:
    """What the house knows of a person. Never their password, nor its hash."""

    id: int
    name: str
    email: str
    role: Role
    active: bool
    theme: str
    has_password: bool
    created_at: datetime
    places: tuple[str, ...] = ()
    time_zone: str = ""
    has_second_factor: bool = False
    language: str = ""
    build_mail: str = ""

    @property
    def rights(self) -> Rights:
        """What this person may do, and where."""
        return Rights(self.role, self.places)


def add(
    database: Database, *, name: str, email: str, role: Role, password: str | None = None, now: datetime
) -> Account:
    """Add a person, who comes by a sign-in link first when no password is given.

    :raises InvalidAccount: naming the fields that cannot be taken.
    """
    with database.session() as session:
        return account_of(insert(session, name=name, email=email, role=role, password=password, now=now))


def insert(
    session: Session, *, name: str, email: str, role: Role, password: str | None, now: datetime
) -> User:
    """Add a person as a part of a transaction that the caller holds."""
    name, email = tidy(name), tidy(email)
    errors = problems_with(name=name, email=email)
    if password is not None and (problem := passwords.problem_with(password, name=name, email=email)):
        errors["password"] = problem
    if "email" not in errors and _by_email(session, email):
        errors["email"] = "Somebody with this email is there already."
    if errors:
        raise InvalidAccount(errors)
    user = User(
        name=name,
        email=email,
        email_key=email_key(email),
        password_hash=passwords.hashed(password) if password is not None else None,
        role=role,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def everyone(database: Database) -> list[Account]:
    """Return all people, those who may sign in first, by name."""
    with database.reading() as session:
        users = session.scalars(select(User)).all()
    return [
        account_of(user) for user in sorted(users, key=lambda user: (not user.active, user.name.casefold()))
    ]


def anybody(database: Database) -> bool:
    """Tell whether there is anyone at all who could sign in one day."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(User)) != 0


def find(database: Database, user_id: int) -> Account:
    """Return a person by number.

    :raises NotFound: when there is none.
    """
    with database.reading() as session:
        return account_of(_get(session, user_id))


def find_by_email(database: Database, email: str) -> Account:
    """Return a person by email, however its capitals are written.

    :raises NotFound: when there is none.
    """
    with database.reading() as session:
        user = _by_email(session, email)
        if user is None:
            raise NotFound(
                "There is nobody with this email.", hint="`gitcms user list` shows everybody there is."
            )
        return account_of(user)


def change_profile(database: Database, user_id: int, *, name: str, email: str) -> Account:
    """Change the name and address that stand with everything a person saves.

    :raises InvalidAccount: naming the fields that cannot be taken.
    """
    name, email = tidy(name), tidy(email)
    errors = problems_with(name=name, email=email)
    with database.session() as session:
        other = _by_email(session, email)
        if other is not None and other.id != user_id:
            errors.setdefault("email", "Somebody with this email is there already.")
        if errors:
            raise InvalidAccount(errors)
        user = _get(session, user_id)
        user.name, user.email, user.email_key = name, email, email_key(email)
        return account_of(user)


def change_theme(database: Database, user_id: int, theme: str) -> None:
    """Remember whether a person wants it light, dark, or as the system says ("")."""
    if theme not in THEMES:
        raise InvalidAccount({"theme": "Choose one of the three."})
    with database.session() as session:
        _get(session, user_id).theme = theme


def change_language(database: Database, user_id: int, code: str) -> None:
    """Remember in which language a person sees the interface, such as "es"; "" for what the browser asks for.

    Which languages there are is known to who calls.
    """
    with database.session() as session:
        _get(session, user_id).language = code


def change_build_mail(database: Database, user_id: int, which: str) -> None:
    """Remember of which failed rebuilds a person is told by mail, as `BUILD_MAIL` has it; others are none."""
    with database.session() as session:
        _get(session, user_id).build_mail = which if which in BUILD_MAIL else ""


def change_time_zone(database: Database, user_id: int, name: str) -> None:
    """Remember in which time zone a person sees times; "" for the site's own.

    :raises InvalidAccount: when there is none of that name.
    """
    name = tidy(name)
    if name and name not in available_timezones():
        near = difflib.get_close_matches(name.replace(" ", "_"), available_timezones(), n=1, cutoff=0.6)
        city = [zone for zone in sorted(available_timezones()) if zone.lower().endswith(f"/{name.lower()}")]
        hint = f" Did you mean {(city or near)[0]}?" if city or near else " Write one such as Europe/Madrid."
        raise InvalidAccount({"time_zone": f"There is no time zone “{name[:60]}”.{hint}"})
    with database.session() as session:
        _get(session, user_id).time_zone = name


def change_role(database: Database, user_id: int, role: Role) -> Account:
    """Give a person another role, from their next click on.

    :raises AccountError: when no administrator would be left.
    """
    with database.session() as session:
        user = _get(session, user_id)
        if role is not Role.ADMIN:
            _keep_an_admin(session, user)
        user.role = role
        return account_of(user)


def change_places(
    database: Database, user_id: int, places: Iterable[str], *, collections: Iterable[str]
) -> Account:
    """Let a person write in some places alone, or everywhere when there are none, from their next click on.

    :param places: as in `permissions.Rights`; empty ones and repetitions are left out.
    :param collections: the names of those that the site has.
    :raises InvalidAccount: when one of them can mean nothing.
    """
    wanted = tuple(dict.fromkeys(tidied for place in places if (tidied := tidy(place))))
    if problem := problem_with_places(wanted, collections):
        raise InvalidAccount({"places": problem})
    with database.session() as session:
        user = _get(session, user_id)
        user.places = list(wanted)
        return account_of(user)


def change_password(database: Database, user_id: int, password: str) -> None:
    """Give a person a new password; all their sessions, unused links and the addresses of their feeds end.

    :raises InvalidAccount: when it cannot be taken.
    """
    account = find(database, user_id)
    if problem := passwords.problem_with(password, name=account.name, email=account.email):
        raise InvalidAccount({"password": problem})
    kept = passwords.hashed(password)
    with database.session() as session:
        _get(session, user_id).password_hash = kept
        _shut_doors(session, user_id)


def has_password(database: Database, user_id: int, password: str) -> bool:
    """Tell whether this is the person's password."""
    if passwords.unusable_text(password):
        return False
    with database.reading() as session:
        kept = _get(session, user_id).password_hash
    return passwords.matches(kept, password)


def disable(database: Database, user_id: int) -> Account:
    """Shut a person out; all their sessions, unused links and the addresses of their feeds end at once.

    :raises AccountError: when no administrator would be left.
    """
    with database.session() as session:
        user = _get(session, user_id)
        _keep_an_admin(session, user)
        user.active = False
        _shut_doors(session, user_id)
        return account_of(user)


def enable(database: Database, user_id: int) -> Account:
    """Let a person in again."""
    with database.session() as session:
        user = _get(session, user_id)
        user.active = True
        return account_of(user)


def problems_with(*, name: str, email: str) -> dict[str, str]:
    """Return field → sentence for what cannot stand as the author of a version.

    Git drops angle brackets and line ends from both, and refuses a name of dots and commas alone.
    """
    errors = {}
    if not any(letter.isalnum() for letter in name):
        errors["name"] = "Write your name. It goes with everything you save."
    elif len(name) > NAME_LENGTH or _has_control(name) or set(name) & set("<>"):
        errors["name"] = f"Write a name of at most {NAME_LENGTH} letters, without < and >."
    if len(email) > EMAIL_LENGTH or _has_control(email) or not _EMAIL.fullmatch(email):
        errors["email"] = "Write an email such as ines@example.org."
    return errors


def tidy(text: str) -> str:
    """Return a typed name or address in composed letters, without spaces around it."""
    return unicodedata.normalize("NFC", text).strip()


def email_key(email: str) -> str:
    """Return the form in which two spellings of one address are the same."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def account_of(user: User) -> Account:
    """Return what may be known of a row."""
    return Account(
        id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        active=user.active,
        theme=user.theme,
        has_password=user.password_hash is not None,
        created_at=user.created_at,
        places=tuple(user.places),
        time_zone=user.time_zone,
        has_second_factor=user.totp_since is not None,
        language=user.language,
        build_mail=user.build_mail,
    )


def _get(session: Session, user_id: int) -> User:
    user = session.get(User, user_id) if user_id <= LARGEST_NUMBER else None
    if user is None:
        raise NotFound("There is no such person.")
    return user


def _by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email_key == email_key(email)))


def _keep_an_admin(session: Session, leaving: User) -> None:
    admins = session.scalars(
        select(User.id).where(User.role == Role.ADMIN, User.active).with_for_update()
    ).all()
    if list(admins) == [leaving.id]:
        raise AccountError(
            f"{leaving.name} is the only administrator.",
            hint="Make somebody else one first, then do this again.",
        )


def _shut_doors(session: Session, user_id: int) -> None:
    _get(session, user_id).feed_salt = secrets.token_hex(16)
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    session.execute(delete(SignInLink).where(SignInLink.user_id == user_id))


def _has_control(text: str) -> bool:
    return any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in text)

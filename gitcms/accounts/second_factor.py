"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone.

The app's key is kept sealed, and recovery codes as scrypt hashes, so the database alone gives neither. Each
code is taken once: an app's code counts only when it is newer than the last that was taken. Between the
password and the code the browser holds a ticket, good for this browser, this password and a few minutes.
Where the code is asked for is `web.pages.sign_in`; who must have a factor is said by `is_missing`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gitcms.accounts import attempts, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.refusals import CodeWrong, TicketUnusable
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import RecoveryCode, User
from gitcms.sealing import Seal

STEP_SECONDS = 30
DIGITS = 6
# A telephone's clock may be off by so many steps, to either side (RFC 6238, 5.2).
STEPS_OFF = 1
KEY_BYTES = 20
TICKET_FOR = timedelta(minutes=10)
RECOVERY_CODES = 10
# 80 bits each, in groups that can be read aloud.
RECOVERY_BYTES, RECOVERY_GROUP = 10, 4
PURPOSE = "second-factor"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key for an app: to be typed, and as the address that a QR code holds."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class State:
    """Whether somebody has a second factor, since when, and how many recovery codes are left."""

    since: datetime | None
    codes_left: int


def is_missing(account: Account, wanted: str) -> bool:
    """Tell whether somebody must set up a second factor before anything else.

    :param wanted: `sessions.second_factor`: "", "admins" or "everyone".
    """
    asked = wanted == "everyone" or (wanted == "admins" and account.role is Role.ADMIN)
    return asked and not account.has_second_factor


def state_of(database: Database, user_id: int) -> State:
    """Return what a person's account page says of it."""
    with database.reading() as session:
        user = session.get_one(User, user_id)
        left = session.scalar(select(func.count()).where(RecoveryCode.user_id == user_id))
    return State(user.totp_since, left or 0)


# ── setting it up ────────────────────────────────────────────────────────────────────────────


def begin(database: Database, folder: Path, user_id: int, *, site_title: str) -> NewKey:
    """Make a key for somebody's app, which counts once a code of it was typed. An unfinished one is dropped.

    :param folder: the state folder, where the sealing key lies.
    :raises CodeWrong: when there is a factor already, which must be turned off first.
    """
    key = secrets.token_bytes(KEY_BYTES)
    with database.session() as session:
        user = session.get_one(User, user_id)
        if user.totp_since is not None:
            raise CodeWrong("There is a second factor already. Turn it off first.")
        user.totp_key, user.totp_step = Seal(folder, PURPOSE).close(_base32(key)), 0
        return _shown(_base32(key), user.email, site_title)


def begun(database: Database, folder: Path, user_id: int, *, site_title: str) -> NewKey | None:
    """Return the key again that was made and not confirmed yet, or None."""
    with database.reading() as session:
        user = session.get_one(User, user_id)
    if user.totp_key is None or user.totp_since is not None:
        return None
    return _shown(Seal(folder, PURPOSE).open(user.totp_key), user.email, site_title)


def confirm(database: Database, folder: Path, user_id: int, code: str, *, now: datetime) -> list[str]:
    """Turn the factor on with the app's first code, and return the recovery codes, shown this once.

    :raises CodeWrong: when it is not the app's code of now, or nothing was begun.
    """
    made = _new_codes()
    with database.session() as session:
        user = session.get_one(User, user_id)
        if user.totp_since is not None or not _takes_app_code(session, folder, user, code, now):
            raise CodeWrong
        user.totp_since = now
        _keep_codes(session, user_id, made)
    return made


def renew_codes(database: Database, user_id: int) -> list[str]:
    """Return new recovery codes; the earlier ones stop working."""
    made = _new_codes()
    with database.session() as session:
        if session.get_one(User, user_id).totp_since is None:
            raise CodeWrong("There is no second factor yet.")
        _keep_codes(session, user_id, made)
    return made


def turn_off(database: Database, user_id: int) -> Account:
    """Take the factor and its recovery codes away: at one's own wish, or when the telephone was lost."""
    users.find(database, user_id)
    with database.session() as session:
        user = session.get_one(User, user_id)
        user.totp_key, user.totp_since, user.totp_step = None, None, 0
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        return users.account_of(user)


# ── asking for it ────────────────────────────────────────────────────────────────────────────


def ticket_for(
    database: Database, folder: Path, user_id: int, browser_id: str, *, now: datetime, by: str = "password"
) -> str:
    """Return what proves later that this browser gave the right password, or held the link, just now.

    :param by: what came before the code: "password", "link" or "provider".
    """
    until = int((now + TICKET_FOR).timestamp())
    with database.reading() as session:
        user = session.get_one(User, user_id)
    says = f"{user_id}.{until}.{by}"
    return f"{says}.{_ticket_mark(folder, user, says, browser_id)}"


def holder(
    database: Database, folder: Path, ticket: str, browser_id: str, *, now: datetime
) -> tuple[Account, str]:
    """Return whose ticket it is, and what came before the code, as in `ticket_for`.

    :raises TicketUnusable: it is too old, of another browser or an earlier password, or forged.
    """
    says, _, mark = ticket.rpartition(".")
    number, until, by = [*says.split("."), "", "", ""][:3]
    if not (_is_number(number) and _is_number(until)) or int(number) > users.LARGEST_NUMBER:
        raise TicketUnusable
    with database.reading() as session:
        user = session.get(User, int(number))
    if user is None or not user.active or now.timestamp() >= int(until):
        raise TicketUnusable
    right = _ticket_mark(folder, user, says, browser_id)
    if not hmac.compare_digest(mark.encode("utf-8", "replace"), right.encode()):
        raise TicketUnusable
    return users.account_of(user), by


def check(database: Database, folder: Path, user_id: int, code: str, *, limit: int, now: datetime) -> str:
    """Take a code, of the app or a recovery code, and return which: "app" or "recovery". It is used up.

    :param limit: how many wrong ones an account has in a quarter of an hour.
    :raises CodeWrong: when it is neither, or was used already.
    :raises TooManyAttempts: when too many were wrong.
    """
    key = f"code:{user_id}"
    attempts.count_one(database, {key: limit}, now=now)
    typed = "".join(code.split()).replace("-", "")
    with database.session() as session:
        user = session.get_one(User, user_id)
        if user.totp_since is not None and _takes_app_code(session, folder, user, typed, now):
            how = "app"
        elif user.totp_since is not None and _takes_recovery_code(session, user_id, typed):
            how = "recovery"
        else:
            raise CodeWrong
    attempts.forget(database, key)
    return how


def code_at(key: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of a step (RFC 6238, 4.2; RFC 4226, 5.3), with SHA-1 as every app has it."""
    digest = hmac.digest(key, struct.pack(">Q", step), hashlib.sha1)
    at = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def _takes_app_code(session: Session, folder: Path, user: User, code: str, now: datetime) -> bool:
    typed = "".join(code.split())
    if user.totp_key is None or len(typed) != DIGITS or not typed.isascii():
        return False
    key = base64.b32decode(Seal(folder, PURPOSE).open(user.totp_key))
    this = int(now.timestamp()) // STEP_SECONDS
    fitting = 0
    # All are compared whichever fits, so that the time taken says nothing.
    for step in range(this - STEPS_OFF, this + STEPS_OFF + 1):
        if hmac.compare_digest(code_at(key, step), typed):
            fitting = step
    if not fitting:
        return False
    # Of two browsers that send one code at the same moment, one gets in.
    taken = session.execute(
        update(User).where(User.id == user.id, User.totp_step < fitting).values(totp_step=fitting)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _takes_recovery_code(session: Session, user_id: int, typed: str) -> bool:
    kept = session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id)).all()
    if not kept or len(typed) != RECOVERY_BYTES * 8 // 5 or not typed.isascii():
        return False
    # One salt for the codes of a person, so that one hash is worked out, not ten.
    hashed = _hash(typed, kept[0].salt)
    fitting = [each.id for each in kept if hmac.compare_digest(each.code_hash, hashed)]
    if not fitting:
        return False
    used = session.execute(delete(RecoveryCode).where(RecoveryCode.id == fitting[0]))
    return bool(used.rowcount)  # type: ignore[attr-defined]


def _new_codes() -> list[str]:
    texts = [_base32(secrets.token_bytes(RECOVERY_BYTES)).lower() for _ in range(RECOVERY_CODES)]
    return [
        "-".join(text[at : at + RECOVERY_GROUP] for at in range(0, len(text), RECOVERY_GROUP))
        for text in texts
    ]


def _keep_codes(session: Session, user_id: int, codes: list[str]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    salt = secrets.token_hex(16)
    session.add_all(
        RecoveryCode(user_id=user_id, salt=salt, code_hash=_hash(code.replace("-", ""), salt))
        for code in codes
    )


def _hash(code: str, salt: str) -> str:
    return hashlib.scrypt(code.lower().encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex()


def _ticket_mark(folder: Path, user: User, says: str, browser_id: str) -> str:
    return Seal(folder, PURPOSE).digest(f"{says}.{browser_id}.{user.password_hash or ''}")


def _shown(key: str, email: str, title: str) -> NewKey:
    # The form that apps read (github.com/google/google-authenticator/wiki/Key-Uri-Format).
    issuer = title.replace(":", " ").strip() or "gitcms"
    address = f"otpauth://totp/{quote(issuer)}:{quote(email)}?secret={key}&issuer={quote(issuer)}"
    return NewKey(" ".join(key[at : at + 4] for at in range(0, len(key), 4)), address)


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12

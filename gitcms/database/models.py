"""The tables: people, identities, links, sessions, attempts, unsaved texts, windows, views, rebuilds, hooks.

Only their form lives here; what they mean is decided by the services that use them. Every change
here needs a step in `migrations/versions`, and a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept and handed out in UTC. SQLite itself forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    # Names for all constraints, so that a later migration can speak of them on every database.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, dict[str, Any]: JSON, list[str]: JSON}


class User(Base):
    """A person who may sign in. Never deleted, only made inactive: the history names them."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(254))
    # The address in the form in which two spellings of it are the same.
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    # An argon2id hash; None for somebody who comes by sign-in links alone.
    password_hash: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    # "light", "dark", or "" for what the system says.
    theme: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime]
    # Where they may write, as `accounts.permissions.Rights` has it; empty for everywhere.
    places: Mapped[list[str]] = mapped_column(default=list)
    # In which they see times, such as "Europe/Madrid"; "" for the site's own.
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    # Of the interface, such as "es"; "" for what the browser asks for.
    language: Mapped[str] = mapped_column(String(20), default="")
    # Of which failed rebuilds they are told by mail: "mine", "all", or "" for none.
    build_mail: Mapped[str] = mapped_column(String(10), default="")
    # From which, with the server's key, the token of their feeds follows; drawn anew to put it out of use.
    feed_salt: Mapped[str] = mapped_column(String(32), default="")
    # The key of their authenticator app, sealed; since when it counts; the step of the last code taken.
    totp_key: Mapped[str | None] = mapped_column(Text)
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that stands for the app once, as a hash; deleted when it is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    salt: Mapped[str] = mapped_column(String(32))
    code_hash: Mapped[str] = mapped_column(String(64))


class SignInLink(Base):
    """A link that signs one person in once. Only the hash of its token is kept."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Identity(Base):
    """Who a person is at another provider. The two together are one person's; an email never is."""

    __tablename__ = "identities"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    # An email or name that the provider gave, for the person to know it again by.
    shown_as: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_identities_issuer_subject", "issuer", "subject", unique=True),)


class Passkey(Base):
    """A key that signs one person in, as the thing that keeps it described it. No secret is in it."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), index=True, unique=True)
    credential: Mapped[str] = mapped_column(Text)
    # How often it was used, as it says itself; 0 for those that do not count.
    counter: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInElsewhere(Base):
    """A browser that was sent to a provider, or asked for a passkey, and has not answered yet.

    Used up by the answer, right or wrong.
    """

    __tablename__ = "sign_ins_elsewhere"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(40))
    # What the answer is checked with, and where to go on, sealed.
    kept: Mapped[str] = mapped_column(Text)
    begun_at: Mapped[datetime] = mapped_column(index=True)


class LoginSession(Base):
    """A browser in which somebody is signed in. Only the hash of the cookie's value is kept."""

    __tablename__ = "login_sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    # Where it was begun, so that its owner knows it again.
    address: Mapped[str] = mapped_column(String(200), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


class AuditRow(Base):
    """Something that happened to an account, or a refusal."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_event_address", "event", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(40))
    # Numbers of people, who are never deleted.
    who: Mapped[int | None]
    about: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(200), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    what: Mapped[str] = mapped_column(String(200), default="")


class Attempt(Base):
    """One try that counts against a limit, such as a wrong password for an account."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # What is limited and for whom: "account:…" or "address:…".
    key: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]


class Unsaved(Base):
    """A form that somebody fills in and has not saved yet, as it was when it was last kept."""

    __tablename__ = "unsaved"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    # Made with the form, so that each window has its own.
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    collection: Mapped[str] = mapped_column(Text)
    # Of the entry; empty for a new one.
    path: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    # "kept", "saved" or "thrown".
    state: Mapped[str] = mapped_column(String(10))
    kept_at: Mapped[datetime]
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)


class OpenWindow(Base):
    """A window in which somebody has an entry open, as far as is known. Lives for minutes."""

    __tablename__ = "open_windows"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    # Of the window's form, the one that `unsaved` keeps it under.
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    # When it counts as closed unless something is heard of it.
    until: Mapped[datetime]


class SavedView(Base):
    """A list of entries that somebody keeps under a name."""

    __tablename__ = "views"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    collection: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(60))
    # What the list is asked for, as its address has it: name → values.
    asked: Mapped[dict[str, Any]]
    # Seen by everybody, or by its owner alone.
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class OpensWith(Base):
    """The view that a list opens with for one person."""

    __tablename__ = "views_opened"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    collection: Mapped[str] = mapped_column(Text, primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("views.id", ondelete="CASCADE"), index=True)


class Cursor(Base):
    """Up to which commit of a branch everything that follows from it has been set going."""

    __tablename__ = "cursors"

    branch: Mapped[str] = mapped_column(String(255), primary_key=True)
    commit: Mapped[str] = mapped_column(String(64))


class Build(Base):
    """One rebuild of the site: asked for, running, or done one way or the other."""

    __tablename__ = "builds"

    id: Mapped[int] = mapped_column(primary_key=True)
    commit: Mapped[str] = mapped_column(String(64))
    # "queued", "running", "live", "failed", or "replaced" by a later one.
    state: Mapped[str] = mapped_column(String(10), index=True)
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # Why it failed, in a sentence; empty otherwise.
    message: Mapped[str] = mapped_column(Text, default="")
    log: Mapped[str] = mapped_column(Text, default="")
    requested_by: Mapped[str] = mapped_column(String(254), default="")
    # The service that builds, and the delivery that asks it; None for this server's own command.
    endpoint_id: Mapped[int | None] = mapped_column(index=True)
    delivery_id: Mapped[int | None] = mapped_column(index=True)
    # The builder's own page about it, and who said how it stands: "command", "callback", "page" …
    link: Mapped[str] = mapped_column(String(500), default="")
    told_by: Mapped[str] = mapped_column(String(20), default="")
    # What the published page must show: see `builds.looking`. When it is looked at next, how often it was.
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    look_at: Mapped[datetime | None] = mapped_column(index=True)
    looks: Mapped[int] = mapped_column(default=0)


class BuildLetter(Base):
    """A mail to one person about a rebuild: that it failed, or that after such a one all is well again."""

    __tablename__ = "build_letters"
    __table_args__ = (Index("ix_build_letters_user_id_endpoint_id", "user_id", "endpoint_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Whose rebuild it was, as in `Build`; and what became of it: "failed" or "live".
    endpoint_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    # When it is to be sent; None once it was, or was given up.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]


class Event(Base):
    """Something that happened to the site, as it is told to others. Never changed."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Follows from what happened, so that it cannot be written twice; travels as `webhook-id`.
    key: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(40))
    # In a few words, for people.
    subject: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(index=True)
    # The message as it travels: type, timestamp, data.
    message: Mapped[dict[str, Any]]


class Endpoint(Base):
    """A service that hears of what happens. Its secrets are sealed."""

    __tablename__ = "endpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    # A row of `webhooks.presets`.
    preset: Mapped[str] = mapped_column(String(40))
    # The address with its secret part left out.
    shown_url: Mapped[str] = mapped_column(String(300))
    # The preset's fields, headers and signing keys, sealed as one JSON text.
    sealed: Mapped[str] = mapped_column(Text)
    # Kinds of events, each a name or a beginning such as "content.*".
    events: Mapped[list[str]]
    # One delivery after the other, each only when the one before is done with.
    in_order: Mapped[bool] = mapped_column(default=False)
    # Wait for so long after the last event, and never longer than that; 0 tells each event by itself.
    quiet_seconds: Mapped[float] = mapped_column(default=0.0)
    most_seconds: Mapped[float] = mapped_column(default=0.0)
    # None, or since when nothing is sent, and why; what happens meanwhile waits.
    paused_at: Mapped[datetime | None]
    paused_why: Mapped[str] = mapped_column(String(300), default="")
    # Tries without success since the last one, and since when.
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(100), default="")


class Delivery(Base):
    """One message to one endpoint, until it has arrived or was given up."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_state_due_at", "state", "due_at"),
        Index("ix_deliveries_endpoint_id_state", "endpoint_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300))
    # The message as JSON, exactly as it travels where no preset spells it otherwise.
    body: Mapped[str] = mapped_column(Text)
    # How many events it stands for.
    events: Mapped[int] = mapped_column(default=1)
    # "pending", "arrived", "failed", "stopped", or "replaced" by a newer one.
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    # Whose turn it is to send it, and until when nobody else may.
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    # Of the last try: the answer's status, or None; how long it took; what went wrong, in words.
    status: Mapped[int | None]
    milliseconds: Mapped[int | None]
    problem: Mapped[str] = mapped_column(String(500), default="")


class DeliveryTry(Base):
    """One try of a delivery: what was sent and what came back, without secrets."""

    __tablename__ = "delivery_tries"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    problem: Mapped[str] = mapped_column(String(500), default="")
    request: Mapped[dict[str, Any]]
    response: Mapped[dict[str, Any]]


class Caller(Base):
    """A service that calls us: when others saved there, or when a rebuild is done. Its secret is sealed."""

    __tablename__ = "callers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    # A row of `webhooks.senders`.
    sender: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(100), default="")


class Call(Base):
    """One call that was believed, once each however often it is sent."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_caller_id_key", "caller_id", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    caller_id: Mapped[int] = mapped_column(ForeignKey("callers.id", ondelete="CASCADE"))
    # A hash of the sender's own id for it.
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(60), default="")
    outcome: Mapped[str] = mapped_column(String(200), default="")

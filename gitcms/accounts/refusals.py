"""The errors of accounts, beneath `AccountError`.

AccountError
├── InvalidAccount     a name, address or password that we do not take; says which
├── SignInFailed       email and password do not go together
├── TooManyAttempts    too many wrong passwords; carries how long to wait
├── CodeWrong          a code of the second factor that is wrong, or was used already
├── TicketUnusable     too long between the password and the code
├── LinkUnusable       a link that is unknown, used or too old
├── ProviderRefused    another provider's answer that proves nothing, or somebody who may not come in by it
├── ProviderAway       another provider that cannot be asked now
├── IdentityTaken      what somebody is at a provider is another account's already
└── PasskeyRefused     a passkey's answer that proves nothing, or of nobody here
"""

from __future__ import annotations

from collections.abc import Mapping

from gitcms.counting import counted
from gitcms.errors import AccountError


class InvalidAccount(AccountError):
    """What was typed about a person cannot be taken. `errors` maps a field to a sentence."""

    code = "account.invalid"
    hint = "Mend what is marked and send it again."

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class SignInFailed(AccountError):
    """Email and password do not go together. It never says which of the two was wrong.

    `user_id` is for the log alone: whose account was tried, or None when there is none.
    """

    code = "sign_in.failed"
    hint = "Try again, or ask an administrator for a sign-in link."

    def __init__(self, user_id: int | None = None) -> None:
        super().__init__("That email and password do not go together.")
        self.user_id = user_id


class TooManyAttempts(AccountError):
    """Too many wrong passwords. `seconds` is how long to wait before the next."""

    code = "sign_in.too_many"
    hint = "An administrator can give you a sign-in link, which works at once."

    def __init__(self, seconds: int) -> None:
        minutes = max(1, round(seconds / 60))
        super().__init__(
            counted(
                minutes,
                "Too many tries. Wait {1} minute and try again.",
                "Too many tries. Wait {1} minutes and try again.",
            )
        )
        self.seconds = seconds


class CodeWrong(AccountError):
    """A code of the second factor that is wrong, too old, or was used already."""

    code = "code.wrong"
    hint = "Type the code that the app shows now, or a recovery code that you have not used yet."

    def __init__(self, message: str = "That is not the code of now, or it was used already.") -> None:
        super().__init__(message)


class TicketUnusable(AccountError):
    """Too long went by between the password and the code, or it was another browser that gave it."""

    code = "ticket.unusable"
    hint = "Begin again with email and password, or ask for a new link."

    def __init__(self) -> None:
        super().__init__("Signing in took too long.")


class LinkUnusable(AccountError):
    """A link that is unknown, was used already, or is too old."""

    code = "link.unusable"
    hint = "Ask an administrator for a new link."

    def __init__(self) -> None:
        super().__init__("This link was used already, or it is too old.")


class ProviderRefused(AccountError):
    """What came back from another provider lets nobody in. `details` say why, for the log."""

    code = "oidc.refused"
    hint = "Try again, sign in another way, or ask an administrator."

    def __init__(
        self, details: str, message: str = "That did not prove who you are.", *, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, details=details)


class ProviderAway(AccountError):
    """Another provider could not be asked, or is not set up as it should be."""

    code = "oidc.away"
    hint = "Try again in a while, or sign in another way. An administrator finds the reason in the log."

    def __init__(self, title: str, details: str) -> None:
        super().__init__(f"{title} cannot be asked at the moment.", details=details)


class IdentityTaken(AccountError):
    """What somebody is at a provider is another account's already."""

    code = "identity.taken"
    hint = "Remove it there first, or sign in with it."

    def __init__(self, title: str) -> None:
        super().__init__(f"Another account here signs in by this account of {title}.")


class PasskeyRefused(AccountError):
    """A passkey that lets nobody in. `details` say why, for the log."""

    code = "passkey.refused"
    hint = "Try again, or sign in another way."

    def __init__(self, details: str) -> None:
        super().__init__("That passkey is not known here, or it took too long.", details=details)

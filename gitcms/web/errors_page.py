"""What a person sees when something went wrong: what was kept, what happened, what to do.

Which error gets which status is the table below. Never shown: traces, paths of the server, whatever
stands in an error's `details`; those are in the log, under the code that the page shows.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from gitcms import backup, errors, logs, mail, network, unsaved, views
from gitcms.accounts import refusals
from gitcms.accounts.permissions import Permission
from gitcms.web import login
from gitcms.web.security import CsrfFailed, may
from gitcms.webhooks.endpoints import InvalidEndpoint
from gitcms.webhooks.signing import KeyRefused

# The nearest class in an error's line of descent counts.
STATUS: dict[type[errors.GitCMSError], int] = {
    errors.GitCMSError: 500,
    errors.ConfigError: 500,
    errors.DocumentError: 422,
    errors.PathRefused: 422,
    errors.InvalidEntry: 422,
    errors.NotFound: 404,
    errors.PermissionDenied: 403,
    errors.EditConflict: 409,
    errors.UploadRefused: 415,
    errors.AccountError: 422,
    refusals.SignInFailed: 401,
    refusals.TooManyAttempts: 429,
    refusals.CodeWrong: 422,
    refusals.TicketUnusable: 401,
    refusals.LinkUnusable: 410,
    refusals.ProviderRefused: 401,
    refusals.ProviderAway: 503,
    refusals.IdentityTaken: 409,
    refusals.PasskeyRefused: 401,
    unsaved.TooLongToKeep: 413,
    unsaved.AlreadySaved: 409,
    views.InvalidView: 422,
    mail.MailFailed: 503,
    backup.BackupUnusable: 422,
    network.AddressRefused: 422,
    network.NetworkFailed: 503,
    KeyRefused: 422,
    InvalidEndpoint: 422,
    errors.BuildError: 503,
    errors.RepositoryError: 503,
    errors.RepositoryUnusable: 503,
    errors.RepositoryBusy: 503,
    errors.StorageFailed: 507,
    errors.ChangedOnDisk: 409,
    errors.PathTaken: 409,
}
# What one class says with several meanings.
STATUS_BY_CODE = {
    "path.symlink": 409,
    "path.collision": 409,
    "upload.too_large": 413,
    "upload.invalid": 422,
    "commit.identity": 422,
    "commit.message": 422,
}
BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says about an HTTP error of Flask's own."""

    title: str
    sentence: str
    hint: str


UNREADABLE = Words(
    "We could not read that",
    "What the browser sent is not complete, or not as one of our pages sends it.",
    "Go back, load the page again, and try once more.",
)
HTTP_WORDS = {
    400: UNREADABLE,
    403: Words(
        "That came from elsewhere",
        "Only pages of this site may send something here.",
        "Open the page here and send it again.",
    ),
    404: Words(
        "There is nothing here",
        "No page has this address.",
        "It may have been renamed or deleted. Look for it in the lists.",
    ),
    405: Words(
        "That cannot be done here",
        "This address does not take what the browser sent.",
        "Go back and use the page’s own buttons.",
    ),
    413: Words(
        "That is too large",
        "The text or the picture is larger than can be taken at once.",
        "Go back: the browser still has your text. Choose a smaller picture, or save the text in two steps.",
    ),
}
FAULT = Words(
    "Something is wrong on our side",
    "The server met a fault that it did not expect. What was saved before is safe.",
    "Go back: the browser still has what you typed. Try again, and tell an administrator the code below.",
)
# Used when even the error page cannot be drawn.
BARE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    "<h1>{title}</h1><p>{sentence}<p>{hint}<p>Code: {code}"
)


def register(app: Flask) -> None:
    """Give every error of an application its page."""
    app.register_error_handler(errors.GitCMSError, answer)
    app.register_error_handler(CsrfFailed, _token_answer)
    app.register_error_handler(HTTPException, _http_answer)
    app.register_error_handler(MemoryError, _memory_answer)
    app.register_error_handler(Exception, _fault_answer)


def status_of(error: errors.GitCMSError) -> int:
    """Return the HTTP status of an error we expected."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def told(error: errors.GitCMSError) -> tuple[str, str]:
    """Return the sentence and the hint of an error, in the words of the person who asks."""
    if isinstance(error, errors.RepositoryUnusable) and not may(Permission.VIEW_TECHNICAL_DETAILS):
        return error.PLAIN, error.PLAIN_HINT
    return str(error), error.hint


def answer(error: errors.GitCMSError) -> Response:
    """Return the page, or the JSON, of an error we expected."""
    status = status_of(error)
    code = ""
    if status >= 500 or error.details:
        code = _new_code()
        logs.event(
            "error",
            level=logging.ERROR if status >= 500 else logging.INFO,
            code=code,
            kind=error.code,
            message=str(error),
            details=error.details,
            error=error if status == 500 else None,
        )
    # A page that is waited for can be asked for again; what was sent by a form is sent once.
    progress = None
    if isinstance(error, errors.RepositoryBusy) and request.method == "GET":
        progress = error.progress
    response = _page(status, error.code, _title(status), *told(error), code, progress)
    say_when(response, error)
    return response


def say_when(response: Response, error: errors.GitCMSError) -> None:
    """Tell a program in how many seconds to ask again, where that will do (RFC 9110, 10.2.3)."""
    if isinstance(error, refusals.TooManyAttempts):
        response.headers["Retry-After"] = str(error.seconds)
    elif isinstance(error, errors.RepositoryBusy):
        response.headers["Retry-After"] = str(BUSY_SECONDS)


def _memory_answer(error: MemoryError) -> Response:
    return answer(errors.RepositoryBusy("The server has too little memory left for this at the moment."))


def _token_answer(error: CsrfFailed) -> ResponseReturnValue:
    try:
        return login.after_failed_token() or answer(error)
    except errors.GitCMSError as problem:
        return answer(problem)
    except HTTPException as problem:
        return _http_answer(problem)


def _http_answer(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    words = HTTP_WORDS.get(status, UNREADABLE if status < 500 else FAULT)
    response = _page(status, f"http.{status}", words.title, words.sentence, words.hint, "")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _fault_answer(error: Exception) -> ResponseReturnValue:
    code = _new_code()
    logs.event("fault", level=logging.ERROR, code=code, page=request.endpoint, error=error)
    return _page(500, "fault", FAULT.title, FAULT.sentence, FAULT.hint, code)


def _page(
    status: int,
    kind: str,
    title: str,
    sentence: str,
    hint: str,
    code: str,
    progress: tuple[int, int] | None = None,
) -> Response:
    if login.wants_json():
        body: dict[str, object] = {"code": kind, "message": sentence, "hint": hint}
        body |= {"reference": code} if code else {}
        body |= {"done": progress[0], "of": progress[1]} if progress else {}
        response = jsonify(error=body)
    else:
        response = make_response(_html(status, title, sentence, hint, code, progress))
    response.status_code = status
    return response


def _html(
    status: int, title: str, sentence: str, hint: str, code: str, progress: tuple[int, int] | None
) -> str:
    try:
        return render_template(
            "errors/error.html",
            title=title,
            sentence=sentence,
            hint=hint,
            code=code,
            progress=progress,
            down=status >= 500,
            again=request.script_root + request.full_path.rstrip("?") if request.method == "GET" else "",
            kept=_kept() if status != 413 else None,
        )
    except Exception as error:  # noqa: BLE001 - the last page there is: it must not fail as well
        logs.event("fault", level=logging.ERROR, code=code, page="errors/error.html", error=error)
        return BARE.format(title=title, sentence=sentence, hint=hint, code=code)


def _kept() -> login.Kept | None:
    """Return what was typed, to be carried on by the page, if somebody is there who typed it."""
    return login.kept_of_request() if current_user.is_authenticated else None


def _title(status: int) -> str:
    titles = {
        403: "You cannot do that here",
        404: "There is nothing here",
        409: "This has changed meanwhile",
        410: "This link no longer works",
        429: "Wait a little",
        503: "Not now",
        507: "That could not be kept",
    }
    return titles.get(status, FAULT.title if status >= 500 else "That could not be taken")


def _new_code() -> str:
    return secrets.token_hex(4)

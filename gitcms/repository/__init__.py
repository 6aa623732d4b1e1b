"""The site's Git repository: the only room that imports `git`.

Repository is the door: it reads, saves and looks back. The facts that it hands out are in `values`.
Front matter, fields and entries are not known here; a file is bytes.
"""

from __future__ import annotations

from gitcms.repository.address import Address, check_address, without_secrets
from gitcms.repository.audit import Audit, Finding
from gitcms.repository.cloning import Cloned, CloneFailed, clone
from gitcms.repository.opening import git_folder_of, git_version
from gitcms.repository.receiving import Rivals, Undecided
from gitcms.repository.remote import Answer, Courier, Keys, Refusal, refusal
from gitcms.repository.repository import Repository
from gitcms.repository.signing import SigningFailed
from gitcms.repository.ssh import HostKey, host_keys, make_deploy_key
from gitcms.repository.storage import storage_errors
from gitcms.repository.values import (
    NOTHING,
    Commit,
    FileChange,
    IdentityRefused,
    MessageRefused,
    Outline,
    Person,
    Policy,
    TreeFile,
    check_message,
    check_person,
)

__all__ = [
    "NOTHING",
    "Address",
    "Answer",
    "Audit",
    "CloneFailed",
    "Cloned",
    "Commit",
    "Courier",
    "FileChange",
    "Finding",
    "HostKey",
    "IdentityRefused",
    "Keys",
    "MessageRefused",
    "Outline",
    "Person",
    "Policy",
    "Refusal",
    "Repository",
    "Rivals",
    "SigningFailed",
    "TreeFile",
    "Undecided",
    "check_address",
    "check_message",
    "check_person",
    "clone",
    "git_folder_of",
    "git_version",
    "host_keys",
    "make_deploy_key",
    "refusal",
    "storage_errors",
    "without_secrets",
]

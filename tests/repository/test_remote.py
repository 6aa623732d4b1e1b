"""Addresses of remotes: which are called, and what git is never given."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitcms
from gitcms.network import AddressRefused
from gitcms.repository import Answer, check_address, refusal, remote
from tests.faults.bad_inputs import ADDRESSES

REFUSED = [
    'ext::sh -c "touch pwned"',
    "EXT::sh -c id",
    "fd::17",
    "transport::address",
    "file:///etc",
    "/srv/other.git",
    "../other.git",
    "~/x",
    "--upload-pack=touch pwned",
    "-u./x",
    "ssh://-oProxyCommand=touch%20pwned/x",
    "-oProxyCommand=x:repo",
    "ssh://-x@h/r",
    "ssh://h/-r",
    "git@-h:r",
    "https://h/x%0ahost=evil",
    "https://h/x%0dhost=evil",
    "https://%1b[31m.evil/x",
    "https://u:tok@h/r.git",
    "https://tok@h/r.git",
    "https://h/$HOME/${SECRET}",
    "git://h/r",
    "http://h/r",
    "ftp://h/r",
    "foo://x",
    "https://127.0.0.1/r",
    "https://localhost/r",
    "ssh://git@[::1]/r",
    "http://169.254.169.254/",
    "https://169.254.169.254/",
    "https://metadata.google.internal/r",
    "https://2130706433/r",
    "https://127.1/r",
    "https://0x7f.1/r",
    "ssh://git@0.0.0.0/r",
    "https://[::ffff:127.0.0.1]/r",
    "ssh://git@[fe80::1]/r",
    "https://h:port/r",
    "https://h/r?x=1",
    "https://h/r\n",
    "https://h/r r",
    'x"]\n[core]\nsshCommand=touch pwned\n["',
    "-x",
    "origin",
    "",
]


@pytest.mark.parametrize("address", [*REFUSED, *ADDRESSES.values()])
def test_an_address_that_could_mean_something_else_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_address(address)
    assert refused.value.code == "remote.url_not_allowed"
    assert "tok" not in str(refused.value).replace("took", "")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://git.example.org/team/site.git", "https"),
        ("https://git.example.org:8443/team/site.git", "https"),
        ("ssh://git@git.example.org:2222/team/site.git", "ssh"),
        ("git@git.example.org:team/site.git", "ssh"),
    ],
)
def test_a_remote_is_called_by_https_or_ssh(address: str, kind: str) -> None:
    assert check_address(address).kind == kind


@pytest.mark.parametrize(
    ("address", "kind"),
    [("/srv/site.git", "file"), ("http://127.0.0.1:80/r", "http"), ("ssh://git@127.0.0.1:22/r", "ssh")],
)
def test_this_machine_is_called_only_where_the_configuration_allows_it(address: str, kind: str) -> None:
    assert check_address(address, local=True).kind == kind


@pytest.mark.parametrize(
    "address", ["http://h/r", "ext::sh -c id", "-x", "file:///etc", "https://u:p@127.0.0.1/"]
)
def test_allowing_this_machine_allows_nothing_else(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(address, local=True)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("fatal: unable to access 'https://h/': Could not resolve host: h", "name is not known"),
        ("Host key verification failed.", "key is not known here"),
        ("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", "its key is another one"),
        ("fatal: unable to access 'https://tls.example.org/': Connection refused", "cannot be reached"),
        ("server certificate verification failed. CAfile: none", "certificate"),
        ("! [remote rejected] main -> main (pre-receive hook declined)", "refused the changes"),
        ("fatal: unable to access 'http://h/': Empty reply from server", "fault of its own"),
        ("GnuTLS recv error (-110): The TLS connection was non-properly terminated.", "fault of its own"),
        ("remote: fatal: write error: No space left on device", "no room left"),
    ],
)
def test_what_git_said_is_told_in_words(said: str, sentence: str) -> None:
    assert sentence in refusal(Answer(128, said)).sentence


def test_every_sentence_is_explained_under_troubleshooting() -> None:
    page = (Path(gitcms.__file__).parent / "docs" / "troubleshooting.md").read_text()
    meanings = [meaning for _, meaning in remote._MEANINGS] + [remote._LATE, refusal(Answer(1, ""))]
    assert [each.sentence for each in meanings if f"| {each.sentence} |" not in page] == []

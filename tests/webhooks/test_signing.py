"""Signatures against the published vectors, the reference libraries and openssl."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import standardwebhooks
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gitcms.webhooks import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def test_the_published_vector_of_standard_webhooks() -> None:
    assert signing.sign(SECRET, ID, AT, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_of_github() -> None:
    found = signing.hub_signature("It's a Secret to Everybody", b"Hello, World!")
    assert found == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_reference_library_verifies_what_two_keys_signed() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.headers([new, old], "evt_1", int(time.time()), b'{"a": "\xc3\xa1"}')
    for key in (old, new):
        assert standardwebhooks.Webhook(key).verify(b'{"a": "\xc3\xa1"}', headers) == {"a": "á"}
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(signing.new_secret()).verify(b'{"a": "\xc3\xa1"}', headers)


def test_the_reference_library_of_javascript_verifies_it_too() -> None:
    """Its clock is its own, so the timestamp is of now."""
    here = Path(__file__).parents[1] / "readers"
    if not (here / "node_modules" / "standardwebhooks").is_dir() or shutil.which("node") is None:
        pytest.skip("needs Node: npm ci --prefix tests/readers")
    old, new = signing.new_secret(), signing.new_secret()
    body = '{"a": "á\u2028"}'
    headers = signing.headers([new, old], "evt_1", int(time.time()), body.encode())

    def verify(key: str, text: str) -> subprocess.CompletedProcess[str]:
        given = json.dumps({"key": key, "headers": headers, "body": text})
        command = ["node", "verify.mjs"]
        return subprocess.run(command, cwd=here, input=given, capture_output=True, text=True, check=False)

    assert [json.loads(verify(key, body).stdout) for key in (old, new)] == [json.loads(body)] * 2
    for wrong in ((signing.new_secret(), body), (new, body + " ")):
        assert "WebhookVerificationError" in verify(*wrong).stderr


def test_openssl_verifies_an_ed25519_signature(tmp_path: Path) -> None:
    key = signing.new_private_key()
    version, _, text = signing.sign(key, ID, AT, BODY).partition(",")
    public = base64.b64decode(signing.public_key(key).removeprefix("whpk_"))
    pem = Ed25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key").write_bytes(pem)
    (tmp_path / "signature").write_bytes(base64.b64decode(text))
    (tmp_path / "content").write_bytes(f"{ID}.{AT}.".encode() + BODY)
    done = subprocess.run(
        [
            "openssl",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "key",
            "-rawin",
            "-in",
            "content",
            "-sigfile",
            "signature",
        ],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (version, done.returncode) == ("v1a", 0), done.stderr


def test_the_shell_line_of_the_help_makes_the_same_signature(tmp_path: Path) -> None:
    page = Path(signing.__file__).parents[1] / "docs" / "webhooks.md"
    line = page.read_text().split("## Signatures")[1].split("```\n")[1]
    (tmp_path / "body.json").write_bytes(BODY)
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "ID": ID, "TIMESTAMP": str(AT), "KEY": SECRET},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "v1," + done.stdout.strip() == signing.sign(SECRET, ID, AT, BODY)


def test_a_signature_counts_only_as_it_was_made() -> None:
    good = signing.sign(SECRET, ID, AT, BODY)
    verify = signing.verify
    assert verify(SECRET, ID, str(AT), f"v1,AAAA {good}", BODY, now=AT)
    assert not verify(SECRET, ID, str(AT), good, BODY + b" ", now=AT)
    assert not verify(SECRET, ID, str(AT), good.replace("v1,", "v9,"), BODY, now=AT)
    assert not verify(SECRET, ID, str(AT), good.replace("v1,", "v1a,"), BODY, now=AT)
    assert not verify(SECRET, ID, str(AT), "v1,ñ\udcff", BODY, now=AT)
    assert not verify(SECRET, ID, str(AT), "", BODY, now=AT)
    assert not verify(SECRET, ID, "١٢", good, BODY, now=AT)
    for late in (-301, 301):
        assert not verify(SECRET, ID, str(AT), good, BODY, now=AT + late)


def test_an_ed25519_signature_verifies_with_the_public_half_alone() -> None:
    key = signing.new_private_key()
    made = signing.sign(key, ID, AT, BODY)
    assert signing.verify(signing.public_key(key), ID, str(AT), made, BODY, now=AT)
    other = signing.public_key(signing.new_private_key())
    assert not signing.verify(other, ID, str(AT), made, BODY, now=AT)


@pytest.mark.parametrize("key", ["", "whsec_", "whsec_AAAA", "whsec_" + "A" * 200, "whsk_AAAA", "ñ"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(signing.KeyRefused):
        signing.check_key(key)

"""The guard and the client against real sockets, and every row of addresses that must not be called."""

from __future__ import annotations

import ast
import json
import os
import socket
import threading
from ipaddress import ip_address
from pathlib import Path

import pytest

from gitcms import network
from gitcms.errors import ConfigError

ROWS = Path(os.environ.get("GITCMS_CORPUS", "/nowhere")).parent / "facts" / "bad_inputs.jsonl"
OWN = frozenset({"cms.example.org"})
OPEN = network.rules(["127.0.0.1", "builder.lan"])

REFUSED = [
    *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/"),
    *("http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::]/", "https://[::ffff:127.0.0.1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://169.254.169.254/"),
    *("https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://localhost/", "https://localhost./"),
    *("https://x.LOCALHOST/", "https://①②⑦.⓪.⓪.①/", "https://１２７.0.0.1/", "https://100.64.0.1/"),
    *("https://metadata.google.internal/", "https://good.example@127.0.0.1/", "https://intranet/"),
    *("https://good.example\\@127.0.0.1/", "https://127.0.0.1#@good.example/", "https://a.b\t.good.example/"),
    *(
        "https://cms.example.org/api/",
        "https://good.example:22/",
        "file:///etc/passwd",
        "//evil/",
        "ftp://x/",
    ),
    *(
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "http+unix://%2fvar%2frun%2fdocker.sock/",
        "https://a.example/\r\nX: y",
    ),
    *(
        "https://a.example/" + "x" * 65536,
        "http://good.example/",
        "https://[2001:0:1::1]/",
        "https://[ff02::1]/",
    ),
    *("https://168.63.129.16/", "https://good.example:99999/", "https://a..example/", "", "https://"),
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_called_is_refused_before_its_name_is_asked_for(url: str) -> None:
    with pytest.raises(network.AddressRefused) as caught:
        network.check_url(url, network.Rules(own=OWN))
    assert caught.value.code == "webhook.address_not_allowed" and str(caught.value).endswith(".")


def test_every_listed_address_of_the_corpus_is_refused() -> None:
    if not ROWS.is_file():
        pytest.skip("needs the corpus: set GITCMS_CORPUS to its folder")
    rows = [json.loads(line) for line in ROWS.read_text().splitlines() if '"HOOK-' in line]
    urls = [row for row in rows if row["expect_status"] == 422]
    assert len(urls) == 45
    for row in urls:
        payload = row["payload"]
        text = "https://a/" + "x" * 65536 if "*65536" in payload else ast.literal_eval(payload)
        with pytest.raises(network.AddressRefused):
            judge(row["name"], text)


def judge(name: str, text: str) -> None:
    if "header" in name:
        network.check_header("X-Own", text.replace("\\r\\n", "\r\n"))
    else:
        network.check_url(text.replace("OWN_HOST", "cms.example.org"), network.Rules(own=OWN))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/x?y=z",
        "https://8.8.8.8/",
        "https://a.example:8443/",
        "https://[2606:4700::1]/",
    ],
)
def test_a_public_address_is_taken(url: str) -> None:
    assert network.check_url(url, network.Rules(own=OWN)).scheme == "https"


def test_the_table_of_addresses_knows_what_is_public() -> None:
    shut = [
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "2001:db8::1",
        "3fff::1",
        "255.255.255.255",
        "198.18.0.1",
        "fc00::1",
    ]
    assert [each for each in shut if network.is_public(ip_address(each))] == []
    assert all(
        network.is_public(ip_address(each)) for each in ("8.8.8.8", "64:ff9b::808:808", "2606:4700::1")
    )


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["fd00::1", "8.8.8.8"], ["::1"]])
def test_a_name_with_one_inner_address_gets_no_connection(found: list[str]) -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return found

    client = network.Client(network.Rules(), resolver=resolver)
    with pytest.raises(network.AddressRefused):
        client.send(network.Request("https://rebind.example/"))
    assert asked == ["rebind.example"]


def test_a_name_is_asked_for_once_and_what_was_checked_is_called() -> None:
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    with listening(b"HTTP/1.1 204 No Content\r\n\r\n") as port:
        client = network.Client(OPEN, resolver=lambda host, port: next(answers))
        assert client.send(network.Request(f"http://builder.lan:{port}/")).status == 204
    assert next(answers) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"", "cut"),
        (b"HTTP/1.1 200 OK\r\nContent-", "cut protocol timeout"),
        (b"nonsense\r\n\r\n", "protocol"),
        (None, "timeout"),
    ],
)
def test_an_answer_that_does_not_come_is_told_in_words(said: bytes | None, kind: str) -> None:
    with listening(said) as port:
        client = network.Client(OPEN, connect_seconds=1, total_seconds=0.5)
        with pytest.raises(network.NetworkFailed) as caught:
            client.send(network.Request(f"http://127.0.0.1:{port}/"))
    assert caught.value.kind in kind


def test_a_trickling_answer_ends_at_the_deadline() -> None:
    with listening(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50, slow=True) as port:
        client = network.Client(OPEN, connect_seconds=1, total_seconds=0.5)
        with pytest.raises(network.NetworkFailed) as caught:
            client.send(network.Request(f"http://127.0.0.1:{port}/"))
    assert caught.value.kind == "timeout"


def test_of_an_endless_answer_only_the_beginning_is_read_and_nothing_is_unpacked() -> None:
    with listening(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + b"x" * 10_000_000) as port:
        answer = network.Client(OPEN).send(network.Request(f"http://127.0.0.1:{port}/"))
    assert (answer.status, answer.body, answer.whole) == (200, b"x" * network.MOST_ANSWER_BYTES, False)


def test_half_a_body_is_an_answer_that_says_it_is_not_whole() -> None:
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as port:
        answer = network.Client(OPEN).send(network.Request(f"http://127.0.0.1:{port}/"))
    assert (answer.body, answer.whole) == (b"half", False)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as port:
        assert network.Client(OPEN).send(network.Request(f"http://127.0.0.1:{port}/")).status == 200


@pytest.mark.parametrize("name", ["Host", "X Y", "", "Content-Length", "x\r\ny"])
def test_a_header_that_is_ours_or_none_is_refused(name: str) -> None:
    with pytest.raises(network.AddressRefused):
        network.check_header(name, "x")


@pytest.mark.parametrize("header", [("X-A", "b\r\nX-C: d"), ("X-A: b\r\nX-C", "d"), ("X-A", "\u00e9")])
def test_a_header_that_would_be_two_is_not_sent(header: tuple[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        held.settimeout(0.1)
        url = f"http://127.0.0.1:{held.getsockname()[1]}/"
        with pytest.raises(network.AddressRefused):
            network.Client(OPEN).send(network.Request(url, headers=dict([header])))
        with pytest.raises(TimeoutError):
            held.accept()


def test_metadata_is_never_called_even_when_its_network_is_allowed() -> None:
    with pytest.raises(network.AddressRefused):
        network.check_url("http://169.254.169.254/", network.rules(["169.254.0.0/16"]))


def test_the_list_of_inner_places_is_read_or_refused() -> None:
    rules = network.rules(["jenkins.lan:8080", "10.1.0.0/16", "[fd00::1]:80"])
    assert network.check_url("http://jenkins.lan:8080/x", rules).port == 8080
    assert network.check_url("http://10.1.2.3/", rules).host == "10.1.2.3"
    assert network.check_url("http://[fd00::1]/", rules).host == "fd00::1"
    for url in ("http://jenkins.lan/", "http://10.2.0.1/"):
        with pytest.raises(network.AddressRefused):
            network.check_url(url, rules)
    with pytest.raises(ConfigError):
        network.rules(["10.0.0.0/99"])


class listening:
    """A socket that says some bytes to whoever connects; None says nothing and waits."""

    def __init__(self, said: bytes | None, *, slow: bool = False) -> None:
        self._said, self._slow = said, slow
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            connection.recv(65536)
            try:
                if self._slow:
                    for byte in self._said or b"":
                        connection.sendall(bytes([byte]))
                        if self._done.wait(0.05):
                            return
                elif self._said is not None:
                    connection.sendall(self._said)
                else:
                    self._done.wait(5)
            except OSError:
                pass

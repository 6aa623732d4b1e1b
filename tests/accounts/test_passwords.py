from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from gitcms.accounts import passwords


@pytest.mark.parametrize(
    "password",
    [
        "forty-one jars of rain",
        "xK9#mQ2v",
        "ünïcödé ßchlüssel",
        "👩🏽‍🚀 goes to the moon",
        "x" + "longer and longer " * 8,
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert passwords.problem_with(password, name="Ada Rivas", email="ada@example.org") is None


@pytest.mark.parametrize(
    "password",
    (
        [
            "",
            "short",
            "1234567",
            "12345678",
            "87654321",
            "aaaaaaaa",
            "abababab",
            "12341234",
            "n" * 501,
            "password",
            "Password2024!",
            "P@ssw0rd1",
            "ＰＡＳＳＷＯＲＤ",
            "qwertyuiop",
            "iloveyou",
            "letmeinletmein",
            "correcthorsebatterystaple",
            "nul\x00nul\x00nul",
        ]
    ),
)
def test_a_password_that_is_tried_first_is_refused_with_a_sentence(password: str) -> None:
    problem = passwords.problem_with(password)
    assert problem is not None
    assert problem.endswith(".")


@pytest.mark.parametrize("password", ["adarivas!", "I am Rivas!", "mail ada@example.org", "xx rivas xx"])
def test_a_password_about_its_person_is_refused(password: str) -> None:
    assert "name or email" in (
        passwords.problem_with(password, name="Ada Rivas", email="ada@example.org") or ""
    )


def test_a_short_name_inside_a_longer_word_is_no_reason_to_refuse() -> None:
    assert passwords.problem_with("armadas de papel", name="Ada", email="ada@example.org") is None


def test_a_password_is_kept_as_argon2id_with_its_own_salt() -> None:
    first, second = passwords.hashed("forty-one jars"), passwords.hashed("forty-one jars")
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.matches(first, "forty-one jars")
    assert not passwords.matches(first, "forty-two jars")


def test_all_of_a_long_password_counts() -> None:
    kept = passwords.hashed("a" * 100 + "b")
    assert not passwords.matches(kept, "a" * 100 + "c")


def test_a_password_works_as_it_was_typed() -> None:
    decomposed = "cafe\u0301 con leche"
    assert passwords.matches(passwords.hashed(decomposed), decomposed)
    assert not passwords.matches(passwords.hashed(decomposed), "caf\u00e9 con leche")


@pytest.mark.parametrize("password", ["", "a password that nobody has"])
def test_nobody_has_no_password(password: str) -> None:
    assert not passwords.matches(None, password)


def test_a_damaged_hash_lets_nobody_in() -> None:
    assert not passwords.matches("$argon2id$broken", "forty-one jars")


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            asked.append(kept.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(kept, password)

    kept = passwords.hashed("forty-one jars")
    passwords.matches(None, "x")
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    passwords.matches(None, "wrong")
    passwords.matches(kept, "wrong")
    assert len(asked) == 2
    assert asked[0] == asked[1]


def test_a_hash_with_weaker_parameters_is_outdated() -> None:
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x"))
    assert not passwords.is_outdated(passwords.hashed("x"))

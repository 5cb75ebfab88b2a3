"""Which passwords are taken, and that only their owner gets in with them."""

import asyncio

import argon2
import pytest

from hub.auth.passwords import (
    PasswordRefused,
    check_password,
    hash_password,
    needs_rehash,
    verify_password,
)


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("", id="empty"),
        pytest.param("x7$Kq2!vZ", id="nine characters"),
        pytest.param("1234567890", id="counting"),
        pytest.param("Password12345", id="common with a decoration"),
        pytest.param("p@ssw0rd1234", id="common in leet"),
        pytest.param("qwertyuiop", id="a row of the keyboard"),
        pytest.param("aaaaaaaaaaaaaaaaaaaa", id="one letter"),
        pytest.param("ANA.SOUSA@hub.example", id="the address"),
        pytest.param("Ana Sousa-Brandão", id="the name"),
        pytest.param("ana.sousa1", id="the name and a digit"),
        pytest.param("x" * 1001, id="endless"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password: str) -> None:
    with pytest.raises(PasswordRefused, match=r"\.$"):
        check_password(password, ("Ana Sousa-Brandão", "ana.sousa@hub.example"))


@pytest.mark.parametrize(
    "password",
    [
        "three wooden herons",
        "kX9mQ2vLpz",
        "пароль-который-длинный",
        "櫻花開了三次後又謝了",
        "🦆🦆🚲🌧️🥖🧀🎷🛶🪁🧊",
        "a" * 3 + "correct horse battery staple" * 30,
    ],
)
def test_a_good_password_of_any_script_and_length_is_taken(password: str) -> None:
    check_password(password, ("Ana", "ana@hub.example"))


async def test_only_the_very_password_fits_its_hash() -> None:
    hashed = await hash_password("three wooden herons")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "herons" not in hashed
    assert await verify_password(hashed, "three wooden herons")
    assert not await verify_password(hashed, "three wooden heron")
    assert not await verify_password(hashed, "three wooden herons" + "x" * 2000)


async def test_an_accent_typed_in_two_ways_is_the_same_password() -> None:
    assert await verify_password(await hash_password("cafe\u0301 au lait"), "caf\u00e9 au lait")


async def test_what_is_no_password_at_all_fits_nothing() -> None:
    assert not await verify_password(None, "three wooden herons")
    assert not await verify_password("", "")
    assert not await verify_password("not a hash", "three wooden herons")
    assert not await verify_password(await hash_password("x"), "\ud800\0")


async def test_hashing_does_not_hold_up_the_loop() -> None:
    """While eight passwords are hashed, the loop goes round many times."""
    rounds = 0
    hashing = asyncio.gather(*(hash_password("three wooden herons") for _ in range(8)))
    while not hashing.done():
        rounds += 1
        await asyncio.sleep(0)
    assert rounds > 8


def test_a_hash_of_weaker_parameters_is_to_be_renewed() -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("x")
    assert needs_rehash(weak)

"""Who gets in with a password, who does not, and who has to wait."""

import asyncio
from typing import Literal

import argon2
import pytest
import structlog

from hub.auth import Auth, passwords
from hub.auth.attempts import ACCOUNT_FROM_ADDRESS, ADDRESS
from hub.auth.passwords import PasswordRefused
from hub.auth.signing_in import (
    SignInRefused,
    change_password,
    find_session,
    sign_in,
)
from hub.model.people import Agent
from hub.model.sign_ins import Session
from tests.hub.auth.door import ELSEWHERE, HOME, PASSWORD, Hands, add_agent


async def enter(
    auth: Auth,
    password: str = PASSWORD,
    *,
    email: str = "ana@hub.example",
    address: str = HOME,
    device: str | None = None,
) -> Session:
    return await sign_in(auth, email, password, address=address, browser="Firefox", device=device)


async def refused(auth: Auth, password: str = "wrong", **more: str) -> SignInRefused:
    with pytest.raises(SignInRefused) as caught:
        await enter(auth, password, **more)
    return caught.value


async def fail_until_locked(auth: Auth, **more: str) -> None:
    for _ in range(ACCOUNT_FROM_ADDRESS.free):
        await refused(auth, **more)


async def test_the_right_password_opens_a_session_for_its_agent(auth: Auth, ana: Agent) -> None:
    session = await enter(auth, email="  ANA@Hub.Example ")
    found = await find_session(auth, session.token)
    assert found is not None
    assert found[1] == ana
    assert found[0].browser == "Firefox"


async def test_the_database_knows_neither_password_nor_token(auth: Auth, ana: Agent) -> None:
    session = await enter(auth)
    everything = [
        str(document)
        for name in await auth.store.database.list_collection_names()
        for document in await auth.store.database[name].find().to_list(None)
    ]
    assert not [text for text in everything if session.token in text or PASSWORD in text]
    assert session.token not in repr(session)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ana@hub.example", "wrong"),
        ("ana@hub.example", ""),
        ("ana@hub.example", "\ud800\0"),
        ("nobody@hub.example", PASSWORD),
        ("\ud800@\0", PASSWORD),
        ("", ""),
        ("x" * 100_000, "y" * 100_000),
        ("ben@hub.example", PASSWORD),
        ("eve@hub.example", PASSWORD),
    ],
)
async def test_every_failure_has_the_same_words(auth: Auth, ana: Agent, email: str, password: str) -> None:
    await add_agent(auth, "Ben", password=None)
    await add_agent(auth, "Eve")
    await auth.store.people.set_agent_disabled("eve", True)
    problem = await refused(auth, password, email=email)
    assert (problem.code, problem.wait) == ("wrong_sign_in", None)


@pytest.mark.parametrize("email", ["ana@hub.example", "nobody@hub.example"])
async def test_an_unknown_account_takes_the_same_work(
    auth: Auth, ana: Agent, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    """Counted in computations of a hash of full strength, as time itself would not be repeatable."""
    computed: list[str] = []

    class Counting(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            computed.append(str(hash).split("$")[3])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    await refused(auth, email=email)
    assert computed == ["m=19456,t=2,p=1"]


async def test_guessing_becomes_slower_and_slower(auth: Auth, ana: Agent, hands: Hands) -> None:
    waits = []
    for _ in range(12):
        problem = await refused(auth)
        waits.append(problem.wait.total_seconds() if problem.wait else 0)
        hands.pass_(seconds=waits[-1])
    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900]


async def test_while_locked_even_the_right_password_waits_and_then_works(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    await fail_until_locked(auth)
    problem = await refused(auth, PASSWORD)
    assert problem.wait is not None
    hands.pass_(seconds=problem.wait.total_seconds())
    await enter(auth)
    assert (await refused(auth)).wait is None  # a success forgets the failures


async def test_an_unknown_account_is_locked_in_the_same_way(auth: Auth) -> None:
    await fail_until_locked(auth, email="nobody@hub.example")
    assert (await refused(auth, email="nobody@hub.example")).wait is not None


async def test_nobody_can_lock_the_agent_out_from_another_address(auth: Auth, ana: Agent) -> None:
    await fail_until_locked(auth, address=ELSEWHERE)
    assert (await refused(auth, PASSWORD, address=ELSEWHERE)).wait is not None
    await enter(auth, address=HOME)


async def test_a_browser_that_was_in_before_is_let_in_from_a_locked_address(auth: Auth, ana: Agent) -> None:
    """A colleague, or malware, in the same office guesses; the agent's own browser does not wait."""
    session = await enter(auth)
    await fail_until_locked(auth)
    assert (await refused(auth, PASSWORD)).wait is not None
    again = await enter(auth, device=session.device)
    await enter(auth, device=again.device)


async def test_a_browser_is_known_only_for_its_own_account_and_not_for_ever(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    await add_agent(auth, "Ben")
    bens = await enter(auth, email="ben@hub.example", address=ELSEWHERE)
    await fail_until_locked(auth)
    for cookie in (bens.device, "rubbish", bens.device[:-4] + "AAAA", "v1:" + "x" * 5000):
        assert (await refused(auth, PASSWORD, device=cookie)).wait is not None
    own = await enter(auth, address=ELSEWHERE)
    hands.pass_(days=366)
    await fail_until_locked(auth)
    assert (await refused(auth, PASSWORD, device=own.device)).wait is not None


async def test_a_known_browser_cannot_guess_without_end_either(auth: Auth, ana: Agent) -> None:
    session = await enter(auth)
    for _ in range(10):
        await refused(auth, device=session.device)
    assert (await refused(auth, PASSWORD, device=session.device)).wait is not None
    await enter(auth)


async def test_one_address_cannot_try_one_password_on_everybody(auth: Auth, ana: Agent) -> None:
    for number in range(ADDRESS.free):
        await refused(auth, "Spring2026!!", email=f"a{number}@hub.example", address=ELSEWHERE)
    assert (await refused(auth, email="ana@hub.example", address=ELSEWHERE)).wait is not None
    await enter(auth)


async def test_neighbours_in_one_ipv6_network_count_as_one(auth: Auth, ana: Agent) -> None:
    for number in range(ACCOUNT_FROM_ADDRESS.free):
        await refused(auth, address=f"2001:db8::{number}")
    assert (await refused(auth, address="2001:db8::ffff")).wait is not None
    assert (await refused(auth, address="2001:db8:0:1::1")).wait is None


async def test_guessing_in_parallel_gains_nothing(auth: Auth, ana: Agent) -> None:
    async def guess() -> bool:
        return (await refused(auth)).code == "wrong_sign_in"

    looked_at = await asyncio.gather(*(guess() for _ in range(30)))
    assert 0 < sum(looked_at) <= ACCOUNT_FROM_ADDRESS.free


async def test_what_is_kept_about_attempts_has_an_end(auth: Auth, hands: Hands) -> None:
    for number in range(5):
        await refused(auth, email=f"a{number}@hub.example")
    kept = await auth.store.database.attempts.find().to_list(None)
    assert len(kept) == 6
    assert all((each["expires_at"] - hands()).days <= 1 for each in kept)
    assert "hub.example" not in str(kept)
    assert HOME not in str(kept)


async def test_a_hash_of_former_parameters_is_renewed_at_the_next_sign_in(auth: Auth, ana: Agent) -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await auth.store.sign_ins.set_credentials("ana", password=weak)
    await enter(auth)
    kept = await auth.store.sign_ins.find_credentials("ana")
    assert kept is not None
    assert kept.password is not None
    assert kept.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await enter(auth)


async def test_a_changed_password_ends_every_other_session(auth: Auth, ana: Agent) -> None:
    here, there = await enter(auth), await enter(auth, address=ELSEWHERE)
    await change_password(auth, here, ana, PASSWORD, "four marble herons")
    assert await find_session(auth, here.token) is not None
    assert await find_session(auth, there.token) is None
    await refused(auth, PASSWORD)
    await enter(auth, "four marble herons")


async def test_a_password_is_changed_only_by_who_knows_the_former_one_and_to_a_good_one(
    auth: Auth, ana: Agent
) -> None:
    here = await enter(auth)
    with pytest.raises(SignInRefused, match="wrong"):
        await change_password(auth, here, ana, "not it", "four marble herons")
    with pytest.raises(PasswordRefused, match="name or e-mail"):
        await change_password(auth, here, ana, PASSWORD, "ana@hub.example")
    await enter(auth)


async def test_logs_name_neither_addresses_nor_passwords(auth: Auth, ana: Agent) -> None:
    with structlog.testing.capture_logs() as lines:
        await enter(auth)
        await fail_until_locked(auth)
        await refused(auth, email="nobody@hub.example")
        await refused(auth, PASSWORD)
    said = str(lines)
    assert len(lines) == ACCOUNT_FROM_ADDRESS.free + 3
    for secret in (HOME, "hub.example", PASSWORD, "Firefox"):
        assert secret not in said


async def test_the_audit_log_has_who_came_in_and_where_guessing_became_slow(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    await enter(auth)
    hands.pass_(seconds=1)
    await fail_until_locked(auth, address=ELSEWHERE)
    await refused(auth, address=ELSEWHERE)
    entries = await auth.store.audit.list(
        by=None, deed=None, target=None, since=None, until=None, before=None, limit=10
    )
    assert [(each.deed, each.by, each.target, each.address) for each in entries] == [
        ("sign_in_failed", None, "ana", ELSEWHERE),
        ("signed_in", "ana", "", HOME),
    ]

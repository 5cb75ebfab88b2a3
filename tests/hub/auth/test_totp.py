"""The second factor: codes of an app, each once, and recovery codes."""

import asyncio

import pytest

from hub.auth import Auth
from hub.auth.signing_in import (
    CodeNeeded,
    SignInRefused,
    change_password,
    finish_sign_in,
    remove_own_factor,
    sign_in,
)
from hub.auth.totp import (
    CodeRefused,
    confirm_enrolment,
    renew_recovery_codes,
    start_enrolment,
)
from hub.model.people import Agent
from hub.model.sign_ins import Session
from tests.hub.auth.door import ELSEWHERE, HOME, PASSWORD, Hands, Phone, add_agent


async def enrol(auth: Auth, agent: Agent, hands: Hands) -> tuple[Phone, tuple[str, ...]]:
    """A phone whose first code has been used, half a minute ago."""
    enrolment = await start_enrolment(auth, agent)
    phone = Phone(enrolment.secret, hands)
    codes = await confirm_enrolment(auth, agent, phone.code())
    hands.pass_(seconds=60)
    return phone, codes


async def enter(
    auth: Auth, code: str | None = None, address: str = HOME, device: str | None = None
) -> Session:
    return await sign_in(
        auth, "ana@hub.example", PASSWORD, code=code, address=address, browser="Firefox", device=device
    )


async def ticket(auth: Auth) -> str:
    with pytest.raises(CodeNeeded) as caught:
        await enter(auth)
    return caught.value.ticket


async def finish(auth: Auth, given: str, code: str) -> Session:
    return await finish_sign_in(auth, given, code, address=HOME, browser="Firefox")


async def test_after_the_password_the_code_is_asked_for_in_a_second_step(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    phone, _ = await enrol(auth, ana, hands)
    proof = await ticket(auth)
    assert PASSWORD not in proof
    session = await finish(auth, proof, phone.code())
    assert session.agent == "ana"
    assert session.how == "password"


async def test_a_wrong_password_is_refused_before_any_code(auth: Auth, ana: Agent, hands: Hands) -> None:
    phone, _ = await enrol(auth, ana, hands)
    with pytest.raises(SignInRefused, match="password is wrong"):
        await sign_in(auth, "ana@hub.example", "wrong", code=phone.code(), address=HOME, browser="Firefox")
    await enter(auth, phone.code())  # which has not used up the code


async def test_each_code_works_once_also_for_two_at_the_same_moment(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    phone, _ = await enrol(auth, ana, hands)
    both = await asyncio.gather(enter(auth, phone.code()), enter(auth, phone.code()), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) == ["Session", "SignInRefused"]
    with pytest.raises(SignInRefused, match="used already"):
        await enter(auth, phone.code(-30))  # nor one from before a code that was used


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
async def test_a_phone_may_be_one_step_off(
    auth: Auth, ana: Agent, hands: Hands, off: float, taken: bool
) -> None:
    phone, _ = await enrol(auth, ana, hands)
    hands.pass_(minutes=5)
    if taken:
        await enter(auth, phone.code(off))
    else:
        with pytest.raises(SignInRefused):
            await enter(auth, phone.code(off))


@pytest.mark.parametrize("code", ["", "000000x", "-12345", "١٢٣٤٥٦", "\ud800", "0" * 10_000, "12345"])
async def test_what_is_no_code_is_refused(auth: Auth, ana: Agent, hands: Hands, code: str) -> None:
    await enrol(auth, ana, hands)
    with pytest.raises(SignInRefused):
        await enter(auth, code)


async def test_a_code_may_be_typed_with_a_space(auth: Auth, ana: Agent, hands: Hands) -> None:
    phone, _ = await enrol(auth, ana, hands)
    code = phone.code()
    await enter(auth, f" {code[:3]} {code[3:]} ")


async def test_each_recovery_code_works_once_in_any_spelling(auth: Auth, ana: Agent, hands: Hands) -> None:
    _, codes = await enrol(auth, ana, hands)
    assert len(set(codes)) == 10
    await enter(auth, codes[3])
    with pytest.raises(SignInRefused):
        await enter(auth, codes[3])
    await enter(auth, codes[4].upper().replace("-", " "))
    fresh = await renew_recovery_codes(auth, ana)
    with pytest.raises(SignInRefused):
        await enter(auth, codes[5])
    await enter(auth, fresh[5])


async def test_neither_secret_nor_recovery_codes_are_in_the_database(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    phone, codes = await enrol(auth, ana, hands)
    kept = str(await auth.store.database.credentials.find().to_list(None))
    for secret in (phone.totp.secret, *codes, *(each.replace("-", "") for each in codes)):
        assert secret not in kept


async def test_a_sealed_secret_works_for_its_own_agent_only(auth: Auth, ana: Agent, hands: Hands) -> None:
    """Somebody who can write to the database cannot give Ana the factor of their own."""
    eve = await add_agent(auth, "Eve")
    phone, _ = await enrol(auth, eve, hands)
    kept = await auth.store.sign_ins.find_credentials("eve")
    assert kept is not None
    await auth.store.sign_ins.set_credentials("ana", factor=kept.factor)
    with pytest.raises(Exception, match="belongs elsewhere"):
        await enter(auth, phone.code())


async def test_nothing_is_asked_for_until_the_first_code_was_right(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    with pytest.raises(CodeRefused):
        await confirm_enrolment(auth, ana, "123456")
    enrolment = await start_enrolment(auth, ana)
    assert enrolment.uri.startswith("otpauth://totp/Hubbub:ana%40hub.example?secret=")
    wrong = "000000" if Phone(enrolment.secret, hands).code() != "000000" else "000001"
    with pytest.raises(CodeRefused):
        await confirm_enrolment(auth, ana, wrong)
    await enter(auth)


async def test_a_new_phone_replaces_the_former_one_once_it_is_confirmed(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    former, _ = await enrol(auth, ana, hands)
    await start_enrolment(auth, ana)
    await enter(auth, former.code())
    phone, _ = await enrol(auth, ana, hands)
    with pytest.raises(SignInRefused):
        await enter(auth, former.code())
    await enter(auth, phone.code())


async def test_without_the_factor_the_password_is_enough_again(auth: Auth, ana: Agent, hands: Hands) -> None:
    phone, _ = await enrol(auth, ana, hands)
    session = await enter(auth, phone.code())
    with pytest.raises(SignInRefused, match="password is wrong"):
        await remove_own_factor(auth, session, ana, "wrong")
    await remove_own_factor(auth, session, ana, PASSWORD)
    await enter(auth)


async def test_a_ticket_ends_with_time_with_the_password_and_with_the_agent(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    phone, _ = await enrol(auth, ana, hands)
    session = await enter(auth, phone.code())
    old = await ticket(auth)
    hands.pass_(minutes=10)
    fresh = await ticket(auth)
    for wrong in ("", "rubbish", old, fresh[:-4] + "AAAA", session.device):
        with pytest.raises(SignInRefused, match="too long"):
            await finish(auth, wrong, phone.code())
    await change_password(auth, session, ana, PASSWORD, "four marble herons")
    with pytest.raises(SignInRefused, match="too long"):
        await finish(auth, fresh, phone.code())
    await change_password(auth, session, ana, "four marble herons", PASSWORD)
    fresh = await ticket(auth)
    await auth.store.people.set_agent_disabled("ana", True)
    with pytest.raises(SignInRefused, match="too long"):
        await finish(auth, fresh, phone.code())


async def test_codes_cannot_be_guessed_from_many_addresses(auth: Auth, ana: Agent, hands: Hands) -> None:
    phone, _ = await enrol(auth, ana, hands)
    known = await enter(auth, phone.code())
    wrong = "000000" if phone.code(30) != "000000" else "000001"
    for number in range(5):
        with pytest.raises(SignInRefused):
            await enter(auth, wrong, address=f"198.51.100.{number}")
    hands.pass_(seconds=29)
    with pytest.raises(SignInRefused) as caught:
        await enter(auth, phone.code(), address=ELSEWHERE)
    assert caught.value.wait is not None
    await enter(auth, phone.code(), device=known.device)  # the agent's own browser does not wait

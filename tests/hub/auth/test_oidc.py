"""Single sign-on: who becomes which agent, with which role."""

import aiohttp
import pytest

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.oidc import (
    AWAY,
    DISABLED,
    NO_GROUP,
    SOMEBODY_ELSE,
    UNKNOWN,
    UNVERIFIED,
    unlink,
)
from hub.auth.signing_in import SignInRefused
from hub.auth.totp import confirm_enrolment, start_enrolment
from hub.model.people import Agent, Role
from hub.model.sentences import SENTENCES
from tests.hub.auth.door import Hands, Phone, add_agent
from tests.oidc.forger import (
    Forger,
)
from tests.oidc.visiting import arrive, at_provider, come_in, depart, refusal

ROLES = {"staff": Role.AGENT, "leads": Role.SUPERVISOR, "admins": Role.ADMIN}


async def test_an_honest_provider_lets_ana_in_and_back_to_her_page(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    departure, answer = await depart(at, forger, "/conversations/7?view=mine")
    arrival = await arrive(at, departure, answer)
    assert (arrival.session.agent, arrival.session.how) == ("ana", "oidc")
    assert arrival.back == "/conversations/7?view=mine"


async def test_only_a_verified_address_finds_an_agent(
    at: Auth, auth: Auth, forger: Forger, http: aiohttp.ClientSession, ana: Agent
) -> None:
    for verified in (None, False, "true", 1):
        forger.changes = {"email_verified": verified}
        assert await refusal(at, forger) == UNVERIFIED
    forger.changes = {"email": ["ana@hub.example"]}
    assert await refusal(at, forger) == UNVERIFIED
    forger.changes = {"email_verified": None}
    assert await come_in(at_provider(auth, forger, http, trust_email=True), forger) == ana


async def test_that_another_address_is_verified_says_nothing_about_this_one(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    forger.changes = {"email_verified": None}
    forger.tells = {"sub": "ana-at-provider", "email": "other@hub.example", "email_verified": True}
    assert await refusal(at, forger) == UNVERIFIED
    forger.tells = {"sub": "ana-at-provider", "email": "ana@hub.example", "email_verified": True}
    assert await come_in(at, forger) == ana


async def test_once_linked_the_subject_counts_and_not_the_address(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    await come_in(at, forger)
    forger.changes = {"email": "ana.married@hub.example"}
    assert (await come_in(at, forger)).id == "ana"


async def test_who_gets_a_former_colleagues_address_does_not_get_their_account(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    admin = await add_agent(at, "Eve", role=Role.ADMIN, password=None)
    await come_in(at, forger)
    await at.store.sign_ins.end_sessions("ana")
    forger.changes = {"sub": "another ana"}
    assert await refusal(at, forger) == SOMEBODY_ELSE
    with pytest.raises(NotAllowed):
        await unlink(at, ana, ana)
    await unlink(at, admin, ana)
    assert (await come_in(at, forger)).id == "ana"


async def test_who_is_no_agent_is_made_one_only_if_the_setting_says_so(
    at: Auth, auth: Auth, forger: Forger, http: aiohttp.ClientSession
) -> None:
    assert await refusal(at, forger) == UNKNOWN
    allowed = at_provider(auth, forger, http, create_agents=True)
    forger.changes = {"name": " \u202e", "email": "Ana@Hub.example"}
    made = await come_in(allowed, forger)
    assert (made.name, made.email, made.role) == ("Ana@Hub.example", "ana@hub.example", Role.AGENT)


async def test_a_disabled_agent_stays_out(at: Auth, forger: Forger, ana: Agent) -> None:
    await come_in(at, forger)
    await at.store.people.set_agent_disabled("ana", True)
    assert await refusal(at, forger) == DISABLED


async def test_groups_give_the_highest_role_anew_at_every_sign_in(
    auth: Auth, forger: Forger, http: aiohttp.ClientSession, ana: Agent
) -> None:
    at = at_provider(auth, forger, http, roles=ROLES)
    await add_agent(at, "Eve", role=Role.ADMIN, password=None)
    for groups, role in (
        (["staff", "admins", "leads"], Role.ADMIN),
        (["other", "leads"], Role.SUPERVISOR),
        ("staff", Role.AGENT),
    ):
        forger.changes = {"groups": groups}
        assert (await come_in(at, forger)).role is role
    await at.store.sign_ins.end_sessions("ana")
    for odd in (["other"], [], "other", {"admins": True}, [7, None]):
        forger.changes = {"groups": odd}
        assert await refusal(at, forger) == NO_GROUP


async def test_groups_may_lie_deeper_or_at_the_userinfo_endpoint(
    auth: Auth, forger: Forger, http: aiohttp.ClientSession, ana: Agent
) -> None:
    at = at_provider(auth, forger, http, roles=ROLES, groups_claim="realm_access.roles")
    forger.changes = {"groups": None, "realm_access": {"roles": ["leads"]}}
    assert (await come_in(at, forger)).role is Role.SUPERVISOR
    forger.changes = {"groups": None}
    forger.tells = {"sub": "ana-at-provider", "realm_access": {"roles": ["admins"]}, "email": "x@y.example"}
    assert (await come_in(at, forger)).role is Role.ADMIN
    forger.tells = {"sub": "somebody else", "realm_access": {"roles": ["admins"]}}
    with pytest.raises(SignInRefused, match=SENTENCES[AWAY]):
        await come_in(at, forger)


async def test_the_last_admin_stays_one_whatever_their_groups_are(
    auth: Auth, forger: Forger, http: aiohttp.ClientSession
) -> None:
    at = at_provider(auth, forger, http, roles=ROLES)
    await add_agent(at, role=Role.ADMIN)
    assert (await come_in(at, forger)).role is Role.ADMIN
    await add_agent(at, "Eve", role=Role.ADMIN, password=None)
    assert (await come_in(at, forger)).role is Role.AGENT


async def test_the_second_factor_of_ours_is_for_passwords(
    at: Auth, forger: Forger, ana: Agent, hands: Hands
) -> None:
    enrolment = await start_enrolment(at, ana)
    await confirm_enrolment(at, ana, Phone(enrolment.secret, hands).code())
    assert await come_in(at, forger) == ana

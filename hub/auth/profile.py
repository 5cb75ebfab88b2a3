"""What agents change about themselves: how they are called, how they sign, how they are spoken to."""

import re
from dataclasses import replace
from zoneinfo import available_timezones

from hub.auth import Auth
from hub.auth.audit import record
from hub.auth.first_admin import AgentRefused, check_agent
from hub.auth.telling import tell_change
from hub.model.people import Agent

SIGNATURE_LONGEST = 2000
LANGUAGE = re.compile(r"([a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3})?")


async def change_profile(
    auth: Auth,
    agent: Agent,
    *,
    name: str | None = None,
    signature: str | None = None,
    language: str | None = None,
    zone: str | None = None,
    address: str = "",
) -> Agent:
    """The agent as they are now; what is None stays, "" for language or zone: as their browser says.

    Raises AgentRefused.
    """
    changed = replace(
        agent,
        name=agent.name if name is None else check_agent(name, agent.email)[0],
        signature=agent.signature if signature is None else _signature(signature),
        language=agent.language if language is None else _language(language),
        zone=agent.zone if zone is None else _zone(zone),
    )
    if changed == agent:
        return agent
    await auth.store.people.change_agent(
        agent.id,
        name=changed.name,
        signature=changed.signature,
        language=changed.language,
        zone=changed.zone,
    )
    if changed.name != agent.name:
        named = {"target": agent.id, "target_name": changed.name}
        details = {"was": agent.name, "now": changed.name}
        await record(auth.store, auth.clock, agent, "name_changed", **named, address=address, details=details)
    await tell_change(auth, agent.id, agent.id)
    return changed


def _signature(text: str) -> str:
    kept = text.replace("\r\n", "\n").strip()
    if len(kept) > SIGNATURE_LONGEST or "\0" in kept:
        raise AgentRefused("signature_long", most=SIGNATURE_LONGEST)
    return kept


def _language(tag: str) -> str:
    if not LANGUAGE.fullmatch(tag):
        raise AgentRefused("language_wrong")
    return tag


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise AgentRefused("zone_wrong")
    return name

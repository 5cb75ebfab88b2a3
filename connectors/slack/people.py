"""Who and what is behind an id: people, channels, groups, companies. Asked of Slack, and remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.slack.calls import Calls
from connectors.slack.naming import CHANNELS, GROUPS, PEOPLE
from hub.contract.errors import RateLimited, Rejected

REMEMBERED = timedelta(hours=1)
MOST = 5_000
Person = Mapping[str, str]


class People:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._known: dict[tuple[str, str], tuple[datetime, Person]] = {}

    async def look_up(self, team: str, ids: Iterable[str]) -> dict[str, Person]:
        """Name, handle, e-mail address and home workspace of people; the names of whatever else.

        Whatever Slack does not show us is left out. Raises Unavailable or AuthBroken.
        """
        wanted = sorted(ids)
        answers = await asyncio.gather(*(self._found(team, each) for each in wanted))
        found = {key: each for key, each in zip(wanted, answers, strict=True) if each}
        away = {each["team"] for each in found.values() if each.get("team", team) != team}
        companies = {each: (await self._found(team, each)).get("name") for each in sorted(away)}
        for key, each in found.items():
            if company := companies.get(each.get("team", "")):
                found[key] = {**each, "company": company}
        return found

    def forget(self, team: str, user: str) -> None:
        """Something about them has changed."""
        self._known.pop((team, user), None)

    async def _found(self, team: str, name: str) -> Person:
        known = self._known.get((team, name))
        if known is not None and self.calls.kit.now() - known[0] < REMEMBERED:
            return known[1]
        try:
            found = await self._way(name)(team, name)
        except Rejected:  # not ours to see, or the scope was not given
            found = {}
        except RateLimited:
            if name[:1] in PEOPLE:
                raise
            return {}  # a name in a text is not worth that the text waits for it
        self._keep(team, name, found)
        return found

    def _way(self, name: str) -> Callable[[str, str], Awaitable[Person]]:
        if name[:1] in PEOPLE:
            return self._person
        if name[:1] in CHANNELS:
            return self._channel
        return self._group if name[:1] in GROUPS else self._company

    def _keep(self, team: str, name: str, found: Person) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[team, name] = (self.calls.kit.now(), found)

    async def _person(self, team: str, name: str) -> Person:
        answer = await self.calls.ask(team, lambda client: client.users_info(user=name))
        return _person_of(answer.get("user"))

    async def _channel(self, team: str, name: str) -> Person:
        answer = await self.calls.ask(team, lambda client: client.conversations_info(channel=name))
        return _named(answer.get("channel"), "name")

    async def _group(self, team: str, name: str) -> Person:
        """Slack lists all of a workspace at once: all are remembered."""
        answer = await self.calls.ask(team, lambda client: client.usergroups_list(include_disabled=True))
        listed = answer.get("usergroups")
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, Mapping) and isinstance(each.get("id"), str):
                self._keep(team, each["id"], _named(each, "handle") or _named(each, "name"))
        return self._known.get((team, name), (None, {}))[1]

    async def _company(self, team: str, name: str) -> Person:
        """Of a workspace with which a channel is shared; others are not shown to us.

        https://docs.slack.dev/reference/methods/team.info (checked 2026-12-01).
        """
        answer = await self.calls.ask(team, lambda client: client.team_info(team=name))
        return _named(answer.get("team"), "name")


def _named(found: Any, key: str) -> Person:
    name = found.get(key) if isinstance(found, Mapping) else None
    return {"name": name} if isinstance(name, str) and name else {}


def _person_of(user: Any) -> Person:
    """https://docs.slack.dev/reference/objects/user-object (checked 2026-11-23)."""
    if not isinstance(user, Mapping):
        return {}
    profile = user.get("profile") if isinstance(user.get("profile"), Mapping) else {}
    assert isinstance(profile, Mapping)
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    found = {
        "name": next((str(each) for each in names if each), ""),
        "handle": str(user.get("name") or ""),
        "email": str(profile.get("email") or ""),
        "team": str(user.get("team_id") or ""),
        "zone": str(user.get("tz") or ""),
    }
    return {key: value for key, value in found.items() if value}

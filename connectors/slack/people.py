"""Who is behind an id: asked of Slack, and remembered for a while."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.slack.calls import Calls
from hub.contract.errors import Rejected

REMEMBERED = timedelta(hours=1)
MOST = 5_000
Person = Mapping[str, str]


class People:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._known: dict[tuple[str, str], tuple[datetime, Person]] = {}

    async def look_up(self, team: str, ids: Iterable[str]) -> dict[str, Person]:
        """Name, handle, e-mail address and home workspace. Whoever Slack does not show us is left out.

        Raises Unavailable or AuthBroken.
        """
        wanted = sorted(ids)
        found = await asyncio.gather(*(self._person(team, each) for each in wanted))
        return {key: person for key, person in zip(wanted, found, strict=True) if person}

    async def _person(self, team: str, user: str) -> Person:
        now = self.calls.kit.now()
        known = self._known.get((team, user))
        if known is not None and now - known[0] < REMEMBERED:
            return known[1]
        try:
            answer = await self.calls.ask(team, lambda client: client.users_info(user=user))
            person = _person_of(answer.get("user"))
        except Rejected:  # not ours to see, or the scope was not given
            person = {}
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[team, user] = (now, person)
        return person


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

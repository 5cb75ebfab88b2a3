"""What was said while we were away, read from the histories of the places the app is in.

Slack tries an event again at once, after a minute and after five, and then gives it up
(https://docs.slack.dev/apis/events-api, checked 2026-11-30). Histories may be asked for 50 times a minute;
apps that are distributed outside of Slack's marketplace may once, for 15 messages
(https://docs.slack.dev/reference/methods/conversations.history, checked 2026-11-30): they take longer.

Not told by histories: what was deleted, reacted to or pressed meanwhile.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.calls import Answer, Calls
from connectors.slack.content import Json
from hub.contract.errors import RateLimited, Rejected
from hub.contract.inbound import Batch, Cursor

AWAY = timedelta(minutes=3)  # what is shorter, Slack repeats by itself
OVERLAP = timedelta(minutes=10)  # what Slack still repeated may have come in another order
FARTHEST = timedelta(days=14)
ROOTS = timedelta(days=7)  # how old a message may be below which something was said meanwhile
MOST_PAGES = 10  # to look for such messages
PAGE = 200
KINDS: Mapping[str, str] = {  # as Slack lists them, and as it names them in events
    "im": "im",
    "mpim": "mpim",
    "public_channel": "channel",
    "private_channel": "group",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a cursor says: `<heard> <last>`, and ` <since> <place>` while missed messages are read."""

    heard: float = 0.0  # seconds: up to here nothing is missing; 0: nobody knows
    last: str = ""  # key of the event that a socket handed over last
    since: float = 0.0  # what is being read was said since then; 0: nothing is being read
    place: str = ""  # up to which it is read

    @classmethod
    def of(cls, cursor: Cursor | None, now: datetime) -> "Standing":
        """Where we stand. After a while away, or if that was being mended, with `since`."""
        parts = [*(cursor or "").split(" "), "", "", ""]
        found = cls(_moment(parts[0]), _word(parts[1]), _moment(parts[2]), _word(parts[3]))
        if not found.heard:
            return cls(now.timestamp())
        if now.timestamp() - found.heard < AWAY.total_seconds():
            return found
        since = max(min(found.since or found.heard, found.heard), (now - FARTHEST).timestamp())
        return replace(found, heard=now.timestamp(), since=since, place="")

    def cursor(self) -> Cursor:
        mending = f" {self.since:.3f} {self.place or '-'}" if self.since else ""
        return Cursor(f"{self.heard:.3f} {self.last or '-'}{mending}")


def _moment(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if math.isfinite(found) and found > 0 else 0.0


def _word(text: str) -> str:
    return "" if text == "-" else text


@dataclass(frozen=True, slots=True)
class Spot:
    """A place the app is in: a chat, a group, a channel."""

    team: str
    channel: str
    kind: str  # as in events
    shared: bool  # with another company

    @property
    def name(self) -> str:
        return f"{self.team}/{self.channel}"


class Past:
    """Reads what was missed, place by place, at Slack's pace."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._spots: list[Spot] | None = None

    async def step(self, standing: Standing) -> tuple[list[Json], Standing]:
        """What was missed in the next place, as Slack would have told it. Raises ConnectorError."""
        if self._spots is None:
            self._spots = sorted(await self._listed(), key=lambda each: each.name)
        left = [each for each in self._spots if each.name > standing.place]
        found: list[Json] = []
        if left:
            found = await self._missed(left[0], standing.since)
            standing = replace(standing, place=left[0].name)
        if len(left) <= 1:
            self._spots, standing = None, replace(standing, since=0.0, place="")
        return found, replace(standing, heard=self.calls.kit.now().timestamp())

    async def _listed(self) -> list[Spot]:
        """https://docs.slack.dev/reference/methods/users.conversations (checked 2026-11-30)."""
        found: list[Spot] = []
        for each in self.calls.config.workspaces:
            for kind in () if each.gone else KINDS:
                found += await self._of_kind(each.team, kind)
        return found

    async def _of_kind(self, team: str, kind: str) -> list[Spot]:
        try:
            listed = await self._pages(
                team,
                "channels",
                lambda client, after: client.users_conversations(
                    types=kind, exclude_archived=True, limit=PAGE, cursor=after
                ),
            )
        except Rejected as problem:  # without the scope: some kinds are better than none
            self.calls.kit.log.warning("what was missed is not read: %s", problem)
            return []
        return [
            Spot(team, str(each["id"]), KINDS[kind], bool(each.get("is_ext_shared")))
            for each in listed
            if each.get("id")
        ]

    async def _missed(self, spot: Spot, since: float) -> list[Json]:
        """In the order in which it was said."""
        first, roots = since - OVERLAP.total_seconds(), since - ROOTS.total_seconds()
        try:
            messages = await self._history(spot, roots, first)
            for root in [each for each in messages if _moment(str(each.get("latest_reply"))) > first]:
                messages += await self._replies(spot, str(root["ts"]), first)
        except Rejected as problem:
            self.calls.kit.log.warning("what was missed in a channel is not read: %s", problem)
            return []
        once = {str(each["ts"]): each for each in messages if not self._is_ours(spot, each)}
        told: list[tuple[float, Json]] = []
        for ts, message in once.items():
            if _moment(ts) > first:
                told.append((_moment(ts), self._event(spot, message, ts, ts)))
            edited = message.get("edited")
            changed = str(edited.get("ts")) if isinstance(edited, Mapping) else ""
            if _moment(changed) > first:
                change = {"subtype": "message_changed", "hidden": True, "message": message}
                told.append((_moment(changed), self._event(spot, change, f"{ts}-{changed}", changed)))
        return [payload for _, payload in sorted(told, key=lambda each: each[0])]

    async def _history(self, spot: Spot, oldest: float, needed: float) -> list[Json]:
        """Newest first: all that was said since `needed`, and as much before as a few pages hold."""
        return await self._pages(
            spot.team,
            "messages",
            lambda client, after: client.conversations_history(
                channel=spot.channel, oldest=f"{oldest:.6f}", limit=PAGE, cursor=after
            ),
            enough=lambda page, pages: (
                pages >= MOST_PAGES and min(_moment(str(each.get("ts"))) for each in page) < needed
            ),
        )

    async def _replies(self, spot: Spot, root: str, since: float) -> list[Json]:
        return await self._pages(
            spot.team,
            "messages",
            lambda client, after: client.conversations_replies(
                channel=spot.channel, ts=root, oldest=f"{since:.6f}", limit=PAGE, cursor=after
            ),
        )

    async def _pages(
        self,
        team: str,
        what: str,
        call: Callable[[AsyncWebClient, str | None], Awaitable[Any]],
        enough: Callable[[Sequence[Json], int], bool] = lambda page, pages: False,
    ) -> list[Json]:
        found: list[Json] = []
        after, pages = None, 0
        while True:
            answer = await self._patiently(team, call, after)
            listed = answer.get(what)
            page = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
            if what == "messages":
                page = [each for each in page if _moment(str(each.get("ts")))]
            found, pages = [*found, *page], pages + 1
            told = answer.get("response_metadata")
            after = str(told.get("next_cursor") or "") if isinstance(told, Mapping) else ""
            if not after or not page or enough(page, pages):
                return found

    async def _patiently(
        self, team: str, call: Callable[[AsyncWebClient, str | None], Awaitable[Any]], after: str | None
    ) -> Answer:
        """At Slack's pace: this call alone waits, and nothing else of the channel."""
        while True:
            try:
                return await self.calls.ask(team, lambda client: call(client, after))
            except RateLimited as problem:
                await asyncio.sleep(problem.retry_after.total_seconds())

    def _is_ours(self, spot: Spot, message: Json) -> bool:
        us = self.calls.config.workspace(spot.team)
        user, bot = (us.user, us.bot) if us else ("", "")
        return (bool(user) and message.get("user") == user) or (bool(bot) and message.get("bot_id") == bot)

    def _event(self, spot: Spot, message: Json, name: str, at: str) -> Json:
        """As it would have come: it is read like everything else, and known by its moment."""
        where = {"type": "message", "channel": spot.channel, "channel_type": spot.kind, "event_ts": at}
        return {
            "type": "event_callback",
            "team_id": spot.team,
            "api_app_id": self.calls.config.app or None,
            "event_id": f"past-{spot.channel}-{name}",
            "event": {**message, **where},
            "is_ext_shared_channel": spot.shared,
        }


async def interleaved(
    now: AsyncGenerator[Batch, None], past: AsyncGenerator[Batch, None]
) -> AsyncGenerator[Batch, None]:
    """What comes now, before what was missed. Each is asked for its next only once its last was taken."""
    asked = {each: asyncio.ensure_future(anext(each)) for each in (now, past)}
    try:
        while now in asked:
            await asyncio.wait(asked.values(), return_when=asyncio.FIRST_COMPLETED)
            first = now if asked[now].done() else past
            try:
                batch = asked.pop(first).result()
            except StopAsyncIteration:
                continue
            yield batch
            asked[first] = asyncio.ensure_future(anext(first))
    finally:
        for task in asked.values():
            task.cancel()
        if asked:
            await asyncio.wait(asked.values())
        await now.aclose()
        await past.aclose()

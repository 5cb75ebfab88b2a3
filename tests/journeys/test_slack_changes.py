"""What changes at Slack while the hub works: accounts close, workspaces leave, messages come in heaps."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from connectors.slack.config import Workspace
from hub.app import Hub
from hub.desk.channels import resume_channel
from hub.desk.replying import Draft, reply
from hub.model.channels import Channel, Health
from hub.model.inbox import Conversation, DeliveryState, Message, Side, Status
from hub.model.people import Agent, Role
from hub.store.people import identity_id
from hub.work import running
from tests.connectors.slack.slack_api import SlackApi, serving
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.wire import (
    ANA,
    BOT,
    CHAT,
    OTHER_TEAM,
    SUPPORT,
    TEAM,
    TOKEN,
    US,
    Json,
    Refused,
    signed,
)
from tests.hubs import connect, until

THERE = "xoxb-0000-token-of-the-other-workspace"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(500)


@pytest.fixture
def api() -> Any:
    with serving() as served:
        yield served


@pytest.fixture
async def ana(hub: Hub) -> Agent:
    agent = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=hub.clock())
    await hub.store.people.add_agent(agent)
    return agent


async def one_conversation(hub: Hub) -> Conversation:
    async def look() -> Conversation | None:
        found = await hub.store.inbox.list_conversations(Status.OPEN)
        return found[0] if found else None

    return await until(look, "a conversation")


async def reachable(hub: Hub, wanted: bool) -> bool:
    found = await hub.store.people.find_identities([identity_id("slack", ANA)])
    return [each.reachable for each in found.values()] == [wanted]


async def test_whoever_is_gone_from_slack_is_unreachable_until_they_are_back(
    hub: Hub, api: SlackApi, ana: Agent
) -> None:
    await connect(hub, "slack", config_for(api), "Slack")
    async with running(hub, web_server=False, worker=True):
        api.write("Does it leak?")
        conversation = await one_conversation(hub)
        await until(lambda: reachable(hub, True), "them to be reached")
        api.tell({"type": "user_change", "user": {**api.users[ANA], "deleted": True}})
        await until(lambda: reachable(hub, False), "the closed account to be told")
        api.tell({"type": "user_change", "user": {**api.users[ANA], "deleted": False}})
        await until(lambda: reachable(hub, True), "the account to be open again")
        api.failing["chat.postMessage"] = Refused("channel_not_found")
        answer = await reply(hub.desk, ana, conversation.id, Draft(text="It does not"))
        await until(lambda: reachable(hub, False), "the refusal to be told")
        kept = await hub.store.inbox.find_entry(answer.id)
        assert isinstance(kept, Message)
        assert kept.delivery is not None
        assert kept.delivery.state is DeliveryState.FAILED
        assert "account is closed" in (kept.delivery.problem or "")
        api.write("Is anybody there?")
        await until(lambda: reachable(hub, True), "whoever writes to be reached again")


async def test_a_workspace_that_left_is_told_in_the_channels_health_until_it_is_back(
    hub: Hub, api: SlackApi, ana: Agent
) -> None:
    api.tokens[THERE] = OTHER_TEAM
    both = (
        Workspace(team=TEAM, name="Tent Shop", user=US, bot=BOT, token=SecretStr(TOKEN)),
        Workspace(team=OTHER_TEAM, name="Other Shop", user="U0HUBBUB2", token=SecretStr(THERE)),
    )
    config = config_for(api, workspaces=both)
    channel = await connect(hub, "slack", config, "Slack")

    async def is_told(problem: str) -> bool:
        kept = await hub.store.channels.find(channel.id)
        return kept is not None and (kept.health, (kept.problem or "")[: len(problem) or None]) == (
            Health.CONNECTED,
            problem,
        )

    async with running(hub, web_server=False, worker=True):
        await until(lambda: is_told(""), "the channel to be connected")
        del api.tokens[THERE]
        of_it: dict[str, Any] = {"team_id": OTHER_TEAM, "context_team_id": OTHER_TEAM, "authorizations": []}
        api.tell({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0HUBBUB2"]}}, **of_it)
        gone = "Other Shop: the app was removed there. Install it there again"
        await until(lambda: is_told(gone), "the workspace to be named", seconds=40)
        api.write("I am still here")  # the other one goes on
        await one_conversation(hub)
        api.tokens[THERE] = OTHER_TEAM  # installed again
        kept = await hub.store.channels.find(channel.id)
        assert kept is not None
        await hub.store.channels.change(channel.id, {"config": hub.registry.sealed(config, channel.id)})
        await resume_channel(hub.desk, kept)
        await until(lambda: is_told(""), "all to be well", seconds=40)


class Heap:
    """What Slack posts: in any order, some of it twice; each as often as it is not taken."""

    def __init__(self, api: SlackApi, url: str) -> None:
        self.api, self.url, self.random = api, url, Random(7)
        self.posted = 0

    async def post(self) -> None:
        fresh = self.api.payloads[self.posted :]
        self.posted = len(self.api.payloads)
        heap = [*fresh, *self.random.choices(fresh, k=len(fresh) // 2)]
        self.random.shuffle(heap)
        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(self._one(http, kind, payload) for kind, payload in heap))

    async def _one(self, http: aiohttp.ClientSession, kind: str, payload: Json) -> None:
        headers, body = signed(payload, kind)
        async with http.post(self.url, data=body, headers=headers) as answer:
            assert answer.status == 200


def changed(api: SlackApi, channel: str, before: Json, **more: Any) -> Json:
    """Somebody edits their message."""
    after = {**before, **more, "edited": {"user": before["user"], "ts": api.ts()}}
    api.messages[channel, before["ts"]] = after
    kind = "im" if channel == CHAT else "channel"
    told = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": channel}
    api.tell({**told, "channel_type": kind, "message": after, "previous_message": before})
    return after


async def settled(hub: Hub, channel: Channel) -> bool:
    waiting, failed = await hub.store.journal.unfinished()
    assert failed[channel.id] == 0
    return waiting[channel.id] == 0


async def said(hub: Hub, wanted: dict[str, list[tuple[str, int, bool]]]) -> bool:
    """By place: the words of each message, how many files it has, and whether it was deleted."""
    found = {}
    for each in await hub.store.inbox.list_conversations(Status.OPEN):
        entries = await hub.store.inbox.timeline(each.id)
        theirs = [entry for entry in entries if isinstance(entry, Message) and entry.side is Side.CUSTOMER]
        found[theirs[0].thread.partition("/")[2].partition(":")[0] if theirs else ""] = [
            (one.content.text, len(one.content.attachments), one.deleted_at is not None) for one in theirs
        ]
    return found == wanted


@pytest.fixture
async def posted(hub: Hub, api: SlackApi) -> AsyncIterator[tuple[Channel, Heap]]:
    channel = await connect(hub, "slack", config_for(api, "events"), "Slack")
    async with running(hub, web_server=True, worker=True) as at_work:
        yield channel, Heap(api, f"{at_work.url}/hooks/{channel.id}")


@pytest.mark.timeout(200)
async def test_edits_files_and_threads_come_in_heaps_and_end_as_they_were_meant(
    hub: Hub, api: SlackApi, posted: tuple[Channel, Heap]
) -> None:
    """Twice and in no order, through the door: nothing is lost, nothing doubled, each thread in its order."""
    channel, heap = posted
    api.contents["F0CAT"], api.files["F0CAT"] = PICTURE, {"id": "F0CAT", "name": "cat.png", "shares": {}}
    cat = {"id": "F0CAT", "name": "cat.png", "mimetype": "image/png", "size": len(PICTURE), "mode": "hosted"}
    asked = api.write(f"<@{US}> my stove is broken", SUPPORT)
    below = [api.write(f"Detail {number}", SUPPORT, thread_ts=asked["ts"]) for number in range(4)]
    shown = api.write("Look", subtype="file_share", files=[cat])
    first = api.write("It is red")
    second = changed(api, CHAT, first, text="It is blue")
    changed(api, CHAT, second, text="It is green")
    changed(api, SUPPORT, below[1], text="Detail one")
    gone = {"channel": SUPPORT, "deleted_ts": below[2]["ts"], "previous_message": below[2], "hidden": True}
    api.tell({"type": "message", "subtype": "message_deleted", "channel_type": "channel", **gone})
    await heap.post()
    thread = [
        ("@Hubbub my stove is broken", 0, False),
        ("Detail 0", 0, False),
        ("Detail one", 0, False),
        ("Detail 2", 0, True),
        ("Detail 3", 0, False),
    ]
    chat = [("Look", 1, False), ("It is green", 0, False)]
    await until(lambda: said(hub, {SUPPORT: thread, CHAT: chat}), "all of the first heap", seconds=60)
    changed(api, CHAT, shown, text="Nothing to see", files=[])
    await heap.post()
    chat = [("Nothing to see", 0, False), ("It is green", 0, False)]
    await until(lambda: said(hub, {SUPPORT: thread, CHAT: chat}), "the file to be gone", seconds=60)
    await until(lambda: settled(hub, channel), "everything to have its end", seconds=60)
    assert await said(hub, {SUPPORT: thread, CHAT: chat})

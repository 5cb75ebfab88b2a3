"""What could not be delivered: the view of conversations and the office's list, a page at a time."""

from datetime import timedelta

import pytest

from hub.app import Hub
from hub.desk.counting import count_views
from hub.desk.troubled import list_troubled, page_of_trouble, retry_failed
from hub.desk.views import NoSuchView, list_view
from hub.model.content import Content
from hub.model.inbox import Delivery, DeliveryState, Message, Side
from hub.model.people import Agent
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, RESTRICTED, conversation, fill

MANY = 260  # more than anything that is read at once


def answer(number: int, of: int, state: DeliveryState = DeliveryState.FAILED, minutes: int = 0) -> Message:
    at = BEGAN + timedelta(minutes=minutes or number)
    delivery = Delivery(state=state, to=("c",), due_at=at, give_up_at=at, problem="The platform said no.")
    return Message(
        id=f"a{number:05}", conversation=f"c{of:05}", at=at, channel="ch", platform="email", thread=f"t{of}",
        side=Side.US, author="ada", author_name="Ada", content=Content(text="Hello"), visibility="private",
        surface="email", delivery=delivery,
    )  # fmt: skip


async def tell(hub: Hub, *messages: Message, theirs: int = 0) -> None:
    """Each message in a conversation; the first `theirs` of those belong to the restricted agent."""
    numbers = sorted({int(each.conversation[1:]) for each in messages})
    await fill(hub, [conversation(each, agent="rea" if each < theirs else "ben") for each in numbers])
    await hub.store.inbox.add_entries(messages)
    for each in messages:  # as the outbox leaves it
        assert each.delivery is not None
        await hub.store.inbox.set_entry(each.id, {"outbox": each.delivery.state})


async def conversations(hub: Hub, agent: Agent, limit: int = 50) -> list[str]:
    found: list[str] = []
    cursor = None
    for _ in range(40):
        page = await list_view(hub.desk, agent, "failed", cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        found += [each.id for each in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


async def deliveries(hub: Hub, agent: Agent, limit: int = 50) -> list[str]:
    found: list[str] = []
    cursor = None
    for _ in range(40):
        page = await page_of_trouble(hub.desk, agent, cursor, limit)
        found += [each.message.id for each in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


async def test_all_of_it_is_shown_newest_first_however_much_there_is(hub: Hub) -> None:
    states = (DeliveryState.FAILED, DeliveryState.UNSURE)
    # Every other at the same moment as the one before; the oldest belong to somebody who sees only theirs.
    messages = [answer(each, each, states[each % 3 == 0], 1 + each // 2) for each in range(MANY)]
    await tell(hub, *messages, theirs=3)
    wanted = [each.id for each in reversed(messages)]
    assert await deliveries(hub, ADMIN) == wanted
    assert await deliveries(hub, RESTRICTED, 10) == wanted[-3:]
    assert [each.message.id for each in (await list_troubled(hub.desk, ADMIN)).rows] == wanted[:100]
    all_of_them = [each.conversation for each in reversed(messages)]
    assert await conversations(hub, ADMIN) == all_of_them
    assert await conversations(hub, ADMIN, 7) == all_of_them
    assert await conversations(hub, RESTRICTED) == all_of_them[-3:]
    assert (await count_views(hub.desk, AGENT))["failed"] == 100  # shown as 99+
    assert (await count_views(hub.desk, RESTRICTED))["failed"] == 3


async def test_a_conversation_is_shown_once_where_its_newest_failure_stands(hub: Hub) -> None:
    await tell(hub, *(answer(number, number % 3) for number in range(9)))
    assert await conversations(hub, ADMIN, 1) == ["c00002", "c00001", "c00000"]
    assert await conversations(hub, ADMIN) == ["c00002", "c00001", "c00000"]
    by_wait = await list_view(hub.desk, ADMIN, "failed", sort="waiting")
    assert [each.id for each in by_wait.rows] == ["c00000", "c00001", "c00002"]
    with pytest.raises(NoSuchView):
        await list_troubled(hub.desk, ADMIN, "nonsense")


async def test_all_that_failed_is_sent_again_and_what_is_unsure_is_not(hub: Hub) -> None:
    unsure = answer(200, 200, DeliveryState.UNSURE)
    await tell(hub, *(answer(number, number) for number in range(130)), unsure)
    assert await retry_failed(hub.desk, ADMIN) == 130
    assert await deliveries(hub, ADMIN) == [unsure.id]
    assert await retry_failed(hub.desk, ADMIN) == 0

"""An unsure delivery: a person says that it arrived, or takes that back."""

from datetime import timedelta

import pytest

from connectors.simulator.troubles import Trouble
from hub.auth.access import NotAllowed
from hub.auth.audit import list_audit
from hub.desk.changing import NotPossible
from hub.desk.deliveries import confirm_delivery
from hub.desk.replying import Draft, reply
from hub.desk.undoing import undo
from hub.model.inbox import Activity, DeliveryState, Message
from tests.hub.desk.inbox import RESTRICTED
from tests.hubs import Office, until


async def unsure(office: Office) -> Message:
    office.platform.write(office.world.person("eva", name="Eva"), "Hello?")
    conversation = await office.conversation()
    office.platform.fail(Trouble.LOST_REQUEST, on="send", calls=1)
    sent = await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hi.", wait=timedelta()))

    async def look() -> Message | None:
        found = (await office.hub.store.deliveries.load([sent.id]))[0]
        assert found.delivery is not None
        return found if found.delivery.state is DeliveryState.UNSURE else None

    return await until(look, "the answer to be unsure")


async def state(office: Office, message: Message) -> DeliveryState:
    found = (await office.hub.store.deliveries.load([message.id]))[0]
    assert found.delivery is not None
    return found.delivery.state


@pytest.mark.parametrize("config", [{"finds_sent": False}])
async def test_what_arrived_after_all_is_marked_as_sent_and_that_can_be_taken_back(office: Office) -> None:
    message = await unsure(office)
    desk, ana = office.hub.desk, office.ana
    with pytest.raises(NotAllowed):
        await confirm_delivery(desk, RESTRICTED, message.id)
    done = await confirm_delivery(desk, ana, message.id)
    assert await state(office, message) is DeliveryState.SENT
    (written,) = (await list_audit(desk.store, ana, target=message.id)).rows
    assert (written.deed, written.by) == ("delivery_confirmed", "ana")
    facts = [each for each in await office.timeline(message.conversation) if isinstance(each, Activity)]
    assert facts[-1].kind == "delivery_confirmed"
    assert await office.hub.store.deliveries.in_trouble() == []
    with pytest.raises(NotPossible):
        await confirm_delivery(desk, ana, message.id)
    await undo(desk, ana, done.token or "")
    assert await state(office, message) is DeliveryState.UNSURE
    assert [each.id for each in await office.hub.store.deliveries.in_trouble()] == [message.id]

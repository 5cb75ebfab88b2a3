"""An answer to one message of several: chosen, carried to the platform, refused where it cannot be shown."""

import pytest

from connectors.telegram.limits import SURFACES
from hub.contract.capabilities import ChoiceLimits, Surface
from hub.desk.replying import Draft, reply
from hub.model.content import Attachment, Content
from hub.outbox.preflight import NotSendable, check_content
from tests.hubs import Office, until


async def test_the_message_that_was_chosen_is_the_one_that_is_answered(office: Office) -> None:
    first = office.platform.write(office.world.person("tomas"), "Is it red?")
    conversation = (await office.conversation()).id
    office.platform.write(office.world.person("tomas"), "And is it large?", thread=first.thread.key)
    theirs = await office.messages(conversation, 2)
    desk = office.hub.desk
    chosen = await reply(desk, office.ana, conversation, Draft(text="Red it is.", answers=theirs[0].id))
    newest = await reply(desk, office.ana, conversation, Draft(text="And large."))
    assert [chosen.reply_to, newest.reply_to] == [theirs[0].remote_ids[0], theirs[1].remote_ids[0]]

    async def arrived() -> list[str | None] | None:
        found = [each.reply_to for each in office.platform.posts.values() if each.author is None]
        return found if len(found) == 2 else None

    assert (await until(arrived, "both to arrive"))[0] == first.id


async def test_what_is_elsewhere_or_gone_is_not_answered_by_itself(office: Office) -> None:
    first = office.platform.write(office.world.person("tomas"), "Is it red?")
    office.platform.write(office.world.person("lea"), "And mine?")
    await office.conversation(2)
    mine = next(each for each in await office.conversations() if each.last.preview == "Is it red?")
    other = next(each for each in await office.conversations() if each.id != mine.id)
    [theirs] = await office.messages(other.id, 1)
    desk = office.hub.desk
    with pytest.raises(NotSendable, match="cannot be answered by itself"):
        await reply(desk, office.ana, mine.id, Draft(text="Yes", answers=theirs.id))
    [asked] = await office.messages(mine.id, 1)
    office.platform.delete(first)

    async def gone() -> bool:
        entry = await office.hub.store.inbox.find_message(office.channel.id, asked.remote_ids[0])
        return entry is not None and entry.deleted_at is not None

    await until(gone, "the message to be deleted")
    with pytest.raises(NotSendable):
        await reply(desk, office.ana, mine.id, Draft(text="Yes", answers=asked.id))


def test_answers_to_tap_on_stand_beside_one_file_where_the_platform_lets_them() -> None:
    can = SURFACES[Surface.DIRECT]
    picture = Attachment(name="a.png", mime="image/png", size=10, stored="a")
    asked = Content(text="This one?", choices=("Yes", "No"), attachments=(picture,))
    check_content(asked, can)
    with pytest.raises(NotSendable, match="one file at most"):
        check_content(Content(text="Which?", choices=("Yes",), attachments=(picture, picture)), can)
    assert not ChoiceLimits(most=1, longest=1).beside_file

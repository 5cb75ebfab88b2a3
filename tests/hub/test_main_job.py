"""The main job: a customer writes, an agent answers, the answer arrives once, in the right thread."""

from hub.desk.replying import Draft, reply
from hub.model.inbox import Awaiting
from tests.hubs import Office, until


async def test_a_message_becomes_a_conversation_and_its_answer_arrives(office: Office) -> None:
    tomas = office.world.person("tomas", name="Tomás Barreto")
    asked = office.platform.write(tomas, "Is the workshop still on?")
    conversation = await office.conversation()
    assert conversation.customer_name == "Tomás Barreto"
    assert conversation.awaiting is Awaiting.US
    await reply(office.hub.desk, office.ana, conversation.id, Draft(text="It is, on Friday."))

    async def arrived() -> bool:
        return bool(office.world.inbox_of("tomas"))

    await until(arrived)
    assert [copy.text for copy in office.world.inbox_of("tomas")] == ["It is, on Friday."]
    office.platform.answer(asked, "Thank you!")
    messages = await office.messages(conversation.id, 3)
    assert [message.content.text for message in messages] == [
        "Is the workshop still on?",
        "It is, on Friday.",
        "Thank you!",
    ]
    assert messages[1].delivery is not None

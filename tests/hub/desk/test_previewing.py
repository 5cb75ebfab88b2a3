"""How a mail will look, and what its channel puts below it, before it is sent."""

from hub.app import Hub
from hub.desk.composing import composer_rules, preview
from hub.model.content import Content
from hub.model.inbox import Message, Side
from tests.connectors.email.test_compose import config
from tests.hub.desk.inbox import AGENT, BEGAN, conversation, fill
from tests.hubs import connect


async def test_a_mail_is_shown_as_it_will_be_with_its_signature_and_nothing_of_its_text_as_html(
    hub: Hub,
) -> None:
    signed = config(signature="Best wishes\n{{ agent }}, {{ name }}")
    channel = await connect(hub, "email", signed)
    await fill(hub, [conversation(1, channel=channel.id)])
    message = Message(
        id="e1",
        conversation="c00001",
        at=BEGAN,
        channel=channel.id,
        platform="email",
        thread="t1",
        side=Side.CUSTOMER,
        author="cora",
        author_name="Cora",
        content=Content(text="Hello"),
        visibility="private",
        surface="email",
    )
    await hub.store.inbox.add_entries([message])
    rules = await composer_rules(hub.desk, [message], AGENT)
    assert rules is not None
    assert (rules.markdown, rules.signature) == (True, "Best wishes\nBen, Muster GmbH")
    html = await preview(
        hub.desk, AGENT, "c00001", "It is **here** <script>alert(1)</script> ![p](cid:x.png)"
    )
    assert "<strong>here</strong>" in html
    assert "<script>" not in html
    assert 'src="cid:x.png"' in html
    assert "Ben, Muster GmbH" in html

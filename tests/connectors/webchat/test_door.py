"""The web chat by the whole hub: what is said arrives once and is heard, and others stay out."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from connectors.webchat import streams
from hub.contract.visitors import Line
from hub.contract.visitors import Visitor as Known
from hub.desk.replying import Draft, reply
from hub.model.content import Attachment
from hub.model.events import Event
from hub.model.inbox import DeliveryState
from hub.store.people import identity_id
from hub.visiting import ChannelVisitors
from tests.connectors.webchat.conftest import SHARED, SITE, Shop, Visitor
from tests.hubs import until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def test_a_chat_goes_both_ways_once_and_in_order(shop: Shop) -> None:
    maria = shop.visitor()
    await maria.come()
    kept = await maria.ask("files?name=..%2Flamp.png", PNG)
    assert (kept["name"], kept["mime"]) == ("lamp.png", "image/png")
    first = await maria.say("Does it get hot?", name="question-1", files=[kept["id"]])
    again = await maria.say("Does it get hot?", name="question-1", files=[kept["id"]])
    assert (first["taken"], again["taken"], again["lines"]) == (["question-1"], ["question-1"], [])
    await maria.say("The brass one.")
    [conversation] = await shop.conversations()
    asked = await shop.messages(conversation.id, 2)
    assert [each.content.text for each in asked] == ["Does it get hot?", "The brass one."]
    [file] = asked[0].content.attachments
    assert await shop.hub.store.media.read(file.stored or "") == PNG

    async with maria.listening() as heard:
        hello = await heard("hello")
        assert [each["text"] for each in hello["lines"]] == ["Does it get hot?", "The brass one."]
        bill = await shop.hub.store.media.add(b"%PDF-1.4 bill", "bill.pdf", "application/pdf", 1000)
        attached = Attachment(name="bill.pdf", mime="application/pdf", stored=bill.id, size=bill.size)
        draft = Draft(text="Warm, **not** hot.", attachments=(attached,))
        answer = await reply(shop.hub.desk, shop.ana, conversation.id, draft)
        line = await heard("line")
    assert (line["ours"], line["name"], line["text"]) == (True, "Ana", "Warm, **not** hot.")
    async with shop.http.get(f"{shop.url}/{line['files'][0]['url']}") as download:
        assert (await download.read(), download.headers["Content-Disposition"][:10]) == (
            b"%PDF-1.4 bill",
            "attachment",
        )
    wrong = line["files"][0]["url"].replace("application%2Fpdf", "image%2Fpng")
    async with shop.http.get(f"{shop.url}/{wrong}") as forged:
        assert forged.status == 404
    await maria.ask("events", {"events": [{"type": "read", "lines": [line["id"]]}]})
    await shop.delivered(answer.id, DeliveryState.READ)
    text = await maria.ask("transcript", {"you": "Me"})
    assert [each in text for each in ("Linden Goods", "Ana:", "Me:", "<bill.pdf>")] == [True] * 4


async def test_what_a_reload_says_again_at_once_stays_in_its_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was reloaded while it sent: both requests found nothing there, and took turns."""
    maria = shop.visitor()
    await maria.come()
    say, first = ChannelVisitors.say, True

    async def overtaken(visits: ChannelVisitors, line: Line) -> Line:
        nonlocal first
        if first:
            first = False
            await say(visits, replace(line, at=line.at + timedelta(seconds=1)))
        return await say(visits, line)

    monkeypatch.setattr(ChannelVisitors, "say", overtaken)
    said = ("three", "four")
    told = await maria.ask(
        "events",
        {
            "events": [
                {"type": "message", "id": f"question-{text}", "text": text, "files": []} for text in said
            ]
        },
    )
    async with maria.listening() as heard:
        hello = await heard("hello")
    shown = [
        [each["text"] for each in sorted(lines, key=itemgetter("at"))]
        for lines in (told["lines"], hello["lines"])
    ]
    assert shown == [["three", "four"], ["three", "four"]]
    [conversation] = await shop.conversations()
    assert [each.content.text for each in await shop.messages(conversation.id, 2)] == ["three", "four"]


def changed_at_the_end(token: str) -> str:
    return token[:-1] + ("1" if token.endswith("0") else "0")


async def test_strangers_stay_out_and_nobody_reads_anothers(shop: Shop) -> None:
    maria, eve = shop.visitor(), shop.visitor()
    await maria.come()
    await eve.come()
    await maria.say("My order is 4711.", name="question-1")
    kept = await maria.ask("files?name=a.png", PNG)
    assert (await eve.ask("lines", {}))["lines"] == []
    await eve.ask("lines", {"before": f"{maria.key}/question-1"}, 404)
    stolen = {"type": "message", "id": "question-2", "files": [kept["id"]]}
    assert (await eve.ask("events", {"events": [stolen]}, 400))["refused"] == "file_gone"
    edit = {"type": "edited", "line": f"{maria.key}/question-1", "text": "Eve was here"}
    assert (await eve.ask("events", {"events": [edit]}, 404))["refused"] == "line"
    assert (await maria.ask("lines", {}))["lines"][0]["text"] == "My order is 4711."

    elsewhere = shop.visitor(origin="https://shop.example.evil.example")
    assert (await elsewhere.ask("session", {}, 403))["refused"] == "origin"
    for token in ("", "x", changed_at_the_end(maria.token), "." * 3, "a" * 2000):
        assert (await Visitor(shop, token).ask("events", {"events": []}, 401))["refused"] == "token"
    for events in (
        [],
        [{"type": "message", "id": "question-3"}],
        [3],
        [{"type": "message", "text": "no id"}],
    ):
        assert (await maria.ask("events", {"events": events}, 400))["refused"] == "events"
    assert (await maria.say_too_much())["refused"] == "too_long"
    await maria.ask("events", b"x" * 100_000, 413)
    await maria.ask("events", b"[" * 3000, 400)
    await maria.ask("files?name=large", b"x" * (11 * 1024 * 1024), 413)
    statuses = set()
    for _ in range(30):
        async with shop.http.post(
            f"{shop.url}/files",
            data=b"x",
            headers={"Origin": SITE, "Authorization": f"Bearer {eve.token}"},
        ) as answer:
            statuses.add(answer.status)
    assert statuses == {200, 429}


async def test_whom_the_site_vouches_for_is_known_everywhere_and_keeps_what_was_said(shop: Shop) -> None:
    phone, laptop = shop.visitor(), shop.visitor()
    await phone.come()
    await phone.say("Before I signed in.")
    [conversation] = await shop.conversations()
    now = int(shop.hub.clock().timestamp())
    claims = {"sub": 4711, "name": "Maria Sousa", "email": "Maria@customer.example", "exp": now + 600}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SHARED))
    came = await phone.come(identity={"token": token})
    assert (came["key"], came["you"]["name"], came["you"]["verified"]) == ("u.4711", "Maria Sousa", True)
    mark = hmac.new(SHARED.encode(), b"4711", hashlib.sha256).hexdigest()
    await laptop.come(identity={"id": "4711", "hash": mark})
    await laptop.say("On my laptop.")
    messages = await shop.messages(conversation.id, 2)
    assert [each.content.text for each in messages] == ["Before I signed in.", "On my laptop."]
    assert len((await phone.ask("lines", {}))["lines"]) == 2

    await confirmed_only_after_signing_in(shop, mark)
    old = jwt.encode({"alg": "HS256"}, {**claims, "exp": now - 600}, OctKey.import_key(SHARED))
    endless = jwt.encode({"alg": "HS256"}, {"sub": "4711"}, OctKey.import_key(SHARED))
    forged = jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key("another-secret-of-at-least-32-characters")
    )
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0NzExIiwiZXhwIjo5OTk5OTk5OTk5fQ."
    for wrong in ({"token": old}, {"token": endless}, {"token": forged}, {"token": unsigned}, {"token": "x"}):
        refused = await shop.visitor().ask("session", {"identity": wrong}, 401)
        assert (refused["refused"], bool(refused["why"])) == ("identity", True)
    await shop.visitor().ask("session", {"identity": {"id": "4711", "hash": "0" * 64}}, 401)


async def confirmed_only_after_signing_in(shop: Shop, mark: str) -> None:
    """It is said again by who they are now, and is the same; nobody says anything by the old key any more."""
    late = {"type": "message", "id": "question-9", "text": "Half sent."}
    walk = shop.visitor()
    await walk.come()
    before, stale = walk.key, walk.token
    await walk.ask("events", {"events": [late]})
    await walk.come(identity={"id": "4711", "hash": mark})
    for under in (before, before):
        again = await walk.ask("events", {"events": [{**late, "under": under}]})
        assert (again["taken"], again["lines"]) == (["question-9"], [])
    stranger = {"events": [{**late, "text": "Of somebody else.", "under": "v.somebody-else"}]}
    assert [each["text"] for each in (await walk.ask("events", stranger))["lines"]] == ["Of somebody else."]
    refused = await Visitor(shop, stale).ask("events", {"events": [{**late, "id": "question-10"}]}, 401)
    assert refused["refused"] == "token"


async def test_typing_and_where_they_are_reach_the_agents(shop: Shop) -> None:
    maria = shop.visitor()
    await maria.come()
    about = {"name": "Maria", "email": "maria@customer.example", "referrer": "https://search.example/"}
    hello = {"type": "message", "id": "question-1", "text": "Hello"}
    page = {"url": f"{SITE}/lamps#top", "title": "Lamps"}
    await maria.ask("events", {"events": [hello], "about": about, "page": page})
    [conversation] = await shop.conversations()
    assert conversation.customer_name == "Maria"
    await maria.ask(
        "visit", {"page": {"url": "javascript:alert(1)"}, "event": "Added to cart", "details": "No. 4"}
    )
    await maria.ask("typing", {"on": True})
    present = await shop.hub.store.drafts.at_conversation(conversation.id, shop.hub.clock())
    assert [(each.agent_name, str(each.doing)) for each in present] == [("Maria", "writing")]
    later = shop.hub.clock() + timedelta(seconds=11)
    assert await shop.hub.store.drafts.at_conversation(conversation.id, later) == []
    known = await shop.hub.store.visitors.find_visitor(shop.channel.id, maria.key)
    assert known is not None
    assert [(each.url, each.event) for each in known.trail] == [
        (f"{SITE}/lamps", ""),
        ("", "Added to cart: No. 4"),
    ]
    assert (known.email, known.verified) == ("maria@customer.example", False)
    await shop.hub.store.inbox.remove_conversation(conversation.id, shop.hub.clock())
    assert (await maria.ask("lines", {}))["lines"] == []
    assert await shop.hub.store.visitors.find_visitor(shop.channel.id, maria.key) is None


async def test_agents_hear_where_a_visitor_goes_and_when_the_last_page_has_closed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT", 0.1)
    maria = shop.visitor()
    await maria.come()
    await maria.say("Does it get hot?")
    [conversation] = await shop.conversations()

    async def known() -> Known:
        found = await shop.hub.store.visitors.find_visitor(shop.channel.id, maria.key)
        assert found is not None
        return found

    async with shop.running.follower.subscribe() as events:
        async with maria.listening() as heard:
            await heard("hello")
            await heard_of(events, conversation.id)  # a page is open
            assert (await known()).here_until is not None
            await maria.ask("visit", {"page": {"url": f"{SITE}/prices", "title": "Prices"}})
            await heard_of(events, conversation.id)
            assert (await known()).trail[-1].title == "Prices"
        await heard_of(events, conversation.id)
        assert (await known()).here_until is None


async def heard_of(events: AsyncIterator[Event], conversation: str) -> None:
    async for event in events:
        if (event.kind, event.conversation) == ("visit_changed", conversation):
            return


async def test_who_else_they_may_be_is_suggested_by_what_they_typed_and_by_their_browser(shop: Shop) -> None:
    """And no more than that: neither proves anything."""
    maria, again, other = shop.visitor(), shop.visitor(), shop.visitor()
    device = {"device": "9f86d081884c7d659a2feaa0c55ad015"}
    for number, (each, about) in enumerate(
        (
            (maria, {"name": "Maria Sousa", "email": "maria.sousa@customer.example", **device}),
            (again, {"name": "Maria Sousa", "email": "maria.sousa@customer.example"}),
            (other, {"name": "M. S.", **device}),
        )
    ):
        await each.come()
        hello = {"type": "message", "id": f"question-{number}", "text": "Hello"}
        await each.ask("events", {"events": [hello], "about": about})
    conversations = await shop.conversations(3)
    assert len({each.customer for each in conversations}) == 3
    keys = {each.key: identity_id("webchat", each.key) for each in (maria, again, other)}
    found = await shop.hub.store.people.find_identities(list(keys.values()))
    told = {key: found[identity] for key, identity in keys.items()}
    assert told[maria.key].claimed == ("maria.sousa@customer.example",)
    assert [told[each.key].device for each in (maria, again, other)] == [
        *device.values(),
        None,
        *device.values(),
    ]
    assert all(each.email is None for each in told.values())

    async def suggested() -> bool:
        pairs = set()
        for customer in {each.customer for each in conversations}:
            pairs |= {
                frozenset(each.customers)
                for each in await shop.hub.store.likenesses.suggestions_of([customer])
            }
        return len(pairs) >= 2

    await until(suggested, "both to be suggested")

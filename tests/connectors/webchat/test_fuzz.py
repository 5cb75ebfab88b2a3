"""Whatever browsers send: the chat's door answers, refuses or keeps it, and what it kept is read."""

import json
from random import Random

import pytest

from connectors.webchat.changing import EMOJI
from tests.conformance_kit.webhooks import spoiled
from tests.connectors.webchat.conftest import SITE, Shop
from tests.hubs import until

SAID = {"type": "message", "id": "question-1", "text": "Does it get hot?", "files": ["f"], "reply_to": "a/b"}
PAGE = {"url": f"{SITE}/lamps", "title": "Lamps"}
ABOUT = {"name": "Maria", "email": "maria@shop.example", "language": "de", "answers": {"order": "1"}}
SENT = {
    "session": {"identity": {"id": "4711", "hash": "0" * 64}, "about": ABOUT},
    "events": {"events": [SAID], "page": PAGE, "about": ABOUT},
    "visit": {"page": PAGE, "about": ABOUT, "event": "bought", "details": "a lamp"},
    "typing": {"on": True},
    "lines": {"before": "a/question-1"},
    "transcript": {"email": "maria@shop.example"},
    "settings": {"language": "de"},
}
CHANGES = (
    {"type": "edited", "text": "Does it get warm?"},
    {"type": "deleted"},
    {"type": "reacted", "emoji": EMOJI[0]},
    {"type": "read", "lines": ["question-1"]},
)


@pytest.mark.parametrize("settings", [{"change_within": 15}])
async def test_whatever_browsers_send_is_answered_or_refused_and_what_is_kept_is_read(shop: Shop) -> None:
    random = Random(5)
    maria = shop.visitor()
    await maria.come()
    await maria.say("Does it get hot?", name="question-0")
    line = f"{maria.key}/question-0"
    sent = [(what, json.dumps(body).encode()) for what, body in SENT.items()]
    changes = [{"events": [{**each, "line": line}]} for each in CHANGES]
    sent += [("events", json.dumps(each).encode()) for each in changes]
    found: list[int] = []

    async def ask(what: str, body: bytes, token: str) -> None:
        headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
        async with shop.http.post(f"{shop.url}/{what}", data=body, headers=headers) as answer:
            await answer.read()
            assert answer.status < 500, (what, body, answer.status)
            found.append(answer.status)

    for what, body in sent:
        bodies = list(spoiled(body))
        for each in random.sample(bodies, min(18, len(bodies))):
            await ask(what, each, maria.token)
        await ask(what, body, maria.token[:-2] + "\xe9")
    assert {200, 400, 401} <= set(found)

    async def read() -> bool:
        waiting, failed = await shop.hub.store.journal.unfinished()
        assert failed[shop.channel.id] == 0
        return waiting[shop.channel.id] == 0

    await until(read, "what was kept to be read", seconds=60)
    [conversation] = await shop.conversations()
    [first, *_] = await shop.messages(conversation.id, 1)
    assert first.remote_ids == (line,)

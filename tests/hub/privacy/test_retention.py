"""Retention takes what is due and nothing else."""

from datetime import timedelta

import pytest

from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.deeds import mark_spam, resolve
from hub.model.inbox import Message, Status
from hub.model.people import Agent
from hub.model.privacy import Kept
from hub.privacy import Privacy, build_privacy
from hub.privacy.retention import apply_rules, list_rules, rehearse_rules, set_rule
from hub.store.media import MediaMissing
from tests.hub.privacy.somebody import journal_is_idle
from tests.hubs import Office


async def _three(office: Office) -> dict[str, str]:
    """An old one, a newer one and spam; each with a file."""
    ids: dict[str, str] = {}
    now = office.hub.clock()
    for name, days in (("old", 400), ("new", 3), ("spam", 40), ("open", 400)):
        person = office.world.person(name, name=name.title())
        files = [(f"{name}.txt", "text/plain", f"file of {name}".encode())]
        office.platform.write(person, f"words of {name}", files=files, at=now - timedelta(days=days))
        await office.conversation(len(ids) + 1)
        every = {each.customer_name.casefold(): each.id for each in await office.conversations()}
        ids[name] = every[name]
    await journal_is_idle(office)
    for name in ("old", "new"):
        await resolve(office.hub.desk, office.ana, ids[name])
    await mark_spam(office.hub.desk, office.ana, ids["spam"])
    return ids


async def _file_of(office: Office, conversation: str) -> str:
    message = (await office.hub.store.inbox.timeline(conversation))[0]
    assert isinstance(message, Message)
    return message.content.attachments[0].stored or ""


async def test_conversations_and_spam_go_when_they_are_due(office: Office) -> None:
    privacy, ana, store = build_privacy(office.hub.desk), office.ana, office.hub.store
    ids = await _three(office)
    file = await _file_of(office, ids["old"])
    await set_rule(privacy, ana, Kept.RESOLVED, "", 365)
    await set_rule(privacy, ana, Kept.SPAM, "", 30)
    assert await rehearse_rules(privacy, ana) == {"resolved:": 1, "spam:": 1}
    assert await store.inbox.find_conversation(ids["old"]) is not None
    assert await apply_rules(privacy) == {"resolved:": 1, "spam:": 1}
    left = {name for name, each in ids.items() if await store.inbox.find_conversation(each)}
    assert left == {"new", "open"}
    with pytest.raises(MediaMissing):
        await store.media.read(file)
    assert await apply_rules(privacy) == {"resolved:": 0, "spam:": 0}
    [resolved, spam] = await list_rules(privacy, ana)
    assert resolved.run is not None
    assert (resolved.rule.days, resolved.run.removed, resolved.run.total) == (365, 0, 1)
    assert spam.rule.kind is Kept.SPAM
    office.platform.feed.forget_cursors()  # everything is told once more, and then something new
    office.platform.write(office.world.person("last"), "new")
    await office.conversation(2)
    assert len(await store.inbox.list_conversations(Status.RESOLVED)) == 1


async def test_a_rule_of_a_channel_stands_before_the_one_for_all(office: Office) -> None:
    privacy, ana = build_privacy(office.hub.desk), office.ana
    await _three(office)
    await set_rule(privacy, ana, Kept.RESOLVED, "", 1)
    await set_rule(privacy, ana, Kept.RESOLVED, office.channel.id, 3000)
    assert await rehearse_rules(privacy, ana) == {"resolved:": 0, f"resolved:{office.channel.id}": 0}
    await set_rule(privacy, ana, Kept.RESOLVED, office.channel.id, None)
    assert await rehearse_rules(privacy, ana) == {"resolved:": 2}


async def test_originals_and_files_go_and_messages_stay(office: Office) -> None:
    privacy, ana, store = build_privacy(office.hub.desk), office.ana, office.hub.store
    ids = await _three(office)
    file, kept = await _file_of(office, ids["old"]), await _file_of(office, ids["new"])
    await set_rule(privacy, ana, Kept.FILES, "", 100)
    await set_rule(privacy, ana, Kept.JOURNAL, "", 10)
    await _make_older(office)
    planned = await rehearse_rules(privacy, ana)
    assert planned["files:"] == 2
    assert planned["journal:"] >= 2
    done = await apply_rules(privacy)
    assert done == planned
    message = (await store.inbox.timeline(ids["old"]))[0]
    assert isinstance(message, Message)
    assert message.content.text == "words of old"
    assert "100 days" in (message.content.attachments[0].refused or "")
    with pytest.raises(MediaMissing):
        await store.media.read(file)
    assert await store.media.read(kept) == b"file of new"
    lines = await store.journal.list_entries(limit=100)
    for each in lines:
        assert await store.journal.replay(each.id)
    await journal_is_idle(office)
    assert len(await store.inbox.timeline(ids["old"])) == 2, "a replay of what is empty brings nothing"
    assert await apply_rules(privacy) == {"files:": 0, "journal:": 0}


async def _make_older(office: Office) -> None:
    """As if it had come in long ago."""
    database, long_ago = office.hub.store.database, office.hub.clock() - timedelta(days=300)
    await database.media.update_many({"at": {"$gt": long_ago}}, {"$set": {"at": long_ago}})
    async for each in database.journal.find({}, {"_id": 1}):
        await database.journal.update_one({"_id": each["_id"]}, {"$set": {"received_at": long_ago}})


async def test_rules_are_for_admins_and_make_sense(office: Office) -> None:
    privacy: Privacy = build_privacy(office.hub.desk)
    ben = Agent(id="ben", name="Ben", email="ben@hub.example", created_at=office.hub.clock())
    with pytest.raises(NotAllowed):
        await set_rule(privacy, ben, Kept.SPAM, "", 1)
    for kind, channel, days in ((Kept.SPAM, "", 0), ("moods", "", 3), (Kept.EXPORTS, office.channel.id, 3)):
        with pytest.raises(NotPossible):
            await set_rule(privacy, office.ana, kind, channel, days)
    assert await list_rules(privacy, office.ana) == []

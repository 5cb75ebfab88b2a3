"""What agents were told, how they want to be told, and how far whoever tells them has come.

While a notice is open it carries `open` (its agent), `about` (its conversation, or its channel) and, until it
is marked to be mailed, `mail` (its agent): the indexes over these are as small as what nobody has seen yet.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.model.inbox import Conversation
from hub.model.notices import Digest, DigestState, Notice, NoticeSettings, Way
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database

OPEN_MOST = 500  # of one agent; who has more has stopped looking
MAIL_MOST = 5_000
TOGETHER = 200
CLOSED = {"open": "", "about": "", "mail": ""}


class Notices:
    def __init__(self, db: Database) -> None:
        self.notices = db.notices
        self.settings = db.notice_settings
        self.digests = db.digests
        self.state = db.notice_state
        self.conversations = db.conversations

    async def add(self, notices: Sequence[Notice]) -> list[Notice]:
        """Keep those that are not there yet. Returns them."""
        taken = await insert_new(self.notices, [_document(each) for each in notices])
        return [each for each in notices if each.id not in taken]

    async def find(self, notice: str) -> Notice | None:
        document = await self.notices.find_one({"_id": notice})
        return from_document(document, Notice) if document else None

    async def find_several(self, ids: Sequence[str]) -> list[Notice]:
        found = await self.notices.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return [from_document(each, Notice) for each in found]

    async def open_of(self, agent: str) -> list[Notice]:
        """What an agent has not seen and is still true, newest first."""
        found = await self.notices.find({"open": agent}).limit(OPEN_MOST).to_list(OPEN_MOST)
        return sorted((from_document(each, Notice) for each in found), key=_newest_first)

    async def open_about(self, subjects: Sequence[str]) -> list[Notice]:
        """What is open about these conversations and channels."""
        found = await self.notices.find({"about": {"$in": list(subjects)}}).to_list(None) if subjects else []
        return [from_document(each, Notice) for each in found]

    async def list_of(self, agent: str, before: datetime | None, limit: int) -> list[Notice]:
        """Everything an agent was told, seen or not, newest first."""
        query: Document = {"agent": agent}
        if before is not None:
            query["at"] = {"$lt": before}
        found = self.notices.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [from_document(each, Notice) for each in await found.to_list(limit)]

    async def see(self, notices: Sequence[str], at: datetime) -> int:
        """Returns how many of them were still open."""
        return await self._close(notices, {"seen_at": at})

    async def withdraw(self, notices: Sequence[str], at: datetime) -> int:
        return await self._close(notices, {"withdrawn_at": at})

    async def _close(self, notices: Sequence[str], moment: Document) -> int:
        closed = 0
        for start in range(0, len(notices), TOGETHER):
            ids = list(notices[start : start + TOGETHER])
            # Only what is open: what was seen stays seen, though it is not true any more.
            query = {"_id": {"$in": ids}, "open": {"$gt": ""}}
            changed = await self.notices.update_many(query, {"$set": moment, "$unset": CLOSED})
            closed += changed.modified_count
        return closed

    # Settings

    async def settings_of(self, agents: Sequence[str]) -> dict[str, NoticeSettings]:
        """Of those who have some."""
        found = await self.settings.find({"_id": {"$in": list(agents)}}).to_list(None) if agents else []
        return {each["_id"]: from_document(each, NoticeSettings) for each in found}

    async def save_settings(self, settings: NoticeSettings) -> None:
        await self.settings.replace_one({"_id": settings.id}, to_document(settings), upsert=True)

    # Mail

    async def to_mail(self) -> list[Notice]:
        """What is to be told by mail, of all agents, oldest first."""
        found = await self.notices.find({"mail": {"$gt": ""}}).limit(MAIL_MOST).to_list(MAIL_MOST)
        return sorted((from_document(each, Notice) for each in found), key=lambda each: (each.at, each.id))

    async def begin_digest(self, digest: Digest) -> None:
        """Mark before the attempt: whatever happens now, none of these is mailed a second time."""
        await self.digests.replace_one({"_id": digest.id}, to_document(digest), upsert=True)
        ids = list(digest.notices)
        await self.notices.update_many(
            {"_id": {"$in": ids}}, {"$set": {"mailed_at": digest.at}, "$unset": {"mail": ""}}
        )

    async def end_digest(self, digest: Digest) -> None:
        await self.digests.replace_one({"_id": digest.id}, to_document(digest))

    async def mail_again(self, digest: Digest) -> None:
        """It certainly did not leave: what is still open of it waits for the next one."""
        query = {"_id": {"$in": list(digest.notices)}, "open": digest.agent}
        await self.notices.update_many(query, {"$set": {"mail": digest.agent}, "$unset": {"mailed_at": ""}})

    async def mail_nothing(self, agent: str) -> None:
        """They want no mails any more."""
        await self.notices.update_many({"mail": agent}, {"$unset": {"mail": ""}})

    async def interrupted_digests(self) -> list[Digest]:
        """Whoever was sending them is gone."""
        found = await self.digests.find({"state": DigestState.SENDING}).to_list(None)
        return [from_document(each, Digest) for each in found]

    async def last_digest(self, agent: str) -> Digest | None:
        found = await self.digests.find({"agent": agent}).sort("at", -1).limit(1).to_list(1)
        return from_document(found[0], Digest) if found else None

    # What comes due

    async def due_between(self, since: datetime, until: datetime, limit: int) -> list[Conversation]:
        """Conversations whose time is in [since, until): a promise goes on while one sleeps."""
        rows: list[Conversation] = []
        for status in ("open", "snoozed"):
            query: Document = {"status": status, "due_at": {"$gte": since, "$lt": until}}
            found = await self.conversations.find(query).sort("due_at", 1).limit(limit).to_list(limit)
            rows += [from_document(each, Conversation) for each in found]
        return sorted(rows, key=lambda each: (each.due_at or until, each.id))[:limit]

    # Who tells, and how far they have come

    async def hold(self, lease: str, worker: str, now: datetime, lasts: timedelta) -> bool:
        """Be the one who does it. False: somebody else is."""
        await insert_new(self.state, [{"_id": lease, "owner": "", "until": now}])
        change = {"$set": {"owner": worker, "until": now + lasts}}
        for guard in ({"owner": worker}, {"until": {"$lte": now}}):
            if (await self.state.update_one({"_id": lease, **guard}, change)).matched_count:
                return True
        return False

    async def position(self) -> str | None:
        """The last event that everybody was told of."""
        found = await self.state.find_one({"_id": "position"})
        return str(found["event"]) if found else None

    async def set_position(self, event: str | None) -> None:
        if event is None:
            await self.state.delete_one({"_id": "position"})
        else:
            await self.state.update_one({"_id": "position"}, {"$set": {"event": event}}, upsert=True)


def _document(notice: Notice) -> Document:
    document = to_document(notice)
    document["open"] = notice.agent
    document["about"] = notice.conversation or notice.channel or notice.agent
    if Way.MAIL in notice.ways:
        document["mail"] = notice.agent
    return document


def _newest_first(notice: Notice) -> tuple[float, str]:
    return (-notice.at.timestamp(), notice.id)

"""What a visitor's browser may ask and say; the door has let it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from connectors.webchat import wire
from connectors.webchat.changing import CHANGES, Change, changed
from connectors.webchat.door import Caller, Refused, asked, said, words
from connectors.webchat.files import owner_of
from connectors.webchat.identity import NotProven, SignedIn, read_identity
from connectors.webchat.reading import file_wired, read_about, read_event, read_page
from connectors.webchat.shapes import (
    line_told,
    ms,
    settings_told,
    transcript,
    visitor_told,
)
from connectors.webchat.tokens import Holder, new_key, sign_token
from hub.contract.visitors import Hosting, Line, Visit, Visitor, Visitors
from hub.model.content import Attachment, Content

EVENTS_MOST = 20
PAGE = 30  # lines
TRANSCRIPT_MOST = 2000  # lines
HERE = timedelta(seconds=70)  # how long a page counts as open after a sign of life


@dataclass(frozen=True, slots=True)
class Answers:
    hosting: Hosting

    async def settings(self, caller: Caller) -> web.Response:
        """What the widget looks like and says here."""
        given = await asked(caller)
        language = words(given.get("language"), 100) or caller.request.headers.get("Accept-Language", "")
        return said(settings_told(caller.connector.config, language, self.hosting.now()))

    async def session(self, caller: Caller) -> web.Response:
        """A token: for who they were, for whom the site vouches for, or for somebody new."""
        given, now = await asked(caller), self.hosting.now()
        config, holder = caller.connector.config, caller.holder
        claimed = given.get("identity")
        if isinstance(claimed, dict):
            holder = await self._signed_in(caller, {name: str(value) for name, value in claimed.items()})
        elif config.identity_required and not (holder and holder.verified):
            raise Refused(403, "sign_in")
        fresh = holder is None
        holder = holder or Holder(new_key())
        # Whom the site vouched for is not vouched for again by having been so once.
        same = holder == caller.holder and holder.verified
        token = None if same else sign_token(caller.secret, caller.channel, holder, now)
        visitor = None if fresh else await caller.connector.visitors.find_visitor(holder.key)
        return said({"token": token, "key": holder.key, "you": visitor_told(visitor)})

    async def _signed_in(self, caller: Caller, claimed: Mapping[str, str]) -> Holder:
        shared = caller.connector.config.identity_secret
        try:
            found = read_identity(claimed, shared.get_secret_value() if shared else None, self.hosting.now())
        except NotProven as problem:
            raise Refused(401, "identity", why=str(problem)) from None
        visitors, before = caller.connector.visitors, caller.holder
        changes = {
            "verified": True,
            "name": found.name or None,
            "email": found.email if "@" in found.email else None,
            "email_verified": found.email_verified or None,
        }
        await visitors.note_visitor(found.key, {name: value for name, value in changes.items() if value})
        if before is not None and not before.verified:
            await self._move(caller, before.key, found)
        return Holder(found.key, verified=True)

    async def _move(self, caller: Caller, old: str, found: SignedIn) -> None:
        """What they said before they signed in goes with them; journalled like all that was said."""
        if not await caller.connector.visitors.list_lines(old, limit=1):
            return
        before = await caller.connector.visitors.find_visitor(old)
        moved = {"type": "moved", "old": old, "at": self.hosting.now().isoformat()}
        visitor = Visitor(
            key=found.key,
            name=found.name,
            email=found.email,
            email_verified=found.email_verified,
            device=before.device if before else "",
            first_at=self.hosting.now(),
        )
        await self._take(caller, visitor, verified=True, page={}, events=[moved])
        await caller.connector.visitors.move(old, found.key)

    async def events(self, caller: Caller) -> web.Response:
        """What they said and saw. Kept when this is answered; to say it again changes nothing."""
        given = await asked(caller)
        holder = self._may_write(caller)
        raw = given.get("events")
        if not isinstance(raw, list) or not 0 < len(raw) <= EVENTS_MOST:
            raise Refused(400, "events")
        page = read_page(given.get("page"))
        visitor = await self._about(caller, given, page)
        if visitor.moved_to and not holder.verified:
            raise Refused(401, "token")  # they have signed in: this key is of nobody any more
        now, visitors = self.hosting.now(), caller.connector.visitors
        events, lines, changes = await self._read(caller, raw, now)
        if events:
            await self._take(caller, visitor, verified=holder.verified, page=page, events=events)
        lines = await _say_in_order(visitors, lines)
        for change in changes:
            await visitors.change_line(change.line, change.fields)
            if (line := await visitors.find_line(change.line)) is not None:
                lines.append(line)
        if any(event["type"] == "read" for event in events):
            await visitors.saw(holder.key)
        taken = [each["id"] for each in raw if isinstance(each, dict) and each.get("type") == "message"]
        return said({"taken": taken, "lines": await self.told(caller, lines)})

    async def _read(
        self, caller: Caller, raw: Sequence[Any], now: datetime
    ) -> tuple[list[Mapping[str, Any]], list[Line], list[Change]]:
        """The events for the journal, the lines to show, and what changes; what we have is left out."""
        events: list[Mapping[str, Any]] = []
        lines: list[Line] = []
        changes: list[Change] = []
        for number, each in enumerate(raw):
            at = now + timedelta(milliseconds=number)
            event = read_event(each, at)
            if event["type"] in CHANGES:
                if (change := await changed(caller, event, at)) is not None:
                    changes.append(change)
                    events.extend(change.wired)
                continue
            if event["type"] != "message":
                events.append(event)
                continue
            line_id = wire.remote_id(caller.key, event["id"])
            if await self._is_there(caller, line_id, event.pop("under"), event["id"]):
                continue
            files = await self._files(caller, event["files"])
            answered = await self._answered(caller, event["reply_to"])
            events.append({**event, "files": [file_wired(file) for file in files], "reply_to": answered})
            content = Content(text=event["text"], attachments=files)
            lines.append(Line(id=line_id, thread=caller.key, at=at, content=content, reply_to=answered))
        return events, lines, changes

    async def _answered(self, caller: Caller, line: str) -> str:
        """A message is taken whatever it says it answers; what is not there is not named."""
        found = await caller.connector.visitors.find_line(line) if line else None
        return found.id if found is not None and found.thread == caller.key else ""

    async def _is_there(self, caller: Caller, line_id: str, under: str, name: str) -> bool:
        """`under`: who they were when they first said it, had they signed in before they heard of it."""
        visitors = caller.connector.visitors
        if await visitors.find_line(line_id) is not None:
            return True
        if not under:
            return False
        before = await visitors.find_visitor(under)
        moved = before is not None and before.moved_to == caller.key
        return moved and await visitors.find_line(wire.remote_id(under, name)) is not None

    async def _files(self, caller: Caller, wanted: list[str]) -> tuple[Attachment, ...]:
        if not wanted:
            return ()
        found = await self.hosting.find_files(owner_of(caller), wanted)
        if found is None:
            raise Refused(400, "file_gone")
        return tuple(found)

    async def _take(
        self,
        caller: Caller,
        visitor: Visitor,
        *,
        verified: bool,
        page: Mapping[str, str],
        events: Sequence[Mapping[str, Any]],
    ) -> None:
        known = {
            "key": visitor.key,
            "name": visitor.name,
            "email": visitor.email,
            "verified": verified,
            "email_verified": verified and visitor.email_verified,
            "device": visitor.device,
        }
        envelope = {"v": 1, "visitor": known, "page": page, "events": events}
        url = str(caller.request.url.origin())
        request = wire.request_of(caller.secret, url, envelope, self.hosting.now())
        await self.hosting.take(caller.channel, request)

    async def _about(self, caller: Caller, given: Mapping[str, Any], page: Mapping[str, str]) -> Visitor:
        """Keep what they told of themselves and where they are; whom the site vouches for stays so."""
        visitors = caller.connector.visitors
        known = await visitors.find_visitor(caller.key)
        labels = {each.key: each.label or each.key for each in caller.connector.config.form}
        changes = read_about(given.get("about"), known, labels)
        trail: list[Visit] = []
        if page.get("url") and not (known and known.trail and known.trail[-1].url == page["url"]):
            trail.append(Visit(at=self.hosting.now(), url=page["url"], title=page["title"]))
        if known is None or changes or trail:
            browser = words(caller.request.headers.get("User-Agent"), 300)
            changes |= {"browser": browser, "verified": caller.holder.verified if caller.holder else False}
            return await visitors.note_visitor(caller.key, changes, trail)
        return known

    async def arrive(self, caller: Caller, given: Mapping[str, Any]) -> datetime:
        """A page of theirs is open now. Until when that counts."""
        await self._about(caller, given, read_page(given.get("page")))
        return await self.here(caller)

    async def here(self, caller: Caller) -> datetime:
        """Until when that counts."""
        until = self.hosting.now() + HERE
        await caller.connector.visitors.note_visitor(caller.key, {"here_until": until})
        return until

    async def gone(self, caller: Caller, until: datetime) -> None:
        """Their last page here has closed: they have gone, unless another has said since that it is open."""
        visitors = caller.connector.visitors
        known = await visitors.find_visitor(caller.key)
        if known is not None and known.here_until is not None and known.here_until <= until:
            await visitors.note_visitor(caller.key, {"here_until": None})

    async def visit(self, caller: Caller) -> web.Response:
        """Something the site tells of them, an address they leave, a page they go to."""
        given = await asked(caller)
        page = read_page(given.get("page"))
        visitor = await self._about(caller, given, page)
        if event := words(given.get("event"), 100):
            details = words(given.get("details"), 300)
            text = f"{event}: {details}" if details else event
            step = Visit(at=self.hosting.now(), event=text, url=page.get("url", ""))
            await caller.connector.visitors.note_visitor(caller.key, {}, [step])
        return said({"you": visitor_told(visitor)})

    async def typing(self, caller: Caller) -> web.Response:
        given = await asked(caller)
        visitors = caller.connector.visitors
        visitor = await visitors.find_visitor(caller.key)
        name = (visitor.name if visitor else "") or wire.guest_name(caller.key)
        await visitors.hear_typing(caller.key, on=given.get("on") is True, name=name)
        return said({})

    async def lines(self, caller: Caller) -> web.Response:
        """A page of what was said, before the line that is named."""
        given = await asked(caller)
        visitors, before = caller.connector.visitors, None
        if isinstance(given.get("before"), str):
            first = await visitors.find_line(given["before"])
            if first is None or first.thread != caller.key:
                raise Refused(404, "line")
            before = (first.at, first.id)
        found = await visitors.list_lines(caller.key, before=before, limit=PAGE + 1)
        told = await self.told(caller, found[-PAGE:])
        return said({"lines": told, "more": len(found) > PAGE})

    async def transcript(self, caller: Caller) -> web.Response:
        given = await asked(caller)
        config = caller.connector.config
        found = await caller.connector.visitors.list_lines(caller.key, limit=TRANSCRIPT_MOST)
        minutes = given.get("offset")
        offset = timedelta(minutes=minutes if isinstance(minutes, int) and abs(minutes) <= 1440 else 0)
        you, us = words(given.get("you"), 60) or "You", words(given.get("us"), 60) or config.title
        text = transcript(config.title, list(found), offset, you, us)
        return web.Response(text=text, content_type="text/plain", headers={"Cache-Control": "no-store"})

    async def told(self, caller: Caller, lines: Sequence[Line]) -> list[Mapping[str, Any]]:
        """Lines as the page is told of them, with what each answers."""
        there = {each.id: each for each in lines}
        now, told = self.hosting.now(), []
        for line in lines:
            answered = there.get(line.reply_to)
            if line.reply_to and answered is None:
                answered = await caller.connector.visitors.find_line(line.reply_to)
            told.append(line_told(line, caller.channel, caller.secret, now, answered))
        return told

    def _may_write(self, caller: Caller) -> Holder:
        assert caller.holder is not None
        if caller.connector.config.identity_required and not caller.holder.verified:
            raise Refused(403, "sign_in")
        return caller.holder


def read_moment(visitor: Visitor | None) -> int | None:
    return ms(visitor.read_by_us_at) if visitor and visitor.read_by_us_at else None


async def _say_in_order(visitors: Visitors, lines: Sequence[Line]) -> list[Line]:
    """Each line as it is kept. Somebody who reloads may say the same twice at once: of each line whoever
    comes first is right, and yet what was said after it stays after it."""
    kept: list[Line] = []
    for line in lines:
        earliest = kept[-1].at + timedelta(milliseconds=1) if kept else line.at
        kept.append(await visitors.say(replace(line, at=max(line.at, earliest))))
    return kept

"""Passwords, second factors, sessions, one-time links, tokens of programs, and failed attempts.

Every claim that must hold across processes is a guarded `update_one` or `delete_one` with `_id` first. What
has an end carries it, and the database removes it (`expires_at`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from hub.model.sign_ins import ApiToken, Credentials, Link, LinkKind, Session
from hub.store.bulk import insert_new
from hub.store.codec import from_document, to_document
from hub.store.schema import Database


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts at one lock, and when the next one is allowed."""

    count: int
    until: datetime


class SignIns:
    def __init__(self, db: Database) -> None:
        self.credentials = db.credentials
        self.subjects = db.subjects  # who at a provider of single sign-on is which agent
        self.sessions = db.sessions
        self.links = db.links
        self.tokens = db.tokens
        self.attempts = db.attempts

    # ------------------------------------------------------------ credentials

    async def find_credentials(self, agent: str) -> Credentials | None:
        document = await self.credentials.find_one({"_id": agent})
        return from_document(document, Credentials) if document else None

    async def set_credentials(self, agent: str, *, unset: Sequence[str] = (), **changed: Any) -> None:
        """Change these fields of an agent's credentials and remove those of `unset`."""
        update: dict[str, Mapping[str, Any]] = {}
        if changed:
            update["$set"] = changed
        if unset:
            update["$unset"] = dict.fromkeys(unset, "")
        await self.credentials.update_one({"_id": agent}, update, upsert=True)

    async def list_credentials(self, agents: Sequence[str]) -> dict[str, Credentials]:
        found = await self.credentials.find({"_id": {"$in": list(agents)}}).to_list(None)
        return {each["_id"]: from_document(each, Credentials) for each in found}

    async def replace_hash(self, agent: str, former: str, password: str) -> None:
        """The same password, hashed anew; unless it was changed meanwhile."""
        await self.credentials.update_one(
            {"_id": agent, "password": former}, {"$set": {"password": password}}
        )

    async def use_step(self, agent: str, step: int) -> bool:
        """False when this code of the authenticator, or a later one, has been used already."""
        # A field that has its default is not stored, so the guard must also hold where it is missing.
        changed = await self.credentials.update_one(
            {"_id": agent, "factor_step": {"$not": {"$gte": step}}}, {"$set": {"factor_step": step}}
        )
        return bool(changed.modified_count)

    async def use_recovery(self, agent: str, code: str) -> bool:
        """False when there is no such recovery code, or none any more."""
        changed = await self.credentials.update_one(
            {"_id": agent, "recovery": code}, {"$pull": {"recovery": code}}
        )
        return bool(changed.modified_count)

    async def anybody_can_sign_in(self) -> bool:
        if await self.credentials.find_one({"password": {"$exists": True}}, {"_id": 1}):
            return True
        return await self.subjects.find_one({}, {"_id": 1}) is not None

    async def find_subject(self, subject: str) -> str | None:
        document = await self.subjects.find_one({"_id": subject})
        return str(document["agent"]) if document else None

    async def add_subject(self, subject: str, agent: str) -> None:
        """Who came first is right."""
        await insert_new(self.subjects, [{"_id": subject, "agent": agent}])

    async def has_subject(self, agent: str) -> bool:
        return await self.subjects.find_one({"agent": agent}, {"_id": 1}) is not None

    async def drop_subjects(self, agent: str) -> None:
        await self.subjects.delete_many({"agent": agent})

    # ------------------------------------------------------------ sessions

    async def add_session(self, session: Session) -> None:
        await self.sessions.insert_one(to_document(replace(session, token="", device="")))

    async def find_session(self, session: str) -> Session | None:
        document = await self.sessions.find_one({"_id": session})
        return from_document(document, Session) if document else None

    async def touch_session(self, seen: Session, used: Session) -> None:
        """Write down that it was used, unless another process did or it was ended."""
        await self.sessions.update_one(
            {"_id": seen.id, "used_at": seen.used_at},
            {"$set": {"used_at": used.used_at, "expires_at": used.expires_at, "address": used.address}},
        )

    async def list_sessions(self, agent: str) -> list[Session]:
        """The one used last is first."""
        found = await self.sessions.find({"agent": agent}).to_list(None)
        sessions = [from_document(each, Session) for each in found]
        return sorted(sessions, key=lambda each: (each.used_at, each.id), reverse=True)

    async def end_session(self, agent: str, session: str) -> bool:
        ended = await self.sessions.delete_one({"_id": session, "agent": agent})
        return bool(ended.deleted_count)

    async def end_sessions(self, agent: str, keep: str | None = None) -> int:
        """All of an agent's sessions, or all but one."""
        ended = await self.sessions.delete_many({"agent": agent, "_id": {"$ne": keep}})
        return ended.deleted_count

    # ------------------------------------------------------------ links that work once

    async def add_link(self, link: Link) -> None:
        await self.links.insert_one(to_document(link))

    async def find_link(self, link: str) -> Link | None:
        document = await self.links.find_one({"_id": link})
        return from_document(document, Link) if document else None

    async def use_link(self, link: str) -> bool:
        """False when somebody else has used it already."""
        used = await self.links.delete_one({"_id": link})
        return bool(used.deleted_count)

    async def drop_links(self, kind: LinkKind, agent: str | None = None) -> None:
        await self.links.delete_many({"kind": kind, **({"agent": agent} if agent else {})})

    # ------------------------------------------------------------ tokens of programs

    async def add_token(self, token: ApiToken) -> None:
        await self.tokens.insert_one(to_document(token))

    async def find_token(self, token: str) -> ApiToken | None:
        document = await self.tokens.find_one({"_id": token})
        return from_document(document, ApiToken) if document else None

    async def touch_token(self, token: str, now: datetime) -> None:
        await self.tokens.update_one({"_id": token}, {"$max": {"used_at": now}})

    async def list_tokens(self, agent: str | None) -> list[ApiToken]:
        """Of one agent, or of all; newest first."""
        found = await self.tokens.find({"agent": agent} if agent else {}).to_list(None)
        tokens = [from_document(each, ApiToken) for each in found]
        return sorted(tokens, key=lambda each: (each.created_at, each.id), reverse=True)

    async def revoke_token(self, token: str) -> bool:
        revoked = await self.tokens.delete_one({"_id": token})
        return bool(revoked.deleted_count)

    # ------------------------------------------------------------ attempts

    async def find_attempts(self, lock: str) -> Attempts | None:
        document = await self.attempts.find_one({"_id": lock})
        return Attempts(document["count"], document["until"]) if document else None

    async def count_attempt(
        self, lock: str, seen: Attempts | None, now_is: Attempts, expires_at: datetime
    ) -> bool:
        """Write down one more attempt. False when another one was counted since `seen`."""
        fields = {"count": now_is.count, "until": now_is.until, "expires_at": expires_at}
        if seen is None:
            try:
                await self.attempts.insert_one({"_id": lock, **fields})
            except DuplicateKeyError:
                return False
            return True
        changed = await self.attempts.update_one(
            {"_id": lock, "count": seen.count, "until": seen.until}, {"$set": fields}
        )
        return bool(changed.modified_count)

    async def give_back_attempt(self, lock: str) -> None:
        """It was none, as it succeeded. The wait it led to stays: others made it necessary."""
        await self.attempts.update_one({"_id": lock, "count": {"$gt": 0}}, {"$inc": {"count": -1}})

    async def forget_attempts(self, lock: str) -> None:
        await self.attempts.delete_one({"_id": lock})

"""One simulated platform with an account of ours: what customers do there, and what we are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from connectors.simulator.feed import Feed
from connectors.simulator.imitations import Imitation, surfaces_of
from connectors.simulator.society import FileCopy, Persona, Place, Post
from connectors.simulator.troubles import Trouble, Troubles
from hub.contract.capabilities import ReceiptState, Surface, Visibility

if TYPE_CHECKING:
    from connectors.simulator.world import World

FIRST_SURFACE: dict[Imitation, Surface] = {
    "email": Surface.EMAIL,
    "messenger": Surface.DIRECT,
    "social": Surface.MENTION,
}
PUBLIC = frozenset({Surface.COMMENT, Surface.MENTION})


class Platform:
    """Deeds of customers are plain methods and take effect at once; each tells us by one update.

    `at` is for the past: without it a deed happens now, by the world's clock.
    """

    def __init__(self, world: World, account: str, imitates: Imitation, random: Random) -> None:
        self.world = world
        self.account = account
        self.imitates: Imitation = imitates
        self.title = account.title()
        self.random = random
        self.troubles = Troubles(random, world.now)
        self.feed = Feed(random, self.troubles)
        self.places: dict[str, Place] = {}
        self.posts: dict[str, Post] = {}
        self.by_key: dict[str, list[Post]] = {}  # our delivery id -> what was sent under it, every time
        self.files: dict[str, FileCopy] = {}
        self.blocked: set[str] = set()
        self.calls: dict[str, int] = {}  # how often each of our calls came, refused ones included
        self.token: str | None = None  # None: any token will do
        self.webhook_url: str | None = None
        self.webhook_secret: str | None = None
        self.webhook_cursor: str | None = None
        self.echoes = imitates == "messenger"  # tells us what we sent ourselves, too
        self.confirms = imitates != "email"  # tells us at once that a message was delivered
        self.dedupes = False
        self.reply_hours: int | None = None
        self.typing: list[tuple[str, bool]] = []
        self.on_taken: list[Callable[[Post], None]] = []  # called after each message of ours
        self._numbers: dict[str, int] = {}

    # What customers do.

    def write(
        self,
        who: Persona,
        text: str,
        *,
        thread: str | None = None,
        surface: Surface | None = None,
        subject: str | None = None,
        rest: str | None = None,
        files: Sequence[tuple[str, str, bytes]] = (),
        reply_to: str | None = None,
        flags: Sequence[str] = (),
        also_to: Sequence[Persona] = (),
        at: datetime | None = None,
    ) -> Post:
        """`who` writes to us, in a thread that exists or in a new one. `files`: name, MIME type, bytes."""
        place = self._place_for(who, thread, surface, subject)
        if place.surface is Surface.EMAIL and reply_to is None and place.posts:
            reply_to = place.posts[-1].id
        post = self._post(place, who, text, subject, files, reply_to, at)
        message = self._words(post) | {
            "sender": self.who(who),
            "public": post.visibility is Visibility.PUBLIC,
            "reply_to": post.reply_to,
            "related": list(post.related),
            "people": [{"id": self.name_of(other), "name": other.name, "role": "cc"} for other in also_to],
            "flags": list(flags),
            "rest": rest,
        }
        self.tell("message", post.at, place, message=message)
        return post

    def answer(self, post: Post, text: str, **more: Any) -> Post:
        """Whoever we wrote to answers that message, where it stands."""
        place = self.places[post.thread.key]
        quotes = place.surface is not Surface.DIRECT
        return self.write(
            place.people[0], text, thread=place.id, reply_to=post.id if quotes else None, **more
        )

    def edit(self, post: Post, text: str, *, at: datetime | None = None) -> None:
        post.versions.append(post.text)
        post.text = text
        self.tell("edit", self._moment(at), self.places[post.thread.key], message=self._words(post))

    def delete(self, post: Post, *, at: datetime | None = None) -> None:
        post.deleted = True
        self.tell("deletion", self._moment(at), self.places[post.thread.key], message=post.id)

    def react(
        self, who: Persona, post: Post, emoji: str, *, on: bool = True, at: datetime | None = None
    ) -> None:
        if on:
            post.reactions[who.key] = emoji
        else:
            post.reactions.pop(who.key, None)
        place = self.places[post.thread.key]
        self.tell(
            "reaction",
            self._moment(at),
            place,
            message=post.id,
            sender=self.who(who),
            emoji=emoji,
            on=on,
        )

    def receipt(
        self,
        post: Post,
        state: ReceiptState,
        *,
        problem: str | None = None,
        recipient: str | None = None,
        everything: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Tell us what became of a message; `everything`: of all in its thread so far."""
        self.tell(
            "receipt",
            self._moment(at),
            self.places[post.thread.key],
            state=str(state),
            message=None if everything else post.id,
            problem=problem,
            recipient=recipient,
        )

    def block(self, who: Persona, *, blocked: bool = True, at: datetime | None = None) -> None:
        """Nothing of ours reaches `who` any more, and we are told so."""
        (self.blocked.add if blocked else self.blocked.discard)(who.key)
        for place in self.places.values():
            if who in place.people:
                self.tell(
                    "reachability", self._moment(at), place, sender=self.who(who), reachable=not blocked
                )
                return

    def move(self, thread: str, to: str, *, at: datetime | None = None) -> None:
        """The platform gives a thread another name, as Telegram does with a group that grows."""
        place = self.places.pop(thread)
        self.places[to] = place
        new = {"id": to, "kind": str(place.surface)}
        self.tell("move", self._moment(at), place, to=new)
        place.id = to
        for post in place.posts:
            post.thread = place.thread

    def write_elsewhere(
        self,
        thread: str,
        text: str,
        *,
        author: str | None = None,
        files: Sequence[tuple[str, str, bytes]] = (),
        at: datetime | None = None,
    ) -> Post:
        """We ourselves write there with another tool: told to us as an echo of our own account."""
        place = self.places[thread]
        post = self._post(place, None, text, None, files, None, at)
        self.echo(post, author)
        return post

    # What goes wrong.

    def fail(
        self,
        trouble: Trouble,
        *,
        on: str | None = None,
        calls: int | None = None,
        lasting: timedelta | None = None,
    ) -> None:
        """Arrange a trouble: for some calls, for some time, or until `mend`. Noticed at once by who waits."""
        until = self.world.now() + lasting if lasting is not None else None
        self.troubles.plan(trouble, on=on, calls=calls, until=until)
        self.feed.disturb()

    def mend(self) -> None:
        self.troubles.mend()
        self.feed.disturb()

    # What the platform tells us.

    def tell(self, kind: str, at: datetime, place: Place, **what: Any) -> str:
        """One update. Returns its id."""
        update_id = f"{self.account}-u{self.number('update'):06d}"
        thread = {"id": place.id, "kind": str(place.surface)}
        moment = at.astimezone(UTC).isoformat()
        self.feed.add({"id": update_id, "type": kind, "at": moment, "thread": thread, **what})
        return update_id

    def echo(self, post: Post, author: str | None = None) -> None:
        """Tell us what we said ourselves."""
        us = {"id": self.account, "name": author or self.title, "ours": True}
        message = self._words(post) | {
            "sender": us,
            "public": post.visibility is Visibility.PUBLIC,
            "reply_to": post.reply_to,
            "related": list(post.related),
        }
        self.tell("message", post.at, self.places[post.thread.key], message=message)

    def who(self, person: Persona) -> dict[str, Any]:
        """A customer as this platform knows them: only what it has verified."""
        known: dict[str, Any] = {"id": self.name_of(person), "name": person.name}
        if self.imitates == "email":
            known["email"] = person.address
        elif self.imitates == "messenger":
            known["phone"] = person.phone
        else:
            known["handle"] = person.handle
        return known

    def name_of(self, person: Persona) -> str:
        """The key by which this platform knows somebody."""
        return person.address if self.imitates == "email" else person.key

    def person_named(self, key: str) -> Persona | None:
        wanted = key.casefold() if self.imitates == "email" else key
        everybody = self.world.people.values()
        return next((one for one in everybody if self.name_of(one).casefold() == wanted.casefold()), None)

    # How it keeps things.

    def number(self, kind: str) -> int:
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def open_place(self, surface: Surface, people: list[Persona], subject: str | None) -> Place:
        place = Place(
            id=f"{self.account}-t{self.number('thread'):05d}", surface=surface, people=people, subject=subject
        )
        self.places[place.id] = place
        return place

    def _place_for(
        self, who: Persona, thread: str | None, surface: Surface | None, subject: str | None
    ) -> Place:
        if thread is not None:
            place = self.places[thread]
            if who not in place.people:
                place.people.append(who)
            return place
        where = surface or FIRST_SURFACE[self.imitates]
        if where not in surfaces_of(self.imitates):
            raise ValueError(f"A platform that imitates {self.imitates} has no {where}.")
        return self.open_place(where, [who], subject)

    def _post(
        self,
        place: Place,
        author: Persona | None,
        text: str,
        subject: str | None,
        files: Sequence[tuple[str, str, bytes]],
        reply_to: str | None,
        at: datetime | None,
    ) -> Post:
        chain = tuple(post.id for post in place.posts[-20:]) if place.surface is Surface.EMAIL else ()
        named = (subject or (f"Re: {place.subject}" if place.subject else None)) if chain else place.subject
        post = Post(
            id=self.message_id(),
            thread=place.thread,
            author=author,
            at=self._moment(at),
            text=text,
            subject=named if place.surface is Surface.EMAIL else None,
            files=tuple(self.keep_file(*file) for file in files),
            reply_to=reply_to,
            related=chain,
            visibility=Visibility.PUBLIC if place.surface in PUBLIC else Visibility.PRIVATE,
        )
        self.keep(place, post)
        return post

    def keep(self, place: Place, post: Post) -> None:
        place.posts.append(post)
        self.posts[post.id] = post

    def keep_file(self, name: str, mime: str, content: bytes) -> FileCopy:
        file = FileCopy(
            handle=f"{self.account}-f{self.number('file'):05d}", name=name, mime=mime, content=content
        )
        self.files[file.handle] = file
        return file

    def message_id(self) -> str:
        number = self.number("message")
        if self.imitates == "email":
            return f"<{self.account}.{number}@{self.world.name}.simulated.example>"
        return f"{self.account}-m{number:06d}"

    def _moment(self, at: datetime | None) -> datetime:
        return (at or self.world.now()).astimezone(UTC)

    def _words(self, post: Post) -> dict[str, Any]:
        files = [
            {"handle": file.handle, "name": file.name, "mime": file.mime, "size": len(file.content)}
            for file in post.files
        ]
        return {"id": post.id, "text": post.text, "subject": post.subject, "files": files}

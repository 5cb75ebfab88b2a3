"""The simulated platform's network side: what a connector calls, with tokens, limits and outages."""

from collections.abc import AsyncIterator
from typing import Any

from connectors.simulator.feed import Raw
from connectors.simulator.platform import Platform
from connectors.simulator.society import Order, Post
from connectors.simulator.taking import take
from connectors.simulator.troubles import Refusal, Trouble

CHUNK = 64 * 1024


class Api:
    """Each method is one call over the network: counted, authenticated, and liable to every trouble.

    Raises Refusal (an HTTP error), ConnectionError (nothing was taken) or TimeoutError (nobody knows).
    """

    def __init__(self, platform: Platform, token: str) -> None:
        self._platform = platform
        self._token = token

    async def who_am_i(self) -> tuple[str, str]:
        await self._enter("who_am_i")
        return self._platform.account, self._platform.title

    async def updates(
        self, cursor: str | None, limit: int, *, from_start: bool = False
    ) -> tuple[list[Raw], str]:
        await self._enter("updates")
        return self._platform.feed.after(cursor, limit, from_start=from_start)

    async def news(self, cursor: str) -> None:
        """Hold the line until there is something after `cursor`."""
        await self._enter("news")
        await self._platform.feed.news(cursor)

    async def send(self, order: Order) -> tuple[Post, dict[str, str]]:
        trouble = await self._enter("send")
        taken = take(self._platform, order)
        self._platform.troubles.raise_after(trouble)
        return taken

    async def find(self, key: str) -> Post | None:
        """What was sent under this delivery id."""
        await self._enter("find")
        return next(iter(self._platform.by_key.get(key, ())), None)

    async def edit(self, message: str, text: str) -> None:
        trouble = await self._enter("edit")
        post = self._ours(message)
        post.versions.append(post.text)
        post.text = text
        self._platform.world.change(post.id, text=text, edited=True)
        self._platform.troubles.raise_after(trouble)

    async def delete(self, message: str) -> None:
        trouble = await self._enter("delete")
        post = self._ours(message)
        post.deleted = True
        self._platform.world.change(post.id, deleted=True)
        self._platform.troubles.raise_after(trouble)

    async def react(self, message: str, emoji: str, *, on: bool) -> None:
        trouble = await self._enter("react")
        post = self._any(message)
        if on:
            post.reactions[self._platform.account] = emoji
        else:
            post.reactions.pop(self._platform.account, None)
        self._platform.troubles.raise_after(trouble)

    async def mark_read(self, thread: str, message: str) -> None:
        await self._enter("mark_read")
        place = self._platform.places.get(thread)
        if place is None:
            raise Refusal(404, "thread_gone", "The thread does not exist any more.")
        upto = self._any(message)
        for post in place.posts:
            if post.author is not None and post.at <= upto.at:
                post.read = True

    async def typing(self, thread: str, *, on: bool) -> None:
        await self._enter("typing")
        self._platform.typing.append((thread, on))

    async def hide(self, message: str, *, on: bool) -> None:
        await self._enter("hide")
        self._any(message).hidden = on

    async def file(self, handle: str) -> AsyncIterator[bytes]:
        await self._enter("file")
        file = self._platform.files.get(handle)
        if file is None:
            raise Refusal(404, "file_gone", "The file does not exist any more.")
        for start in range(0, len(file.content), CHUNK):
            yield file.content[start : start + CHUNK]

    async def profile(self, key: str) -> dict[str, Any]:
        await self._enter("profile")
        person = self._platform.person_named(key)
        if person is None:
            raise Refusal(404, "unreachable", "Nobody of this name is known here.")
        return {
            "name": person.name,
            "handle": person.handle,
            "locale": person.locale,
            "picture": person.picture,
        }

    async def set_webhook(self, url: str | None, secret: str | None) -> None:
        await self._enter("set_webhook")
        platform = self._platform
        platform.webhook_url, platform.webhook_secret = url, secret
        if url is not None and platform.webhook_cursor is None:
            platform.webhook_cursor = platform.feed.after(None, 0)[1]

    async def _enter(self, call: str) -> Trouble | None:
        """Pass the door. Returns a trouble that strikes only after the deed."""
        platform = self._platform
        platform.calls[call] = platform.calls.get(call, 0) + 1
        if platform.troubles.slow:
            await platform.world.sleep(platform.troubles.slow.total_seconds())
        trouble = platform.troubles.meet(call)
        platform.troubles.raise_before(trouble)
        if platform.token is not None and platform.token != self._token:
            raise Refusal(401, "token_refused", "The token is not known.")
        return trouble

    def _ours(self, message: str) -> Post:
        post = self._any(message)
        if post.author is not None:
            raise Refusal(403, "unsupported", "The message is somebody else's.")
        return post

    def _any(self, message: str) -> Post:
        post = self._platform.posts.get(message)
        if post is None or post.deleted:
            raise Refusal(404, "thread_gone", "The message does not exist any more.")
        return post

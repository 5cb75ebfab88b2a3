"""From nothing to a connected bot: what to do at @BotFather, in order, and how each step is looked at.

https://core.telegram.org/bots/features#botfather and https://core.telegram.org/bots/api#setwebhook, both
checked 2026-11-23.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import telegram
from telegram import error as tg

from connectors.telegram.bot import make_bot
from connectors.telegram.config import TelegramConfig
from connectors.telegram.content import name_of
from connectors.telegram.trouble import TAKEN_AWAY, translate
from connectors.telegram.updates import KINDS
from hub.contract.connector import Kit
from hub.contract.errors import Rejected, RejectReason, Unavailable
from hub.contract.steps import Step

PORTS = (443, 80, 88, 8443)  # where Telegram calls
HELLO_WITHIN = 20  # seconds

STEPS = (
    Step(
        name="bot",
        title="Make a bot",
        words="Open @BotFather in Telegram, send /newbot, and answer its questions: a name, and a user name "
        "that ends in bot. It gives you a token; copy it here. For a bot you have already, send /token.",
        link="https://t.me/BotFather",
        asks=("token",),
    ),
    Step(
        name="groups",
        title="Choose what it hears in groups",
        words="Without groups, leave it as it is. To hear every message, send /setprivacy to @BotFather, "
        "choose the bot, then Disable; take the bot out of groups it is in, and add it again.",
        link="https://t.me/BotFather",
        asks=("groups",),
    ),
    Step(
        name="way",
        title="Choose how messages come in",
        words="poll: Hubbub asks Telegram, which works behind any firewall. webhook: Telegram calls Hubbub; "
        "for that, web.public_url has to be an https address that is reached from outside.",
        asks=("way",),
    ),
    Step(
        name="hello",
        title="Write to it",
        words="Open the bot in Telegram, press Start and write something; checking waits 20 seconds for it.",
        optional=True,
    ),
)


async def check(step: str, config: TelegramConfig, kit: Kit) -> Sequence[str]:
    """What was found; raises with Telegram's own words beside ours."""
    looks: Mapping[str, Callable[[telegram.Bot, TelegramConfig, Kit], Awaitable[Sequence[str]]]] = {
        "bot": _bot,
        "groups": _groups,
        "way": _way,
        "hello": _hello,
    }
    bot = make_bot(config)
    try:
        return await looks[step](bot, config, kit)
    except tg.TelegramError as problem:
        said = problem.message.replace(config.token.get_secret_value(), "…")
        raise translate(problem).quoting(said) from problem
    finally:
        await bot.request.shutdown()


async def _me(bot: telegram.Bot) -> dict[str, Any]:
    """As it came: the library's own `get_me` tells nothing of what it does not know."""
    me = await bot.do_api_request("getme")
    return me if isinstance(me, dict) else {}


async def _bot(bot: telegram.Bot, config: TelegramConfig, kit: Kit) -> Sequence[str]:
    me = await _me(bot)
    name = me.get("username")
    return [f"The token works. The bot is called {name_of(me)}: https://t.me/{name}"]


async def _groups(bot: telegram.Bot, config: TelegramConfig, kit: Kit) -> Sequence[str]:
    me = await _me(bot)
    if not me.get("can_join_groups"):
        return ["It cannot be added to groups; /setjoingroups at @BotFather changes that."]
    if me.get("can_read_all_group_messages"):
        return ["It is given every message in groups."]
    if config.groups == "all":
        words = "It does not see everything in groups; /setprivacy at @BotFather changes that."
        refused = Rejected(words, reason=RejectReason.OTHER)
        raise refused.quoting("can_read_all_group_messages: false")
    return ["In groups it is given commands, answers to it, and messages that name it."]


async def _way(bot: telegram.Bot, config: TelegramConfig, kit: Kit) -> Sequence[str]:
    if config.way == "webhook":
        return await _reachable(kit)
    if host := await _hook(bot):
        return [f"Until now its messages go to {host}. Once it is connected, they come here."]
    await _updates(bot, wait=0)
    return ["Nobody else reads its messages. They will come here."]


async def _reachable(kit: Kit) -> Sequence[str]:
    url = kit.public_url
    if not url:
        words = "Hubbub does not know its own address: set web.public_url, or choose poll."
        raise Rejected(words, reason=RejectReason.OTHER)
    parts = urlsplit(url)
    if parts.scheme != "https" or (parts.port or 443) not in PORTS:
        words = (
            f"Telegram calls https addresses on ports {', '.join(map(str, PORTS))} only, and this is {url}."
        )
        raise Rejected(words, reason=RejectReason.OTHER)
    try:
        async with kit.http.get(f"{url}/healthz") as answer:
            if answer.status == 200:
                return [f"{url} leads here."]
            said = f"{answer.status} {answer.reason}"
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        said = str(problem) or type(problem).__name__
    raise Unavailable(f"{url} does not lead here.").quoting(said)


async def _hello(bot: telegram.Bot, config: TelegramConfig, kit: Kit) -> Sequence[str]:
    if host := await _hook(bot):
        raise Unavailable(TAKEN_AWAY).quoting(f"webhook: {host}")
    found = await _updates(bot, wait=HELLO_WITHIN)
    if not found:
        raise Unavailable("Nothing has arrived. Open the bot in Telegram, press Start, and check again.")
    message = found[-1].get("message")
    sender = message.get("from") if isinstance(message, dict) else None
    name = name_of(sender) if isinstance(sender, dict) else ""
    return [f"{name or 'Somebody'} has written to it."]


async def _hook(bot: telegram.Bot) -> str:
    """Where its messages are sent; "" for nowhere. The path is left out: it may be somebody's secret."""
    found = await bot.do_api_request("getwebhookinfo")
    return urlsplit(str(found.get("url") or "")).hostname or "" if isinstance(found, dict) else ""


async def _updates(bot: telegram.Bot, *, wait: int) -> list[dict[str, Any]]:
    """What waits. None of it is confirmed, so that nothing is taken away from anybody."""
    found = await bot.do_api_request(
        "getupdates",
        api_kwargs={"limit": 100, "timeout": wait, "allowed_updates": list(KINDS)},
        read_timeout=wait + 20.0,
    )
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

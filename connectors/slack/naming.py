"""Whom and what a payload names: people, channels, groups of people; and how a date is shown. Pure.

https://docs.slack.dev/messaging/formatting-message-text (checked 2026-12-01).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.slack.marks import people_in

Json = Mapping[str, Any]

PEOPLE, CHANNELS, GROUPS, TEAMS = "UW", "CG", "S", "TE"  # how their ids begin
NAMED = re.compile(r"<(?:@|#|!subteam\^)([UWCGS][A-Z0-9]{1,39})(?:\|([^<>]*))?>")
_IN_BLOCKS = {"channel": "channel_id", "usergroup": "usergroup_id"}
# Everybody's changes are told, and concern few: nobody is looked up for them.
QUIET = ("user_change",)


def named_in(payload: Any) -> set[str]:
    """The ids of all that a payload speaks of and does not call by name, to be looked up."""
    event = payload.get("event") if isinstance(payload.get("event"), Mapping) else payload
    if event.get("type") in QUIET:
        return set()
    found: set[str] = set()
    for each in (event, event.get("message")):
        if isinstance(each, Mapping):
            user = each.get("user")
            user = user.get("id") if isinstance(user, Mapping) else user  # of whoever pressed a button
            found |= {user} if isinstance(user, str) else set()
            text, blocks = str(each.get("text") or ""), each.get("blocks")
            called = labels(text)
            mentioned = {found[1] for found in NAMED.finditer(text)} | set(_places_in(blocks))
            found |= {name for name in mentioned if name[:1] in PEOPLE or name not in called}
            found |= set(people_in(blocks))
    known = PEOPLE + CHANNELS + GROUPS
    return {each for each in found if each[:1] in known and each.isalnum() and len(each) < 40}


def labels(text: str) -> dict[str, str]:
    """What Slack calls them in the text itself: `<#C123|tents>`."""
    said = {found[1]: (found[2] or "").lstrip("@#").strip() for found in NAMED.finditer(text)}
    return {key: name for key, name in said.items() if name}


def _places_in(block: object) -> Iterator[str]:
    """Channels and groups that blocks name, however deep."""
    if isinstance(block, Mapping):
        name = block.get(_IN_BLOCKS.get(str(block.get("type")), ""))
        if isinstance(name, str):
            yield name
        for each in block.values():
            yield from _places_in(each)
    elif isinstance(block, list):
        for each in block:
            yield from _places_in(each)

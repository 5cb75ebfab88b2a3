"""Answers to tap on: buttons below a message, and what becomes of them once one is pressed. Pure.

https://docs.slack.dev/reference/block-kit/block-elements/button-element and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload (checked 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from connectors.slack.content import Json
from connectors.slack.writing import escaped
from hub.contract.inbound import RemoteId

BLOCK = "hubbub_choices"
PRESSED = re.compile(r"hubbub_choice_\d+")
LONGEST = 75  # characters on a button


def buttons(choices: Sequence[str]) -> list[dict[str, Any]]:
    """A block, if there is anything to choose from. Each button carries its words."""
    elements = [
        {
            "type": "button",
            "action_id": f"hubbub_choice_{number}",
            "text": {"type": "plain_text", "text": each, "emoji": False},
            "value": each,
        }
        for number, each in enumerate(choices)
    ]
    return [{"type": "actions", "block_id": BLOCK, "elements": elements}] if elements else []


def picked(payload: Json) -> str | None:
    """The words of the button; None for what is no answer of ours."""
    actions = payload.get("actions")
    first = actions[0] if isinstance(actions, list) and len(actions) == 1 else None
    if not isinstance(first, Mapping) or not PRESSED.fullmatch(str(first.get("action_id"))):
        return None
    words = first.get("value")
    return words if isinstance(words, str) and words.strip() else None


def name_of_press(message: RemoteId, user: str, words: str) -> RemoteId:
    """The same however often somebody presses; it leads to the message below which the button stood."""
    told = f"{user} {words}".encode("utf-8", "replace")
    return RemoteId(f"{message}+{sha256(told).hexdigest()[:12]}")


def settled(blocks: Any, words: str) -> list[Any]:
    """The blocks with what was picked in the place of the buttons."""
    shown = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"✓ {escaped(words)}"}]}
    found = blocks if isinstance(blocks, list) else []
    return [shown if isinstance(each, Mapping) and each.get("block_id") == BLOCK else each for each in found]

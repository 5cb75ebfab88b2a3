"""Trying a connected app out: its scopes, its way in, and whether Slack has really called."""

import hmac
import json
import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import sha256

import aiohttp

from connectors.slack.calls import Calls, spoken
from connectors.slack.setup import auth_test, lacking, open_socket
from hub.contract.connector import Kit
from hub.contract.errors import Rejected, RejectReason, Unavailable


async def prove(calls: Calls) -> AsyncIterator[str]:
    """A sentence for what works; raises at last with every scope that is missing, by name."""
    missing: list[str] = []
    for each in calls.config.workspaces:
        if not each.gone:
            me = await calls.ask(each.team, auth_test)
            name, workspace = me.get("user"), me.get("team")
            yield f"The token works. The app is {name} in the workspace {workspace}."
            missing += [what for what in lacking(me) if what not in missing]
    if calls.config.way == "socket":
        yield await open_socket(calls.config, calls.kit)
    else:
        yield await _answers(calls)
        yield await _was_called(calls.kit)
    if missing:
        raise Rejected(" ".join(missing), reason=RejectReason.UNSUPPORTED)


def signature(secret: str, at: str, body: bytes) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack (checked 2026-11-23)."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, sha256).hexdigest()


async def _answers(calls: Calls) -> str:
    """We ask ourselves as Slack does when the address is entered there."""
    kit, secret = calls.kit, calls.config.signing_secret
    assert secret is not None
    if not kit.hook:
        words = "Hubbub does not know its own address: set web.public_url, or choose socket."
        raise Rejected(words, reason=RejectReason.OTHER)
    word, at = secrets.token_urlsafe(24), str(int(kit.now().timestamp()))
    body = json.dumps({"type": "url_verification", "challenge": word}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": signature(secret.get_secret_value(), at, body),
    }
    try:
        async with (
            spoken(calls.config.timeout),
            kit.http.post(kit.hook, data=body, headers=headers) as answer,
        ):
            said = (await answer.content.read(1_000)).decode("utf-8", "replace")
            if answer.status == 200 and said == word:
                return f"{kit.hook} answers Slack's question."
            problem = f"{answer.status} {answer.reason}"
    except (aiohttp.ClientError, Unavailable) as failed:
        problem = str(failed.__cause__ or failed)
    raise Unavailable(f"{kit.hook} does not answer Slack's question.").quoting(problem)


async def _was_called(kit: Kit) -> str:
    """Only what is signed with the secret is kept: what has arrived proves secret and subscription."""
    last: datetime | None = await kit.last_posted()
    if last is None:
        words = (
            "Slack has not called yet. Enter the address under Event Subscriptions and Interactivity & "
            "Shortcuts, with the bot events of the manifest, and write to the app."
        )
        raise Unavailable(words)
    return f"Slack's last call arrived at {last:%Y-%m-%d %H:%M} UTC, signed with this app's secret."

"""Slack's failures in the contract's words. Pure.

Error codes: https://docs.slack.dev/reference/methods/chat.postMessage and those of the other methods; pace:
https://docs.slack.dev/apis/web-api/rate-limits (checked 2026-11-23).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)

# What does not work without a scope. https://docs.slack.dev/reference/scopes (checked 2026-11-23)
SCOPES: Mapping[str, str] = {
    "chat:write": "Answers cannot be sent: the app lacks the scope chat:write.",
    "im:history": "Direct messages do not come in: the app lacks the scope im:history.",
    "mpim:history": "Group messages do not come in: the app lacks the scope mpim:history.",
    "channels:history": "Public channels are not heard: the app lacks the scope channels:history.",
    "groups:history": "Private channels are not heard: the app lacks the scope groups:history.",
    "users:read": "People have no names: the app lacks the scope users:read.",
    "users:read.email": "People are not recognised by their address: the app lacks users:read.email.",
    "files:read": "Files that people send do not come in: the app lacks the scope files:read.",
    "files:write": "Files cannot be sent: the app lacks the scope files:write.",
    "reactions:read": "Reactions do not come in: the app lacks the scope reactions:read.",
    "reactions:write": "Reactions cannot be sent: the app lacks the scope reactions:write.",
    "team:read": "Companies with whom a channel is shared have no names: the app lacks the scope team:read.",
    "usergroups:read": "Groups of people that are named stay without names: the app lacks usergroups:read.",
    "im:read": "Direct messages are not caught up with after an outage: the app lacks the scope im:read.",
    "mpim:read": "Group messages are not caught up with after an outage: the app lacks the scope mpim:read.",
    "channels:read": "Public channels are not caught up with after an outage: the app lacks channels:read.",
    "groups:read": "Private channels are not caught up with after an outage: the app lacks groups:read.",
}
REFUSED = "Slack refuses the app's token. Install the app in the workspace again, and enter the new token."
GONE = "The app has been removed from the workspace, or the workspace is closed."
AUTH: Mapping[str, str] = {
    "invalid_auth": REFUSED,
    "not_authed": REFUSED,
    "token_revoked": REFUSED,
    "token_expired": "The app's token has expired. Enter the client ID, its secret and the refresh token.",
    "invalid_refresh_token": "Slack does not know the refresh token any more. Install the app again.",
    "invalid_grant": "Slack does not know the refresh token any more. Install the app again.",
    "bad_client_secret": "Slack refuses the client secret.",
    "invalid_client_id": "Slack does not know the client ID.",
    "not_allowed_token_type": "This is a token of another kind than the one asked for.",
    "account_inactive": GONE,
    "team_access_not_granted": GONE,
    "access_denied": REFUSED,
}
REMOVED = "The app has been removed from this customer's workspace. Install it there again to answer."
# What Slack says of one workspace alone, by its token: https://docs.slack.dev/reference/methods/auth.test
# (checked 2026-11-30)
GONE_WITH_IT = frozenset(
    {
        "invalid_auth",
        "token_revoked",
        "token_expired",
        "invalid_refresh_token",
        "account_inactive",
        "team_access_not_granted",
    }
)
REASONS: Mapping[str, tuple[RejectReason, str]] = {
    "msg_too_long": (RejectReason.TOO_LONG, "The message is too long for Slack."),
    "no_text": (RejectReason.UNSUPPORTED, "Slack sends no message without words."),
    "channel_not_found": (
        RejectReason.THREAD_GONE,
        "The app does not see this channel any more.",
    ),
    "not_in_channel": (RejectReason.THREAD_GONE, "The app is not in this channel: /invite adds it."),
    "is_archived": (RejectReason.THREAD_GONE, "The channel has been archived."),
    "thread_not_found": (RejectReason.THREAD_GONE, "The thread does not exist any more."),
    "message_not_found": (RejectReason.MESSAGE_GONE, "The message does not exist any more."),
    "cant_update_message": (RejectReason.POLICY, "Slack lets nobody change this message."),
    "cant_delete_message": (RejectReason.POLICY, "Slack lets nobody delete this message."),
    "edit_window_closed": (RejectReason.POLICY, "This workspace lets nobody change messages that late."),
    "user_disabled": (RejectReason.UNREACHABLE, "The customer's account in Slack is closed."),
    "cannot_dm_bot": (RejectReason.UNREACHABLE, "This is another app, which cannot be written to."),
    "user_not_found": (RejectReason.UNREACHABLE, "Slack does not know this customer any more."),
    "user_not_visible": (RejectReason.UNREACHABLE, "Slack does not show this customer to the app any more."),
    "messages_tab_disabled": (
        RejectReason.POLICY,
        "The app takes no messages: switch its Messages Tab on, under App Home.",
    ),
    "msg_blocks_too_long": (RejectReason.TOO_LONG, "The message is too long for Slack."),
    "restricted_action_read_only_channel": (RejectReason.POLICY, "Nobody may write in this channel."),
    "restricted_action_thread_only_channel": (
        RejectReason.POLICY,
        "In this channel one may only write in threads.",
    ),
    "restricted_action_non_threadable_channel": (
        RejectReason.POLICY,
        "In this channel nobody may write in threads.",
    ),
    "restricted_action": (RejectReason.POLICY, "This workspace does not let the app write here."),
    "restricted_action_thread_locked": (RejectReason.POLICY, "The thread has been locked."),
    "ekm_access_denied": (RejectReason.POLICY, "The workspace's administrators have stopped messages here."),
    "invalid_name": (RejectReason.UNSUPPORTED, "This workspace does not know this emoji."),
    "file_type_not_allowed": (RejectReason.MEDIA_REFUSED, "This workspace does not take files of this kind."),
    "file_uploads_disabled": (RejectReason.MEDIA_REFUSED, "This workspace does not take files."),
    "file_upload_size_restricted": (RejectReason.MEDIA_REFUSED, "The file is too large for this workspace."),
    "file_not_found": (RejectReason.MEDIA_REFUSED, "Slack does not have this file any more."),
    "file_deleted": (RejectReason.MEDIA_REFUSED, "Slack does not have this file any more."),
    "message_limit_exceeded": (RejectReason.POLICY, "The workspace has used up its messages."),
}
# In a chat with one person, these are about the person: https://docs.slack.dev/reference/methods/chat.postMessage
# (checked 2026-12-01)
ABOUT_A_PERSON = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
UNREACHED = (
    "Slack takes nothing for this customer any more: their account is closed, or the app may not write to it."
)
LATER = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
AWAY = "Slack cannot be reached."
UNSURE = "Slack did not answer in time; the message may have arrived."
SLOWER = "Slack asks us to slow down."
# Nothing has left yet when these happen.
NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)


def translate(problem: Exception, *, sending: bool = False) -> ConnectorError:
    """`sending`: a lost answer may be a sent message. `problem`: one of `FAILURES`."""
    if isinstance(problem, SlackApiError):
        return _said(problem, sending)
    if isinstance(problem, NOT_SENT) or not sending:
        return Unavailable(AWAY)
    return OutcomeUnknown(UNSURE)


@contextmanager
def in_a_chat(channel: str) -> Iterator[None]:
    """Where a chat with one person is gone, the person cannot be reached."""
    try:
        yield
    except Rejected as problem:
        cause = problem.__cause__
        code = code_of(cause) if isinstance(cause, SlackApiError) else ""
        if not channel.startswith("D") or code not in ABOUT_A_PERSON:
            raise
        raise Rejected(UNREACHED, reason=RejectReason.UNREACHABLE) from cause


def code_of(problem: SlackApiError) -> str:
    """The word Slack refuses with; "" where it said none."""
    answer = getattr(problem.response, "data", None)
    return str(answer.get("error") or "") if isinstance(answer, dict) else ""


def _said(problem: SlackApiError, sending: bool) -> ConnectorError:
    status = int(getattr(problem.response, "status_code", 0) or 0)
    code = code_of(problem)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return RateLimited(SLOWER, retry_after=_wait(getattr(problem.response, "headers", None)))
    if status >= 500 or code in LATER:
        return Unavailable(AWAY)
    if code in AUTH:
        return AuthBroken(AUTH[code])
    if code == "missing_scope":
        needed = str(problem.response.get("needed") or "").split(",")[0]
        words = (
            f"The app lacks the scope {needed}: add it under OAuth & Permissions, and install the app again."
        )
        return AuthBroken(words) if sending else Rejected(words, reason=RejectReason.UNSUPPORTED)
    if code in REASONS:
        reason, words = REASONS[code]
        return Rejected(words, reason=reason)
    if not code:  # an answer nobody understands
        return OutcomeUnknown(UNSURE) if sending else Unavailable(AWAY)
    return Rejected(f"Slack refuses it: {code[:100]}.", reason=RejectReason.OTHER)


def _wait(headers: Mapping[str, str] | None) -> timedelta:
    found = {name.lower(): value for name, value in (headers or {}).items()}.get("retry-after", "")
    return (
        timedelta(seconds=max(1, int(found)))
        if found.isascii() and found.isdigit()
        else timedelta(seconds=30)
    )

"""What apps may call of a Slack of our own.

As https://docs.slack.dev/reference/methods has it (checked 2026-11-23).
"""

import itertools
import re
from typing import Any

from tests.connectors.slack.wire import (
    APP,
    BOT,
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_TEAM,
    TEAM,
    US,
    Json,
    Refused,
    check_blocks,
    check_text,
)

# What each method knows; Slack refuses nothing unknown, but whoever sends it has misread the page.
PARAMETERS: dict[str, str] = {
    "auth.test": "",
    "apps.connections.open": "",
    "bots.info": "bot team_id",
    "users.info": "user include_locale",
    "chat.postMessage": "channel text thread_ts unfurl_links unfurl_media metadata blocks username mrkdwn",
    "chat.postEphemeral": "channel user text thread_ts",
    "chat.update": "channel ts text blocks metadata",
    "chat.delete": "channel ts",
    "reactions.add": "channel timestamp name",
    "reactions.remove": "channel timestamp name",
    "conversations.history": "channel oldest latest limit cursor inclusive include_all_metadata",
    "conversations.replies": "channel ts oldest latest limit cursor inclusive include_all_metadata",
    "conversations.info": "channel include_locale include_num_members",
    "conversations.join": "channel",
    "team.info": "team domain",
    "usergroups.list": "include_count include_disabled include_users team_id",
    "files.info": "file count cursor limit page",
    "files.getUploadURLExternal": "filename length alt_txt snippet_type",
    "files.completeUploadExternal": "files channel_id channels initial_comment thread_ts blocks",
    "users.conversations": "cursor exclude_archived limit team_id types user",
    "views.publish": "user_id view hash",
    "oauth.v2.access": "client_id client_secret code redirect_uri grant_type refresh_token",
}

KINDS = {  # how the names of places begin here, and the scope it needs to have them listed
    "im": ("D", "im:read"),
    "mpim": ("G", "mpim:read"),
    "public_channel": ("C", "channels:read"),
    "private_channel": ("P", "groups:read"),
}


class Methods:
    """What apps may call. `SlackApi` has what they work on."""

    base: str
    scopes: str
    users: dict[str, Json]
    channels: set[str]
    messages: dict[tuple[str, str], Json]
    called_channels: dict[str, str]
    groups: dict[str, str]
    companies: dict[str, str]
    files: dict[str, Json]
    contents: dict[str, bytes]
    homes: dict[str, Json]
    tokens: dict[str, str]
    refresh_tokens: dict[str, str]
    codes: dict[str, str]
    numbers: "itertools.count[int]"
    team: str = TEAM  # whose token the call came with
    most_at_once: int = 999

    def ts(self) -> str:
        raise LookupError("SlackApi tells the time")

    def message(self, text: str, channel: str, user: str, **more: Any) -> Json:
        raise LookupError("SlackApi keeps messages")

    async def _auth_test(self, fields: Json) -> Json:
        names = {TEAM: "Tent Shop", OTHER_TEAM: "Other Shop"}
        us = US if self.team == TEAM else "U0HUBBUB2"
        return {
            "url": "https://tents.slack.com/",
            "team": names[self.team],
            "team_id": self.team,
            "user": "hubbub",
            "user_id": us,
            "bot_id": BOT if self.team == TEAM else "B0HUBBUB2",
            "is_enterprise_install": False,
        }

    async def _apps_connections_open(self, fields: Json) -> Json:
        return {"url": f"{self.base.replace('http', 'ws', 1)}/link?ticket={next(self.numbers)}&app_id={APP}"}

    async def _bots_info(self, fields: Json) -> Json:
        return {"bot": {"id": fields["bot"], "app_id": APP, "user_id": US, "name": "Hubbub"}}

    async def _users_info(self, fields: Json) -> Json:
        if fields["user"] not in self.users:
            raise Refused("user_not_found")
        return {"user": self.users[fields["user"]]}

    async def _conversations_info(self, fields: Json) -> Json:
        """Of channels that the app sees: those it is in."""
        if fields["channel"] not in self.called_channels:
            raise Refused("channel_not_found")
        return {"channel": {"id": fields["channel"], "name": self.called_channels[fields["channel"]]}}

    async def _usergroups_list(self, fields: Json) -> Json:
        self._check_scope("usergroups:read")
        return {"usergroups": [{"id": key, "handle": name} for key, name in self.groups.items()]}

    async def _team_info(self, fields: Json) -> Json:
        """Of ours, and of those with whom a channel is shared."""
        self._check_scope("team:read")
        if fields["team"] not in self.companies:
            raise Refused("team_not_found")
        return {"team": {"id": fields["team"], "name": self.companies[fields["team"]]}}

    def _check_scope(self, scope: str) -> None:
        if scope not in self.scopes.split(","):
            raise Refused("missing_scope", needed=scope, provided=self.scopes)

    async def _chat_postMessage(self, fields: Json) -> Json:
        check_text(fields)
        self._check_place(fields["channel"], fields.get("thread_ts"))
        more = {key: fields[key] for key in ("metadata", "blocks") if key in fields}
        return self._post(fields["channel"], fields["text"], fields.get("thread_ts"), **more)

    async def _chat_postEphemeral(self, fields: Json) -> Json:
        check_text(fields)
        self._check_place(fields["channel"], None)
        return {"message_ts": self.ts()}

    async def _chat_update(self, fields: Json) -> Json:
        check_text(fields)
        message = self._find(fields["channel"], fields["ts"])
        if message["user"] != US:
            raise Refused("cant_update_message")
        message.update(text=fields["text"], blocks=fields.get("blocks"), edited={"user": US, "ts": self.ts()})
        return {"channel": fields["channel"], "ts": fields["ts"], "text": fields["text"], "message": message}

    async def _chat_delete(self, fields: Json) -> Json:
        if self._find(fields["channel"], fields["ts"])["user"] != US:
            raise Refused("cant_delete_message")
        del self.messages[fields["channel"], fields["ts"]]
        return {"channel": fields["channel"], "ts": fields["ts"]}

    async def _reactions_add(self, fields: Json) -> Json:
        reactions = self._reactions(fields)
        if fields["name"] in reactions:
            raise Refused("already_reacted")
        reactions.append(fields["name"])
        return {}

    async def _reactions_remove(self, fields: Json) -> Json:
        reactions = self._reactions(fields)
        if fields["name"] not in reactions:
            raise Refused("no_reaction")
        reactions.remove(fields["name"])
        return {}

    def _reactions(self, fields: Json) -> list[str]:
        if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", fields["name"]):
            raise Refused("invalid_name")
        reactions: list[str] = self._find(fields["channel"], fields["timestamp"]).setdefault("reactions", [])
        return reactions

    async def _conversations_history(self, fields: Json) -> Json:
        """Newest first, and of what stands below a message only that it does."""
        self._check_place(fields["channel"], None)
        found = self._since(fields["channel"], fields)
        shown = [each for each in found if each.get("thread_ts") in (None, each["ts"])]
        return self._page(
            "messages", [self._with_replies(fields["channel"], each) for each in shown][::-1], fields
        )

    async def _conversations_replies(self, fields: Json) -> Json:
        self._check_place(fields["channel"], fields["ts"])
        """Its root comes first, however old."""
        ts = fields["ts"]
        found = self._since(fields["channel"], fields)
        below = [each for each in found if each.get("thread_ts") == ts and each["ts"] != ts]
        root = self._with_replies(fields["channel"], self.messages[fields["channel"], ts])
        return self._page("messages", [root, *below], fields)

    def _with_replies(self, channel: str, root: Json) -> Json:
        below = [
            ts
            for (place, ts), each in self.messages.items()
            if place == channel and each.get("thread_ts") == root["ts"] != ts
        ]
        if not below:
            return root
        return {**root, "thread_ts": root["ts"], "reply_count": len(below), "latest_reply": max(below)}

    def _page(self, what: str, found: list[Json], fields: Json) -> Json:
        """https://docs.slack.dev/apis/web-api/pagination (checked 2026-11-30)."""
        start, limit = int(fields.get("cursor") or 0), min(int(fields.get("limit", 100)), self.most_at_once)
        if not 1 <= limit <= 999:
            raise Refused("invalid_limit")
        after = str(start + limit) if len(found) > start + limit else ""
        return {
            what: found[start : start + limit],
            "has_more": bool(after),
            "response_metadata": {"next_cursor": after},
        }

    async def _users_conversations(self, fields: Json) -> Json:
        """https://docs.slack.dev/reference/methods/users.conversations (checked 2026-11-30)."""
        wanted = str(fields.get("types", "public_channel")).split(",")
        for each in wanted:
            if (scope := KINDS[each][1]) not in self.scopes.split(","):
                raise Refused("missing_scope", needed=scope, provided=self.scopes)
        signs = {KINDS[each][0] for each in wanted}
        found = [{"id": each, "is_ext_shared": False} for each in sorted(self.channels) if each[0] in signs]
        return self._page("channels", found if self.team == TEAM else [], fields)

    def _since(self, channel: str, fields: Json) -> list[Json]:
        oldest, tells = (
            float(fields.get("oldest", 0)),
            str(fields.get("include_all_metadata")) in ("1", "True", "true"),
        )
        found = [
            each for (place, ts), each in self.messages.items() if place == channel and float(ts) > oldest
        ]
        return [{key: value for key, value in each.items() if tells or key != "metadata"} for each in found]

    async def _files_info(self, fields: Json) -> Json:
        file = self.files.get(fields["file"])
        if file is None:
            raise Refused("file_not_found")
        shown: Json = {**file, "url_private_download": f"{self.base}/files/{file['id']}/{file['name']}"}
        return {"file": shown}

    async def _files_getUploadURLExternal(self, fields: Json) -> Json:
        if int(fields["length"]) <= 0:
            raise Refused("missing_argument")
        key = f"F{next(self.numbers):08d}"
        self.files[key] = {
            "id": key,
            "name": fields["filename"],
            "length": int(fields["length"]),
            "shares": {},
        }
        return {"upload_url": f"{self.base}/upload/v1/{key}", "file_id": key}

    async def _files_completeUploadExternal(self, fields: Json) -> Json:
        files = fields["files"]
        check_blocks(fields.get("blocks"))
        self._check_place(fields["channel_id"], fields.get("thread_ts"))
        for each in files:
            if each["id"] not in self.contents:
                raise Refused("file_not_found")
        found = [self.files[each["id"]] for each in files]
        shown = [{"id": each["id"], "name": each["name"], "mimetype": "image/png"} for each in found]
        posted = self._post(
            fields["channel_id"],
            fields.get("initial_comment", ""),
            fields.get("thread_ts"),
            files=shown,
            blocks=fields.get("blocks", []),
        )
        for each in found:
            each["shares"] = {"private": {fields["channel_id"]: [{"ts": posted["ts"]}]}}
        return {"files": [{"id": each["id"], "title": each.get("title")} for each in files]}

    async def _views_publish(self, fields: Json) -> Json:
        view = fields["view"]
        for block in view["blocks"]:
            if len(block["text"]["text"]) > (150 if block["type"] == "header" else 3000):
                raise Refused("invalid_arguments")
        self.homes[fields["user_id"]] = view
        return {"view": view}

    def _oauth(self, fields: Json) -> Json:
        if fields.get("client_id") != CLIENT_ID:
            raise Refused("invalid_client_id")
        if fields.get("client_secret") != CLIENT_SECRET:
            raise Refused("bad_client_secret")
        known, given = self.codes, fields.get("code", "")
        if fields.get("grant_type") == "refresh_token":
            known, given = self.refresh_tokens, fields.get("refresh_token", "")
        if given not in known:
            raise Refused("invalid_code" if known is self.codes else "invalid_refresh_token")
        team, number = known.pop(given), next(self.numbers)
        token, refresh = f"xoxe.xoxb-1-{number}", f"xoxe-1-{number}"
        self.tokens[token], self.refresh_tokens[refresh] = team, team
        us, bot = (US, BOT) if team == TEAM else ("U0HUBBUB2", "B0HUBBUB2")
        return {
            "access_token": token,
            "refresh_token": refresh,
            "expires_in": 43200,
            "token_type": "bot",
            "scope": self.scopes,
            "bot_user_id": us,
            "bot_id": bot,
            "app_id": APP,
            "team": {"id": team, "name": "Tent Shop" if team == TEAM else "Other Shop"},
            "enterprise": None,
        }

    def _post(self, channel: str, text: str, thread: str | None, **more: Any) -> Json:
        below = {"thread_ts": thread} if thread else {}
        message = self.message(text, channel, US, bot_id=BOT, app_id=APP, **below, **more)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _check_place(self, channel: str, thread: str | None) -> None:
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if thread is not None and (channel, thread) not in self.messages:
            raise Refused("thread_not_found")

    def _find(self, channel: str, ts: str) -> Json:
        if (channel, ts) not in self.messages:
            raise Refused("message_not_found")
        return self.messages[channel, ts]

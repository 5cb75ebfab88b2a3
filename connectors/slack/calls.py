"""Calls of Slack's Web API by slack_sdk's client, each once, with a token renewed before it expires."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.config import SlackConfig, Workspace
from connectors.slack.trouble import FAILURES, GONE_WITH_IT, REMOVED, code_of, translate
from hub.contract.connector import Kit
from hub.contract.errors import AuthBroken, Rejected, RejectReason

logging.getLogger("slack_sdk").setLevel(logging.WARNING)  # it would write whole answers into the log

RENEW_BEFORE = timedelta(hours=2)  # of the twelve that a rotated token lives
Answer = Mapping[str, Any]


@asynccontextmanager
async def spoken(within: float, *, sending: bool = False) -> AsyncIterator[None]:
    """Give a call so many seconds, and say what goes wrong in the contract's words."""
    try:
        async with asyncio.timeout(within):
            yield
    except FAILURES as problem:
        raise translate(problem, sending=sending) from problem


class Calls:
    """`renews`: only whoever holds the channel renews tokens, as each refresh token is good for one time."""

    def __init__(self, config: SlackConfig, kit: Kit, keep: Callable[[SlackConfig], None]) -> None:
        self.config = config
        self.kit = kit
        self.renews = False
        self._keep = keep
        self._renewing = asyncio.Lock()

    def client(self, token: SecretStr | None) -> AsyncWebClient:
        """Tries nothing again: whether to repeat what may have been sent is the outbox's to decide."""
        return AsyncWebClient(
            token=token.get_secret_value() if token else None,
            base_url=self.config.base,
            session=self.kit.http,
            retry_handlers=[],
        )

    async def ask(
        self,
        team: str,
        call: Callable[[AsyncWebClient], Awaitable[Any]],
        *,
        sending: bool = False,
        files: bool = False,
    ) -> Answer:
        """One call for a workspace. Raises a ConnectorError."""
        try:
            client = await self.client_of(team)
            async with spoken(self.config.timeout * (3 if files else 1), sending=sending):
                answer = await call(client)
        except AuthBroken as problem:
            if not await self._lost(team, problem):
                raise
            raise Rejected(REMOVED, reason=RejectReason.THREAD_GONE) from problem
        found = answer.data
        return found if isinstance(found, dict) else {}

    async def _lost(self, team: str, problem: AuthBroken) -> bool:
        """Whether one workspace is gone and others are left: then the others go on."""
        cause, workspace = problem.__cause__, self.config.workspace(team)
        told = isinstance(cause, SlackApiError) and code_of(cause) in GONE_WITH_IT
        others = any(each.team != team and not each.gone for each in self.config.workspaces)
        if not told or not others or workspace is None:
            return False
        await self.mark(workspace, gone=True)
        return True

    async def mark(self, workspace: Workspace, *, gone: bool) -> None:
        """Keep it. Only whoever holds the channel does: others would keep tokens that were renewed since."""
        if self.renews and workspace.gone != gone:
            self.config = self.config.with_workspace(workspace.model_copy(update={"gone": gone}))
            self._keep(self.config)
            await self.kit.save_config(self.config)

    async def client_of(self, team: str) -> AsyncWebClient:
        workspace = self.config.workspace(team)
        if workspace is None:
            raise Rejected(
                "The app is not installed in this workspace any more.", reason=RejectReason.THREAD_GONE
            )
        if self.renews and self._expires_soon(workspace):
            workspace = await self._renewed(team)
        return self.client(workspace.token)

    async def tokens(self, **given: str) -> Answer:
        """An answer of oauth.v2.access. Raises a ConnectorError."""
        async with spoken(self.config.timeout):
            # As fields of a form: the client's own method takes what aiohttp is about to give up.
            answer = await self.client(None).api_call("oauth.v2.access", data=given)
        found = answer.data
        return found if isinstance(found, dict) else {}

    def _expires_soon(self, workspace: Workspace) -> bool:
        if workspace.refresh_token is None or self.config.client_secret is None:
            return False
        return workspace.expires_at is None or workspace.expires_at - self.kit.now() < RENEW_BEFORE

    async def _renewed(self, team: str) -> Workspace:
        # The lock is held over the network on purpose: a refresh token works once, and whoever comes second
        # needs the answer to the first.
        async with self._renewing:
            workspace = self.config.workspace(team)
            assert workspace is not None
            if not self._expires_soon(workspace):
                return workspace
            secret, refresh = self.config.client_secret, workspace.refresh_token
            assert secret is not None
            assert refresh is not None
            found = await self.tokens(
                client_id=self.config.client_id,
                client_secret=secret.get_secret_value(),
                grant_type="refresh_token",
                refresh_token=refresh.get_secret_value(),
            )
            workspace = workspace.model_copy(update=renewed_tokens(found, self.kit.now()))
            self.config = self.config.with_workspace(workspace)
            self._keep(self.config)
            await self.kit.save_config(self.config)
            return workspace


def renewed_tokens(answer: Answer, now: datetime) -> dict[str, object]:
    """The fields of a `Workspace` that an answer of oauth.v2.access changes. Raises AuthBroken."""
    token, refresh, lives = answer.get("access_token"), answer.get("refresh_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token:
        raise AuthBroken("Slack handed out no token for a bot. Does the app have one?")
    expires = now + timedelta(seconds=lives) if isinstance(lives, int) and lives > 0 else None
    return {
        "token": SecretStr(token),
        "refresh_token": SecretStr(refresh) if isinstance(refresh, str) and refresh else None,
        "expires_at": expires.astimezone(UTC) if expires else None,
    }

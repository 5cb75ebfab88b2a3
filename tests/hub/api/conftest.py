"""The API of a hub at work, and tokens to call it with."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from hub.api.mounting import PREFIX, set_up
from hub.api.rates import Limit, Meter
from hub.auth.tokens import create_token
from hub.clock import utc_now
from hub.model.people import Agent, Role
from hub.model.sign_ins import Scope
from tests.hubs import Office

Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read."""

    status: int
    headers: Any
    body: Any


@dataclass(slots=True, repr=False)
class Api:
    office: Office
    client: Client
    meter: Meter
    bearer: str

    async def token(self, agent: Agent, *scopes: Scope) -> str:
        auth = self.office.hub.auth
        return (await create_token(auth, agent, "Test", frozenset(scopes), lasts=None))[1]

    async def agent(self, id: str, **more: Any) -> Agent:
        """One more agent."""
        made = {
            "name": id.title(),
            "email": f"{id}@hub.example",
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        }
        agent = Agent(id=id, **{**made, **more})
        await self.office.hub.store.people.add_agent(agent)
        return agent

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.call("POST", path, **({"json": body} if body is not None else {}), **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.call("DELETE", path, **more)

    async def call(
        self, method: str, path: str, *, bearer: str | None = None, key: str | None = None, **more: Any
    ) -> Answer:
        headers = {"Authorization": f"Bearer {bearer or self.bearer}", **more.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        async with self.client.request(method, PREFIX + path, headers=headers, **more) as response:
            return await _read(response)


async def _read(response: ClientResponse) -> Answer:
    json = "json" in response.content_type
    body: Any = await (response.json(content_type=None) if json else response.read())
    if response.status >= 400:
        assert response.content_type == "application/problem+json"
        assert body["status"] == response.status
    return Answer(response.status, response.headers, body)


@pytest.fixture
def limits() -> tuple[Limit, Limit]:
    """Override by parametrising: how many requests, how many writes."""
    return Limit("all", 100_000, 60), Limit("writes", 100_000, 60)


@pytest.fixture
async def api(office: Office, limits: tuple[Limit, Limit]) -> AsyncIterator[Api]:
    app = web.Application()
    meter = Meter(utc_now, *limits)
    set_up(app, office.hub.webhooks, office.hub.auth, meter=meter)
    async with TestClient(TestServer(app)) as client:
        made = Api(office, client, meter, "")
        made.bearer = await made.token(office.ana, *Scope)
        yield made


@pytest.fixture
async def ben(api: Api) -> Agent:
    """Sees only what is his."""
    return await api.agent("ben", role=Role.AGENT, restricted=True)

"""What we fetch is chosen by others: our own network is not theirs to look into."""

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.outgoing import outgoing_session


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1"],
)
async def test_private_addresses_are_refused_by_every_name(host: str) -> None:
    async with outgoing_session(allow_private=False) as http:
        with pytest.raises(aiohttp.ClientConnectorError, match="private network"):
            await http.get(f"http://{host}:9/")


async def test_a_redirect_into_the_own_network_is_refused_unless_a_setting_allows_it() -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    async with TestServer(app) as server:
        async with outgoing_session(allow_private=True) as http, http.get(server.make_url("/")) as answer:
            assert await answer.text() == "hello"
        async with outgoing_session(allow_private=False) as http:
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(server.make_url("/"))

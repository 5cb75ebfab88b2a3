"""Where a request comes from, whatever it says about itself."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hub.auth.addresses import behind_proxies, client_address, network_of

PROXIES = ["10.0.0.0/8", "::1", "2001:db8:ffff::/48"]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        pytest.param("192.0.2.1", "", "192.0.2.1", id="no proxy"),
        pytest.param("192.0.2.1", "198.51.100.7", "192.0.2.1", id="a stranger claims to be a proxy"),
        pytest.param("10.0.0.1", "192.0.2.1", "192.0.2.1", id="one proxy"),
        pytest.param("10.0.0.1", "192.0.2.1, 10.9.9.9", "192.0.2.1", id="two proxies"),
        pytest.param("10.0.0.1", "127.0.0.1, 192.0.2.1", "192.0.2.1", id="the client made one up"),
        pytest.param("10.0.0.1", "10.0.0.2,192.0.2.1", "192.0.2.1", id="made up to look like a proxy"),
        pytest.param("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", id="from inside"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="a proxy that says nothing"),
        pytest.param("10.0.0.1", "192.0.2.1, unknown", "10.0.0.1", id="a proxy that hides it"),
        pytest.param("10.0.0.1", "192.0.2.1, , 10.0.0.2", "10.0.0.2", id="an empty hop"),
        pytest.param("10.0.0.1", "192.0.2.1:50123", "192.0.2.1", id="with a port"),
        pytest.param("::1", "[2001:db8::5]:443", "2001:db8::5", id="IPv6 with a port"),
        pytest.param("::1", '"[2001:db8::5]"', "2001:db8::5", id="quoted"),
        pytest.param("2001:db8:ffff::1", "2001:DB8:0::5", "2001:db8::5", id="IPv6 spelled otherwise"),
        pytest.param("::ffff:10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1", id="IPv4 in IPv6"),
        pytest.param("10.0.0.1", "<script>", "10.0.0.1", id="rubbish"),
        pytest.param("10.0.0.1", "fe80::1%eth0", "fe80::1", id="with a zone"),
        pytest.param("10.0.0.1", ",".join(["10.0.0.2"] * 99_999), "10.0.0.2", id="endless"),
        pytest.param("", "192.0.2.1", "", id="a Unix socket"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours(peer: str, forwarded_for: str, address: str) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == address


def test_without_proxies_of_ours_nothing_is_believed() -> None:
    assert client_address("10.0.0.1", "192.0.2.1", []) == "10.0.0.1"


def test_an_ipv6_party_has_a_whole_network() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") == "2001:db8::/64"
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("") == network_of("rubbish") == ""


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [(["127.0.0.1"], "192.0.2.1 https hello"), (["192.0.2.0/24"], "127.0.0.1 http hello")],
)
async def test_handlers_see_the_client_behind_our_proxies_and_its_body(
    trusted: list[str], expected: str
) -> None:
    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.remote} {request.scheme} {await request.text()}")

    app = web.Application(middlewares=[behind_proxies(trusted)])
    app.router.add_post("/", tell)
    # A client that lies twice: in a header of its own, and in the part before the proxy's.
    headers = [
        ("X-Forwarded-For", "10.1.1.1"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Proto", "ftp, https"),
    ]
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/", data="hello", headers=headers)
        assert await answer.text() == expected

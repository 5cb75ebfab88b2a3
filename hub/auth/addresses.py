"""Where a request really comes from, when there are proxies before us."""

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web
from aiohttp.typedefs import Middleware

MOST_HOPS = 20  # of X-Forwarded-For that are looked at, from the right


def client_address(peer: str, forwarded_for: str, trusted: Sequence[str]) -> str:
    """The nearest address that is not a proxy of ours.

    Proxies append whom they heard from, so the list is read from the right: an entry counts only if the one
    to the right of it is a proxy we trust. What a client has written itself stands further left.
    """
    nearest = peer
    hops = forwarded_for.rsplit(",", MOST_HOPS)[-MOST_HOPS:] if forwarded_for else []
    while _is_trusted(nearest, tuple(trusted)) and hops:
        hop = _parsed(hops.pop())
        if hop is None:
            break
        nearest = str(hop)
    known = _parsed(nearest)
    return str(known) if known else nearest


def is_trusted(peer: str, trusted: Sequence[str]) -> bool:
    return _is_trusted(peer, tuple(trusted))


def network_of(address: str) -> str:
    """What one party is likely to have: an IPv4 address, or the /64 of an IPv6 address."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return str(found) if found else ""


def behind_proxies(trusted: Sequence[str]) -> Middleware:
    """`request.remote` and `request.scheme` are those of the client, if our proxies say so."""

    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        peer = request.remote or ""
        if not is_trusted(peer, trusted):
            return await handler(request)
        address = client_address(peer, ",".join(request.headers.getall("X-Forwarded-For", [])), trusted)
        # The proxy nearest to us speaks last.
        scheme = ",".join(request.headers.getall("X-Forwarded-Proto", [])).rpartition(",")[2].strip().lower()
        if scheme not in ("http", "https"):
            scheme = request.scheme
        return await handler(request.clone(remote=address, scheme=scheme))

    return middleware


@lru_cache(maxsize=1024)
def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    found = _parsed(address)
    return found is not None and any(found in ip_network(each, strict=False) for each in trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Also of "1.2.3.4:567", "[::1]:567" and, as IPv4, "::ffff:1.2.3.4"."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found

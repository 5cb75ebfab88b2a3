"""Fetching from the outside: media, tokens, webhooks. Addresses inside our own network are refused.

Customers and platforms choose what we fetch; the network Hubbub runs in is none of their business.
"""

import errno
import ipaddress
import socket
from typing import Any

import aiohttp

WITHIN = aiohttp.ClientTimeout(total=60, connect=15)


class PrivateAddress(OSError):
    """The address belongs to a private network or to this machine."""


def outgoing_session(*, allow_private: bool, connections: int = 100) -> aiohttp.ClientSession:
    """A session whose every connection, redirects included, is checked by the address it really goes to.

    Cookies are not kept: many who do not know each other are called through one session.
    """
    factory = None if allow_private else _public_socket
    return aiohttp.ClientSession(
        timeout=WITHIN,
        connector=aiohttp.TCPConnector(socket_factory=factory, limit=connections),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _public_socket(address: Any) -> socket.socket:
    family, kind, protocol, _, place = address
    host = ipaddress.ip_address(place[0].partition("%")[0])
    mapped = host.ipv4_mapped if isinstance(host, ipaddress.IPv6Address) else None
    if not (mapped or host).is_global:
        words = f"{host} is an address inside a private network; fetching from there is off"
        raise PrivateAddress(errno.EACCES, words)
    return socket.socket(family, kind, protocol)

"""A look at the pages a chat is to stand on: is its tag there, is it ours, does the site let it work?

The page is fetched as anybody would fetch it and never run. What a site allows is read as browsers read it
(Content Security Policy, Level 3), as far as a chat needs it.
"""

import errno
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp

from connectors.webchat.config import WebchatConfig, origin_of
from hub.contract.connector import Kit
from hub.contract.errors import ConnectorError, Unavailable

WITHIN = aiohttp.ClientTimeout(total=15)
LARGEST = 2 * 1024 * 1024  # bytes of a page that are looked at
HEADERS = {"User-Agent": "Hubbub (looks whether the chat stands on this page)", "Accept": "text/html"}
_WIDGET = re.compile(r"/chat/([A-Za-z0-9_-]{1,80})/widget\.js$")
_HOST = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(\*|(?:\*\.)?[a-z0-9.-]+)(?::(\d+|\*))?(/\S*)?", re.IGNORECASE
)
# What a chat needs of a site -> where that is allowed, the most particular first.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
    "img-src": ("img-src", "default-src"),
}
Policy = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Tag:
    """A script of a page that is a chat of some Hubbub."""

    address: str
    channel: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Page:
    address: str  # where it was found in the end
    tags: tuple[Tag, ...]
    policies: tuple[Policy, ...]


async def look(config: WebchatConfig, kit: Kit, channel: str) -> AsyncIterator[str]:
    """A sentence for each site where the chat works. Raises ConnectorError at the first where not."""
    for site in sites_of(config):
        page = await _fetched(kit, site)
        if problem := problem_of(page, site, config, kit.public_url, channel):
            raise ConnectorError(problem)
        yield f"The chat stands on {site} and may work there."
    if patterns := [each for each in config.origins if "*" in each]:
        names = ", ".join(patterns)
        yield f"Which sites {names} are cannot be known: look at one of them yourself."


async def look_before(config: WebchatConfig, kit: Kit) -> Sequence[str]:
    """The same before the channel has a key: can the sites be reached, and would they let it work?"""
    found: list[str] = []
    for site in sites_of(config):
        page = await _fetched(kit, site)
        if problem := _elsewhere(page, site, config) or _kept_out(page, site, kit.public_url):
            raise ConnectorError(problem)
        found.append(_before(page, site))
    return found or ["There is no site that could be looked at: only patterns of addresses."]


def _before(page: Page, site: str) -> str:
    if page.tags:
        return f"{site} can be reached; another chat of a Hubbub stands there, whose tag has to go."
    return f"{site} can be reached and would let the chat in."


def sites_of(config: WebchatConfig) -> list[str]:
    return [each for each in config.origins if "*" not in each]


def problem_of(page: Page, site: str, config: WebchatConfig, hub: str, channel: str) -> str:
    """What is wrong with a page, in a sentence; "" where nothing is. Pure. `hub`: our address, if known."""
    if wrong := _elsewhere(page, site, config):
        return wrong
    ours = [each for each in page.tags if each.channel == channel]
    if not ours and page.tags:
        key = page.tags[0].channel
        return f"{site} has the tag of another chat, with the key {key}: take the tag that this page shows."
    if not ours:
        return f"{site} has no tag of the chat in its first page. If a script puts it there, look yourself."
    tag = ours[0]
    if hub and urlsplit(tag.address).netloc != urlsplit(hub).netloc:
        host = urlsplit(tag.address).netloc
        return (
            f"The tag on {site} leads to {host}, and not to this Hubbub: take the tag that this page shows."
        )
    if page.address.startswith("https://") and tag.address.startswith("http://"):
        return f"The tag on {site} begins with http: on a page of https, browsers do not load it."
    return _kept_out(page, site, hub or tag.address, tag)


def _elsewhere(page: Page, site: str, config: WebchatConfig) -> str:
    found = origin_of(page.address)
    if config.allows(found):
        return ""
    return f"{site} leads to {found}, where the chat may not stand: add that to where it may."


def _kept_out(page: Page, site: str, hub: str, tag: Tag | None = None) -> str:
    if not hub:
        return ""
    missing = [need for need, places in NEEDS.items() if not _allowed(page, need, places, hub, tag)]
    if not missing:
        return ""
    names, ours = ", ".join(missing), origin_of(hub)
    return f"The Content-Security-Policy of {site} keeps the chat out: add {ours} to {names}."


def _allowed(page: Page, need: str, places: Sequence[str], hub: str, tag: Tag | None) -> bool:
    """By each of the page's policies."""
    wanted = urlsplit(urljoin(hub, f"/chat/{tag.channel if tag else 'x'}/widget.js"))
    here = urlsplit(page.address)
    for policy in page.policies:
        sources = next((policy[each] for each in places if each in policy), None)
        if sources is None:
            continue
        if need == "script-src" and tag and tag.nonce and f"'nonce-{tag.nonce}'" in sources:
            continue
        if need == "script-src" and "'strict-dynamic'" in sources:  # hosts count no more
            return False
        if not any(_fits(each, wanted, here, whole=need == "script-src") for each in sources):
            return False
    return True


def _fits(source: str, wanted: SplitResult, here: SplitResult, *, whole: bool) -> bool:
    """`whole`: the address is known with its path."""
    if source.lower() == "'self'":
        return (wanted.scheme, wanted.netloc) == (here.scheme, here.netloc)
    if source.endswith(":"):
        return _scheme_fits(source[:-1].lower(), wanted.scheme)
    match = _HOST.fullmatch(source)
    if match is None:  # 'none', hashes, nonces
        return False
    scheme, host, port, path = match.groups()
    if not _scheme_fits((scheme or here.scheme).lower(), wanted.scheme):
        return False
    name = wanted.hostname or ""
    if host.startswith("*."):
        if not name.endswith(host[1:].lower()):
            return False
    elif host != "*" and name != host.lower():
        return False
    usual = {"http": 80, "https": 443}[wanted.scheme]
    if port != "*" and int(port or usual) != (wanted.port or usual):
        return False
    if not path or path == "/" or not whole:
        return True
    return wanted.path.startswith(path) if path.endswith("/") else wanted.path == path


def _scheme_fits(allowed: str, wanted: str) -> bool:
    return wanted == allowed or (allowed, wanted) == ("http", "https")


async def _fetched(kit: Kit, site: str) -> Page:
    """Raises ConnectorError that says why it cannot be looked at."""
    try:
        async with kit.http.get(f"{site}/", headers=HEADERS, timeout=WITHIN) as answer:
            if answer.status >= 400:
                raise ConnectorError(_answers(site, answer.status))
            if answer.content_type not in ("text/html", "application/xhtml+xml"):
                raise ConnectorError(_is_no_page(site, answer.content_type))
            body = bytearray()
            async for piece in answer.content.iter_chunked(65_536):
                body += piece
                if len(body) >= LARGEST:
                    break
            policies = answer.headers.getall("Content-Security-Policy", [])
            return read_page(str(answer.url), body.decode("utf-8", "replace"), policies)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
        raise Unavailable(_unreachable(site, problem)) from problem


def _answers(site: str, status: int) -> str:
    return f"{site} answers with {status} where a page should be."


def _is_no_page(site: str, kind: str) -> str:
    return f"{site} answers with {kind} where a page should be."


def _unreachable(site: str, problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return f"{site} does not answer within 15 seconds."
    if isinstance(problem, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return f"The certificate of {site} is not valid."
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return f"There is no server of the name {site}."
    refused = isinstance(problem, OSError) and problem.errno == errno.EACCES
    if refused or "private network" in str(problem):
        return f"{site} is an address inside a private network: Hubbub does not look there."
    return f"{site} cannot be reached."


def read_page(address: str, html: str, headers: Sequence[str]) -> Page:
    """Pure; whatever the page says. `headers`: each may hold several policies."""
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    policies = [each for header in headers for each in header.split(",")] + reader.policies
    return Page(address, tuple(reader.tags), tuple(_policy(each) for each in policies if each.strip()))


def _policy(text: str) -> Policy:
    found: dict[str, list[str]] = {}
    for name, *sources in _directives(text):
        found.setdefault(name.lower(), sources)  # of several, the first counts
    return found


def _directives(text: str) -> Iterator[list[str]]:
    for each in text.split(";"):
        if words := each.split():
            yield words


class _Reader(HTMLParser):
    """The tags of chats, and the policies that stand in the page; what is commented out is not there."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.tags: list[Tag] = []
        self.policies: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(given.get("content", ""))
        if tag != "script" or "src" not in given:
            return
        try:
            address = urljoin(self.address, given["src"].strip())
            match = _WIDGET.search(urlsplit(address).path)
        except ValueError:
            return
        if match:
            self.tags.append(Tag(address, match[1], given.get("nonce", "")))

"""One IMAP connection: imapclient in a thread of its own, its troubles told in the contract's words.

imapclient blocks, so every command runs in the connection's single thread. Waiting in IDLE does not: the
event loop watches the socket. That also avoids `IMAPClient.idle_check`, which answers `[]` at once and for
ever on a dead connection; a dead one shows when `idle_done` is asked to end the IDLE.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar, cast

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from connectors.email.config import ImapServer, Security, Timeouts
from connectors.email.sayings import in_words, sentence
from hub.contract.errors import AuthBroken, Unavailable

Result = TypeVar("Result")

_LOGIN_LATER = ("unavailable", "try again", "temporar", "inuse", "in use", "too many", "limit", "internal")


class Mailbox:
    """A logged-in connection. Not for two tasks at once."""

    def __init__(self, client: Any, thread: ThreadPoolExecutor, server: ImapServer) -> None:
        self._client = client
        self._thread = thread
        self._server = server
        self._busy = False  # in a command or in IDLE: no other can be given
        self._watched: int | None = None
        self._said = asyncio.Event()
        self.closed = False

    async def run(self, work: Callable[[Any], Result]) -> Result:
        """Do something with the client in its thread. Raises Unavailable for whatever ends the connection.

        A refusal by the server (`NO`) is IMAPClientError still: what it means depends on the command.
        """
        if self.closed:
            raise Unavailable(f"The connection to {self._server.host} is closed.")
        loop = asyncio.get_running_loop()
        self._busy = True
        try:
            return await loop.run_in_executor(self._thread, work, self._client)
        except asyncio.CancelledError:
            self.drop()  # the thread is in the middle of a command: nobody can use this connection again
            raise
        except (IMAPClientAbortError, ProtocolError, OSError, ValueError, EOFError) as problem:
            self.drop()
            words = f"Lost the connection to {self._server.host}: {in_words(problem)}"
            raise Unavailable(sentence(words)) from problem
        finally:
            self._busy = False

    async def has(self, capability: str) -> bool:
        return await self.run(lambda client: bool(client.has_capability(capability)))

    async def idle(self, seconds: float) -> None:
        """Return when the server says something, or after `seconds`. Raises Unavailable if it is gone."""
        if not await self.run(_begin_idle):
            self._busy = True
            await self._readable(seconds)
        await self.run(lambda client: client.idle_done())

    async def _readable(self, seconds: float) -> None:
        self._said.clear()
        self._watched = self._client.socket().fileno()
        asyncio.get_running_loop().add_reader(self._watched, self._said.set)
        try:
            async with asyncio.timeout(seconds):
                await self._said.wait()
        except TimeoutError:
            pass
        finally:
            self._look_away()

    def _look_away(self) -> None:
        """Before the socket is closed: its number may be another's a moment later."""
        if self._watched is not None:
            asyncio.get_running_loop().remove_reader(self._watched)
            self._watched = None
            self._said.set()

    async def close(self) -> None:
        """Log out politely if that is quick; never longer than two seconds."""
        if self.closed:
            return
        if self._busy:
            self.drop()
            return
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError, OSError, ValueError, EOFError, IMAPClientError):
            async with asyncio.timeout(2):
                await loop.run_in_executor(self._thread, self._client.logout)
        self.drop()

    def drop(self) -> None:
        """Let go at once. A thread that waits for the server is woken by the closed socket."""
        if self.closed:
            return
        self.closed = True
        self._look_away()
        with suppress(OSError, ValueError):
            self._client.socket().shutdown(socket.SHUT_RDWR)
        # The file object may be in use by the thread: it is closed there, after the command has failed.
        self._thread.submit(_shut, self._client)
        self._thread.shutdown(wait=False)


async def open_mailbox(
    server: ImapServer, login: Callable[[Any], object], context: ssl.SSLContext, limits: Timeouts
) -> Mailbox:
    """Connect and log in. Raises Unavailable or AuthBroken."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imap")
    loop = asyncio.get_running_loop()
    opened: list[Any] = []

    def work() -> Any:
        client: Any = IMAPClient(
            server.host,
            server.port,
            ssl=server.security is Security.TLS,
            ssl_context=context,
            timeout=cast(float, SocketTimeout(limits.connect, limits.connect)),
        )
        opened.append(client)
        client._imap.debug = 0  # the library keeps every line it sees, and passes on passwords in base64
        _keep_alive(client.socket())
        client.normalise_times = False  # aware, as the server said it
        if server.security is Security.STARTTLS:
            client.starttls(context)
        login(client)
        client.socket().settimeout(limits.answer)
        client._timeout = SocketTimeout(limits.connect, limits.answer)
        return client

    try:
        # Name look-up has no limit of its own, hence this one.
        async with asyncio.timeout(limits.connect * 2):
            client = await loop.run_in_executor(thread, work)
    except BaseException as problem:
        for half in opened:
            with suppress(OSError, ValueError):
                half.socket().shutdown(socket.SHUT_RDWR)
        thread.submit(_shut_all, opened)  # by then it has opened what it was still opening
        thread.shutdown(wait=False)
        _translate(problem, server)
        raise
    return Mailbox(client, thread, server)


def _translate(problem: BaseException, server: ImapServer) -> None:
    """Raise the contract's error for a connection that did not come about, if there is one."""
    where = f"the server {server.host}:{server.port}"
    words = in_words(problem)
    if isinstance(problem, LoginError) and not isinstance(problem.__context__, IMAPClientAbortError):
        later = any(word in words.lower() for word in _LOGIN_LATER)
        if later and "authenticationfailed" not in words.lower():
            raise Unavailable(sentence(f"{where} does not let us log in just now: {words}")) from problem
        raise AuthBroken(sentence(f"{where} refused the login: {words}")) from problem
    if isinstance(problem, ssl.SSLCertVerificationError):
        why = problem.verify_message
        raise Unavailable(sentence(f"The certificate of {where} cannot be trusted: {why}")) from problem
    if isinstance(problem, ssl.SSLError):
        raise Unavailable(sentence(f"No encrypted connection to {where}: {words}")) from problem
    if isinstance(problem, TimeoutError):
        raise Unavailable(sentence(f"{where} does not answer")) from problem
    if isinstance(problem, socket.gaierror):
        raise Unavailable(f"There is no server called {server.host}.") from problem
    if isinstance(problem, OSError | IMAPClientError | ProtocolError | ValueError | EOFError):
        raise Unavailable(sentence(f"Cannot connect to {where}: {words}")) from problem


def _begin_idle(client: Any) -> bool:
    """Start IDLE. True when the server has already said something more: the socket will not show it again."""
    try:
        client.idle()
    except IMAPClientError as early:
        if "Unexpected IDLE response" not in str(early):
            raise
        while client._imap._get_response() is not None:  # something was said before the server agreed to IDLE
            pass
        return True
    sock = client.socket()
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    imap = client._imap
    buffered = getattr(imap, "_readbuf", None)  # Python 3.14 reads by itself, earlier ones by a file object
    if buffered is not None:
        return bool(buffered)
    sock.setblocking(False)
    try:
        return bool(imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        client._set_read_timeout()


def _keep_alive(sock: socket.socket) -> None:
    """Let the system notice a peer that vanished, within about two minutes, while we only listen."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # imapclient writes a command in two pieces
    for option, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)


def _shut_all(clients: list[Any]) -> None:
    for client in clients:
        _shut(client)


def _shut(client: Any) -> None:
    with suppress(OSError, ValueError):
        client.shutdown()
    with suppress(OSError, ValueError):
        client.socket().close()

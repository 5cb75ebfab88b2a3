"""A TCP proxy that misbehaves on demand: slow, silent, cutting, resetting, refusing. For every protocol.

async with ChaosProxy("localhost", port) as proxy:
    proxy.cut_after = 20_000      # the next connections are reset after so many bytes from the server
    proxy.silent = True           # a black hole: nothing passes, nothing is closed
    proxy.reset_all()             # what is open is reset now
    proxy.end_all()               # what is open ends, as when a server says goodbye: FIN instead of RST
"""

import asyncio
import random
import socket
import struct
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_PIECE = 16 * 1024


@dataclass
class ChaosProxy:
    """Passes everything on until told otherwise. Faults apply to open connections too."""

    host: str
    upstream: int
    latency: float = 0.0  # seconds before each piece is passed on
    jitter: float = 0.0
    rate: int = 0  # bytes per second; 0: as fast as it goes
    silent: bool = False
    refuse: bool = False
    cut_after: int | None = None  # bytes from the server
    cut_after_sent: int | None = None  # bytes to the server
    stall_after_sent: int | None = None  # bytes to the server; then it is silent
    mute_after_sent: int | None = None  # once so many bytes went to the server, its answers are swallowed
    politely: bool = False  # a cut is an end (FIN), not a reset (RST)
    connections: int = 0  # ever made
    port: int = 0
    _muted: bool = False
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _near: set[asyncio.StreamWriter] = field(default_factory=set)  # to the client
    _ended: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    def end_all(self) -> None:
        """Clients read the end of the stream; what they still write is swallowed, so nothing is reset."""
        for writer in self._near - self._ended:
            if not writer.is_closing():
                self._ended.add(writer)
                writer.write_eof()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        self._near.add(writer)
        try:
            if self.refuse:
                _reset(writer)
                return
            await self._join(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy is being closed, and nobody waits for this task's outcome
        finally:
            self._open.discard(writer)
            self._near.discard(writer)
            self._ended.discard(writer)
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.upstream)
        except OSError:
            _reset(writer)
            return
        self._open.add(far_writer)
        try:
            await asyncio.gather(
                self._pass(reader, far_writer, writer, inward=False),
                self._pass(far_reader, writer, writer, inward=True),
            )
        finally:
            self._open.discard(far_writer)
            far_writer.close()
            writer.close()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
        *,
        inward: bool,
    ) -> None:
        passed = 0
        try:
            while piece := await reader.read(_PIECE):
                if client in self._ended:
                    continue
                while self.silent:
                    await asyncio.sleep(0.01)
                if self.latency or self.jitter:
                    await asyncio.sleep(self.latency + random.random() * self.jitter)
                if self.rate:
                    await asyncio.sleep(len(piece) / self.rate)
                passed += len(piece)
                if inward and self._muted:
                    continue
                if not inward and self.mute_after_sent is not None and passed > self.mute_after_sent:
                    self._muted = True
                stall = None if inward else self.stall_after_sent
                while stall is not None and passed > stall:
                    await asyncio.sleep(0.01)
                most = self.cut_after if inward else self.cut_after_sent
                if most is not None and passed > most:
                    if self.politely:
                        self.end_all()
                        continue
                    self.reset_all()
                    return
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass  # one side went away: so does the other
        finally:
            writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, as a crashing host or a firewall does."""
    open_socket = writer.get_extra_info("socket")
    if open_socket is not None and not writer.is_closing():
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

"""An SMTP server that answers whatever a test wants to see answered, and counts what it was asked.

Plain text on 127.0.0.1; it takes any login. Answers are set per command: `server.answers["RCPT"] = "550 no"`;
for one recipient alone by its address.
"""

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HANG_UP = "hang up"  # an answer that is none: the connection is closed
SILENCE = "silence"  # an answer that never comes

_USUAL = {
    "GREETING": "220 scripted ESMTP",
    "EHLO": "250-scripted\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN XOAUTH2",
    "AUTH": "235 2.7.0 Accepted",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go on",
    "DONE": "250 2.0.0 Queued",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


@dataclass
class ScriptedSmtp:
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # every command, in order
    taken: list[bytes] = field(default_factory=list)  # the mails whose final dot was seen
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def count(self, command: str) -> int:
        return sum(each.startswith(command) for each in self.asked)

    def hang_up(self) -> None:
        """Close what is open."""
        for writer in list(self._open):
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
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
        self.hang_up()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client or the test went away
        finally:
            self._tasks.discard(task)
            self._open.discard(writer)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._answer(writer, "GREETING"):
            return
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            self.asked.append(line)
            verb = line.split()[0].upper()
            key = line[8:].strip("<> ") if verb == "RCPT" and line[8:].strip("<> ") in self.answers else verb
            if not await self._answer(writer, key):
                return
            if verb == "DATA" and self._said("DATA").startswith("354"):
                self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                if not await self._answer(writer, "DONE"):
                    return

    async def _answer(self, writer: asyncio.StreamWriter, key: str) -> bool:
        said = self._said(key)
        if said == HANG_UP:
            return False
        if said == SILENCE:
            await asyncio.get_running_loop().create_future()
        writer.write(said.encode() + b"\r\n")
        await writer.drain()
        return True

    def _said(self, key: str) -> str:
        return self.answers.get(key) or _USUAL.get(key, "250 Ok")

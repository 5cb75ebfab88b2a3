"""Handing mails to the SMTP server, and knowing afterwards whether it has them.

The one question that matters is asked of the final dot: before it is written the server cannot have the
mail; after it, without an answer, nobody knows. So DATA is driven here: the library writes it in one go.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponse

from connectors.email.compose import Letter
from connectors.email.config import OAuth, Password, Security, Server, Timeouts
from connectors.email.dots import dot_stuffed
from connectors.email.oauth import Credentials
from connectors.email.sayings import in_words, sentence
from connectors.email.smtp_answers import is_for_now, refusal
from hub.contract.errors import AuthBroken, OutcomeUnknown, RateLimited, Rejected, RejectReason, Unavailable

_MOST_AT_ONCE = 4  # connections; mail servers begin to mind at about ten
_MOST_BY_ONE = 100  # mails over one connection


@dataclass(slots=True)
class _Line:
    """One open connection."""

    client: SMTP
    age: int  # how often the relay had been closed when it was opened
    mails: int = 0
    kept: bool = False  # it has stood idle, and may have died meanwhile
    expiry: asyncio.TimerHandle | None = None


class Relay:
    """The way to one SMTP server. Connections are kept some seconds for the next mail."""

    def __init__(
        self, server: Server, user: str, credentials: Credentials, limits: Timeouts, reuse_seconds: float
    ) -> None:
        self._server = server
        self._user = user
        self._credentials = credentials
        self._limits = limits
        self._reuse = reuse_seconds
        self._idle: list[_Line] = []
        self._busy: set[SMTP] = set()
        self._closings = 0
        self._places = asyncio.Semaphore(_MOST_AT_ONCE)

    async def check(self, context: ssl.SSLContext) -> int | None:
        """Prove the login. The largest mail the server takes, in bytes, where it says."""
        line = await self._open(context)
        self._keep(line)
        return _most_bytes(line.client)

    async def hand_over(
        self, letter: Letter, context: ssl.SSLContext, *, patient: bool = False
    ) -> Mapping[str, str]:
        """Whom the server refused and why, the others having been taken. Raises as the contract says.

        `patient`: while one recipient is refused for now nobody gets it, so that all can be tried again.
        """
        async with self._places:
            line = self._take() or await self._open(context)
            try:
                refused = await self._envelope(line, letter, context, patient=patient)
                await self._content(line.client, letter)
            except BaseException:
                _drop(line.client)
                raise
            finally:
                self._busy.discard(line.client)
            line.mails += 1
            self._keep(line)
            return refused

    async def close(self) -> None:
        self._closings += 1
        lines, self._idle = self._idle, []
        for line in lines:
            if line.expiry is not None:
                line.expiry.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.gather(*(_quit(line.client) for line in lines))
        for client in [*self._busy, *(line.client for line in lines)]:
            _drop(client)

    def _take(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.expiry is not None:
                line.expiry.cancel()
            if line.client.is_connected:
                self._busy.add(line.client)
                return line
        return None

    def _keep(self, line: _Line) -> None:
        if not line.client.is_connected:
            return
        if line.mails >= _MOST_BY_ONE:
            _drop(line.client)
            return
        line.kept = True
        line.expiry = asyncio.get_running_loop().call_later(self._reuse, self._expire, line)
        self._idle.append(line)

    def _expire(self, line: _Line) -> None:
        if line in self._idle:
            self._idle.remove(line)
            _drop(line.client)

    async def _open(self, context: ssl.SSLContext) -> _Line:
        where = f"{self._server.host}:{self._server.port}"
        client = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.security is Security.TLS,
            start_tls=self._server.security is Security.STARTTLS,
            tls_context=context,
            timeout=self._limits.connect,
            local_hostname="localhost",  # looking up the own name can block, and tells others of it
        )
        line: _Line | None = None
        try:
            # A limit over all of it: the library's holds for each step.
            async with asyncio.timeout(self._limits.connect * 2):
                await client.connect()
                await self._credentials.used_by(lambda auth, secret: self._log_in(client, auth, secret))
            client.timeout = self._limits.answer
            line = _Line(client, self._closings)
        except TimeoutError as problem:  # the library's own time-outs are TimeoutErrors too
            raise Unavailable(f"The server {where} does not answer.") from problem
        except aiosmtplib.SMTPResponseException as problem:
            raise refusal(problem.code, problem.message) from problem
        except (SMTPException, OSError) as problem:
            raise _cannot_connect(where, problem) from problem
        finally:
            if line is None:
                _drop(client)
        return line

    async def _log_in(self, client: SMTP, auth: Password | OAuth, secret: str) -> None:
        if not client.is_connected:  # the server hung up on a refused token
            await client.connect()
        await client._ehlo_or_helo_if_needed()
        methods = client.server_auth_methods
        try:
            if isinstance(auth, OAuth):
                await client.auth_xoauth2(self._user, secret)
            elif "plain" in methods:
                await client.auth_plain(self._user, secret)
            elif "login" in methods:
                await client.auth_login(self._user, secret)
            else:
                await client.login(self._user, secret)
        except aiosmtplib.SMTPAuthenticationError as problem:
            words = f"{problem.code} {' '.join(problem.message.split())[:300]}"
            where = f"The server {self._server.host}"
            if 400 <= problem.code < 500:
                raise Unavailable(sentence(f"{where} does not let us log in just now: {words}")) from problem
            raise AuthBroken(sentence(f"{where} refused the login: {words}")) from problem

    async def _envelope(
        self, line: _Line, letter: Letter, context: ssl.SSLContext, *, patient: bool
    ) -> dict[str, str]:
        """MAIL and RCPT. A kept connection that turns out dead is replaced once: nothing was sent yet."""
        self._busy.add(line.client)
        try:
            return await self._address(line.client, letter, patient=patient)
        except (TimeoutError, SMTPException, OSError) as problem:
            told_to_go = isinstance(problem, aiosmtplib.SMTPResponseException) and problem.code == 421
            dead = isinstance(problem, aiosmtplib.SMTPServerDisconnected | OSError)
            if line.kept and line.age == self._closings and (dead or told_to_go):
                _drop(line.client)
                self._busy.discard(line.client)
                line.client, line.mails, line.kept = (await self._open(context)).client, 0, False
                return await self._envelope(line, letter, context, patient=patient)
            raise self._before_data(problem) from problem

    async def _address(self, client: SMTP, letter: Letter, *, patient: bool) -> dict[str, str]:
        most = _most_bytes(client)
        size = len(letter.content)
        if most is not None and size > most:
            reason = RejectReason.MEDIA_REFUSED if letter.has_files else RejectReason.TOO_LONG
            told = f"The mail is {_mb(size)} with what is attached; the server takes {_mb(most)} at most."
            raise Rejected(told, reason=reason)
        options = [f"size={size}"] if most is not None else []
        if letter.utf8:
            if not client.supports_extension("smtputf8"):
                odd = next(each for each in (*letter.recipients, letter.sender) if not each.isascii())
                raise Rejected(
                    f"The mail server cannot write to {odd}: it does not know SMTPUTF8.",
                    reason=RejectReason.UNSUPPORTED,
                )
            options.append("SMTPUTF8")
        encoding = "utf-8" if letter.utf8 else "ascii"
        await client.mail(letter.sender, options=options, encoding=encoding)
        refused: dict[str, SMTPResponse] = {}
        for recipient in letter.recipients:
            try:
                await client.rcpt(recipient, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as problem:
                refused[recipient] = SMTPResponse(problem.code, problem.message)
                if problem.code == 421:
                    raise
        if len(refused) == len(letter.recipients):
            await _reset(client)
            raise _nobody(list(refused.values()))
        waiting = next((each for each in refused.items() if is_for_now(*each[1])), None)
        if patient and waiting is not None:
            await _reset(client)
            raise _not_yet(*waiting)
        return {who: _why(answer) for who, answer in refused.items()}

    async def _content(self, client: SMTP, letter: Letter) -> None:
        """DATA. Raises Unavailable before the final dot, OutcomeUnknown after it."""
        try:
            ready = await client.execute_command(b"DATA", timeout=self._limits.answer)
        except (TimeoutError, SMTPException, OSError) as problem:
            raise self._before_data(problem) from problem
        if ready.code != 354:
            raise refusal(ready.code, ready.message)
        protocol, transport = client.protocol, client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise Unavailable("The mail server hung up before the mail was sent.")
        # So that draining means written. Not 0: asyncio's TLS would then pause an empty buffer, for ever.
        transport.set_write_buffer_limits(high=1)
        answering = asyncio.ensure_future(protocol.read_response(timeout=self._limits.send))
        dotted = False
        try:
            async with asyncio.timeout(self._limits.send):
                for chunk in dot_stuffed(letter.content):
                    # Refused in the middle of it; or lost, which writing would not say.
                    if answering.done() or transport.is_closing():
                        break
                    protocol.write(chunk)
                    await protocol._drain_helper()
                if not answering.done() and not transport.is_closing():
                    dotted = True
                    protocol.write(b".\r\n")
                answer = await answering
        except (TimeoutError, SMTPException, OSError) as problem:
            if dotted:
                raise OutcomeUnknown("The mail server took the mail but never confirmed it.") from problem
            raise self._before_data(problem) from problem
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError, SMTPException, OSError):
                await answering
        if answer.code >= 400 or not dotted:
            raise refusal(answer.code, answer.message)

    def _before_data(self, problem: BaseException) -> Exception:
        if isinstance(problem, aiosmtplib.SMTPResponseException):
            return refusal(problem.code, problem.message)
        return Unavailable(f"Lost the connection to {self._server.host} before the mail was sent.")


def _nobody(answers: Sequence[SMTPResponse]) -> Exception:
    """All recipients were refused: for now, if one was refused for now."""
    for answer in answers:
        if answer.code < 500:
            return refusal(answer.code, answer.message)
    first = refusal(answers[0].code, answers[0].message)
    if isinstance(first, Rejected) and first.reason is RejectReason.OTHER:
        return Rejected(str(first), reason=RejectReason.UNREACHABLE)
    return first


def _not_yet(who: str, answer: SMTPResponse) -> Exception:
    """One is refused for now and the others are not: nobody has got it, so nobody gets it twice later."""
    problem = refusal(answer.code, answer.message)
    if isinstance(problem, RateLimited):
        return problem
    return Unavailable(
        sentence(f"The mail server does not take {who} yet, so nobody has got it: {_said(answer)}")
    )


def _said(answer: SMTPResponse) -> str:
    return f"{answer.code} {' '.join(answer.message.split())[:300]}"


def _why(answer: SMTPResponse) -> str:
    said = _said(answer)
    return f"Refused for now, and not tried again: {said}" if answer.code < 500 else said


def _cannot_connect(where: str, problem: BaseException) -> Unavailable:
    cause = problem.__cause__ or problem
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unavailable(sentence(f"The certificate of {where} cannot be trusted: {cause.verify_message}"))
    return Unavailable(sentence(f"Cannot connect to {where}: {in_words(cause)}"))


def _most_bytes(client: SMTP) -> int | None:
    said = client.esmtp_extensions.get("size", "").strip()
    return int(said) if said.isdigit() and int(said) > 0 else None


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def _drop(client: SMTP) -> None:
    """Let go at once: closing a TLS connection politely waits for the other side."""
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


async def _reset(client: SMTP) -> None:
    with suppress(SMTPException, OSError):
        await client.rset()


async def _quit(client: SMTP) -> None:
    with suppress(SMTPException, OSError):
        await client.quit()

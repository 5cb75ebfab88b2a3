"""A real mail server for every test that wants one: Dovecot and Postfix, one pair per test process.

    mail_server     the pair, from the first test that asks until the session ends
    server.account  a fresh mailbox, so that no test sees another's mail

Everything is below one temporary folder and on 127.0.0.1. Postfix's master has to be started by root.
"""

import asyncio
import base64
import grp
import imaplib
import json
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.mailserver_files import DOMAINS, ISSUER, Ports, dovecot_conf, main_cf, master_cf, oauth2_conf

PATIENCE = 30.0  # seconds until a mail must have come
_USUAL_NAMES = (
    "box",
    "support",
    "carla",
)  # known to the server from the start; any other name takes a second
_USUAL = 400


@dataclass(frozen=True)
class MailAccount:
    """One mailbox on the server, and what a test sees of it without asking IMAP."""

    address: str
    password: str
    maildir: Path

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """The mails in a folder, as they are on disk, oldest first."""
        return [path.read_bytes() for path in self._files(folder)]

    async def wait_for(self, count: int = 1, folder: str = "INBOX") -> list[bytes]:
        """The mails in a folder once there are that many."""
        async with asyncio.timeout(PATIENCE):
            while len(self._files(folder)) < count:
                await asyncio.sleep(0.02)
        return self.mails(folder)

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The Maildir flags of each mail: S is seen."""
        return [path.name.partition(":2,")[2] for path in self._files(folder)]

    def _files(self, folder: str) -> list[Path]:
        root = self.maildir if folder == "INBOX" else self.maildir / f".{folder}"
        files = [
            path for part in ("new", "cur") if (root / part).is_dir() for path in (root / part).iterdir()
        ]
        return sorted(files, key=lambda path: _arrival(path.name))

    def renumber(self) -> None:
        """Make the server forget the UIDs of the inbox, and count anew under another UIDVALIDITY."""
        uids = self.maildir / "dovecot-uidlist"
        head = uids.read_text().splitlines()[0]
        uids.write_text(re.sub(r"V(\d+) N\d+", lambda found: f"V{int(found[1]) + 1} N1", head) + "\n")
        for path in self.maildir.glob("dovecot.index*"):
            path.unlink()


class MailServer:
    """Dovecot and Postfix on free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = Ports(*_free_ports(7))
        self.host = "localhost"
        self.ca_file = folder / "ca.pem"
        self._mail = folder / "dovecot"
        self._post = folder / "postfix"
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        usual = [f"{name}{number}" for name in _USUAL_NAMES for number in range(1, _USUAL + 1)]
        addresses = [f"{name}@{domain}" for name in usual for domain in DOMAINS]
        self._users = {address: _user(address, _password(address)) for address in addresses}
        self._running: list[subprocess.Popen[bytes]] = []
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._uid, self._gid, self._user = owner.pw_uid, owner.pw_gid, owner.pw_name
        self._made = 0

    def account(self, name: str = "box", domain: str = "hub.test", *, quota: str = "") -> MailAccount:
        """A new, empty mailbox. `quota` as Dovecot writes it: "*:storage=100K"."""
        self._made += 1
        address = f"{name}{self._made}@{domain}"
        extra = f"userdb_quota_rule={quota}" if quota else ""
        if address not in self._users or extra:
            self._users[address] = _user(address, _password(address), extra)
            self._write_users()
            self._wait_until_known(address)
        return MailAccount(address, _password(address), self._mail / "home" / address / "Maildir")

    def password_of(self, account: MailAccount) -> str:
        """The one that lets in now; `account.password` did at first."""
        return self._users[account.address].partition("{PLAIN}")[2].partition("::")[0]

    def change_password(self, account: MailAccount, password: str) -> None:
        """When this returns the new one is asked for, and the old one refused."""
        self._users[account.address] = _user(account.address, password)
        self._write_users()
        self._wait(lambda: self._lets_in(account.address, password))

    def token(self, address: str, *, lifetime: float = 3600) -> str:
        """An access token for XOAUTH2; one with a negative lifetime has run out."""
        now = time.time()
        claims = {
            "iss": ISSUER,
            "sub": address,
            "email": address,
            "iat": int(now) - 7200,
            "exp": int(now + lifetime),
        }
        head = _base64(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "default"}).encode())
        signed = f"{head}.{_base64(json.dumps(claims).encode())}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"

    def deliver(self, to: str, *mails: bytes, sender: str = "customer@example.test") -> None:
        """Put mails straight into a mailbox, past Postfix: when this returns they are there."""
        with smtplib.LMTP("127.0.0.1", self.ports.lmtp) as lmtp:
            for mail in mails:
                lmtp.sendmail(sender, [to], mail)

    def submit(self, account: MailAccount, to: list[str], mail: bytes) -> None:
        """Send as this account's owner, by their own mail program, through Postfix."""
        with smtplib.SMTP("127.0.0.1", self.ports.smtp) as smtp:
            smtp.sendmail(account.address, to, mail)

    def start(self) -> None:
        self._start_dovecot()
        self._start_postfix()

    def stop(self) -> None:
        if len(self._running) > 1:
            subprocess.run(
                ["postfix", "-c", str(self._post / "conf"), "stop"], capture_output=True, timeout=30
            )
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)

    def _start_dovecot(self) -> None:
        folder = self._mail
        (folder / "keys/default/RS256").mkdir(parents=True)
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1", "mail.example.test")
        authority.cert_pem.write_to_path(str(self.ca_file))
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        (folder / "cert.pem").write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (folder / "keys/default/RS256/default").write_bytes(public)
        (folder / "oauth2.conf").write_text(oauth2_conf(folder))
        group = grp.getgrgid(self._gid).gr_name
        conf = dovecot_conf(folder, self.ports, self._user, group, self._uid, self._gid)
        (folder / "dovecot.conf").write_text(conf)
        self._write_users()
        self._own(folder)
        os.chmod(self.folder, 0o755)
        who = [f"--reuid={self._uid}", f"--regid={self._gid}", "--clear-groups"]
        drop = ["setpriv", *who] if os.getuid() == 0 else []
        self._run([*drop, "dovecot", "-F", "-c", str(folder / "dovecot.conf")], folder / "dovecot.out")
        _wait_for_greeting(
            self.ports.imap, b"* OK", lambda: _tail(folder / "dovecot.out", folder / "dovecot.log")
        )

    def _start_postfix(self) -> None:
        if os.getuid() != 0:
            raise PermissionError("Postfix's master process can only be started by root.")
        conf = self._post / "conf"
        for part in ("conf", "queue", "data"):
            (self._post / part).mkdir(parents=True)
        shutil.chown(self._post / "data", "postfix")
        (conf / "main.cf").write_text(main_cf(self._post, self._mail, self.ports))
        (conf / "master.cf").write_text(master_cf(self.ports))
        self._run(["postfix", "-c", str(conf), "start-fg"], self._post / "postfix.out")
        words = lambda: _tail(self._post / "postfix.out", self._post / "postfix.log")  # noqa: E731
        _wait_for_greeting(self.ports.smtp, b"220", words)

    def _run(self, command: list[str], output: Path) -> None:
        with output.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self._running.append(process)

    def _write_users(self) -> None:
        """By renaming: Dovecot never reads half a file."""
        fresh = self._mail / "users.new"
        fresh.write_text("".join(self._users.values()))
        self._own(fresh)
        fresh.replace(self._mail / "users")

    def _wait_until_known(self, address: str) -> None:
        """Dovecot looks for a new list of users once a second."""

        def known() -> bool:
            with smtplib.LMTP("127.0.0.1", self.ports.lmtp) as lmtp:
                lmtp.ehlo_or_helo_if_needed()
                lmtp.mail("")
                return lmtp.rcpt(address)[0] == 250

        self._wait(known)

    def _lets_in(self, address: str, password: str) -> bool:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        client = imaplib.IMAP4_SSL(self.host, self.ports.imaps, ssl_context=context)
        try:
            client.authenticate("PLAIN", lambda _: f"\0{address}\0{password}".encode())
        except imaplib.IMAP4.error:
            return False
        finally:
            client.logout()
        return True

    def _wait(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("Dovecot does not take the new list of users.")
            time.sleep(0.05)

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            for each in [path, *path.rglob("*")]:
                os.chown(each, self._uid, self._gid)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    # Not below pytest's own folder: that is closed to the user Dovecot runs as.
    with tempfile.TemporaryDirectory(prefix="hubbub-mail-", ignore_cleanup_errors=True) as folder:
        server = MailServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def a_mail(text: str = "Hello", headers: Mapping[str, str] | None = None) -> bytes:
    """A plain mail from a customer; `headers` replace or add to the usual ones, an empty one removes."""
    usual = {
        "From": "Carla Customer <customer@example.test>",
        "To": "support@hub.test",
        "Subject": "A question",
        "Message-ID": f"<{os.urandom(8).hex()}@example.test>",
        "Date": "Mon, 23 Nov 2026 10:00:00 +0100",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    fields = {**usual, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"{head}\r\n{text}\r\n".encode()


def _user(address: str, password: str, extra: str = "") -> str:
    """A line of Dovecot's list of users."""
    return f"{address}:{{PLAIN}}{password}::::::{extra}\n"


def _password(address: str) -> str:
    return f"secret of {address}"


def _arrival(name: str) -> tuple[int, int]:
    """Maildir names begin with the second of arrival, then M and the microsecond."""
    second, _, rest = name.partition(".")
    micro = "".join(char for char in rest.partition("P")[0] if char.isdigit())
    return int(second), int(micro or 0)


def _free_ports(count: int) -> list[int]:
    """All held open together, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _wait_for_greeting(port: int, greeting: bytes, words: Callable[[], str]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), 1)) as talk:
                talk.settimeout(5)
                if talk.recv(200).startswith(greeting):
                    return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"No greeting on port {port}. {words()}")


def _tail(*logs: Path) -> str:
    return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

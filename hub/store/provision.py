"""The first start of an embedded database: make its one user without a moment in which anybody else could.

The server takes its first user only while it asks nobody for a password. So that this moment is nobody
else's, the first run admits only the holder of a certificate that is made for it and thrown away with it. The
files get their name, `database`, when all is done: a first start that was interrupted is simply done again.
"""

import secrets
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from hub.store.data_folder import explained, write_private
from hub.store.errors import StoreError
from hub.store.server import Server

USER = "hubbub"
ROOT_ROLE = "root"


async def provide_password(server: Server) -> str:
    """The password of the database in the server's folder, which is made if there is none yet."""
    secret = server.folder / "database.secret"
    files = server.folder / server.files
    with explained(server.folder):
        if not files.exists():
            return await _provision(server, secret, files)
        if not secret.exists():
            raise StoreError(
                f"{secret} is missing, and without it the database in {files} cannot be opened. "
                f"Put it back, or move {files} away to begin with an empty one."
            )
        if secret.stat().st_mode & 0o077:
            raise StoreError(f"Others may read {secret}: `chmod 600 {secret}` mends it.")
        return secret.read_text(encoding="utf-8").strip()


async def _provision(server: Server, secret: Path, files: Path) -> str:
    fresh = server.folder / "database.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    identity = fresh / "identity.pem"
    write_private(identity, _identity(datetime.now(UTC)))
    password = secrets.token_urlsafe(32)
    tls: dict[str, str | bool] = {
        "cert_file": str(identity),
        "key_file": str(identity),
        "ca_file": str(identity),
        "require_client_cert": True,
    }
    run = await replace(server, files=fresh.name, auth=False, tls=tls).start()
    try:
        await _create_user(run.port, identity, password)
    finally:
        await run.stop()
    identity.unlink()
    write_private(secret, password + "\n")
    fresh.rename(files)
    return password


async def _create_user(port: int, identity: Path, password: str) -> None:
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        "127.0.0.1",
        port,
        directConnection=True,
        tls=True,
        tlsCAFile=str(identity),
        tlsCertificateKeyFile=str(identity),
        serverSelectionTimeoutMS=20_000,
    )
    try:
        await client.admin.command(
            "createUser", USER, pwd=password, roles=[ROOT_ROLE], mechanisms=["SCRAM-SHA-256"]
        )
    except PyMongoError as problem:
        raise StoreError(f"The embedded database could not be set up: {type(problem).__name__}.") from problem
    finally:
        client.close()


def _identity(now: datetime) -> str:
    """Key and certificate in PEM: of the server, of its only client, and of who vouches for both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "first start")])
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign"), False
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, encipher_only=False, decipher_only=False, **usage
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode("ascii")

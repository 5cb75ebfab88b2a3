"""A certified OpenID provider (npm's oidc-provider) as a process of its own, and a browser to sign in with.

Its packages are installed once per checkout below build/, which git ignores, from the lock file beside this.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import aiohttp

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build"
CLIENT_ID = "hubbub"
CLIENT_SECRET = "a secret: with/odd+characters % in it"


def install() -> Path:
    """The folder with the packages. Fails, with what to do, where there is no Node.js."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise AssertionError("Node.js 20 or newer and npm are needed to test single sign-on: install both.")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = BUILD / f"oidc-{hashlib.sha256(lock).hexdigest()[:12]}"
    with _alone(BUILD / "oidc.lock"):
        if not folder.exists():
            fresh = folder.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, fresh)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=50)
            if done.returncode:
                raise AssertionError(f"npm cannot install oidc-provider: {done.stderr[-2000:]}")
            fresh.rename(folder)
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time: tests run in parallel."""
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def real_provider(redirect_uri: str) -> AsyncIterator[str]:
    """Its issuer, for as long as the block lasts."""
    folder = await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "provider.mjs"),
        redirect_uri,
        str(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "NODE_ENV": "test"},
    )
    assert process.stdout is not None
    said = []
    try:
        async with asyncio.timeout(30):
            while line := (await process.stdout.readline()).decode():
                said.append(line)
                if line.startswith("READY "):
                    break
        if not said or not said[-1].startswith("READY "):
            raise AssertionError("the provider did not start: " + "".join(said)[-2000:])
        yield said[-1].split()[1]
    finally:
        process.kill()
        await process.wait()


async def visit(url: str, login: str, redirect_uri: str) -> dict[str, str]:
    """Sign in at the provider like a person with a browser. Returns the query that comes back."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20)) as browser:
        form: dict[str, str] | None = None
        for _ in range(15):
            method = "POST" if form is not None else "GET"
            async with browser.request(method, url, data=form, allow_redirects=False) as answer:
                page = await answer.text()
                if answer.status in (302, 303):
                    url, form = urljoin(url, answer.headers["Location"]), None
                    if url.startswith(redirect_uri):
                        return dict(parse_qsl(urlsplit(url).query))
                    continue
            action = re.search(r'<form[^>]* action="([^"]+)"', page)
            prompt = re.search(r'name="prompt" value="(\w+)"', page)
            if action is None or prompt is None:
                raise AssertionError(f"the provider shows no form: {page[-2000:]}")
            url, form = unescape(action[1]), {"prompt": prompt[1], "login": login, "password": "any"}
    raise AssertionError("the provider never sent us back")

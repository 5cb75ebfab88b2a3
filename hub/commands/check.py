"""`hubbub check`: what is wrong, and how to mend it. Looks at everything, changes nothing, and goes on after
whatever it finds."""

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import click

from config.settings import Settings, SettingsError
from hub.app import Hub, open_hub
from hub.auth.seal import SealError, load_or_create_key_file
from hub.commands.domains import check_domain
from hub.commands.errors import explain
from hub.commands.findings import Finding, Grade, fail, ok, warn
from hub.commands.frame import Call, with_call
from hub.commands.output import ago
from hub.contract.capabilities import Surface
from hub.contract.connector import ChecksWebhook, TakesWebhooks
from hub.contract.errors import AuthBroken, ConnectorError
from hub.desk.channels import connected
from hub.model.channels import Channel, Health
from hub.registry import UnknownPlatform
from hub.store import StoreError, StoreUnavailable
from hub.store.schema import index_report
from hub.store.survey import Backlog, backlogs, describe_server, workers_alive

DRIFT_WARN, DRIFT_FAIL = timedelta(seconds=2), timedelta(seconds=10)  # leases last 15 seconds
OLD, STUCK = timedelta(minutes=1), timedelta(minutes=15)
CALLED_WITHIN = 30.0  # seconds
EXPECTED_MAJOR = 7
RESERVED = (".example", ".test", ".invalid", ".localhost")  # RFC 2606: nobody has them, so nothing to look up


@click.command()
@click.option("--offline", is_flag=True, help="Ask nobody outside: no platform, no name server.")
@click.option("--quick", is_flag=True, help="Only what a process needs to work: settings, key, database.")
@with_call
def check(call: Call, offline: bool, quick: bool) -> int:
    """Tell what is wrong and how to mend it. Exit status 1 when something is."""
    return asyncio.run(_run(call, offline=offline, quick=quick))


async def _run(call: Call, *, offline: bool, quick: bool) -> int:
    grades = []
    async for finding in _everything(call, offline=offline, quick=quick):
        call.output.one(finding.row, finding.text)
        grades.append(finding.grade)
    failed, warned = grades.count(Grade.FAIL), grades.count(Grade.WARN)
    call.output.remark(f"\n{failed} to mend, {warned} to think about, {grades.count(Grade.OK)} fine.")
    return 1 if failed else 0


async def _everything(call: Call, *, offline: bool, quick: bool) -> AsyncIterator[Finding]:
    try:
        settings = call.settings()
    except SettingsError as problem:
        yield fail("settings", str(problem), "Nothing else can be looked at before.")
        return
    yield ok("settings", f"read; the data folder is {settings.data.folder}")
    call.quiet_logs(settings)
    key = check_key(settings)
    yield key
    if key.grade is Grade.FAIL:
        return
    try:
        async with open_hub(settings) as hub:
            if quick:
                for finding in await check_database(hub):
                    yield finding
                return
            async for finding in _with_database(hub, offline=offline):
                yield finding
    except (StoreError, StoreUnavailable) as problem:
        yield fail("database", explain(problem)[0], "Nothing else can be looked at before.")


def check_key(settings: Settings) -> Finding:
    """The key that seals the channels' secrets."""
    what = "key"
    if settings.secrets.key is not None:
        return ok(what, "given as secrets.key")
    path = settings.key_file
    if not path.exists():
        return ok(what, f"{path} will be made at the first start; keep a copy of it")
    try:
        load_or_create_key_file(path)
    except SealError as problem:
        return fail(what, str(problem), f"Only its owner may read it: chmod 600 {path}")
    return ok(what, f"{path}, mode {stat.S_IMODE(path.stat().st_mode):04o}")


async def _with_database(hub: Hub, *, offline: bool) -> AsyncIterator[Finding]:
    for finding in await check_database(hub):
        yield finding
    for finding in await check_queues(hub):
        yield finding
    channels = await hub.store.channels.list_channels()
    if not channels:
        yield warn("channels", "There is none yet.", "`hubbub channel add email` connects a mailbox.")
    if not await hub.store.people.list_agents():
        yield warn("agents", "There is none yet.", '`hubbub agent add "Ana Sousa" ana@example.com` adds one.')
    domains: dict[str, None] = {}
    for channel in channels:
        for finding in await check_channel(hub, channel, offline=offline):
            yield finding
        if domain := _mail_domain(hub, channel):
            domains[domain] = None
    if any(_takes_webhooks(hub, each) for each in channels):
        yield await check_reachable(hub, offline=offline)
    for domain in () if offline else domains:
        for finding in await check_domain(domain):
            yield finding


async def check_database(hub: Hub) -> list[Finding]:
    server = await describe_server(hub.store.database)
    found = []
    if server.embedded:
        found.append(
            warn(
                "database",
                f"{server.version}, embedded.",
                "Good for a few thousand conversations; then MongoDB.",
            )
            if await hub.store.database.conversations.estimated_document_count() > 3000
            else ok("database", f"{server.version}, embedded")
        )
    elif int(server.version.split()[1].split(".")[0]) < EXPECTED_MAJOR:
        found.append(warn("database", f"{server.version} is old.", "Hubbub is made for MongoDB 8."))
    elif server.replica_set or server.sharded:
        found.append(ok("database", f"{server.version}, {server.replica_set or 'sharded'}"))
    else:
        advice = "Start mongod with --replSet rs0 and run rs.initiate() once."
        words = f"{server.version} is no replica set: it has no change streams, and nothing is shown live."
        found.append(fail("database", words, advice))
    missing = [each for each in await index_report(hub.store.database) if not each["present"]]
    names = ", ".join(f"{each['collection']}.{each['index']}" for each in missing)
    found.append(
        fail("indexes", f"Missing: {names}.", "`hubbub store indexes` creates them.")
        if missing
        else ok("indexes", "all there")
    )
    found.append(_drift(server.ahead))
    return found


def _drift(ahead: timedelta) -> Finding:
    seconds = ahead.total_seconds()
    words = f"{abs(seconds):.1f} s {'behind' if seconds > 0 else 'before'} the database's"
    advice = "Let both keep the time (chrony, systemd-timesyncd): leases between workers depend on it."
    if abs(ahead) > DRIFT_FAIL:
        return fail("clock", f"It is {words}.", advice)
    if abs(ahead) > DRIFT_WARN:
        return warn("clock", f"It is {words}.", advice)
    return ok("clock", words)


async def check_queues(hub: Hub) -> list[Finding]:
    now = hub.clock()
    alive = await workers_alive(hub.store.database, now)
    queues = await backlogs(hub.store.database)
    waits = any(each.waiting for each in queues.values())
    found = []
    if alive:
        found.append(ok("workers", f"{alive} at work"))
    else:
        words = "None is at work" + (", and something waits." if waits else ".")
        found.append((fail if waits else warn)("workers", words, "`hubbub serve`, or `hubbub worker`."))
    return found + [finding for name, each in queues.items() for finding in _queue(name, each, now)]


def _queue(name: str, queue: Backlog, now: datetime) -> list[Finding]:
    waited = now - queue.oldest if queue.oldest else timedelta()
    words = f"{queue.waiting} waiting"
    if queue.waiting:
        words += f", the oldest for {ago(waited.total_seconds())}"
    advice = f"`hubbub {'outbox' if name == 'outbox' else 'journal'} list` shows them."
    found = [ok(name, words)]
    if waited > STUCK:
        found = [fail(name, f"{words}.", advice)]
    elif waited > OLD:
        found = [warn(name, f"{words}.", advice)]
    if queue.failed:
        noun, again = ("outbox", "retry") if name == "outbox" else ("journal", "replay")
        advice = f"`hubbub {noun} list --failed` shows them, `hubbub {noun} {again}` tries again."
        found.append(fail(name, f"{queue.failed} gave up.", advice))
    return found


async def check_channel(hub: Hub, channel: Channel, *, offline: bool) -> list[Finding]:
    what = f"channel {channel.name}"
    resume = f'`hubbub channel resume "{channel.name}"`'
    if channel.paused:
        return [warn(what, "It is paused.", f"{resume} lets it go on.")]
    found = []
    if channel.health is Health.BROKEN:
        found.append(
            fail(what, f"It has stopped: {channel.problem}", f"Mend the credentials, then {resume}.")
        )
    elif channel.health is Health.RETRYING:
        found.append(warn(what, f"It is tried again and again: {channel.problem}", "See the next line."))
    elif channel.progress:
        done, total = channel.progress
        found.append(ok(what, f"reads old messages, {done} of {total}"))
    if forged := channel.counts.get("forged"):
        advice = "Compare the webhook secret with the platform's, if real messages are missing."
        found.append(warn(what, f"{forged} webhooks had a wrong signature.", advice))
    if not offline:
        found.append(await _connects(hub, channel, what))
        found += await _is_called(hub, channel, what)
    return found or [ok(what, str(channel.health))]


async def _connects(hub: Hub, channel: Channel, what: str) -> Finding:
    try:
        account = await connected(hub.registry.build(channel))
    except (UnknownPlatform, SealError) as problem:
        return fail(what, str(problem), "Install what it needs, or connect it anew.")
    except AuthBroken as problem:
        return fail(what, f"It is refused: {problem}", "Mend the credentials: connect it anew.")
    except ConnectorError as problem:
        return fail(
            what, f"It cannot be reached: {problem}", "Check the network and the platform's own state page."
        )
    return ok(what, f"connects as {account.name}")


async def _is_called(hub: Hub, channel: Channel, what: str) -> list[Finding]:
    """What the platform says of its calls to us, for those that say something."""
    if not _takes_webhooks(hub, channel):
        return []
    connector = hub.registry.build(channel)
    if not isinstance(connector, ChecksWebhook):
        return []
    url = hub.settings.web.public_url
    try:
        async with asyncio.timeout(CALLED_WITHIN):
            return [ok(what, await connector.check_webhook(f"{url}/hooks/{channel.id}" if url else ""))]
    except (ConnectorError, TimeoutError) as problem:
        advice = "Look whether web.public_url is reached from outside, with a certificate that is valid."
        return [fail(what, str(problem) or "It does not say whether its calls arrive.", advice)]
    finally:
        await connector.close()


def _takes_webhooks(hub: Hub, channel: Channel) -> bool:
    try:
        return isinstance(hub.registry.reader(channel), TakesWebhooks)
    except (UnknownPlatform, SealError):
        return False


async def check_reachable(hub: Hub, *, offline: bool) -> Finding:
    """Whether platforms that push can reach us: we ask ourselves at the public address."""
    what, url = "webhooks", hub.settings.web.public_url
    if url is None:
        return fail(
            what, "Platforms cannot know where we are.", "Set web.public_url to the address they reach."
        )
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in ("localhost", "127.0.0.1", "::1"):
        return warn(what, f"{url} is not encrypted.", "Most platforms insist on https.")
    if offline:
        return ok(what, f"{url}, not tried")
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{url}/healthz") as answer:
            if answer.status == 200:
                return ok(what, f"{url} reaches us")
            words = f"{url}/healthz answers {answer.status}."
    except (aiohttp.ClientError, TimeoutError) as problem:
        words = f"{url} does not lead to us ({type(problem).__name__})."
    advice = "Start `hubbub serve` or `hubbub web`, and look at the proxy, the firewall and the certificate."
    return fail(what, words, advice)


def _mail_domain(hub: Hub, channel: Channel) -> str | None:
    """The domain customers answer to."""
    kind = hub.registry.types.get(channel.platform)
    _, at, domain = (channel.account or "").lower().rpartition("@")
    if kind is None or Surface.EMAIL not in kind.manifest.surfaces or not at:
        return None
    return None if domain.endswith(RESERVED) else domain

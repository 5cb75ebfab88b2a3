"""`hubbub channel`: the connected accounts."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

import click

from hub.app import Hub
from hub.commands.channel_settings import settings
from hub.commands.errors import Failure
from hub.commands.finding import find_channel, similar
from hub.commands.frame import with_hub
from hub.commands.output import Output, Row
from hub.commands.stepping import ask as ask_question
from hub.commands.stepping import step_by_step
from hub.contract.connector import Question
from hub.desk.channels import (
    change_channel,
    check_name,
    checked_country,
    connect_channel,
    pause_channel,
    questions_of,
    remove_channel,
    resume_channel,
    try_channel,
)
from hub.model.channels import Channel, Health
from hub.registry import UnknownPlatform
from hub.store.survey import workers_alive

COLUMNS = ("name", "platform", "account", "state", "problem", "progress", "id")


@click.group()
def channel() -> None:
    """The connected accounts: mailboxes, bots, pages."""


channel.add_command(settings)


def channel_row(channel: Channel) -> Row:
    return {
        "id": channel.id,
        "name": channel.name,
        "platform": channel.platform,
        "account": channel.account_name or channel.account,
        "state": "paused" if channel.paused else str(channel.health),
        "health": channel.health,
        "paused": channel.paused,
        "problem": channel.problem or None,
        "health_at": channel.health_at,
        "country": channel.country or None,
        "progress": f"{channel.progress[0]}/{channel.progress[1]}" if channel.progress else None,
        "counts": channel.counts,
        "created_at": channel.created_at,
    }


@channel.command("list")
@with_hub
async def list_(hub: Hub, out: Output) -> None:
    """All of them, with their health."""
    rows = [channel_row(each) for each in await hub.store.channels.list_channels()]
    out.rows(rows, COLUMNS, "There is no channel yet: `hubbub channel add email` connects a mailbox.")


@channel.command("add")
@click.argument("platform")
@click.option("--name", help="What we call it; otherwise what the account is called.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Answer a question beforehand.")
@click.option(
    "--set-file",
    "files",
    multiple=True,
    metavar="NAME=FILE",
    help="The answer is the content of a file: for secrets, which other users may see in a command line.",
)
@click.option("--all", "every", is_flag=True, help="Ask also what is usually found by itself.")
@click.option("--wait", is_flag=True, help="Stay until the old messages that were asked for are read.")
@with_hub
async def add(
    hub: Hub,
    out: Output,
    platform: str,
    name: str | None,
    given: Sequence[str],
    files: Sequence[str],
    every: bool,
    wait: bool,
) -> None:
    """Connect an account: hubbub channel add email

    Goes through the platform's steps and looks whether each is done, proves it all by connecting, and only
    then saves it. Without a terminal nothing is asked: answer with --set and --set-file.
    """
    if platform not in hub.registry.types:
        hint = similar(platform, sorted(hub.registry.types), "connector")
        raise UnknownPlatform(f"There is no connector for {platform!r}{hint}")
    if name is not None:
        await check_name(hub.desk, name)
    questions = questions_of(hub.registry.connector_type(platform))
    known = {**_pairs(given, "--set"), **_from_files(files)}
    _check_names(known, questions)
    at_terminal = sys.stdin.isatty() and not out.as_json
    if at_terminal:
        known = await step_by_step(hub, out, platform, known, every=every)
    answers = _answered(questions, known, ask=at_terminal, every=every)
    days = hub.settings.ingest.reopen_within_days
    connected = await connect_channel(hub.desk, platform, answers, name, reopen_days=days)
    made = connected.channel
    for sentence in connected.found:
        out.remark(sentence)
    out.one({**channel_row(made), "found": connected.found}, f"Connected {made.name} ({made.id}).")
    if wait:
        await _wait_for_old_messages(hub, out, made)


def _answered(
    questions: Sequence[Question], known: Mapping[str, str], *, ask: bool, every: bool
) -> dict[str, str]:
    """All answers: given, asked for, or their defaults."""
    answers = dict(known)
    for question in questions:
        if question.name not in answers and ask and _is_asked(question, answers, every=every):
            answers[question.name] = ask_question(question)
        answers.setdefault(question.name, question.default)
    if missing := [each.name for each in questions if each.required and not answers[each.name]]:
        wanted = ", ".join(f"--set {each}=…" for each in missing)
        raise click.UsageError(f"Still to be answered: {wanted}", click.get_current_context())
    return answers


def _is_asked(question: Question, answers: Mapping[str, str], *, every: bool) -> bool:
    fits = question.when is None or answers.get(question.when[0], "") in ("", *question.when[1])
    return fits and (every or not question.advanced)


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.BadParameter(f"{each!r} should look like NAME=VALUE.", param_hint=option)
        pairs[name.strip()] = value
    return pairs


def _from_files(files: Sequence[str]) -> dict[str, str]:
    return {
        name: Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        for name, path in _pairs(files, "--set-file").items()
    }


def _check_names(answers: Mapping[str, str], questions: Sequence[Question]) -> None:
    known = [each.name for each in questions]
    for name in answers:
        if name.partition(".")[0] not in [each.partition(".")[0] for each in known]:
            hint = similar(name, known, "question")
            raise click.UsageError(f"There is no question {name!r}{hint}", click.get_current_context())


async def _wait_for_old_messages(hub: Hub, out: Output, made: Channel) -> None:
    """Until whoever holds the channel has read what was asked for."""
    if not await workers_alive(hub.store.database, hub.clock()):
        out.remark("Nobody reads it yet: start `hubbub serve`.")
        return
    with out.progress("Reading old messages") as meter:
        while True:
            now = await hub.store.channels.find(made.id)
            if now is None or now.removed:
                raise Failure("The channel was removed meanwhile.")
            if now.health is Health.BROKEN:
                raise Failure(now.problem or "The channel's credentials were refused.")
            if now.progress:
                meter.show("Reading old messages", *now.progress)
            elif now.cursor is not None:
                return
            await asyncio.sleep(0.5)


@channel.command("test")
@click.argument("name")
@with_hub
async def test(hub: Hub, out: Output, name: str) -> None:
    """Send something through a channel and wait until it arrives, or at least sign in."""
    found = await find_channel(hub, name)
    steps = []
    with out.progress(f"Testing {found.name}"):
        async with aclosing(try_channel(hub.desk, found)) as sentences:
            async for sentence in sentences:
                steps.append(sentence)
                out.remark(sentence)
    out.one({"channel": found.id, "name": found.name, "steps": steps}, f"{found.name} works.")


@channel.command("change")
@click.argument("name")
@click.option("--country", metavar="DE", help="Of phone numbers without an international prefix; '': none.")
@click.option("--rename", metavar="NAME", help="What we call it from now on.")
@with_hub
async def change(hub: Hub, out: Output, name: str, country: str | None, rename: str | None) -> None:
    """Change how a channel is read: hubbub channel change "Support" --country DE"""
    found = await find_channel(hub, name)
    changes: dict[str, str] = {}
    if country is not None:
        changes["country"] = checked_country(country)
    if rename is not None and rename != found.name:
        await check_name(hub.desk, rename)
        changes["name"] = rename.strip()
    if not changes:
        raise click.UsageError("Say what to change: --country, --rename.", click.get_current_context())
    await change_channel(hub.desk, found, changes, "settings")
    await _show(hub, out, found, f"{changes.get('name', found.name)} is changed.")


@channel.command("pause")
@click.argument("name")
@with_hub
async def pause(hub: Hub, out: Output, name: str) -> None:
    """Receive and send nothing until it is resumed."""
    found = await find_channel(hub, name)
    await pause_channel(hub.desk, found)
    await _show(hub, out, found, f"{found.name} is paused; what is to be sent waits.")


@channel.command("resume")
@click.argument("name")
@with_hub
async def resume(hub: Hub, out: Output, name: str) -> None:
    """Go on after a pause, or after credentials were refused."""
    found = await find_channel(hub, name)
    await resume_channel(hub.desk, found)
    await _show(hub, out, found, f"{found.name} starts anew.")


@channel.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_hub
async def remove(hub: Hub, out: Output, name: str, yes: bool) -> None:
    """Disconnect an account. Its conversations stay."""
    found = await find_channel(hub, name)
    if not yes:
        click.confirm(f"Remove {found.name} ({found.account_name or found.platform})?", abort=True, err=True)
    failed = await remove_channel(hub.desk, found)
    words = f" {failed} deliveries had not been sent and have failed." if failed else ""
    out.one(
        {"id": found.id, "name": found.name, "removed": True, "failed_deliveries": failed},
        f"{found.name} is removed; its conversations stay.{words}",
    )


async def _show(hub: Hub, out: Output, found: Channel, words: str) -> None:
    again = await hub.store.channels.find(found.id) or found
    out.one(channel_row(again), words)

"""Saved replies: an agent's own snippets, with placeholders filled from the conversation.

    Dear {{ customer.name }}, about {{ conversation.subject }}: {{ fields.order }} … {{ agent.name }}

Filled in by jinja2's sandbox with plain strings alone, so a snippet can reach nothing else. What has no value
is listed, and shown to the writer before anything is sent.

A saved reply may have files. They stay its own: whoever uses it gets a copy of each to attach, so that a
message keeps its files whatever becomes of the saved reply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hub.auth.access import NotAllowed, access_sharing
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk, get_conversation
from hub.desk.uploading import attach, copy_file, let_go
from hub.model.content import Attachment
from hub.model.desk import SavedReply
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal

TITLE_MOST = 80
TEXT_MOST = 20_000
SHORTCUT_MOST = 20
FILLED_MOST = 200_000
FILES_MOST = 20
FORBIDDEN = ("{%", "{#")
# `{{ "x" * 10 ** 9 }}` is no placeholder: calculating and calling are refused when it is saved.
_OPERATIONS = (nodes.BinExpr, nodes.Call, nodes.Concat, nodes.CondExpr, nodes.List, nodes.Dict, nodes.Slice)


class BadReply(Refusal):
    """A snippet that cannot be saved or filled in; the text says why."""


@dataclass(frozen=True, slots=True)
class Filled:
    """`missing`: placeholders without a value, as they are written; they are left in the text."""

    text: str
    missing: tuple[str, ...]
    attachments: tuple[Attachment, ...] = ()  # its own: `take_file` copies one


async def save_reply(
    desk: Desk,
    agent: Agent,
    title: str,
    text: str,
    *,
    team: str | None = None,
    shared: bool = False,
    shortcut: str = "",
    files: Sequence[str] = (),
) -> SavedReply:
    """For oneself, for a team of one's own, or for everybody. `files`: references of uploads.

    Raises BadReply, NotAllowed, NotPossible.
    """
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    if shared or (team is not None and team not in agent.teams):
        access_sharing(agent)
    title, shortcut = checked(title, text, shortcut)
    now = desk.clock()
    reply = SavedReply(
        id=new_id(now),
        title=title,
        text=text,
        owner=agent.id,
        team=team,
        shared=shared,
        shortcut=shortcut,
        attachments=await files_of(desk, agent, files),
        created_at=now,
    )
    await desk.store.drafts.save_reply(reply)
    return reply


async def files_of(
    desk: Desk, agent: Agent, references: Sequence[str], old: Sequence[Attachment] = ()
) -> tuple[Attachment, ...]:
    """What it has from now on: some of its old files, and new ones. Raises NotPossible."""
    if len(set(references)) > FILES_MOST:
        raise NotPossible("attached_many", most=FILES_MOST)
    kept = {each.stored: each for each in old}
    fresh = await attach(desk, agent, [each for each in references if each not in kept])
    return (*(kept[each] for each in dict.fromkeys(references) if each in kept), *fresh)


def checked(title: str, text: str, shortcut: str) -> tuple[str, str]:
    """The title and the shortcut as they are kept. Raises BadReply."""
    title = " ".join(title.split())
    if not title or len(title) > TITLE_MOST or not text.strip() or len(text) > TEXT_MOST:
        raise BadReply("saved_reply_length", most=TITLE_MOST)
    shortcut = shortcut.strip().removeprefix("/").casefold()
    if len(shortcut) > SHORTCUT_MOST or " " in shortcut:
        raise BadReply("shortcut_wrong", most=SHORTCUT_MOST)
    _compiled(text)
    return title, shortcut


async def list_saved_replies(desk: Desk, agent: Agent) -> list[SavedReply]:
    """Those the agent may use, by title."""
    found = await desk.store.drafts.list_replies(agent.id, agent.teams)
    return sorted(found, key=lambda each: (each.title.casefold(), each.id))


async def find_saved_replies(desk: Desk, agent: Agent, asked: str, most: int = 20) -> list[SavedReply]:
    """Those that fit what was typed: first by shortcut, then by title, then by text."""
    wanted = asked.casefold().split()

    def rank(reply: SavedReply) -> int | None:
        title, everything = reply.title.casefold(), f"{reply.title}\n{reply.text}".casefold()
        if wanted and reply.shortcut and reply.shortcut.startswith("".join(wanted)):
            return 0
        if all(any(word.startswith(each) for word in title.split()) for each in wanted):
            return 1
        return 2 if all(each in everything for each in wanted) else None

    ranked = [
        (place, each) for each in await list_saved_replies(desk, agent) if (place := rank(each)) is not None
    ]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])][:most]


async def remove_saved_reply(desk: Desk, agent: Agent, reply: str) -> None:
    """Raises NotAllowed."""
    found = await desk.store.drafts.find_reply(reply)
    if found is None:
        return
    if found.owner != agent.id and (agent.role is Role.AGENT or not (found.shared or found.team)):
        raise NotAllowed("saved_reply_of_another")
    await desk.store.drafts.remove_reply(reply)
    await let_go(desk, found.attachments)


async def fill_in(desk: Desk, agent: Agent, conversation: str | None, reply: str) -> Filled:
    """A saved reply for a conversation, or one that is still to be begun.

    Raises BadReply, NotAllowed, NoSuchConversation.
    """
    found = await get_conversation(desk, agent, conversation) if conversation else None
    kept = await _usable(desk, agent, reply)
    writer = {"agent": {"name": agent.name, "email": agent.email}}
    if found is None:
        values = {"customer": {}, "conversation": {}, "fields": {}, **writer}
        return replace(filled(kept.text, values), attachments=kept.attachments)
    customers = await desk.store.people.find_customers([found.customer])
    customer = customers.get(found.customer)
    values = {
        "customer": {**(customer.fields if customer else {}), "name": found.customer_name},
        "conversation": {"subject": found.subject, "id": found.id},
        "fields": dict(found.fields),
        **writer,
    }
    return replace(filled(kept.text, values), attachments=kept.attachments)


async def take_file(desk: Desk, agent: Agent, reply: str, file: str) -> Attachment:
    """A copy of one of its files, for this agent to attach. Raises BadReply, NotPossible."""
    kept = await _usable(desk, agent, reply)
    for each in kept.attachments:
        if each.stored == file:
            return await copy_file(desk, agent, each)
    raise NotPossible("attached_gone")


async def take_files(desk: Desk, agent: Agent, reply: str) -> list[Attachment]:
    """A copy of each. Raises BadReply, NotPossible."""
    kept = await _usable(desk, agent, reply)
    return [await copy_file(desk, agent, each) for each in kept.attachments]


async def _usable(desk: Desk, agent: Agent, reply: str) -> SavedReply:
    found = await desk.store.drafts.find_reply(reply)
    usable = found and (found.shared or found.owner == agent.id or found.team in agent.teams)
    if found is None or not usable or agent.disabled:
        raise BadReply("saved_reply_gone")
    return found


def filled(text: str, values: Mapping[str, Mapping[str, str]]) -> Filled:
    """Raises BadReply."""
    missing: dict[str, None] = {}

    class Missing(ChainableUndefined):
        def __getattr__(self, name: str) -> "Missing":
            if name.startswith("__"):
                raise AttributeError(name)
            return Missing(name=f"{self._undefined_name}.{name}")

        def __str__(self) -> str:
            name = str(self._undefined_name)
            missing[name] = None
            return "{{ " + name + " }}"

    template = _compiled(text, Missing)
    given = {key: _Values(key, each, Missing) for key, each in values.items()}
    try:
        result = template.render(given)
    except (TemplateError, TypeError, ValueError, ArithmeticError, MemoryError) as problem:
        raise BadReply("saved_reply_broken", problem=problem) from None
    if len(result) > FILLED_MOST:
        raise BadReply("saved_reply_long")
    return Filled(result, tuple(missing))


class _Values:
    """`customer.name`: plain strings by name; empty ones count as missing."""

    def __init__(self, name: str, values: Mapping[str, str], missing: type[ChainableUndefined]) -> None:
        self._name, self._values, self._missing = name, values, missing

    def __getitem__(self, key: str) -> Any:
        return self._values.get(key) or self._missing(name=f"{self._name}.{key}")

    def __str__(self) -> str:
        return str(self._missing(name=self._name))


def _compiled(text: str, undefined: type[ChainableUndefined] = ChainableUndefined) -> Any:
    """Placeholders alone: no loops and no conditions, whose cost nobody could foresee."""
    if any(each in text for each in FORBIDDEN):
        raise BadReply("saved_reply_instructions")
    environment = ImmutableSandboxedEnvironment(undefined=undefined, autoescape=False)
    environment.globals.clear()
    environment.filters = {
        name: environment.filters[name] for name in ("default", "upper", "lower", "title", "trim")
    }
    try:
        tree = environment.parse(text)
        for kind in _OPERATIONS:
            if next(tree.find_all(kind), None) is not None:
                raise BadReply("placeholder_only_names")
        return environment.from_string(text)
    except TemplateError as problem:
        raise BadReply("placeholder_wrong", problem=problem) from None

"""Erasing one person, step by step. Every step can be run again: a crash is mended by going on.

Their addresses and threads go first, so that whatever they write from then on is from somebody new; what was
said until then is refused from the moment the tombstones stand. Within a step, what leads to something goes
after it: files are noted before the messages that name them are deleted, messages before their conversation.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from hub.desk.indexing import indexed
from hub.ingest.tombstones import person_names
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.privacy import JobKind, Scope
from hub.privacy import conversations as talks
from hub.privacy.looking import look
from hub.privacy.receipts import told_of
from hub.privacy.running import Running
from hub.realtime import publish
from hub.store import Store
from hub.store.search import Overtaken, PieceMissing
from hub.store.sifting import Naming

LOOKS = 5  # for what came in while the person was being erased
SEARCH_TRIES = 20

Step = Callable[[Running, Scope], Awaitable[None]]


async def erase(run: Running) -> str:
    """Go through what is left of it. Returns the receipt. Raises Lost when somebody else is at it."""
    store = run.privacy.desk.store
    began = run.job.began_at or run.privacy.desk.clock()
    await run.change({"began_at": began})
    run.job = replace(run.job, began_at=began)
    if await store.privacy.find_scope(run.job.id) is None and run.job.done == 0:
        await store.privacy.save_scope(await look(store, run.job.id, run.job.customer, began))
    for number, (name, step) in enumerate(STEPS):
        if number < run.job.done:
            continue
        await run.change({"step": name, "done": number})
        scope = await store.privacy.find_scope(run.job.id)
        if scope is not None:
            await step(run, scope)
        run.job = replace(run.job, done=number + 1)
    return await _receipt(run)


async def _remember(run: Running, scope: Scope) -> None:
    """Before anything goes: from here on nothing of the past is taken in any more."""
    store, secrecy = run.privacy.desk.store, run.privacy.secrecy
    assert run.job.began_at is not None
    people = [person_names(secrecy, each.platform, each.key)[0] for each in scope.addresses]
    await store.tombstones.add_people(people, run.job.began_at)
    consents = await store.consents.of_customers(scope.customers)
    await store.tombstones.keep_proofs(consents, people, secrecy)
    await _keep(run, {"proofs": len(consents), "tombstones": len(people)})


async def _detach(run: Running, scope: Scope) -> None:
    store = run.privacy.desk.store
    await run.count({"identities": await store.erasing.detach(scope.threads, scope.identities)})
    await store.sifting.unmatched(frozenset(scope.identities))
    await store.erasing.blank(scope.customers, run.privacy.desk.clock())


async def _conversations(run: Running, scope: Scope) -> None:
    """Theirs alone: as a whole."""
    store = run.privacy.desk.store
    for each in scope.conversations:
        if each in scope.gone:
            continue
        await talks.erase_conversation(run, each)
        now = run.privacy.desk.clock()
        told = Event(id=new_id(now), kind="conversation_deleted", at=now, conversation=each, by=run.job.by)
        await publish(store, [told])
        await store.privacy.add_to_scope(scope.id, "gone", [each])
    await run.count(await store.erasing.drop_visits(scope.threads))


async def _shared(run: Running, scope: Scope) -> None:
    """Where others write too: what they said is emptied, and they are named no more."""
    for each in scope.shared:
        await talks.empty_in(run, scope, each)
    await _keep(run, {"others_words": len(scope.shared)})


async def _look_again(run: Running, scope: Scope) -> None:
    """What was on its way in while we were at work."""
    store = run.privacy.desk.store
    for _ in range(LOOKS):
        left = await store.erasing.conversations_of(scope.customers)
        fresh = [each for each in left if each not in scope.shared]
        if not fresh:
            return
        threads = await store.erasing.threads_of(fresh)
        await store.erasing.detach(threads, [])
        for each in fresh:
            await talks.erase_conversation(run, each)
        await store.privacy.add_to_scope(scope.id, "conversations", fresh)


async def _aside(run: Running, scope: Scope) -> None:
    """Originals of what led to nothing."""
    store = run.privacy.desk.store
    platforms = {each.platform for each in scope.addresses}
    channels = [
        each.id for each in await store.channels.list_channels(removed=True) if each.platform in platforms
    ]
    lines = await store.originals.aside(channels, scope.words) if scope.words else []
    await talks.empty_originals(run, lines)


async def _files(run: Running, scope: Scope) -> None:
    store, gone, kept = run.privacy.desk.store, 0, 0
    for each in scope.files:
        await run.keep()
        if await store.erasing.drop_file(each):
            gone += 1
        elif await store.erasing.is_used(each):
            kept += 1
    await run.count({"files": gone})
    await _keep(run, {"shared_files": kept} if kept else {})


async def _traces(run: Running, scope: Scope) -> None:
    """What is kept for a while, and the log of deeds."""
    store, now = run.privacy.desk.store, run.privacy.desk.clock()
    theirs = [*scope.customers, *scope.identities, *scope.conversations]
    naming = Naming(frozenset(theirs), scope.words)
    await run.count({"drafts": await store.sifting.new_drafts(naming)})
    await run.count({"undo_steps": await store.sifting.undo_steps(naming, now)})
    await run.keep()
    await run.count({"happened": await store.sifting.events(naming, now)})
    await run.keep()
    await run.count({"answers": await store.sifting.answers(naming, now)})
    await run.count({"audit": await store.sifting.audit(theirs)})


async def _search(run: Running, scope: Scope) -> None:
    """Words in the index. Somebody else may be indexing: then once more."""
    store = run.privacy.desk.store
    for _ in range(SEARCH_TRIES):
        try:
            # A little later than now: what was noted in this very moment is to go as well.
            await store.search.erase_all(run.privacy.desk.clock() + timedelta(seconds=1))
            # What others said is found by its words still, without the names that are gone.
            found = await store.inbox.find_entries(scope.renamed)
            await store.search.add([indexed(each) for each in found.values()], run.privacy.desk.clock())
        except Overtaken:
            await run.keep()
        except PieceMissing:
            await store.search.distrust()
            return
        else:
            return
    raise Overtaken


async def _person(run: Running, scope: Scope) -> None:
    store = run.privacy.desk.store
    await run.count({"exports": await _exports(store, scope.customers)})
    await run.count(await store.erasing.drop_person(scope.customers, scope.identities))


async def _exports(store: Store, customers: Sequence[str]) -> int:
    """Their exports would bring everything back."""
    count = 0
    for each in await store.privacy.of_customers(customers):
        if each.kind is not JobKind.EXPORT:
            continue
        await store.privacy.stop(each.id)
        await store.erasing.drop_named(f"{each.id}.zip", each.at)
        if each.file is not None:
            await store.media.delete(each.file)
            await store.privacy.set_file(each.id, {"file": None, "expires_at": None})
            count += 1
    return count


STEPS: tuple[tuple[str, Step], ...] = (
    ("remember", _remember),
    ("detach", _detach),
    ("conversations", _conversations),
    ("shared", _shared),
    ("look_again", _look_again),
    ("aside", _aside),
    ("files", _files),
    ("traces", _traces),
    ("search", _search),
    ("person", _person),
)


async def _keep(run: Running, kept: dict[str, int]) -> None:
    """What stays: said as it is found, so that a job that goes on elsewhere knows it."""
    await run.change({f"kept.{name}": many for name, many in kept.items()})


async def _receipt(run: Running) -> str:
    store = run.privacy.desk.store
    found = await store.privacy.find(run.job.id)
    assert found is not None
    kept = {"audit": 0, "journal": found.counts.get("originals", 0), "elsewhere": 0, **found.kept}
    kept = {name: many for name, many in kept.items() if many or name in ("audit", "elsewhere")}
    now = run.privacy.desk.clock()
    receipt = run.privacy.signing.sign(told_of(run.job, now, found.counts, kept))
    await run.change({"kept": kept})
    await store.privacy.drop_scope(run.job.id)
    return receipt

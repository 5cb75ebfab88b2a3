"""What an import writes: noted first where it is one that can be undone as a whole, then written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.auth.audit import LONGEST, record
from hub.desk.replying import Desk
from hub.model.ids import derived_id
from hub.model.imports import Logged, LogKind
from hub.model.people import Agent, Customer

News = Mapping[str, tuple[Any, Any]]  # by what it is: what was there, and what will be


@dataclass(frozen=True, slots=True)
class Writer:
    """`job`: the import that it is for; "": one that nothing is noted of."""

    desk: Desk
    agent: Agent
    job: str = ""

    async def adds(self, made: Mapping[str, str]) -> None:
        """Note whom it is about to add: customers by their identities."""
        if self.job and made:
            now = self.desk.clock()
            await self.desk.store.imports.note(
                [
                    Logged(
                        id=derived_id("import", self.job, identity), job=self.job, kind=LogKind.ADDED,
                        customer=customer, identity=identity, at=now,
                    )
                    for identity, customer in made.items()
                ]
            )  # fmt: skip

    async def fill(self, customer: Customer, news: News) -> bool:
        """What somebody changes at this moment stays theirs."""
        await self._note(customer, news)
        any_changed = False
        for what, (was, value) in news.items():
            any_changed |= await self.change(customer, what, was, value)
        return any_changed

    async def change(self, customer: Customer, what: str, was: Any, value: Any) -> bool:
        """Compare and set one thing, and tell the history of it."""
        store = self.desk.store
        if not await store.people.change_customer(customer.id, what, was, value):
            return False
        if what == "name":
            await store.inbox.rename_customer(await store.people.members_of(customer.id), value)
        told = {"what": what, "was": str(was or "")[:LONGEST], "now": str(value or "")[:LONGEST]}
        await record(
            store, self.desk.clock, self.agent, "customer_changed",
            target=customer.id, target_name=customer.name,
            details={key: kept for key, kept in {**told, "import": self.job}.items() if kept},
        )  # fmt: skip
        return True

    async def _note(self, customer: Customer, news: News) -> None:
        if not self.job or not news:
            return
        now = self.desk.clock()
        changed = Logged(
            id=derived_id("import", self.job, customer.id), job=self.job, kind=LogKind.CHANGED,
            customer=customer.id, at=now,
        )  # fmt: skip
        values = [
            Logged(
                id=derived_id("import", self.job, customer.id, what), job=self.job, kind=LogKind.VALUE,
                customer=customer.id, what=what, was=json.dumps(was), now=json.dumps(value), at=now,
            )
            for what, (was, value) in news.items()
        ]  # fmt: skip
        await self.desk.store.imports.note([changed, *values])

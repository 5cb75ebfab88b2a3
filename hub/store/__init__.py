"""The database, behind one door. The only package that imports its driver."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pymongo import timeout

from hub.store.amendments import Amendments
from hub.store.audit import Audit
from hub.store.channels import Channels
from hub.store.companies import Companies
from hub.store.connection import connect
from hub.store.consents import Consents
from hub.store.copies import Copies
from hub.store.deliveries import Deliveries
from hub.store.drafts import Drafts
from hub.store.erasing import Erasing
from hub.store.errors import StoreError, StoreUnavailable
from hub.store.events import Events
from hub.store.expiring import Expiring
from hub.store.fields import Fields
from hub.store.happenings import Happenings
from hub.store.hooks import Hooks
from hub.store.imports import Imports
from hub.store.inbox import Inbox
from hub.store.jobs import PrivacyJobs
from hub.store.joins import Joins
from hub.store.lapsed import Lapsed
from hub.store.leases import Leases
from hub.store.likeness import Likenesses
from hub.store.media import Media
from hub.store.moments import Moments
from hub.store.moving import Moving
from hub.store.notices import Notices
from hub.store.originals import Originals
from hub.store.people import People
from hub.store.queues import Journal
from hub.store.ratings import Ratings
from hub.store.reckonings import Reckonings
from hub.store.rooms import Rooms
from hub.store.rules import Rules
from hub.store.schema import Database, prepare
from hub.store.search import Search
from hub.store.sifting import Sifting
from hub.store.sign_ins import SignIns
from hub.store.spam import Spam
from hub.store.tombstones import Tombstones
from hub.store.uploads import Uploads
from hub.store.views import Views
from hub.store.visitors import VisitorBook
from hub.store.workloads import Workloads

PREPARED_WITHIN = 3600.0  # seconds, instead of the connection's patience: building an index may take long
# Events that tell of a change to what is remembered.
OFFICE = frozenset({"agent_changed", "team_changed", "channel_changed", "fields_changed", "views_changed"})

__all__ = ["Store", "StoreError", "StoreUnavailable", "open_store"]


@dataclass(frozen=True, slots=True, repr=False)
class Store:
    amendments: Amendments
    audit: Audit
    channels: Channels
    companies: Companies
    consents: Consents
    copies: Copies
    deliveries: Deliveries
    drafts: Drafts
    erasing: Erasing
    events: Events
    expiring: Expiring
    fields: Fields
    happenings: Happenings
    hooks: Hooks
    imports: Imports
    inbox: Inbox
    joins: Joins
    journal: Journal
    lapsed: Lapsed
    leases: Leases
    likenesses: Likenesses
    media: Media
    moments: Moments
    moving: Moving
    notices: Notices
    originals: Originals
    people: People
    privacy: PrivacyJobs
    ratings: Ratings
    reckonings: Reckonings
    rooms: Rooms
    rules: Rules
    sign_ins: SignIns
    search: Search
    sifting: Sifting
    spam: Spam
    tombstones: Tombstones
    uploads: Uploads
    views: Views
    visitors: VisitorBook
    workloads: Workloads
    database: Database

    def heard(self, kind: str) -> None:
        """An event says what changed, maybe by another process: what is remembered of it is read anew."""
        if kind in OFFICE:
            self.forget()

    def forget(self) -> None:
        for each in (self.people.known_agents, self.people.known_teams, self.channels.known):
            each.forget()
        self.fields.known_fields.forget()
        self.drafts.known_views.forget()


@asynccontextmanager
async def open_store(url: str, database: str) -> AsyncIterator[Store]:
    """Connect, create what is missing, bring old documents to today's form. Raises StoreError.

    Long because it names every room of the store once.
    """
    async with connect(url, database) as db:
        with timeout(PREPARED_WITHIN):
            await prepare(db)
        media, views = Media(db), Views(db)
        await views.tallies.begin()
        yield Store(
            amendments=Amendments(db),
            audit=Audit(db),
            channels=Channels(db),
            companies=Companies(db),
            consents=Consents(db),
            copies=Copies(db),
            deliveries=Deliveries(db),
            drafts=Drafts(db),
            erasing=Erasing(db, media),
            events=Events(db),
            expiring=Expiring(db),
            fields=Fields(db),
            happenings=Happenings(db),
            hooks=Hooks(db),
            imports=Imports(db),
            rooms=Rooms(db),
            inbox=Inbox(db),
            joins=Joins(db),
            journal=Journal(db, media),
            lapsed=Lapsed(db),
            leases=Leases(db),
            likenesses=Likenesses(db),
            media=media,
            moments=Moments(db),
            moving=Moving(db),
            notices=Notices(db),
            originals=Originals(db, media),
            people=People(db),
            privacy=PrivacyJobs(db),
            ratings=Ratings(db),
            reckonings=Reckonings(db),
            rules=Rules(db),
            search=Search(db),
            sifting=Sifting(db),
            spam=Spam(db),
            tombstones=Tombstones(db),
            uploads=Uploads(db),
            views=views,
            visitors=VisitorBook(db),
            workloads=Workloads(db),
            sign_ins=SignIns(db),
            database=db,
        )

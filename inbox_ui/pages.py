"""What the pages need."""

from dataclasses import dataclass, field

from aiohttp import web

from hub.auth import Auth
from hub.desk.counting import Counting
from hub.desk.replying import Desk
from hub.hooks import Webhooks
from hub.notifying.marks import NO_MARKS, Marks
from hub.notifying.posting import Post
from hub.realtime import Follower
from inbox_ui.assets import Assets, load_assets
from inbox_ui.drawing import Drawing, drawing
from inbox_ui.telling import Telling


@dataclass(frozen=True, slots=True, repr=False)
class Pages:
    """`key`: 32 secret bytes, the same in every process; signs links to files.

    `secure`: the cookie is for https only. Leave it off for a hub reached by plain http on one's own machine.
    """

    desk: Desk
    auth: Auth
    webhooks: Webhooks
    follower: Follower
    key: bytes = field(repr=False)
    secure: bool = True
    public_url: str | None = None
    marks: Marks = NO_MARKS  # what links in our mails are known by
    post: Post | None = None  # for mails of our own; None: none can be sent
    assets: Assets = field(default_factory=load_assets)
    drawing: Drawing = field(default_factory=drawing)
    telling: Telling = field(init=False)
    counting: Counting = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counting", Counting(self.desk))
        object.__setattr__(self, "telling", Telling(self.desk, self.drawing))

    @property
    def mails(self) -> bool:
        """Whether digests can be sent."""
        return self.post is not None

    def origin(self, request: web.Request) -> str:
        """How people reach us: as set, else as they did just now."""
        return self.public_url or f"{request.scheme}://{request.host}"


PAGES = web.AppKey("pages", Pages)

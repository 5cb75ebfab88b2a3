"""What a Slack channel has to know, and what is asked for it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from hub.contract.connector import Question

WEB_API = "https://slack.com/api/"
Way = Literal["socket", "events"]


class Workspace(BaseModel):
    """One installation of the app."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: str = Field(min_length=1)  # T…
    name: str = ""
    user: str = ""  # U…: our own user there
    bot: str = ""  # B…: our own bot there
    token: SecretStr = Field(min_length=1)
    refresh_token: SecretStr | None = None
    expires_at: datetime | None = None  # of the token, where tokens are rotated
    gone: bool = False  # the app was removed there; nothing can be sent until it is installed again


class SlackConfig(BaseModel):
    """One app, installed in one workspace or several: all of them send their events to one address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    app: str = ""  # A…; "" where it could not be found out
    way: Way = "socket"
    app_token: SecretStr | None = None  # xapp-…: opens the socket
    signing_secret: SecretStr | None = None  # proves what Slack posts
    client_id: str = ""
    client_secret: SecretStr | None = None  # with `client_id`: installs the app and renews its tokens
    workspaces: tuple[Workspace, ...] = Field(min_length=1)
    channels: Literal["addressed", "all"] = "addressed"
    api: HttpUrl = HttpUrl(WEB_API)
    timeout: float = Field(default=20.0, gt=0, le=300)  # seconds for one answer; files get 3 times that

    @model_validator(mode="after")
    def _have_what_the_way_needs(self) -> "SlackConfig":
        if self.way == "socket" and self.app_token is None:
            raise ValueError("Socket Mode needs app_token, the app-level token")
        if self.way == "events" and self.signing_secret is None:
            raise ValueError("the Events API needs signing_secret, which proves what Slack posts")
        return self

    @property
    def base(self) -> str:
        return str(self.api).rstrip("/") + "/"

    def workspace(self, team: str) -> Workspace | None:
        return next((each for each in self.workspaces if each.team == team), None)

    def with_workspace(self, changed: Workspace) -> "SlackConfig":
        """The workspace in the place of the one with its id, or behind the others."""
        others = [each for each in self.workspaces if each.team != changed.team]
        place = next(
            (at for at, each in enumerate(self.workspaces) if each.team == changed.team), len(others)
        )
        kept = (*others[:place], changed, *others[place:])
        return self.model_copy(update={"workspaces": kept})


def left_out(config: SlackConfig) -> str:
    """What an admin is told of workspaces that have removed the app; "" where none has."""
    gone = [each.name or each.team for each in config.workspaces if each.gone]
    if not gone:
        return ""
    names = ", ".join(gone)
    return f"{names}: the app was removed there. Install it there again to hear and answer its people."


QUESTIONS = (
    Question(
        name="token",
        label="Bot token",
        help="Of the app, under OAuth & Permissions, once it is installed: it begins with xoxb-.",
        secret=True,
    ),
    Question(
        name="way",
        label="How messages come in",
        help="socket: Hubbub connects to Slack, which works behind any firewall. events: Slack calls Hubbub.",
        default="socket",
        choices=("socket", "events"),
    ),
    Question(
        name="app_token",
        label="App-level token",
        help="For socket: under Basic Information, with the scope connections:write. It begins with xapp-.",
        secret=True,
        required=False,
    ),
    Question(
        name="signing_secret",
        label="Signing secret",
        help="For events: under Basic Information. It proves that a request comes from Slack.",
        secret=True,
        required=False,
    ),
    Question(
        name="channels",
        label="Messages in channels",
        help="addressed: those that name the app, and what follows in their threads. all: every message.",
        default="addressed",
        choices=("addressed", "all"),
    ),
    Question(
        name="client_id",
        label="Client ID",
        help="Only for several workspaces, or if the app rotates its tokens: under Basic Information.",
        required=False,
        advanced=True,
    ),
    Question(
        name="client_secret",
        label="Client secret",
        help="Goes with the client ID.",
        secret=True,
        required=False,
        advanced=True,
    ),
    Question(
        name="refresh_token",
        label="Refresh token",
        help="Only if the app rotates its tokens: it begins with xoxe-.",
        secret=True,
        required=False,
        advanced=True,
    ),
    Question(
        name="api",
        label="Address of the Web API",
        help="Another one for GovSlack only.",
        default=WEB_API,
        advanced=True,
    ),
)

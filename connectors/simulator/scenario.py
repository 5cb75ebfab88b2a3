"""A scenario file: the world, its accounts, what goes wrong when, and which scenes are played.

Written in TOML; `scenes/linden.toml` is the one of the demo and shows everything there is.
"""

import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, model_validator

from connectors.simulator.casting import Catalogue, load_catalogue
from connectors.simulator.config import SimulatorConfig, Way
from connectors.simulator.imitations import Imitation
from connectors.simulator.repartee import load_answers
from connectors.simulator.screenplay import Matter, load_matters
from connectors.simulator.troubles import Chances, Trouble
from connectors.simulator.world import World, open_world, utc_now

SCENES = Path(__file__).parent / "scenes"
DEMO = SCENES / "linden.toml"


class ScenarioInvalid(ValueError):
    """The file cannot be played; the text says which line of thought is wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScenarioAccount(_Part):
    key: str  # who we are on the platform
    channel: str  # what the channel is called in the inbox
    imitates: Imitation
    way: Way = "stream"
    webhook_secret: SecretStr | None = None
    batch: int = Field(default=50, ge=1)  # events in one answer or one webhook body
    slow: float = Field(default=0, ge=0)  # seconds that every answer takes
    retry_after: float = Field(default=2, gt=0)  # seconds, when we are told to slow down
    chances: Chances = Field(default_factory=Chances)


class Live(_Part):
    every: float = Field(default=6, gt=0)  # seconds
    answer_after: tuple[float, float] = (5, 20)  # seconds


class Step(_Part):
    """A trouble at a moment, counted in seconds from the beginning of `live`."""

    after: float = Field(ge=0)
    account: str
    trouble: Trouble | Literal["mend", "forget_cursors"]
    on: str | None = None
    calls: int | None = Field(default=None, ge=1)
    lasting: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if isinstance(self.trouble, Trouble) and self.calls is None and self.lasting is None:
            raise ValueError("a trouble ends: say `calls` or `lasting`")
        return self

    @property
    def duration(self) -> timedelta | None:
        return None if self.lasting is None else timedelta(seconds=self.lasting)


class Scenario(_Part):
    world: str
    seed: int
    days: int = Field(default=14, ge=1)
    scenes: str = "."  # a folder, as seen from the file
    account: tuple[ScenarioAccount, ...] = Field(min_length=1)
    live: Live = Live()
    step: tuple[Step, ...] = ()
    _folder: Path = PrivateAttr(default=SCENES)

    @property
    def matters(self) -> tuple[Matter, ...]:
        return load_matters(self._folder)

    @property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self._folder)

    @property
    def answers(self) -> dict[str, Any]:
        return load_answers(self._folder)

    def open(
        self,
        *,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[Any]] | None = None,
    ) -> World:
        """The world with its platforms, still quiet."""
        world = open_world(self.world, seed=self.seed, now=now, **({"sleep": sleep} if sleep else {}))
        for account in self.account:
            platform = world.platform(account.key, imitates=account.imitates)
            platform.title = account.channel
            platform.troubles.chances = replace(account.chances)
            platform.troubles.slow = timedelta(seconds=account.slow)
            platform.troubles.retry_after = timedelta(seconds=account.retry_after)
        return world

    def config_for(self, account: ScenarioAccount) -> SimulatorConfig:
        """The configuration of the channel on this account; it reads from the beginning of the world."""
        return SimulatorConfig(
            world=self.world,
            account=account.key,
            imitates=account.imitates,
            way=account.way,
            webhook_secret=account.webhook_secret,
            batch=account.batch,
            from_start=True,
        )


def load_scenario(path: Path = DEMO) -> Scenario:
    """Read and check a scenario file. Raises ScenarioInvalid with a sentence that names the place."""
    try:
        scenario = Scenario.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise ScenarioInvalid(f"{path} cannot be read: {problem}") from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ScenarioInvalid(f"{path}: {place}: {first['msg']}") from problem
    unknown = {step.account for step in scenario.step} - {account.key for account in scenario.account}
    if unknown:
        raise ScenarioInvalid(f"{path}: steps name accounts that are not there: {', '.join(sorted(unknown))}")
    scenario._folder = (path.parent / scenario.scenes).resolve()
    return scenario

"""What a run costs: wall time, the processor time of hub and database together, and each command's share."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

import psutil
from pymongo import monitoring


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds."""

    wall: float
    hub: float  # processor time of this process
    database: float

    @property
    def cpu(self) -> float:
        return self.hub + self.database


class Meter:
    """Measures between two looks. `database`: process id of the database's parent."""

    def __init__(self, database: int | None) -> None:
        self._hub = psutil.Process()
        self._database = family(database) if database else []
        self.look()

    def look(self) -> None:
        self._from = self._now()

    def cost(self) -> Cost:
        was, now = self._from, self._now()
        return Cost(*(after - before for before, after in zip(was, now, strict=True)))

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), cpu_of([self._hub]), cpu_of(self._database)


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_of(processes: Iterable[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (each.cpu_times() for each in processes))


@dataclass(slots=True)
class Step:
    count: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Commands(monitoring.CommandListener):
    """Every command the driver sends while `on`, by command and collection. Registered once per process."""

    on: bool = False
    steps: dict[tuple[str, str], Step] = field(default_factory=lambda: defaultdict(Step))
    _under_way: dict[int, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self.on:
            name = event.command.get("collection") or event.command.get(event.command_name)
            self._under_way[event.request_id] = str(name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._ended(event)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._ended(event)

    def _ended(self, event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent) -> None:
        collection = self._under_way.pop(event.request_id, None)
        if collection is None:
            return
        with self._lock:
            step = self.steps[(event.command_name, collection)]
            step.count += 1
            step.seconds += event.duration_micros / 1_000_000


_commands: list[Commands] = []


def commands() -> Commands:
    """The one listener. Clients hear of it if they are made afterwards."""
    if not _commands:
        _commands.append(Commands())
        monitoring.register(_commands[0])
    return _commands[0]

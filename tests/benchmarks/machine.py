"""What the figures were taken on."""

import os
import platform
from importlib.metadata import version

import psutil

from hub.clock import utc_now


def describe() -> str:
    cores = len(os.sched_getaffinity(0))
    memory = psutil.virtual_memory().total / 1_000_000_000
    busy = os.getloadavg()[0]
    programs = ", ".join(f"{name} {version(name)}" for name in ("SecantusDB", "motor", "pymongo"))
    return (
        f"*{utc_now():%Y-%m-%d %H:%M} UTC, {cores} cores ({_processor()}), {memory:.0f} GB of memory, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {programs}; "
        f"load average at the end {busy:.1f}.*"
    )


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()

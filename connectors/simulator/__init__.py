"""A platform that lives inside the process: no key, no network, everything that can go wrong.

`World` is the simulated network; `SimulatorConnector` speaks to it through the contract, as any other
connector does. Tests script it, the demo is played on it.
"""

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.connector import SimulatorConnector
from connectors.simulator.world import World, close_world, open_world, world_named

__all__ = ["SimulatorConfig", "SimulatorConnector", "World", "close_world", "open_world", "world_named"]

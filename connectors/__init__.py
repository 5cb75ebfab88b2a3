"""One package per platform. Connectors know the hub's contract and never each other."""

"""The core of Hubbub: the model, the contract with connectors, and every deed."""

"""How fast and how large: `python -m tests.benchmarks [NAME …]`, figures in RESULTS.md."""

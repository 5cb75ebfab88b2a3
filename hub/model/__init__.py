"""Plain frozen data. Imports nothing of ours."""

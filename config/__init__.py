"""Settings and logging: what the people who run Hubbub may choose."""

"""The command line: one module per noun. Thin: the deeds are in `desk`, the wiring in `app`."""

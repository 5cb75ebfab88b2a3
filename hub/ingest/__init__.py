"""The way in: the door for webhooks, and the pipeline from journal to timeline."""

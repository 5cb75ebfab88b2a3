"""The JSON API: what the pages can do, for programs. Same deeds, same views, same rights."""

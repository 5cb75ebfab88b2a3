"""A mail as it is written after DATA (RFC 5321, section 4.5.2). Pure."""

from collections.abc import Iterator

PIECE = 64 * 1024


def dot_stuffed(content: bytes) -> Iterator[bytes]:
    """The mail in pieces, a dot at the beginning of a line doubled, without the final dot.

    Piece by piece, when it is asked for: doubling 25 MB at once would hold up the event loop, and in a thread
    too, because it is a single step of the interpreter.
    """
    line_begins = True
    for at in range(0, len(content), PIECE):
        piece = content[at : at + PIECE]
        stuffed = piece.replace(b"\n.", b"\n..")
        yield b"." + stuffed if line_begins and piece.startswith(b".") else stuffed
        line_begins = piece.endswith(b"\n")
    if not content.endswith(b"\r\n"):
        yield b"\r\n"

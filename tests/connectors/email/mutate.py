"""Mails broken at random, the same ones for the same seed: for fuzzing whatever reads mail."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

PAYLOADS = Path(__file__).parent / "payloads"
LONGEST = 200_000  # bytes; longer ones only cost time

# Pieces that mean something to one of the readers, put where they do not belong.
PIECES = (
    b"\r\n", b"\n\n", b"\r\n\r\n", b"\0", b" ", b"\t", b"\r", b"--", b"----=_b1", b"--=_b1\r\n",
    b"--=_b1--\r\n", b"=", b"==", b"=\r\n", b"=3D", b"=?", b"?=", b"=?utf-8?B?", b"=?utf-8?Q?=C3?=",
    b"=?x?q?", b"=?iso-2022-jp?B?GyRC?=", b'"', b"\\", b"<", b">", b"<>", b"(", b")", b",", b";", b":",
    b"@", b"<a@b>", b"%", b"%C3", b"*0*=", b"*=utf-8''", b"\x1b$B", b"\x1b(B", b"\xff", b"\xfe\xff",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe4\xbd\xa0", b"\x81\x30", b"+2AA-", b"&#xD800;", b"<b",
    b"<![CDATA[", b"<!--", b"<pre>", b"</html>", b"<table><tr><td>", b"begin 644 a\n", b"end\n", b"From ",
    b"> ", b">> ", b"Content-Type: multipart/mixed; boundary=", b"Content-Type: text/html\r\n",
    b"Content-Type: text/plain; format=flowed\r\n", b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: application/ms-tnef\r\n\r\n", b"charset=utf-7", b"charset=utf-16",
    b"Content-Type: application/pkcs7-mime\r\n\r\n", b"charset=gb18030", b"charset=hz",
    b"charset=iso-2022-kr", b"charset=idna", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n", b"boundary=\"\"",
    b"Content-Type: message/delivery-status\r\n\r\n",
    b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\n", b"Date: 1\r\n", b"x\x9f\x3e\x22",
    b"\x30\x80\x06\x09", b"LZFu", b"{\\rtf1", b"On Monday, Ana wrote:\n", b"-----Original Message-----\n",
    b"-- \n", b"BEGIN:VEVENT\n", b"DTSTART:99999999T999999\n", b"999999999999", b"-1", b"1e999",
    b"\xed\xa0\x80",
)  # fmt: skip

Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """`count` broken mails, made of the payloads."""
    chance = random.Random(seed)
    seeds = [path.read_bytes()[:LONGEST] for path in sorted(PAYLOADS.glob("*.eml"))]
    for _ in range(count):
        raw = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 2, 3, 5, 12))):
            raw = chance.choice(MUTATIONS)(chance, raw, seeds)[:LONGEST]
        yield raw


def place(chance: random.Random, raw: bytes) -> int:
    """Somewhere in `raw`, half of the time in its header, where most of the grammar is."""
    if chance.random() < 0.5:
        return chance.randint(0, min(len(raw), 600))
    return chance.randint(0, len(raw))


def insert_piece(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    at = place(chance, raw)
    return raw[:at] + chance.choice(PIECES) + raw[at:]


def repeat_piece(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    at = place(chance, raw)
    return raw[:at] + chance.choice(PIECES) * chance.choice((2, 30, 500, 4000)) + raw[at:]


def flip_bytes(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    out = bytearray(raw)
    for _ in range(min(len(out), chance.choice((1, 4, 40)))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def delete_range(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    at = place(chance, raw)
    return raw[:at] + raw[at + chance.choice((1, 2, 20, 200)) :]


def repeat_range(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    at = place(chance, raw)
    taken = raw[at : at + chance.choice((1, 10, 100))]
    return raw[:at] + taken * chance.choice((2, 10, 300)) + raw[at:]


def cut_off(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    return raw[: place(chance, raw)]


def drop_line(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    lines = raw.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def swap_lines(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    lines = raw.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def splice(chance: random.Random, raw: bytes, seeds: list[bytes]) -> bytes:
    other = chance.choice(seeds)
    return raw[: place(chance, raw)] + other[place(chance, other) :]


def insert_other(chance: random.Random, raw: bytes, seeds: list[bytes]) -> bytes:
    at = place(chance, raw)
    return raw[:at] + chance.choice(seeds) + raw[at:]


def change_line_ends(chance: random.Random, raw: bytes, _seeds: list[bytes]) -> bytes:
    return raw.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\n\r", b"\r\r\n")))


MUTATIONS: tuple[Mutation, ...] = (
    insert_piece,
    insert_piece,
    repeat_piece,
    flip_bytes,
    delete_range,
    repeat_range,
    cut_off,
    drop_line,
    swap_lines,
    splice,
    insert_other,
    change_line_ends,
)

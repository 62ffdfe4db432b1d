"""Looks for a word in bytes, however they were written: text of any width, in the encodings of programs, compressed."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

_LARGEST = 64 * 1024 * 1024
"""Of what is unpacked, so much is looked at."""

_NOTHING = b"\0" * 512
_DEEPEST = 3
_LOOKED_AT = 4_096
"""Bytes of what may be compressed that are tried before it is unpacked whole."""

_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_PACKED_IN_BASE64 = re.compile(rb"(?:H4sI|eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7])[A-Za-z0-9+/]{24,}")
_ZSTD = b"\x28\xb5\x2f\xfd"
_WRAPPED = re.compile(rb"=?\r?\n")


def found(stem: str, content: bytes, deep: int = 0) -> set[str]:
    """In which encodings `stem`, in whatever case, stands in `content`. Raises ValueError where nobody can look in."""
    content = content.replace(_NOTHING, b"\0")
    low = content.lower()
    seen = {name for name, written in _insensitive(stem).items() if written in low}
    seen |= {name for name, written in _exact(stem) if written in content}
    seen |= {"pglz" for pattern in _pglz(stem) if pattern.search(content)}
    if b"\n" in content and (joined := _WRAPPED.sub(b"", content)) != content and deep < _DEEPEST:
        seen |= {f"broken into lines: {name}" for name in found(stem, joined, _DEEPEST) - seen}
    if deep < _DEEPEST:
        if content.startswith(_ZSTD):
            raise ValueError("this is compressed by zstd, and cannot be looked into")
        seen |= {f"compressed: {name}" for unpacked in _unpacked(content) for name in found(stem, unpacked, deep + 1)}
        for written in _PACKED_IN_BASE64.findall(content):
            whole = base64.b64decode(written[: len(written) // 4 * 4])
            seen |= {f"compressed: {name}" for one in _unpacked(whole) for name in found(stem, one, deep + 1)}
    return seen


def as_each_place_may_write_it(word: str) -> Mapping[str, bytes]:
    """`word` in every encoding in which it is looked for, with something around it."""
    text = f"She said {word} of the vendor."
    long = f"{text} And then he signed it. " + "Every clerk of the county had read it by then. " * 80
    plain = text.encode()
    return {
        "plain": plain,
        "upper case": plain.upper(),
        "UTF-16": text.encode("utf-16-le"),
        "UTF-16 the other way round": text.encode("utf-16-be"),
        "UTF-32": text.encode("utf-32-le"),
        **{f"base64, {n}": base64.b64encode(b"?" * n + plain) for n in range(3)},
        **{f"base64 of UTF-16, {n}": base64.b64encode(b"?" * n + text.encode("utf-16-le")) for n in range(3)},
        "base64 twice": base64.b64encode(base64.b64encode(plain)),
        "base64 in lines": base64.encodebytes(plain * 3),
        "hexadecimal": plain.hex().encode(),
        "HEXADECIMAL": plain.hex().upper().encode(),
        "in an address": "".join(f"%{byte:02X}" for byte in plain).encode(),
        "in JSON": "".join(f"\\u{ord(character):04x}" for character in text).encode(),
        "in HTML": "".join(f"&#{ord(character)};" for character in text).encode(),
        "quoted-printable, broken": plain[:12] + b"=\r\n" + plain[12:],
        "zlib": b"before" + zlib.compress(plain * 9) + b"after",
        "gzip": b"before" + zlib.compressobj(wbits=31).compress(plain) + _gzip(long.encode()),
        "gzip in base64": b"before=" + base64.b64encode(_gzip(long.encode())),
        "zlib in base64 in gzip": _gzip(base64.b64encode(zlib.compress(long.encode()))),
    }


def _gzip(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content) + packer.flush()


@cache
def _insensitive(stem: str) -> Mapping[str, bytes]:
    """How it stands in text whose case does not matter."""
    plain = stem.encode()
    return {
        "plain": plain,
        "UTF-16": stem.encode("utf-16-le")[:-1],
        "UTF-32": stem.encode("utf-32-le")[:-3],
        "hexadecimal": plain.hex().encode(),
        "hexadecimal of upper case": plain.upper().hex().encode(),
        "in an address": "".join(f"%{byte:02x}" for byte in plain).encode(),
        "in JSON": "".join(f"\\u{byte:04x}" for byte in plain).encode(),
        "in HTML": "".join(f"&#{byte};" for byte in plain).encode(),
    }


@cache
def _exact(stem: str) -> frozenset[tuple[str, bytes]]:
    """How it stands in base64: behind so many characters, in this case or that."""
    cases = (stem, stem.title(), stem.upper())
    texts = {case.encode() for case in cases} | {case.encode("utf-16-le")[:-1] for case in cases}
    once = {_core(text, before) for text, before in product(texts, range(3))}
    twice = {_core(text, before) for text, before in product(once, range(3))}
    both = {("base64", text) for text in once} | {("base64 twice", text) for text in twice}
    return frozenset(both | {(name, text.translate(_URL)) for name, text in both})


_URL = bytes.maketrans(b"+/", b"-_")


def _core(text: bytes, before: int) -> bytes:
    """What base64 makes of `text` behind so many other bytes, whatever these and those after it are."""
    whole = base64.b64encode(b"\0" * before + text)
    first = (0, 2, 3)[before]
    return whole[first : (before + len(text)) * 8 // 6]


@cache
def _pglz(stem: str) -> tuple[re.Pattern[bytes], ...]:
    """How it stands in what PostgreSQL compressed: a byte before each eight characters says they are new."""
    plain = stem.encode()
    return tuple(
        re.compile(
            b".".join([re.escape(plain[:n]), *(re.escape(plain[m : m + 8]) for m in range(n, len(plain), 8))]), re.S
        )
        for n in range(1, min(8, len(plain)))
    )


def _unpacked(content: bytes) -> Iterator[bytes]:
    for start in _PACKED.finditer(content):
        unpacker = zlib.decompressobj(wbits=47)
        try:
            first = unpacker.decompress(content[start.start() : start.start() + _LOOKED_AT], 65_536)
            if not first:
                continue
            rest = b""
            if not unpacker.eof and start.start() + _LOOKED_AT < len(content):
                rest = unpacker.decompress(
                    unpacker.unconsumed_tail + content[start.start() + _LOOKED_AT :][:_LARGEST], _LARGEST
                )
            yield first + rest
        except zlib.error:
            continue

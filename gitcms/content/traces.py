"""What a picture's file tells besides the picture: where, when and with what it was taken, by whom.

Here: cutting that out of the file, without touching a point of the picture. What is kept is named and
everything else goes, since cameras and programs find ever new places for what they note; what stands
behind the end of the picture goes as well. Not here: judging pictures, and turning them (`media`).

Sources: ITU T.81, annex B (JPEG); W3C PNG, third edition, 5 and 11; RFC 9649, 2 (WebP); GIF89a, 20 to 26.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Order = Literal["big", "little"]

_JPEG_SOI = b"\xff\xd8"
_JPEG_SCAN, _JPEG_END, _JPEG_COMMENT = 0xDA, 0xD9, 0xFE
_JPEG_RESTARTS = frozenset((0x00, *range(0xD0, 0xD8)))
# Application segments that say how the points are meant.
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}

_PNG_BEGIN = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST tRNS pHYs sPLT acTL fcTL fdAT".split()
)

_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_FLAGS = 0x08 | 0x04  # of VP8X: there is Exif, there is XMP

_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0x21, 0x2C, 0x3B
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def cut(data: bytes, kind: str) -> bytes:
    """Return a picture's file without what it tells besides the picture.

    :param data: a whole file that a reader of pictures has taken.
    :param kind: "JPEG", "PNG", "WEBP" or "GIF".
    :raises ValueError: the file is not built as its kind should be.
    """
    pieces = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "GIF": _gif}[kind]
    try:
        return b"".join(pieces(data))
    except IndexError as error:
        raise ValueError("The file ends too early.") from error


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield _JPEG_SOI
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("A segment has no marker.")
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker == _JPEG_END:
            yield data[at : at + 2]
            return
        end = at + 2 + _number(data, at + 2, 2, "big")
        if marker == _JPEG_SCAN:
            end = _end_of_scan(data, end)
        if _jpeg_keeps(marker, data[at + 4 : end]):
            yield data[at:end]
        at = end


def _jpeg_keeps(marker: int, content: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:
        return marker in _JPEG_KEPT and content.startswith(_JPEG_KEPT[marker])
    return marker != _JPEG_COMMENT


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker stands that does not belong to the scan."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise ValueError("The picture has no end.")
        if data[at + 1] not in _JPEG_RESTARTS and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG_BEGIN
    at = len(_PNG_BEGIN)
    name = b""
    while name != b"IEND":
        end = at + 12 + _number(data, at, 4, "big")
        name = data[at + 4 : at + 8]
        # A capital begins the names of the chunks without which there is no picture.
        if name[:1].isupper() or name in _PNG_KEPT:
            yield data[at:end]
        at = end


def _webp(data: bytes) -> Iterator[bytes]:
    last = 8 + _number(data, 4, 4, "little")
    kept: list[bytes] = []
    at = 12
    while at + 8 <= last:
        size = _number(data, at + 4, 4, "little")
        end = at + 8 + size + size % 2
        name, content = data[at : at + 4], data[at + 8 : end]
        if name == b"VP8X":
            content = bytes((content[0] & ~_WEBP_FLAGS,)) + content[1:]
        if name in _WEBP_KEPT:
            kept += data[at : at + 8], content
        at = end
    body = b"WEBP" + b"".join(kept)
    yield data[:4] + len(body).to_bytes(4, "little") + body


def _gif(data: bytes) -> Iterator[bytes]:
    at = 13 + _gif_colours(data[10])
    yield data[:at]
    while data[at] != _GIF_END:
        if data[at] == _GIF_EXTENSION:
            end = _end_of_blocks(data, at + 2)
            if _gif_keeps(data[at + 1], data[at + 3 : at + 14]):
                yield data[at:end]
        elif data[at] == _GIF_IMAGE:
            end = _end_of_blocks(data, at + 11 + _gif_colours(data[at + 9]))
            yield data[at:end]
        else:
            raise ValueError("A block is of no known kind.")
        at = end
    yield bytes((_GIF_END,))


def _gif_keeps(label: int, name: bytes) -> bool:
    return name in _GIF_KEPT if label == _GIF_APPLICATION else label != _GIF_COMMENT


def _gif_colours(flags: int) -> int:
    """Return the size of a table of colours, which flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _number(data: bytes, at: int, size: int, order: Order) -> int:
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], order)

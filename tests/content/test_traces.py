"""What a picture's file tells besides the picture goes; its points, colours and movement stay."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms, ImageSequence

from gitcms.content import traces

SECRET = b"Lote 14, second floor"


def made(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def points(data: bytes) -> list[bytes]:
    image = Image.open(io.BytesIO(data))
    return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(image)]


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


PLACES = {
    "a comment": lambda data: data[:2] + segment(0xFE, SECRET) + data[2:],
    "what agencies note": lambda data: data[:2] + segment(0xED, b"Photoshop 3.0\0" + SECRET) + data[2:],
    "a small earlier version": lambda data: data[:2] + segment(0xE0, b"JFXX\0" + SECRET) + data[2:],
    "filled markers": lambda data: data[:2] + b"\xff\xff" + segment(0xFE, SECRET) + data[2:],
    "behind the end": lambda data: data + b"PK" + SECRET,
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("progressive", [False, True])
def test_a_photo_keeps_nothing_but_the_picture(place, progressive):
    photo = made("JPEG", progressive=progressive)
    cut = traces.cut(place(photo), "JPEG")
    assert SECRET not in cut
    assert points(cut) == points(photo)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_stands_behind_the_end_goes(kind):
    picture = made(kind)
    assert traces.cut(picture + SECRET, kind) == picture


def test_a_gif_keeps_moving_and_loses_its_comment():
    frames = [Image.new("L", (9, 9), shade) for shade in (10, 90, 170)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=SECRET, loop=0, duration=80)
    cut = traces.cut(out.getvalue() + SECRET, "GIF")
    assert SECRET not in cut
    assert points(cut) == points(out.getvalue())
    assert Image.open(io.BytesIO(cut)).info["loop"] == 0


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_keeps_moving(kind):
    frames = [Image.new("RGB", (9, 9), (shade, 0, 0)) for shade in (10, 90, 170)]
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], exif=exif.tobytes(), lossless=True)
    assert SECRET in out.getvalue()
    cut = traces.cut(out.getvalue(), kind)
    assert SECRET not in cut
    assert points(cut) == points(out.getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_do_not_shift(kind):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cut = traces.cut(made(kind, icc_profile=profile), kind)
    assert Image.open(io.BytesIO(cut)).info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_that_is_cut_short_is_told_apart_or_cut_as_well(kind):
    whole = made(kind)
    for length in range(16, len(whole), max(1, len(whole) // 60)):
        try:
            traces.cut(whole[:length], kind)
        except ValueError:
            continue

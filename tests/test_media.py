"""Pictures are judged by their bytes, and found the way the site's generator finds them."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gitcms import config, media
from gitcms.errors import UploadRefused
from gitcms.schema.uploads import Conversion, Uploads

LIMITS = config.load().limits


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (24, 90, 110)).save(out, kind, **options)
    return out.getvalue()


def photo(orientation: int) -> bytes:
    image = Image.new("RGB", (40, 30), (200, 80, 10))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A telephone"
    exif.get_ifd(0x8825)[1] = "S"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("kind", list(media.FORMATS))
def test_a_picture_without_traces_is_kept_byte_for_byte(kind: str) -> None:
    data = picture(kind)
    kept = media.accept(f"Río {kind}.bin", data, LIMITS)
    assert kept.data == data
    assert (kept.width, kept.height) == (40, 30)
    assert kept.filename.startswith("rio-") and kept.filename.endswith(media.FORMATS[kind][0])


def test_a_photo_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    kept = media.accept("IMG_1.JPG", photo(6), LIMITS)
    image = Image.open(io.BytesIO(kept.data))
    assert image.size == (30, 40)
    assert not image.getexif()
    assert kept.note == "Turned upright, location removed."


def test_a_photo_with_another_behind_it_is_the_first() -> None:
    first, out = Image.new("RGB", (40, 30), (200, 80, 10)), io.BytesIO()
    first.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 15))])
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"
    kept = media.accept("IMG_2.JPG", out.getvalue(), LIMITS)
    assert kept.filename == "img-2.jpg"
    assert (kept.width, kept.height) == (40, 30)
    assert Image.open(io.BytesIO(kept.data)).format == "JPEG"
    assert media.media_type(out.getvalue()) == "image/jpeg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("place", ["exif", "xmp", "both"])
def test_what_a_file_tells_besides_the_picture_goes(kind: str, place: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A telephone"
    notes: dict[str, object] = {"exif": exif.tobytes(), "xmp": b"<x:xmpmeta>A telephone</x:xmpmeta>"}
    if place != "both":
        notes = {place: notes[place]}
    if kind == "PNG" and "xmp" in notes:
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", str(notes.pop("xmp")))
        notes["pnginfo"] = text
    data = picture(kind, **notes)
    assert b"A telephone" in data
    kept = media.accept("x", data, LIMITS)
    assert b"A telephone" not in kept.data
    assert kept.note == "Location removed."
    if kind != "AVIF":
        assert Image.open(io.BytesIO(kept.data)).tobytes() == Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a/*<script>*/=1;alert(1)//</script>",
        b"%PDF-1.7 /JS",
        picture("BMP"),
        picture("TIFF"),
        picture()[:40],
        b"MZ" + bytes(200),
    ],
)
def test_what_is_no_whole_picture_of_a_known_kind_is_refused(data: bytes) -> None:
    with pytest.raises(UploadRefused) as caught:
        media.accept("x.png", data, LIMITS)
    assert caught.value.hint


def test_a_small_file_with_too_many_points_is_refused() -> None:
    row = zlib.compress(bytes(20_001 * 10))
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b"")
    with pytest.raises(UploadRefused, match="too many"):
        media.accept("x.png", bomb, LIMITS)


def test_a_picture_over_the_limit_is_refused() -> None:
    with pytest.raises(UploadRefused, match="larger than"):
        media.accept("x.png", bytes(LIMITS.upload_bytes + 1), LIMITS)


def test_the_name_never_decides_and_never_leads_elsewhere() -> None:
    kept = media.accept("..\\..\\x/.htaccess.php", picture("GIF"), LIMITS)
    assert "/" not in kept.filename and kept.filename.endswith(".gif")


def test_a_taken_name_gets_a_number_whatever_its_case() -> None:
    assert media.free_path("images", "river.png", {"images/River.png"}) == "images/river-2.png"
    assert media.free_path("images", "river.png", set()) == "images/river.png"


def test_the_media_type_comes_from_the_bytes() -> None:
    assert media.media_type(picture("WEBP")) == "image/webp"
    assert media.media_type(b"<svg/>") is None


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("Annual Report.PDF", b"%PDF-1.7\nx", "annual-report.pdf"),
        ("a/b\\list.csv", "name,é\n".encode(), "list.csv"),
        ("talk.mp4", b"\0\0\0 ftypisom", "talk.mp4"),
        ("book.odt", b"PK\x03\x04x", "book.odt"),
    ],
)
def test_a_file_beside_a_text_is_taken_as_it_is(name: str, data: bytes, kept: str) -> None:
    taken = media.accept_file(name, data, LIMITS)
    assert (taken.filename, taken.data) == (kept, data)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("page.html", b"<script>", "Files of this kind are not taken"),
        ("picture.svg", b"<svg/>", "Files of this kind are not taken"),
        ("run.exe", b"MZ", "Files of this kind are not taken"),
        ("report", b"x", "Files of this kind are not taken"),
        ("report.pdf", b"<html>", "This is no PDF inside"),
        ("list.csv", b"\xff\x00", "This is no CSV inside"),
        ("a.png", b"not a picture", "not a picture that we know"),
        ("a.pdf", b"", "The file is empty"),
        ("a.pdf", b"%PDF-" + b"x" * LIMITS.upload_bytes, "The file is larger than"),
    ],
)
def test_a_file_that_is_another_or_may_run_is_refused(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(UploadRefused, match=sentence):
        media.accept_file(name, data, LIMITS)


def wanted(**conversions: Conversion) -> Uploads:
    return Uploads(conversions=conversions)


def test_a_picture_becomes_as_large_and_of_the_kind_that_the_site_wants() -> None:
    sent = picture("PNG")
    size = Image.open(io.BytesIO(sent)).size
    half = Conversion("webp", width=size[0] // 2)
    kept = media.accept("Río.png", sent, LIMITS, wanted(all=half))
    made = Image.open(io.BytesIO(kept.data))
    assert (kept.filename, made.format, made.width) == ("rio.webp", "WEBP", size[0] // 2)
    assert (kept.width, kept.height) == made.size
    # What is said of its own kind goes before what is said of all.
    kept = media.accept("x.png", sent, LIMITS, wanted(all=half, png=Conversion("jpeg")))
    made = Image.open(io.BytesIO(kept.data))
    assert (kept.filename, made.format, made.size) == ("x.jpg", "JPEG", size)


def test_what_is_as_the_site_wants_it_stays() -> None:
    sent = picture("PNG")
    large = Conversion("png", width=10_000, height=10_000)
    assert media.accept("x.png", sent, LIMITS, wanted(png=large)).data == sent
    assert media.accept("x.png", sent, LIMITS, wanted(jpeg=Conversion("webp"))).data == sent
    moving = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    kept = media.accept("x.gif", moving.getvalue(), LIMITS, wanted(all=Conversion("webp", width=3)))
    assert (kept.filename, kept.width) == ("x.gif", 9)


def test_what_shone_through_lies_on_paper_and_a_turned_photo_stands_upright() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(clear, "PNG")
    kept = media.accept("x.png", clear.getvalue(), LIMITS, wanted(all=Conversion("jpeg")))
    assert Image.open(io.BytesIO(kept.data)).getpixel((1, 1)) == (255, 255, 255)
    turned = photo(6)
    tall = Image.open(io.BytesIO(media.accept("x.jpg", turned, LIMITS).data)).size
    kept = media.accept("x.jpg", turned, LIMITS, wanted(all=Conversion("webp")))
    assert (kept.width, kept.height) == tall
    assert not Image.open(io.BytesIO(kept.data)).getexif()

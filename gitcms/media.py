"""Pictures and other files: which ones are taken, where they are put, and which file a value means.

A picture is judged by its bytes, never by its name or by what the browser claims. It becomes part
of the site in the same save as the entry that shows it; writing is the repository's work.
"""

from __future__ import annotations

import io
import posixpath
import re
import warnings
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from gitcms.config import Limits
from gitcms.content import traces
from gitcms.content.paths import slugify
from gitcms.errors import UploadRefused, UploadTooLarge
from gitcms.repository import Repository
from gitcms.schema import pictures
from gitcms.schema.collection import Field
from gitcms.schema.uploads import AS_SENT, Conversion, Uploads
from gitcms.site import Site

# Pillow's name of the format → the ending its file gets, and its media type. SVG is missing on
# purpose: it is a document with scripts, not a picture.
FORMATS = {
    "JPEG": (".jpg", "image/jpeg"),
    "PNG": (".png", "image/png"),
    "GIF": (".gif", "image/gif"),
    "WEBP": (".webp", "image/webp"),
    "AVIF": (".avif", "image/avif"),
}
_ENDINGS = {"JPEG": (".jpg", ".jpeg", ".jpe")}
_PICTURES = frozenset(ending for endings in _ENDINGS.values() for ending in endings) | {
    ending for ending, _ in FORMATS.values()
}
MOST_FRAMES = 600
# Exif 2.32, 4.6.4: which side of the picture is up.
ORIENTATION = 0x0112


def _begins(*marks: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda data: data[at:].startswith(marks)


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


# What files of each ending begin with: by the specifications of PDF, ZIP (and the office formats in it),
# ID3 and MPEG audio, ISO base media, Ogg.
_ZIPPED = _begins(b"PK\x03\x04", b"PK\x05\x06")
FILES: Mapping[str, Callable[[bytes], bool]] = {
    ".pdf": _begins(b"%PDF-"),
    **dict.fromkeys((".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub"), _ZIPPED),
    ".mp3": _begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    **dict.fromkeys((".mp4", ".m4a"), _begins(b"ftyp", at=4)),
    **dict.fromkeys((".ogg", ".oga", ".ogv"), _begins(b"OggS")),
    **dict.fromkeys((".txt", ".csv", ".ics"), _is_text),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may become part of the site.

    `data` are the bytes to keep; `note` says what was done to them, or is empty.
    """

    filename: str
    data: bytes
    width: int
    height: int
    note: str


def accept(filename: str, data: bytes, limits: Limits, uploads: Uploads = AS_SENT) -> Picture:
    """Judge an uploaded picture and make it ready for the site.

    It loses what its file tells besides the picture: where and with what it was taken, comments, small
    earlier versions. A photo that lies on its side is turned upright; no other point is touched, unless
    the site wants it smaller or of another kind.

    :param uploads: what the site wants of pictures. What moves stays as it is.
    :raises UploadRefused: with the reason in a sentence.
    """
    if not data:
        raise UploadRefused("The picture is empty.", hint="Choose the file again.")
    if len(data) > limits.upload_bytes:
        raise UploadTooLarge(
            f"The picture is larger than {limits.upload_bytes // 1_000_000} MB.", hint="Choose a smaller one."
        )
    image = _decode(data, limits)
    kind = image.format or ""
    conversion = uploads.of(kind.lower())
    if conversion is not None and getattr(image, "n_frames", 1) == 1:
        made = _converted(image, conversion)
        if made is not None:
            wanted = (conversion.format or kind).upper()
            return Picture(_name(filename, wanted), made, *_size(made), "Made smaller for the site.")
    kept, note = _without_traces(image, data)
    return Picture(_name(filename, kind), kept, *_size(kept), note)


def accept_file(filename: str, data: bytes, limits: Limits, uploads: Uploads = AS_SENT) -> Picture:
    """Judge an uploaded file that is to be offered beside a text, such as a PDF; a picture is judged as one.

    Its ending must be one of FILES, and its bytes must begin as such files do. Nothing that a browser would
    run is among them.

    :raises UploadRefused: with the reason in a sentence.
    """
    stem, ending = posixpath.splitext(re.split(r"[/\\]", filename)[-1])
    if ending.lower() in _PICTURES:
        return accept(filename, data, limits, uploads)
    if not data:
        raise UploadRefused("The file is empty.", hint="Choose the file again.")
    if len(data) > limits.upload_bytes:
        raise UploadTooLarge(
            f"The file is larger than {limits.upload_bytes // 1_000_000} MB.", hint="Choose a smaller one."
        )
    known = FILES.get(ending.lower())
    if known is None:
        raise UploadRefused(
            "Files of this kind are not taken.", hint=f"These are: {', '.join(one[1:] for one in FILES)}."
        )
    if not known(data):
        raise UploadRefused(
            f"This is no {ending[1:].upper()} inside.", hint="Save it anew, or choose another."
        )
    return Picture(slugify(stem, default="file") + ending.lower(), data, 0, 0, "")


def media_type(data: bytes) -> str | None:
    """Return the media type of a picture by its first bytes, or None for anything else."""
    try:
        with warnings.catch_warnings(), _opened(data) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return FORMATS[image.format or ""][1]
    except (UnidentifiedImageError, OSError, KeyError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def free_path(folder: str, filename: str, taken: frozenset[str] | set[str]) -> str:
    """Return a path in `folder` that no file has yet, whatever its letters' case."""
    stem, ending = posixpath.splitext(filename)
    low = {path.casefold() for path in taken}
    path, number = posixpath.join(folder, filename), 1
    while path.casefold() in low:
        number += 1
        path = posixpath.join(folder, f"{stem}-{number}{ending}")
    return path


def find(site: Site, value: str, entry_path: str, field: Field | None = None) -> str | None:
    """Return the path of the picture that a value of an entry, or an address in its text, means; or None.

    :param field: the field that holds the value; None for an address in the text.
    """
    return pictures.find(site.model(), field, value, entry_path, _Files(site.repository))


class _Files(Container[str]):
    """The files of the newest version, each looked up in its folder: no list of all is read for one."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def __contains__(self, path: object) -> bool:
        try:
            return isinstance(path, str) and "\0" not in path and self._repository.blob_of(path) is not None
        except UnicodeEncodeError:
            return False  # half a character, which no file is called by


def _decode(data: bytes, limits: Limits) -> Image.Image:
    """Read the whole picture once, so that a truncated or enormous one is met here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = _opened(data)
            if image.width * image.height > limits.picture_pixels:
                raise UploadTooLarge(
                    f"The picture has {image.width} × {image.height} points, which is too many.",
                    hint=f"Make it smaller than {limits.picture_pixels // 1_000_000} million points.",
                )
            if getattr(image, "n_frames", 1) > MOST_FRAMES:
                raise UploadTooLarge(f"The picture moves through more than {MOST_FRAMES} frames.")
            image.load()
    except Image.DecompressionBombError as error:
        raise UploadTooLarge("The picture has too many points.") from error
    except UnidentifiedImageError as error:
        raise UploadRefused("This file is not a picture that we know.") from error
    except MemoryError as error:
        raise UploadTooLarge("The picture takes more memory than the server has left.") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UploadRefused(
            "The picture is damaged.", hint="Open and save it again, or choose another."
        ) from error
    return image


def _opened(data: bytes) -> Image.Image:
    """Open a picture of a kind that we take; of several in one JPEG, as telephones write them, the first."""
    image: Image.Image = Image.open(io.BytesIO(data), formats=list(FORMATS))
    return JpegImageFile(io.BytesIO(data)) if image.format == "MPO" else image


def _without_traces(image: Image.Image, data: bytes) -> tuple[bytes, str]:
    """Return the bytes to keep, and what was done: the points stay as they are unless they must be turned."""
    turned = image.getexif().get(ORIENTATION, 1) != 1 and getattr(image, "n_frames", 1) == 1
    if turned:
        return _written(ImageOps.exif_transpose(image), image), "Turned upright, location removed."
    try:
        kept = traces.cut(data, image.format or "") if image.format != "AVIF" else _avif(image, data)
    except ValueError:
        kept = _written(image, image)
    return kept, "" if kept == data else "Location removed."


def _converted(image: Image.Image, wanted: Conversion) -> bytes | None:
    """Return a picture of the kind and size that is wanted, None where it is so already."""
    upright = ImageOps.exif_transpose(image)
    room = (wanted.width or upright.width, wanted.height or upright.height)
    small = upright.width <= room[0] and upright.height <= room[1]
    kind = (wanted.format or image.format or "").upper()
    if small and kind == image.format:
        return None
    if not small:
        upright.thumbnail(room, Image.Resampling.LANCZOS)
    if kind == "JPEG" and upright.mode not in ("RGB", "L", "CMYK"):
        # JPEG knows nothing that shines through; behind it is paper.
        paper = Image.new("RGB", upright.size, "white")
        clear = upright.convert("RGBA")
        paper.paste(clear, mask=clear.getchannel("A"))
        upright = paper
    elif kind in ("WEBP", "AVIF") and upright.mode not in ("RGB", "RGBA"):
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    return _written(upright, image, kind, wanted.quality)


def _avif(image: Image.Image, data: bytes) -> bytes:
    """Its boxes point into one another, so what is noted in them goes only with writing it anew."""
    return _written(image, image) if {"exif", "xmp"} & image.info.keys() else data


def _written(image: Image.Image, like: Image.Image, kind: str = "", quality: int = 90) -> bytes:
    """Return a picture written anew, as another of its kind was; nothing goes along but its colours.

    :param kind: another one of FORMATS.
    """
    kind = kind or like.format or ""
    profile, many = like.info.get("icc_profile"), getattr(image, "n_frames", 1) > 1
    options = {"quality": quality, "exif": b"", "save_all": many} | (
        {"icc_profile": profile} if profile else {}
    )
    out = io.BytesIO()
    image.save(out, kind, **options)
    # Pillow takes comments along from where it read the picture.
    return out.getvalue() if kind == "AVIF" else traces.cut(out.getvalue(), kind)


def _size(data: bytes) -> tuple[int, int]:
    with warnings.catch_warnings(), _opened(data) as image:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return image.size


def _name(filename: str, kind: str) -> str:
    """Return a portable file name with the ending that the bytes call for."""
    stem, ending = posixpath.splitext(re.split(r"[/\\]", filename)[-1])
    allowed = _ENDINGS.get(kind, (FORMATS[kind][0],))
    kept = ending.lower() if ending.lower() in allowed else FORMATS[kind][0]
    return slugify(stem, default="picture") + kept

"""What a file is by its content, and whether it may be kept: PDF, JPEG and PNG, nothing active.

Neither the name nor the type that the browser declares is asked. A picture is drawn anew, so that
nothing but what is seen is kept: no place where it was taken, no second file behind it. A PDF is
kept as it is, because a signature in it would not outlive a change; one that could act is refused.
"""

from __future__ import annotations

import enum
import re
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from matchsvc.errors import N_, Invalid, TooLarge

MAX_BYTES = 10 * 1024 * 1024
#: A phone's largest picture; it takes 150 MB to draw.
MAX_PIXELS = 50_000_000
MAX_PAGES = 200
#: Bytes that one part of a PDF may unpack to: a picture of MAX_PIXELS in four colours and some.
MAX_UNPACKED = 256 * 1024 * 1024
_PIECE = 64 * 1024
_MAX_STREAMS = 20_000
#: Pixels along the longer side of a drawn page: A4 to be read on a phone, enlarged twice.
PAGE_SIDE = 1_600
#: What is drawn takes memory, and pdfium is for one thread at a time.
_drawing = threading.Lock()

_EMPTY = N_("Filen är tom. Skanna eller fotografera papperet igen.")
_TOO_LARGE = N_(
    "Filen är större än 10 MB. Skanna med lägre upplösning, eller dela upp den i flera filer."
)
_OTHER_TYPE = N_(
    "Filen är varken PDF, JPEG eller PNG, vad den än heter. Skriv ut den till PDF eller "
    "fotografera papperet, och försök igen."
)
_BROKEN = N_("Filen är skadad eller kom inte fram hel. Skanna om eller exportera den igen.")
_TOO_MANY_PIXELS = N_(
    "Bilden är större än 50 megapixel. Ta en ny bild med lägre upplösning, och försök igen."
)
_LOCKED = N_("PDF-filen har ett lösenord. Öppna den, skriv ut till PDF och försök igen.")
_ACTIVE = N_(
    "PDF-filen har ett skript, en inbäddad fil eller något annat som kan köras. "
    "Skriv ut till PDF och försök igen."
)
_BOMB = N_("PDF-filen blir orimligt stor när den packas upp. Skriv ut till PDF och försök igen.")
_TOO_MANY_PAGES = N_("PDF-filen har fler än 200 sidor. Dela upp den i flera filer.")


class MediaType(enum.StrEnum):
    """What may be kept."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"

    @property
    def ending(self) -> str:
        """The ending that a name of this type has."""
        return {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}[self]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept.

    Attributes:
        media_type: by its content.
        content: what is kept; a picture is drawn anew.
        pages: of a PDF; 1 for a picture.
    """

    media_type: MediaType
    content: bytes
    pages: int


def check_file(content: bytes) -> CheckedFile:
    """Say what a file is, and give what may be kept of it.

    Args:
        content: all of it; at most one byte more than MAX_BYTES need be read.

    Raises:
        Invalid: on the field ``file``, saying what is wrong and how to mend it; TooLarge is one.
    """
    if not content:
        raise _refused("file_empty", _EMPTY)
    if len(content) > MAX_BYTES:
        raise TooLarge({"file": _TOO_LARGE}, code="file_too_large")
    if content.startswith(b"%PDF-"):
        return CheckedFile(MediaType.PDF, content, _check_pdf(content))
    if content.startswith(b"\xff\xd8\xff"):
        return CheckedFile(MediaType.JPEG, _redraw(content, "JPEG"), 1)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return CheckedFile(MediaType.PNG, _redraw(content, "PNG"), 1)
    raise _refused("file_type", _OTHER_TYPE)


def _refused(code: str, message: str) -> Invalid:
    return Invalid({"file": message}, code=code)


def _redraw(content: bytes, kind: str) -> bytes:
    """Draw a picture anew, upright; what is no pixel is left behind."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    with _drawing:
        Image.MAX_IMAGE_PIXELS = None  # its limit only warns at first; ours is asked below
        try:
            with Image.open(BytesIO(content), formats=[kind]) as picture:
                # The size stands in the header: nothing is unpacked before it is known.
                if picture.width * picture.height > MAX_PIXELS:
                    raise _refused("file_too_many_pixels", _TOO_MANY_PIXELS)
                picture.load()
                how = _like(picture) if kind == "JPEG" else {}
                drawn = ImageOps.exif_transpose(picture)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
            raise _refused("file_broken", _BROKEN) from None
        seen_through = drawn.info.get("transparency")
        drawn.info = {} if seen_through is None else {"transparency": seen_through}
        if kind == "JPEG" and drawn.mode not in {"L", "RGB"}:
            drawn, how = drawn.convert("RGB"), {"quality": 90}
        kept = BytesIO()
        drawn.save(kept, kind, **how)
    return kept.getvalue()


def _like(picture: Any) -> dict[str, Any]:
    """The settings that give a JPEG as it was: as sharp and about as large."""
    from PIL import JpegImagePlugin

    sampling = JpegImagePlugin.get_sampling(picture)
    return {"qtables": picture.quantization, "subsampling": max(sampling, 0)}


#: Keys under which something lies that acts, or a file that nobody looked at.
_ACTIVE_KEYS = frozenset(
    ("/JS", "/JavaScript", "/AA", "/EF", "/EmbeddedFiles", "/EmbeddedFile", "/XFA", "/RichMedia")
)
#: Actions that leave the paper or start something; a link to a page of it is none of them.
_ACTIVE_ACTIONS = frozenset(
    (
        *("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR"),
        *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"),
    )
)
_ACTIVE_TYPES = frozenset(("/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Screen"))
#: A part packed by zlib, which says so in its first byte.
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")
_END = re.compile(rb"%%EOF[\x00\s]*$")


def _check_pdf(content: bytes) -> int:
    """Refuse a PDF that is locked, broken or does something; give its number of pages."""
    import pikepdf

    if not _END.search(content[-1024:]):
        raise _refused("file_broken", _BROKEN)
    _refuse_bombs(content)
    try:
        # Nothing is guessed: a file that must be recovered may have lost a page.
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
            pages = len(pdf.pages)
            if pages > MAX_PAGES:
                raise _refused("file_too_many_pages", _TOO_MANY_PAGES)
            is_active = False
            for each in _dictionaries(pdf):
                is_active = is_active or _acts(each)
                if _pixels_of(each) > MAX_PIXELS:
                    raise _refused("file_too_many_pixels", _TOO_MANY_PIXELS)
    except pikepdf.PasswordError:
        raise _refused("file_locked", _LOCKED) from None
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError):  # TypeError: keys that are none
        raise _refused("file_broken", _BROKEN) from None
    if is_active:
        raise _refused("file_active", _ACTIVE)
    if not pages or pages != _pages_to_draw(content):
        raise _refused("file_broken", _BROKEN)
    return pages


def _refuse_bombs(content: bytes) -> None:
    """Refuse a PDF of which a small part unpacks to more than a machine has room for.

    Asked before anything reads its structure, which may lie in such a part itself.
    """
    total = 0
    for number, found in enumerate(_STREAM.finditer(content)):
        total += _unpacked_size(memoryview(content)[found.end() :])
        if total > 4 * MAX_UNPACKED or number > _MAX_STREAMS:
            raise _refused("file_bomb", _BOMB)


def _unpacked_size(packed: memoryview) -> int:
    """How many bytes what begins here unpacks to, read piece by piece; 0 when it is not packed.

    Raises:
        Invalid: more than MAX_UNPACKED.
    """
    unpacked, unpacker = 0, zlib.decompressobj()
    for start in range(0, len(packed), _PIECE):
        rest: bytes | memoryview = packed[start : start + _PIECE]
        while rest and not unpacker.eof:
            try:
                unpacked += len(unpacker.decompress(rest, 16 * _PIECE))
            except zlib.error:
                return unpacked  # packed otherwise, or not at all
            if unpacked > MAX_UNPACKED:
                raise _refused("file_bomb", _BOMB)
            rest = unpacker.unconsumed_tail
        if unpacker.eof:
            break
    return unpacked


def _pixels_of(each: Any) -> int:
    if _name_at(each, "/Subtype") != "/Image":
        return 0
    return int(each.get("/Width", 0)) * int(each.get("/Height", 0))


def _pages_to_draw(content: bytes) -> int:
    """How many pages can be drawn; 0 when what draws them cannot open it."""
    import pypdfium2

    with _drawing:
        try:
            pdf = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            return 0
        try:
            return sum(page.get_width() > 0 for page in pdf)
        except pypdfium2.PdfiumError:
            return 0
        finally:
            pdf.close()


def _dictionaries(pdf: Any) -> Iterator[Any]:
    """Every dictionary of a PDF, those in streams and arrays too; nothing is unpacked."""
    import pikepdf

    waiting = [pdf.trailer, *pdf.objects]
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield each
            inner = [each.get(key) for key in each.keys()]  # noqa: SIM118 - not a mapping
        elif isinstance(each, pikepdf.Array):
            inner = list(each)
        else:
            continue
        # What has a number of its own is among pdf.objects.
        waiting += [one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _acts(each: Any) -> bool:
    if set(each.keys()) & _ACTIVE_KEYS or _name_at(each, "/S") in _ACTIVE_ACTIONS:
        return True
    return any(_name_at(each, key) in _ACTIVE_TYPES for key in ("/Type", "/Subtype"))


def _name_at(each: Any, key: str) -> str:
    import pikepdf

    value = each.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def draw_page(content: bytes, number: int) -> bytes:
    """One page of a checked PDF as a PNG, so that a browser is given a picture and nothing else.

    Args:
        content: the PDF.
        number: of the page, from 1.

    Raises:
        IndexError: there is no such page.
    """
    import pypdfium2

    with _drawing:
        pdf = pypdfium2.PdfDocument(content)
        try:
            if not 1 <= number <= len(pdf):
                raise IndexError(number)
            page = pdf[number - 1]
            longest = max(page.get_width(), page.get_height(), 1)
            drawn = page.render(scale=PAGE_SIDE / longest).to_pil()
        finally:
            pdf.close()
        kept = BytesIO()
        drawn.convert("RGB").quantize(64).save(kept, "PNG")
    return kept.getvalue()


_NOT_IN_NAMES = re.compile(r"[^\w .,()+-]")
_LONGEST_NAME = 80


def safe_name(name: str, media_type: MediaType) -> str:
    """A name to give a file back by: no folder, no sign that means something, the true ending.

    Args:
        name: as the browser sent it, for example ``../../x.exe``.
        media_type: what the file is.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem, _, ending = last.rpartition(".")
    stem = stem if stem and ending.isalnum() else last
    stem = _NOT_IN_NAMES.sub("", stem).strip(" .")[:_LONGEST_NAME].strip(" .")
    return (stem or "papper") + media_type.ending

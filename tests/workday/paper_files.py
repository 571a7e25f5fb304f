"""Files made up for tests of papers: good ones, and each kind that somebody could try."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

import pikepdf
from PIL import Image

PLACE = "N 59 Kvarnby"


def short(value):
    """How a test is called by what it is given: never by megabytes."""
    return f"{len(value)}_bytes" if isinstance(value, bytes) else str(value)


def picture(kind="JPEG", *, size=(60, 40), **how):
    drawn = Image.new("RGB", size, "white")
    drawn.paste("navy", (0, 0, size[0] // 2, size[1]))
    kept = BytesIO()
    drawn.save(kept, kind, **how)
    return kept.getvalue()


def photo_with_place():
    """A phone's photo: turned a quarter, with where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010E] = PLACE
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=PLACE.encode())


def archive():
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as files:
        files.writestr("x.txt", "x" * 1000)
    return kept.getvalue()


def pdf(change=None, *, pages=1, encryption=None):
    """A PDF with a little text; ``change`` is given it before it is saved."""
    with pikepdf.new() as made:
        for number in range(pages):
            made.add_blank_page(page_size=(595, 842))
            font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                      BaseFont=pikepdf.Name.Helvetica)  # fmt: skip
            made.pages[number].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            words = f"BT /F1 48 Tf 72 700 Td (Sida {number + 1}) Tj ET".encode()
            made.pages[number].Contents = made.make_stream(words)
        if change:
            change(made)
        kept = BytesIO()
        made.save(kept, encryption=encryption or False, deterministic_id=encryption is None)
    return kept.getvalue()


def action(kind, **more):
    return pikepdf.Dictionary(S=pikepdf.Name("/" + kind), **more)


def _opens_with(done):
    def change(made):
        made.Root.OpenAction = done

    return change


def _runs_a_script_by_name(made):
    done = made.make_indirect(action("JavaScript", JS="app.alert(1)"))
    names = pikepdf.Dictionary(Names=pikepdf.Array(["x", done]))
    made.Root.Names = pikepdf.Dictionary(JavaScript=names)


def _has_a_file_inside(made):
    made.attachments["x.txt"] = b"inside"


def _link_launches(made):
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link,
                              Rect=[0, 0, 9, 9], A=action("Launch", F="calc.exe"))  # fmt: skip
    made.pages[0].Annots = pikepdf.Array([link])


def _page_does_something_when_opened(made):
    made.pages[0].AA = pikepdf.Dictionary(O=action("URI", URI="https://example.org"))


def _form_with_xfa(made):
    made.Root.AcroForm = pikepdf.Dictionary(XFA="x", Fields=pikepdf.Array([]))


ACTIVE = {
    "script when opened": _opens_with(action("JavaScript", JS="app.alert(1)")),
    "script in a stream": lambda made: _opens_with(
        action("JavaScript", JS=made.make_stream(b"app.alert(1)"))
    )(made),
    "launches when opened": _opens_with(action("Launch", F="calc.exe")),
    "script by name": _runs_a_script_by_name,
    "file inside": _has_a_file_inside,
    "link that launches": _link_launches,
    "page that acts": _page_does_something_when_opened,
    "form that is a program": _form_with_xfa,
}


def _leads_to_its_second_page(made):
    made.Root.OpenAction = pikepdf.Array([made.pages[1].obj, pikepdf.Name.Fit])


def harmless_pdf():
    """Opens on its second page, as many do."""
    return pdf(_leads_to_its_second_page, pages=2)


def locked_pdf(user="hemligt"):
    return pdf(encryption=pikepdf.Encryption(user=user, owner="agare"))


def _page_that_unpacks_to_much(made):
    packer, piece = zlib.compressobj(1), b" " * 1024 * 1024
    packed = b"".join(packer.compress(piece) for _ in range(300)) + packer.flush()
    made.pages[0].Contents = pikepdf.Stream(made, packed, Filter=pikepdf.Name.FlateDecode)


def _picture_of_many_pixels(made):
    drawn = pikepdf.Stream(made, zlib.compress(b"\0" * 1000), Filter=pikepdf.Name.FlateDecode)
    drawn.Type, drawn.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    drawn.Width = drawn.Height = 60_000
    drawn.ColorSpace, drawn.BitsPerComponent = pikepdf.Name.DeviceGray, 8
    made.pages[0].Resources.XObject = pikepdf.Dictionary(I0=drawn)


def bomb_pdf():
    return pdf(_page_that_unpacks_to_much)


def pixel_bomb_pdf():
    return pdf(_picture_of_many_pixels)


def huge_png(side=60_000):
    """A picture of few bytes that says it is many gigabytes."""

    def part(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(
            ">I", zlib.crc32(kind + content)
        )  # fmt: skip

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")

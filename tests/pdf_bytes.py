"""What stands in a PDF: its words, and all its bytes with what is packed in them."""

from __future__ import annotations

import io
import re
import zlib

import pikepdf
import pypdfium2


def all_bytes(pdf):
    """The file's bytes, and those of every stream unpacked."""
    found = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        streams = [each for each in opened.objects if isinstance(each, pikepdf.Stream)]
        found.extend(each.read_bytes() for each in streams)
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return b"".join(found)


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)

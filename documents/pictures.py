"""Pictures of pages, scanned or photographed → lines of words, read by OCR."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from documents.decoding import Unreadable
from documents.extracts import Extract
from documents.ocr import recognised
from documents.page_images import small_picture
from documents.page_lines import boxed
from domain.evidence.resume import Remark

_MEDIA_TYPES = {
    "PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff", "WEBP": "image/webp",
    "GIF": "image/gif", "BMP": "image/bmp",
}  # fmt: skip
MOST_PIXELS = 40_000_000
MOST_PICTURES = 8
_WIDEST, _NARROWEST = 2_400, 1_000


def read_picture(data: bytes, file: str) -> Extract:
    """Read a picture; raises Unreadable for one that is too large, damaged, or shows no words."""
    try:
        with warnings.catch_warnings():
            # Sizes are held to our own limit, which is lower; what else is wrong with a picture is no news either.
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=tuple(_MEDIA_TYPES))
            # Telephones write several pictures into one JPEG, which has a name of its own.
            kind = _MEDIA_TYPES.get(picture.format or "", "image/jpeg")
            pages = list(_pages(picture, file))
    except UnidentifiedImageError:
        raise Unreadable(f"{file} is a picture of a kind that is not read here. Save it as JPEG or PNG.") from None
    except Image.DecompressionBombError:
        raise _too_large(file) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError):
        raise Unreadable(f"{file} is cut off or damaged: the picture cannot be drawn. Take or save it again.") from None
    read = [recognised(page) for page in pages]
    lines = tuple(
        line
        for n, (page, rows) in enumerate(zip(pages, read, strict=True), 1)
        for line in boxed(rows, n, page.width, page.height)
    )
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a clearer picture.")
    scanned, unread = sum(bool(rows) for rows in read), sum(not rows for rows in read)
    remarks = [Remark("read_by_ocr", scanned, len(pages)), Remark("unread_pages", unread, len(pages))]
    images = tuple(small_picture(page) for page in pages)
    return Extract(kind, lines, images, len(pages), tuple(remark for remark in remarks if remark.number))


def _pages(picture: Image.Image, file: str) -> Iterator[Image.Image]:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(file)
    if getattr(picture, "n_frames", 1) > MOST_PICTURES:
        raise Unreadable(f"{file} holds more than {MOST_PICTURES} pages. Upload those that matter, or a PDF of them.")
    for frame in ImageSequence.Iterator(picture):
        if frame.width * frame.height > MOST_PIXELS:
            raise _too_large(file)
        upright = ImageOps.exif_transpose(frame)
        if upright.mode in ("RGBA", "LA", "P", "PA"):
            # What is seen through is white, as on a page.
            clear = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
        grey = upright.convert("L")
        width = max(_NARROWEST, min(_WIDEST, grey.width))
        if width != grey.width and grey.width > 0:
            height = max(1, round(grey.height * width / grey.width))
            if width * height > MOST_PIXELS:
                raise _too_large(file)
            grey = grey.resize((width, height), Image.Resampling.BICUBIC)
        yield grey


def _too_large(file: str) -> Unreadable:
    return Unreadable(
        f"{file} is too large a picture: {MOST_PIXELS // 1_000_000} megapixels are read. Save it smaller."
    )

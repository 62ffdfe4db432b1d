"""Where the meetings of tests and benchmarks are."""

from __future__ import annotations

from domain.evidence.meeting_place import Place

LINK = "https://meet.example.org/nmq-fbxk-vjw"
PLACE = Place(link=LINK)
WHERE = {"where": {"link": LINK}}
"""The same as it stands in the body of a command."""

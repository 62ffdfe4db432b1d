"""The page of chapters says what the deciders do today."""

from domain.core.messages import Event
from domain.registry import COMMANDS, DECIDERS
from ops.chapter_map import PAGE, makes, page


def test_the_page_is_the_one_that_the_chapters_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make map`"


def test_every_command_event_and_clock_is_on_it() -> None:
    text = page()
    for decider in DECIDERS.values():
        commands = COMMANDS[decider.name]
        assert [name for name in commands if f"`{name.replace('_', '-')}`" not in text] == []
        events = {event.type for chapter in decider.chapters for event in chapter.evolving}
        assert [event for event in events if f"| `{event}` |" not in text] == []
        assert [rule.name for rule in decider.clocks if f"| `{rule.name}` |" not in text] == []


def test_no_command_leads_nowhere() -> None:
    """Events are found through whatever a branch calls: a command without any would be a hole in the map."""
    chapters = [chapter for decider in DECIDERS.values() for chapter in decider.chapters]
    branches = [pair for chapter in chapters for pair in chapter.deciding.items()]
    assert [command.name for command, branch in branches if not makes(branch, Event)] == []

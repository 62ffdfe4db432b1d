import pytest

from domain.evidence.text_rules import Use, internal_words, marked, pay_history, vague
from testing.machine_pace import cpu_seconds

VAGUE: list[tuple[Use, str]] = [
    ("criterion", "Strong communicator"),
    ("criterion", "Excellent communication skills"),
    ("criterion", "Strategic thinker"),
    ("criterion", "Is strategic and sees the bigger picture"),
    ("criterion", "Rockstar product manager"),
    ("criterion", "Passionate self-starter who hits the ground running"),
    ("criterion", "Team player with a can-do attitude"),
    ("criterion", "Leadership"),
    ("criterion", "Strong leadership and stakeholder skills"),
    ("criterion", "Works well with stakeholders at all levels"),
    ("criterion", "Proven track record"),
    ("criterion", "Detail-oriented and results-driven"),
    ("criterion", "Executive presence"),
    ("criterion", "Bias for action"),
    ("reason", "Not senior enough"),
    ("reason", "Didn't quite click"),
    ("reason", "didn\u2019t click"),
    ("reason", "Not a culture fit"),
    ("reason", "Just not what we're looking for"),
    ("reason", "Too junior for the role"),
    ("reason", "Overqualified"),
    ("reason", "Gut feeling"),
    ("reason", "Something felt off about this one"),
    ("reason", "No."),
    ("reason", "Good profile"),
    ("reason", "Lacks depth"),
    ("reason", "Not technical enough for us"),
    ("reason", "Needs more polish and gravitas"),
    ("reason", "I liked her energy but I'm not quite convinced she would be a good fit for this team at this point"),
    ("evidence", "Good vibe"),
    ("evidence", "Great energy throughout the whole conversation"),
    ("evidence", "Really smart and very articulate"),
    ("evidence", "Good answers"),
    ("evidence", "Seemed nice and confident"),
    ("evidence", "Was not impressive"),
    ("evidence", "ok"),
    ("evidence", "Strong"),
    ("change", "Better communication"),
    ("change", "Communicate better"),
    ("change", "Improve the process"),
    ("change", "Be more aligned"),
    ("change", "Move faster"),
]

CONCRETE: list[tuple[Use, str]] = [
    ("criterion", "Presents to a steering committee monthly"),
    ("criterion", "Leads incident reviews"),
    ("criterion", "Has shipped a benefits service that caseworkers use every day"),
    ("criterion", "Writes SQL to answer their own product questions"),
    ("criterion", "Decides what not to build and says why in writing"),
    ("criterion", "Runs user research with people who do not speak English"),
    ("criterion", "Speaks Spanish"),
    ("criterion", "Has a security clearance"),
    ("criterion", "Wrote an agency's three-year strategic plan and took it through the budget office"),
    ("criterion", "Coaches two junior product managers through their first release"),
    ("criterion", "Negotiates scope with a vendor under a fixed-price contract"),
    ("criterion", "Explains a technical trade-off to a non-technical executive so that they can decide"),
    ("criterion", "Pr\u00e4sentiert monatlich dem Lenkungsausschuss"),
    ("reason", "No evidence of shipping to the public; both products were internal dashboards"),
    ("reason", "Four jobs in three years, none with a release he led himself"),
    ("reason", "Has only managed roadmaps written by others"),
    ("reason", "Her examples all came from one project in 2015"),
    ("reason", "Never worked with a vendor, and we have three contracts"),
    ("reason", "Her research was all surveys; we need someone who sits with caseworkers"),
    ("reason", "Lives in Denver and cannot come to Sacramento twice a month"),
    ("reason", "Did the same migration we are planning, at the Department of Labor"),
    ("reason", "Too junior: has never run a release without a lead above her"),
    ("evidence", "Could not name a roadmap decision she made from user research"),
    ("evidence", "Named three features she cut after watching caseworkers use them"),
    ("evidence", "Asked who the users were before proposing anything"),
    ("evidence", "Described the outage minute by minute, including his own mistake"),
    ("evidence", "He said \u201cI'd rather ship late than ship blind\u201d and told how he held the March release"),
    ("evidence", "Interrupted the designer four times in twenty minutes"),
    ("evidence", "Drew the data flow without help and found the missing queue"),
    ("evidence", "Answered in generalities when asked twice for a number"),
    ("evidence", "Gave a great answer on pricing: walked through the three tiers she tested and why two failed"),
    ("evidence", "Didn't mention users once in forty minutes"),
    ("change", "Share the first slate within three days of the lock"),
    ("change", "Book the debrief before the first interview"),
    ("change", "Ask every candidate the vendor question in the screen"),
    ("change", "Hiring manager answers profiles the same evening"),
    ("change", "Send the HM one update on Fridays instead of five mails a week"),
]


@pytest.mark.parametrize(("use", "text"), VAGUE)
def test_vague_words_are_flagged_with_the_words_and_a_question(use: Use, text: str) -> None:
    found = vague(text, use)
    assert found is not None
    assert all(word.lower() in text.replace("\u2019", "'").lower() for word in found.words)
    assert found.words
    assert found.question.endswith("?")


def test_vague_words_are_marked_where_they_stand() -> None:
    assert marked("Didn\u2019t quite click, and\nNOT  senior enough.") == (
        ("Didn\u2019t quite click", True),
        (", and\nNOT  ", False),
        ("senior enough", True),
        (".", False),
    )
    assert marked("Fine.") == (("Fine.", True),)


@pytest.mark.parametrize(("use", "text"), CONCRETE)
def test_concrete_words_pass(use: Use, text: str) -> None:
    assert vague(text, use) is None


def test_the_question_fits_the_use() -> None:
    found = [vague("Strong communicator", use) for use in ("criterion", "reason", "evidence", "change")]
    assert len({each.question for each in found if each}) == 4
    assert found[0] is not None
    assert found[0].words == ("strong communicator",)


@pytest.mark.parametrize(
    "text",
    [
        "She currently makes 140k and wants 165k",
        "Her last salary was 120,000",
        "I'm on 95 right now, so a hundred would be fine",
        "He is paid $88,000 at the county",
        "I make one forty, plus bonus",
        "I make about 140 now.",
        "They pay me 150k",
        "Right now I'm making about 130",
        "My base is 142 and I'd want 160",
        "What are you currently making?",
        "How much did you earn there?",
        "What do you make now?",
        "What did your last job pay you?",
        "Could you send a payslip?",
        "Tell me your salary history.",
        "Expects more than her current salary",
        "Previous compensation: \u20ac70k",
        "She earned 110k in her previous job",
    ],
)
def test_what_someone_earns_or_earned_is_flagged(text: str) -> None:
    found = pay_history(text)
    assert found is not None
    assert found.lower() in text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "Expects 165k",
        "I'm looking for somewhere between 150 and 165",
        "She wants a base of $160,000 plus the usual benefits",
        "What are your current salary expectations?",
        "The current pay range for the role is 128,000 to 152,000",
        "Makes 20 decisions a week on scope",
        "She made 12 changes to the form",
        "Earned the trust of 30 caseworkers",
        "We did not ask about her current salary",
        "Please don't tell me your last salary, only what you expect",
        "Is on a team of 40 now",
        "At the moment she leads 14 people",
        "My package of measures was adopted in 2021",
        "It made 300 people redundant",
        "Somewhere around one sixty-five would make me say yes",
    ],
)
def test_expectations_and_other_numbers_are_fine(text: str) -> None:
    assert pay_history(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You scored below the others on our rubric.", "scored"),
        ("Your rating on criterion 3 was low.", "rating"),
        ("We felt you were overqualified.", "overqualified"),
        ("You got a 2/4 for research.", "2/4"),
        ("In the debrief we chose someone else.", "debrief"),
        ("You were not a fit.", "not a fit"),
        ("There were stronger candidates.", "stronger candidates"),
        ("Dana Whitfield had doubts.", "Dana Whitfield"),
        ("Whitfield had doubts.", "Whitfield"),
        ("You missed ships-to-public.", "ships-to-public"),
    ],
)
def test_internal_words_must_not_reach_a_candidate(text: str, found: str) -> None:
    assert internal_words(text, ["Dana Whitfield", "Will Park", "ships-to-public"]) == found


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your time. We will not take your application further: the role needs daily work with vendors.",
        "The position has been filled. We underscored your research work and hope to hear from you again.",
        "You told us about the portal you built; we chose someone who has run a fixed-price contract.",
        "Separately, the hiring manager asks to thank you. We will park nothing.",
    ],
)
def test_an_ordinary_message_may_be_sent(text: str) -> None:
    assert internal_words(text, ["Dana Whitfield", "Will Park", "ships-to-public"]) is None


def test_long_hostile_text_is_judged_quickly() -> None:
    def work() -> None:
        for text in ("strong " * 2_000, "not really " * 2_000, "a" * 20_000, "currently i'm at " * 1_500):
            vague(text)
            pay_history(text)
            internal_words(text)

    assert cpu_seconds(work) < 3

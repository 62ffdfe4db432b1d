"""What an intake call has to settle, in the order it is asked (product design, "The life of a requisition")."""

from domain.evidence.drafts import Topic

AGENDA: tuple[Topic, ...] = (
    Topic(
        id="past_hire",
        text="Which past hire did not work out, and why",
        also=(
            "the last person in this job, where it did not work out",
            "a wrong hire: struggled, failed, left, was let go",
            "what did they actually do, what went wrong",
        ),
    ),
    Topic(
        id="success",
        text="What success looks like after 30, 90 and 365 days, and what measures it",
        also=(
            "thirty days, day thirty, first month",
            "ninety days, three months",
            "after a year, end of the first year",
            "how would you measure it, which number, what target",
        ),
    ),
    Topic(
        id="team",
        text="The team, its goals, and who thrives here",
        also=("who is on the team", "who does well there, who struggles", "what is the team after this year, goals"),
    ),
    Topic(
        id="priorities",
        text="What matters most, in rank order",
        also=("rank them, what matters most, first to last", "number one, number two", "if you could only have one"),
    ),
    Topic(
        id="must_haves",
        text="Must-haves, each with its why and what would be equivalent",
        also=(
            "must-have, required, would you hire somebody without it",
            "what is equivalent, what would count as the same thing somewhere else",
        ),
    ),
    Topic(
        id="rules_out",
        text="What would rule someone out",
        also=("deal breaker, instant no, never", "rule somebody out", "turn a person down, say no to somebody"),
    ),
    Topic(
        id="best_person",
        text="Who is the best person at this today, and what they looked like when hired",
        also=("best person you have today", "what did they look like on paper, on the day you hired them"),
    ),
    Topic(
        id="where_they_work",
        text="Where such people work now",
        also=("where do those people sit now, where would I look", "which companies, agencies, industries, job titles"),
    ),
    Topic(
        id="proof",
        text="How suitability can be shown",
        also=("how could somebody show it, prove it", "work sample, exercise, portfolio, story to ask for"),
    ),
    Topic(
        id="trade_offs",
        text="What may be traded: pay, place, years",
        also=(
            "trades, what moves, where are you flexible",
            "pay, salary, band, grade, budget",
            "place, location, remote, relocate, travel",
            "years of experience",
        ),
    ),
    Topic(
        id="glossary",
        text="What words such as “strategic” mean here",
        also=("what does that word mean on your team", "when you say senior, technical, ownership, what do you mean"),
    ),
    Topic(
        id="appeal",
        text="Why someone would want this job",
        also=(
            "why would somebody take it, join, leave theirs",
            "what is attractive about it, the mission, how do you sell it",
        ),
    ),
)

"""Wording about a person that invites bias: what they are, or seem, instead of what they did.

A short list of the plainest English cases, from the guidance for interviewers that employment agencies publish (EEOC,
"Prohibited employment policies/practices"; ADS, "Bewerbungsgespräch"). It asks a question and forbids nothing.
"""

import re

_ASKS = (
    (
        r"(?:too |rather |quite )?(?:old|young)(?:er)?\b(?! (?:code|system|team|product|version))|youthful"
        r"|digital native"
        r"|close to retire\w*|at (?:his|her|their) age|recent graduate|overqualified",
        "Age: what was done or not done that the criterion asks for?",
    ),
    (
        r"pregnan\w*|maternity|paternity|(?:has|have|having|with) (?:small |young )?(?:kids|children)|single mother"
        r"|married|family plans|childcare",
        "Family: which part of the criterion does it bear on?",
    ),
    (
        r"accent|native speaker|(?:not|isn't|aren't) from here|foreign\w*|where (?:he|she|they) (?:is|are|comes?) from"
        r"|nationality|ethnic\w*|(?:his|her|their) (?:culture|religion|faith)|headscarf|hijab|turban",
        "Origin or faith: what did they say or do that the criterion asks for?",
    ),
    (
        r"aggressive|abrasive|bossy|emotional|shrill|bubbly|feisty|hysterical|motherly|for a (?:woman|girl|man|guy)"
        r"|(?:girls?|ladies|lads)\b|pretty|handsome|attractive|well[- ]dressed|dressed",
        "Manner or looks: what was said, to whom, and with what result?",
    ),
    (
        r"disab\w*|autis\w*|adhd|anxious|nervous|stutter\w*|depress\w*|in a wheelchair|sick(?:ness)? leave|health",
        "Health or nerves: what does the job need that was not shown?",
    ),
    (
        r"cultur(?:e|al) (?:fit|add)|fits? (?:right )?in|one of us|beer test|like(?:s|d)? (?:him|her|them)\b"
        r"|gut (?:feel\w*)"
        r"|reminds? me of|good (?:guy|egg)|vibes?",
        "Likeness: which behaviour of the rubric was seen, and when?",
    ),
    (
        r"(?:good|top|elite|ivy league|right) (?:school|university|college)|pedigree|went to (?:harvard|oxford|eth|mit)"
        r"|career gap|gap in (?:his|her|their) (?:cv|resume|résumé)|job[- ]hopp\w*",
        "Pedigree: what did they do there that the criterion asks for?",
    ),
)
_WORDING = [(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I), asks) for words, asks in _ASKS]


def invites_bias(text: str) -> tuple[str, str] | None:
    """Return the first words of `text` that invite bias, with what to ask instead, or None."""
    plain = text.replace("\u2019", "'")
    hits = [(found.start(), found.group(), asks) for words, asks in _WORDING if (found := words.search(plain))]
    return min(hits)[1:] if hits else None

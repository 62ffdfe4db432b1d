"""Rules over words: is this concrete, does it keep what someone earned, may it be sent to a candidate.

The rules know English. They are made to be right about what they flag: people write concrete things in many ways, and
whoever is flagged wrongly learns to write for the rule. The lists come from feedback that recruiters see every week
("strong communicator", "didn't click") and hold no protected trait; what may bias is another rule's matter.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, Literal, NamedTuple

from domain.core.messages import refuse
from domain.notifications.letter_templates import has_fields

Use = Literal["criterion", "reason", "evidence", "change"]


CALLED_VAGUE: dict[str, Use] = {
    "vague_wording": "criterion",
    "vague_reason": "reason",
    "vague_evidence": "evidence",
    "vague_change": "change",
}
"""What words are for, by the code of the refusal that calls them vague."""


class Vagueness(NamedTuple):
    """Why a text is too vague: the words that say nothing (all of it, if it is too short), and what would mend it."""

    words: tuple[str, ...]
    question: str


_QUESTIONS: dict[Use, str] = {
    "criterion": "What would you see someone who has this do here, how often, and with whom or to what?",
    "reason": "What in this profile, or missing from it, made you say so, and which criterion does it touch?",
    "evidence": "What did they say or do, in what situation, that shows it?",
    "change": "Who will do what differently next time, and at which step?",
}


def _any_of(lines: str) -> str:
    """One regular expression out of alternatives, one a line or separated by bars."""
    return "|".join(line.strip() for line in lines.strip().splitlines())


_QUALITY = _any_of(
    """
    strong|excellent|great|good|solid|outstanding|exceptional|superb|fantastic|amazing|awesome|terrific|decent|weak
    poor|bad|mediocre|average|proven|effective|impressive|unimpressive|nice|better|best|top|right|high|higher
    """
)
_ABILITY = _any_of(
    r"""
    communicat(?:or|ion)|communication skills?|leader|leadership|skills?|people skills|soft skills|interpersonal skills
    organi[sz]ational skills|problem[- ]solv(?:er|ing)|analytical skills|thinker|candidate|person|guy|background|profile
    experience|fit|match|attitude|energy|vibes?|feeling|impression|personality|presence|player|performer|talent
    knowledge|understanding|grasp|track record|work ethic|answers?|interview|conversation|chat|screen|calib(?:er|re)
    level|potential|judge?ment|mindset|attention to detail|manner|instincts?
    """
)
_TRAIT = _any_of(
    r"""
    strategic(?:ally)?|passionate|dynamic|proactive|innovative|creative|resilient|agile|adaptable|flexible|driven
    motivated|ambitious|enthusiastic|energetic|smart|bright|intelligent|clever|brilliant|sharp|like?able|nice|pleasant
    friendly|personable|charming|polished|mature|articulate|confident|humble|arrogant|abrasive|seasoned|impressive
    unimpressive|impressed|over-?qualified|under-?qualified|mediocre|lacklust(?:re|er)|collaborative|reliable
    dependable|trustworthy|versatile|hands[- ]on|hungry|scrappy|empathetic|authentic|inspiring|junior|meh|solid|weak
    underwhelm(?:ing|ed)|awesome|amazing|fantastic|excellent|outstanding|great|visionary|charismatic|well-rounded
    """
)
_STOCK_PHRASE = _any_of(
    r"""
    (?:senior|junior|technical|experienced|strong|good|deep) enough
    not enough (?:experience|seniority|depth|energy|drive|passion|presence|gravitas|ownership)
    (?:did|does)(?:n't| not) (?:quite |really |fully )?(?:click|gel|wow|stand out|feel (?:right|it)|fit(?: in)?)
    (?:did|does)(?:n't| not) (?:quite |really |fully )?(?:(?:convince|impress)(?: me| us)?|resonate|spark|land)
    (?:wasn't|was not|not) (?:feeling it|wowed|sold|blown away|convinced)
    (?:just )?not (?:quite )?(?:it|there(?: yet)?|what (?:we|i)(?:'re| are|'m| am)? ?(?:want|looking for|had in mind))
    (?:just )?(?:isn't|wasn't)(?: quite)? (?:it|there|right)
    (?:not|n't) (?:quite )?(?:a |the )?(?:right |good |great |real |cultur(?:e|al) |team )?(?:fit|match|one)
    (?:culture|cultural|team|good|great|poor|perfect|strong|bad|right) (?:fit|match)|culture[- ]add|fits? (?:right )?in
    gut (?:feeling|feel|instinct)|something (?:was |felt |is )?(?:off|missing)|(?:feels?|felt|seemed) (?:off|right)
    (?:good|bad|great|weird|right|wrong|positive|negative) (?:vibes?|feeling|energy|impression)|vibes?|chemistry
    (?:like|liked|love|loved) (?:him|her|them|this one|(?:the|her|his|their) (?:energy|style|attitude|personality))
    team[- ]player|self[- ]starter|go[- ]getter|people person|(?:quick|fast) learner|hard[- ]?work(?:er|ing)
    rock[- ]?star|ninja|guru|unicorn|wizard|superstar|all[- ]star|10x|[ab][- ]player|top talent|high performer
    thought[- ]leader(?:ship)?|game[- ]changer|bar[- ]raiser|raises? the bar|(?:below|above) (?:the|our) bar
    best of the best|world[- ]class|top[- ]notch|best[- ]in[- ]class|first[- ]class|high[- ]calib(?:er|re)
    gravitas|charisma|bias (?:for|to) action|(?:executive|leadership|stage) presence|well[- ]spoken|best practices?
    (?:results?|goals?|detail|customer|data|action)[- ](?:driven|oriented|obsessed|centric)
    self[- ]motivated|highly motivated|(?:growth|ownership) mindset|can[- ]do|sense of (?:urgency|ownership)
    hits? the ground running|wears? many hats|outside (?:of )?the box|big(?:ger)? picture|fast[- ]paced
    moves? the needle|goes? the extra mile|drives? results|gets? (?:things|stuff|it) done|takes? ownership
    at all levels|works? well (?:with|in)|good with people
    (?:more|better|improved?|improving|increase|enhance) (?:the )?(?:process(?:es)?|speed|quality|teamwork|coordination)
    (?:more|better|improved?|improving|increase|enhance) (?:the )?(?:communication|alignment|collaboration|transparency)
    (?:more|better|improved?|improving|increase|enhance) (?:the )?(?:engagement|feedback|partnership|visibility|clarity)
    (?:be|stay|communicate|collaborate|align|work|prepare|plan|act|move|respond) (?:more |much |a lot |a bit )?FASTER
    """.replace(
        "FASTER", r"(?:faster|better|quicker|quickly|sooner|earlier|closely|closer|aligned|organi[sz]ed|prepared)"
    )
)
_JUDGED_AS = (
    r"senior|junior|technical|deep|strong|sure|good|excited|experienced|engaged|engaging|assertive|academic|corporate"
)
_LACKED = (
    r"depth|polish|gravitas|presence|drive|passion|energy|seniority|maturity|spark|edge|substance|confidence|vision"
)
_VAGUE = re.compile(
    r"\b(?:"
    rf"(?:{_QUALITY})(?:,? (?:and )?(?:{_QUALITY})){{0,3}}(?:,? [a-z-]+)? (?:{_ABILITY})"
    rf"|(?:too|not|n't|isn't|wasn't)(?: (?:really|quite|very|exactly|yet|that|particularly)){{0,3}} "
    rf"(?:{_JUDGED_AS}|{_TRAIT})(?: enough)?"
    r"|(?:needs?|lack(?:s|ed|ing| of)?|missing|without|no|some)(?: (?:some|a bit of|the|any|real|more)){0,3} "
    rf"(?:{_LACKED})"
    rf"|{_STOCK_PHRASE}|{_TRAIT}"
    r")(?![\w-])",
    re.I,
)

# Words that carry no observation: grammar, the people and things every such text is about, hedges, intensifiers.
_EMPTY = re.compile(
    _any_of(
        r"""
        an?|the|this|that|these|those|some|any|no|not|and|or|but|so|because|as|if|than|then|of|in|on|at|to|for|from|with
        by|about|into|over|up|out|off|all|both|each|every|it|its|it's|s?he|they|we|i|you|him|her|his|hers|them|their|our
        my|me|us|your|who|which|what|there|here|is|was|were|are|be|been|being|am|do|does|did|has|have|had|will|would
        should|could|can|may|might|must|(?:is|was|do|does|did|ca|could|wo)n't|i'm|i'd|they're|s?he's|we're
        candidates?|persons?|people|someone|anyone|everyone|everybody|nobody|guy|ones?|others?|roles?|jobs?|position
        teams?|company|organi[sz]ation|profile|background|interview|conversation|call|chat|screen|answers?|environment
        overall|generally|really|very|quite|rather|pretty|just|too|also|only|even|more|most|less|much|many|lots?|bit
        little|somewhat|enough|seem(?:s|ed)?|feels?|felt|think|thinks|thought|guess|believe|maybe|perhaps|probably
        definitely|clearly|simply|basically|actually|point|moment|now|today|yet|still|again|ways?|things?|stuff|kind
        sort|like[ds]?|loved?|enjoyed|well|good|right|sure|convinced|levels?|need(?:s|ed)?|want(?:s|ed)?|look(?:s|ed|ing)?
        comes?|came|across|able|abilit(?:y|ies)|skills?|highly|truly|especially|throughout|whole|during|times?|first|long
        term|lack(?:s|ed|ing)?|experienced?|communicat(?:ion|or|es?|ing)|leader(?:ship)?|thinking|thinker|alignment
        mindset|attitude|influences?|influencing|stakeholders?
        """
    ),
    re.I,
)

# Verbs of doing and saying; with numbers, and a first word that ends like a verb, they tell an observation from a list.
_DOING = re.compile(
    r"\b(?:(?:"
    + _any_of(
        """
        present|name|write|wrote|written|lead|led|build|built|ship|run|ran|ask|answer|explain|describe|show|shown|give
        gave|given|say|said|tell|told|make|made|take|took|taken|bring|brought|hold|held|keep|kept|speak|spoke|find|found
        get|got|go|went|know|knew|see|saw|draw|drew|teach|taught|sell|sold|buy|bought|send|sent|set|cut|put|read|win|won
        lose|lost|meet|met|choose|chose|spend|spent|understand|understood|manage|use|mention|quote|list|compare|decide
        design|test|measure|plan|track|review|share|agree|book|invite|start|stop|begin|began|cancel|move|change|replace
        add|remove|close|open|interview|hire|train|coach|mentor|own|launch|deploy|debug|code|document|facilitate
        negotiate|persuade|convince|walk|break|broke|turn|talk|work|report|estimate|prioriti[sz]e|trade|deliver|handle
        resolve|support|interrupt|contradict|admit|refuse|ignore|blame|miss|arrive|leave|left|confuse|mix|repeat|rely
        depend|cover|include|contain|end|last|follow|solve|fix|argue|push|pull|catch|caught|stay|state|sign|let|call
        drop|learn|reach|reduce|raise|grow|grew|hear|heard|join|file|check|offer|propose
        """
    )
    + r")(?:s|es|d|ed|ing|n?ning|p?ping|t?ting)?|\w{3,}(?:ed|izes|ises|ifies))\b",
    re.I,
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019.,/:-][^\W_]+)*")
_FIRST_WORD_A_VERB = re.compile(r"\W*(?:has|have|had|(?!skills|values|ethics)[a-z]{2,}[^s\W]s)\b", re.I)
_NUMBER = re.compile(r"\d")
_FEWEST_WITH_DOING = 2
_FEWEST_WITHOUT_DOING = 4
_FEWEST_BESIDE_VAGUE = 4
_ENOUGH = max(_FEWEST_WITH_DOING, _FEWEST_WITHOUT_DOING, _FEWEST_BESIDE_VAGUE)


def question_for(use: Use) -> str:
    """The question that would make words of this use concrete."""
    return _QUESTIONS[use]


def vague(text: str, use: Use = "reason") -> Vagueness | None:
    """Return what makes `text` too vague for its use, with the question that would mend it, or None if it is concrete.

    Vague is what says too little (under two words that carry something, four if nothing is done in it), and what has
    a stock phrase or a bare trait without at least four other words that say what was, or is to be, done.
    """
    plain = _plain(text)
    stock = tuple(dict.fromkeys(match.group().strip().lower() for match in _VAGUE.finditer(plain)))
    rest = _VAGUE.sub(" ", plain)
    words = (match.group() for match in _WORD.finditer(rest))
    carrying = sum(1 for _ in islice((word for word in words if not _EMPTY.fullmatch(word)), _ENOUGH))
    doing = bool(_DOING.search(rest) or _FIRST_WORD_A_VERB.match(rest) or _NUMBER.search(rest))
    if stock:
        concrete = doing and carrying >= _FEWEST_BESIDE_VAGUE
    else:
        concrete = carrying >= (_FEWEST_WITH_DOING if doing else _FEWEST_WITHOUT_DOING)
    return None if concrete else Vagueness(stock or (text.strip(),), _QUESTIONS[use])


def marked(text: str) -> tuple[tuple[str, bool], ...]:
    """A vague text in pieces, in order, each with whether it says nothing: all of it, if it is only too short."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in _VAGUE.finditer(_plain(text)):
        pieces += [(text[end : match.start()], False), (text[match.start() : match.end()], True)]
        end = match.end()
    pieces.append((text[end:], not pieces))
    return tuple(piece for piece in pieces if piece[0])


def _plain(text: str) -> str:
    """`text`, letter for letter, as the patterns have it."""
    return text.replace("\u2019", "'").replace("\n", " ")


_PAY = (
    "(?:salary|salaries|pay|compensation|comp|wages?|earnings|income|ctc|base|package|remuneration|(?:day|hourly) rate)"
)
_TENS = "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
# A bare number is an amount only where a clause ends after it, or pay is named: "makes 20 decisions" is none.
_AMOUNT = (
    r"(?:[$\u20ac\u00a3] ?\d[\d.,]*|\d{2,3}(?:\.\d)? ?k\b|\d{1,3}(?:[.,]\d{3})+|six figures"
    rf"|(?:\d{{2,3}}|(?:[a-z]+[- ])?{_TENS}(?:[- ][a-z]+)?)"
    r"(?= ?(?:[.,;!?]|$|(?:now|right now|today|currently|base|plus|a year|per|and|so|but|thousand|grand|at|in)\b)))"
)
_NOW = "(?:currently|right now|at the moment|at present|presently|today|now|these days)"
_ROUGHLY = "(?: (?:about|around|roughly|just|only|over|under|close to|nearly|almost|like|maybe|a base of|at)){0,6}"
_EARNS = _any_of(
    r"""
    mak(?:e|es|ing)|made|earn(?:s|ed|ing)?|g[eo]ts? paid|(?:is|was|am|are|were|being|been) paid
    pa(?:ys?|id) (?:me|her|him|them)|pulling in|tak(?:ing|es?) home
    """
)
_STANDS_AT = "on|at|is|was|were|am|are|i'm|s?he's|they're|gets?|getting|have|has"
_KEEPS_HISTORY = re.compile(
    r"\b(?:"
    rf"(?:{_EARNS})(?: {_NOW})?{_ROUGHLY} {_AMOUNT}"
    rf"|(?:{_STANDS_AT}){_ROUGHLY} {_AMOUNT}(?: (?:base|plus bonus|a year))? {_NOW}"
    rf"|{_NOW},?(?: (?:i|she|he|they|i am|she is|he is|my base is|making|makes?|earning|earns?|{_STANDS_AT})){{1,6}}"
    rf"{_ROUGHLY} {_AMOUNT}"
    rf"|(?:my|her|his|their) {_PAY} (?:is|was)(?: {_NOW})?{_ROUGHLY} {_AMOUNT}"
    r")",
    re.I,
)
_EARLIER = "(?:current|present|existing|last|latest|most recent|previous|prior|former|past|old)"
_ASKS_HISTORY = re.compile(
    r"\b(?:"
    rf"{_EARLIER}(?: (?:total|annual|base|gross|monthly|yearly|job's|employer's|role's))* {_PAY}\b"
    r"(?!\W+(?:expectations?|requirements?|ranges?|bands?|budgets?|review|raise))"
    r"|(?:what|how much)(?: do| did| does| are| were| is| was)? (?:you|she|he|they|your (?:last|current|previous) \w+)"
    rf"(?: {_NOW})? (?:mak(?:e|ing)|earn(?:ing)?|(?:get |getting )?paid|on (?:right )?now|on at the moment|pay you)"
    rf"|{_PAY} (?:history|stubs?|slips?)\b|payslips?|paystubs?|w-?2s?\b"
    rf"|{_PAY} (?:at|in) (?:your|her|his|their) {_EARLIER} "
    r")",
    re.I,
)
_DECLINES_TO_ASK = re.compile(r"(?:\bnot|\bnever|n't|\bwithout|\bnor|\bno need to)\b[^.;:!?]{0,40}$", re.I)
_LONGEST_DECLINING = 60
"""More characters than that can match: how far before a question it is looked for. To look from the beginning again
for each question takes the square of their number."""


def pay_history(text: str) -> str | None:
    """Return the words that ask for, or keep, what someone earns or earned; None if there are none.

    What someone expects, and what the job pays, is fine. Saying that it was not asked is fine too.
    """
    plain = " ".join(text.replace("\u2019", "'").split())
    if kept := _KEEPS_HISTORY.search(plain):
        return kept.group().strip()
    for asked in _ASKS_HISTORY.finditer(plain):
        if not _DECLINES_TO_ASK.search(plain, max(asked.start() - _LONGEST_DECLINING, 0), asked.start()):
            return asked.group().strip()
    return None


_INTERNAL = re.compile(
    r"\b(?:rubrics?|score ?cards?|scor(?:e|es|ed|ing)|rat(?:ing|ings|ed)|rank(?:ed|ing|ings)?|criteri(?:on|a)"
    r"|must-haves?|growth (?:area )?criteri\w+|debriefs?|debriefed|calibration|slates?|shortlist ranking|strong[ _]no"
    r"|strong[ _]yes|over-?qualified|under-?qualified|too (?:junior|senior|old|young)|cultur(?:e|al) fit"
    r"|(?:not|n't) (?:a )?(?:good |right |great )?fit|gut feeling|red flags?|runners?-up|reserve list|second choice"
    r"|(?:stronger|better|weaker) (?:candidates?|applicants?)|[1-4] ?(?:/|out of) ?4)(?!\w)",
    re.I,
)

ALSO_WORDS = frozenset(
    {"Art", "Best", "Bill", "Chase", "Day", "Drew", "Grace", "Grant", "Hope", "Joy", "Long", "Mark", "May", "Price"}
    | {"Rich", "Rose", "Summer", "Will", "Young"}
)
"""First names and surnames that are also ordinary words; alone they prove nothing."""


def internal_words(text: str, names: Iterable[str] = ()) -> str | None:
    """Return the first words that must not reach a candidate, or None.

    `names` are those of interviewers, and ids of criteria or whatever else must stay inside; of a name of several
    words each word counts alone too, if written with its capital.
    """
    if found := _INTERNAL.search(text):
        return found.group()
    for name in names:
        whole = " ".join(name.split())
        parts = [part for part in whole.split() if len(part) >= 3 and part[0].isupper() and part not in ALSO_WORDS]
        for telling in (whole, whole.upper(), *parts):
            if telling and re.search(rf"(?<!\w){re.escape(telling)}(?!\w)", text):
                return telling
    return None


def refuse_unsendable(apart_from: str = "", **parts: Any) -> None:
    """Refuses, at the edge, words that must not go to a candidate: `internal_words`, and fields nobody filled in.

    `parts` are the words by the command's fields; `apart_from` is a field that is filled when the letter is sent.
    """
    for field, words in parts.items():
        if not isinstance(words, str):
            continue
        if inside := internal_words(words):
            refuse("internal_words", f"“{inside}” is ours, not theirs.", "The template's words, without it.", field)
        if left := has_fields(words, apart_from):
            refuse("invalid", f"{left} was not filled in.", "The words themselves in its place.", field)

"""Which language a text is in, by the share of its commonest words: enough to say "this is German", and no more."""

import re
from collections import Counter

from bm25s import stopwords

ENGLISH = "en"
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "ru": "Russian", "tr": "Turkish",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "he": "Hebrew", "hi": "Hindi",
    "und": "another language",
}  # fmt: skip
_WORDS = {
    "en": frozenset(stopwords.STOPWORDS_EN_PLUS),
    "de": frozenset(stopwords.STOPWORDS_GERMAN),
    "fr": frozenset(stopwords.STOPWORDS_FRENCH),
    "es": frozenset(stopwords.STOPWORDS_SPANISH),
    "it": frozenset(stopwords.STOPWORDS_ITALIAN),
    "pt": frozenset(stopwords.STOPWORDS_PORTUGUESE),
    "nl": frozenset(stopwords.STOPWORDS_DUTCH),
    "sv": frozenset(stopwords.STOPWORDS_SWEDISH),
    "da": frozenset(stopwords.STOPWORDS_DANISH),
    "no": frozenset(stopwords.STOPWORDS_NORWEGIAN),
    "ru": frozenset(stopwords.STOPWORDS_RUSSIAN),
    "tr": frozenset(stopwords.STOPWORDS_TURKISH),
}
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 40_000
_FEWEST_WORDS = 12
_CLEARLY = 0.08
"""What share of a text's words a language's commonest words must have: running speech has 30 to 60 in a hundred."""


def language(text: str) -> str:
    """Return the language's code, `und` if it is none of those known; a text too short to tell is taken for English."""
    sample = text[:_SAMPLE].casefold()
    letters = sum(character.isalpha() for character in sample)
    for code, script in _SCRIPTS.items():
        if letters and len(script.findall(sample)) > 0.15 * letters:
            return code
    words = Counter(_WORD.findall(sample))
    count = sum(words.values())
    if count < _FEWEST_WORDS:
        return ENGLISH
    shares = {code: sum(n for word, n in words.items() if word in known) / count for code, known in _WORDS.items()}
    best = max(shares, key=lambda code: shares[code])
    if shares[best] < _CLEARLY:
        return "und" if count > 8 * _FEWEST_WORDS else ENGLISH
    return best

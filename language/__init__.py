"""Drafts from text, with a language model or without one; knows no Temporal and no database.

What there is to use, and nothing else is meant to be:

- `language.extractive_drafter.ExtractiveDrafter(embeddings)` and `language.llm_drafter.ModelDrafter(endpoint, purse)`
  are drafters (`language.drafter_protocol.Drafter`): `await drafter.draft(request)` takes any of
  `domain.evidence.draft_requests` and returns a `domain.evidence.drafts.Draft`. The extractive one never fails. The
  other raises `language.draft_failures.ModelFailed`, whose `code` is a word of `FAILURES`;
  `language.llm_drafter.instead(base, failed)` is the extractive draft that says so.
- `language.llm_client.Endpoint(base_url, model, api_key, context=…, answer=…, timeout=…)` is a model at an address;
  `Purse` is who pays, `Tally()` one without a bottom.
- `Draft.claims` are all statements of a draft, each with the passages it rests on; `Draft.passages` every passage it
  shows; `Draft.findings` what is said a criterion, with a verdict in a candidate summary by a model; `Draft.topics`
  the passages a criterion or point of the agenda, whoever drafted, five at most, best first. `Draft.making` is for the
  record: model, prompts, tokens, what stood and fell, what was withheld, the source's language, why a model failed.
- `language.embeddings.LocalEmbeddings()` finds passages by meaning too; without any they are sought by their words.
- `language.grounding.Grounded(document, source).quote(words, at)` aligns a quote, or returns None; `stands(text,
  words)` tells whether a statement stands up to its words. The module says what is tolerated.
- `language.injection_filter.prompt_injections(source)` are the places that no drafter reads, because they address a
  machine.

A test or an evaluation that wants a real model: `testing.loopback_model.loopback_model()`.
"""

import os

# Read when NumPy is first imported: small matrices on several threads cost thrice the time in waiting for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

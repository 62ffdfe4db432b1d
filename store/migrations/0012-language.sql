-- What the language room asked models and what it made: for budgets, and for the record of every output.
-- No words are here: a draft is a document, sealed under its subject's key; places in documents are numbers.

-- One row a question that was put to a model. Written before it is put, with as much as it may cost at most, and
-- brought down to what it did cost; whoever died in between leaves the most.
CREATE TABLE IF NOT EXISTS language_calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    requisition text NOT NULL,
    effect text NOT NULL,
    model text NOT NULL,
    tokens_in bigint NOT NULL,
    tokens_out bigint NOT NULL,
    cost numeric(14, 6) NOT NULL,
    settled boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS language_calls_by_requisition ON language_calls (requisition);
CREATE INDEX IF NOT EXISTS language_calls_by_time ON language_calls (at);

-- One row a draft that was given to an entity, under the id of the effect that asked for it.
CREATE TABLE IF NOT EXISTS language_outputs (
    effect text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    stream text NOT NULL,
    requisition text NOT NULL,
    candidate text,
    human text,
    job text NOT NULL,
    draft text NOT NULL,
    drafter text NOT NULL,
    model text,
    prompts text[] NOT NULL,
    rubric_version integer NOT NULL,
    inputs jsonb NOT NULL,
    spans jsonb NOT NULL,
    withheld jsonb NOT NULL,
    language text NOT NULL,
    kept integer NOT NULL,
    dropped integer NOT NULL,
    calls integer NOT NULL,
    tokens_in bigint NOT NULL,
    tokens_out bigint NOT NULL,
    cost numeric(14, 6) NOT NULL,
    failed text
);
CREATE INDEX IF NOT EXISTS language_outputs_by_candidate ON language_outputs (candidate);
CREATE INDEX IF NOT EXISTS language_outputs_by_requisition ON language_outputs (requisition);
CREATE INDEX IF NOT EXISTS language_outputs_by_draft ON language_outputs (draft);

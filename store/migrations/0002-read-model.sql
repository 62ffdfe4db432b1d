-- The read model: rows made from the journal, one stream each, and made again by `tandem rebuild`.

CREATE TABLE IF NOT EXISTS clocks (
    stream text NOT NULL,
    id text NOT NULL,
    requisition text,
    name text NOT NULL,
    about text NOT NULL,
    owner text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    breached_at timestamptz,
    causes text[] NOT NULL,
    stands_since timestamptz,
    pauses jsonb NOT NULL,
    extended boolean NOT NULL,
    ended_at timestamptz,
    ended_as text,
    PRIMARY KEY (stream, id)
);

CREATE INDEX IF NOT EXISTS clocks_running_in_a_search ON clocks (requisition) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS clocks_running_on_a_person ON clocks (owner) WHERE ended_at IS NULL;

CREATE TABLE IF NOT EXISTS tasks (
    stream text NOT NULL,
    id text NOT NULL,
    requisition text,
    kind text NOT NULL,
    reason text NOT NULL,
    raised_at timestamptz NOT NULL,
    PRIMARY KEY (stream, id)
);

CREATE TABLE IF NOT EXISTS requisitions (
    id text PRIMARY KEY,
    title text NOT NULL,
    team_name text NOT NULL,
    phase text NOT NULL,
    standing text NOT NULL,
    recruiter text NOT NULL,
    hiring_manager text NOT NULL,
    people text[] NOT NULL,
    openings integer,
    target_date date,
    confidential boolean NOT NULL,
    version integer NOT NULL,
    view jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS rubrics (
    requisition text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    content_hash text NOT NULL,
    why text,
    signatures jsonb NOT NULL,
    locked_at timestamptz,
    body jsonb NOT NULL,
    PRIMARY KEY (requisition, version)
);

CREATE TABLE IF NOT EXISTS candidates (
    id text PRIMARY KEY,
    requisition text NOT NULL,
    human text NOT NULL,
    stage text NOT NULL,
    stage_since timestamptz NOT NULL,
    standing text NOT NULL,
    source text NOT NULL,
    version integer NOT NULL,
    view jsonb NOT NULL
);

CREATE INDEX IF NOT EXISTS candidates_of_a_search ON candidates (requisition, stage_since);
CREATE INDEX IF NOT EXISTS candidates_of_a_human ON candidates (human);

CREATE TABLE IF NOT EXISTS agency_claims (
    candidate text PRIMARY KEY,
    human text NOT NULL,
    agency text NOT NULL,
    brought_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS agency_claims_on_a_human ON agency_claims (human);

CREATE TABLE IF NOT EXISTS meetings (
    stream text NOT NULL,
    id text NOT NULL,
    person text NOT NULL,
    requisition text,
    kind text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (stream, id, person)
);

CREATE INDEX IF NOT EXISTS meetings_of_a_person ON meetings (person, starts_at);

CREATE TABLE IF NOT EXISTS offers (
    requisition text NOT NULL,
    candidate text NOT NULL,
    human text NOT NULL,
    offer text NOT NULL,
    stands boolean NOT NULL,
    PRIMARY KEY (requisition, candidate)
);

CREATE INDEX IF NOT EXISTS offers_standing_to_a_human ON offers (human) WHERE stands;

CREATE TABLE IF NOT EXISTS retro_changes (
    id text PRIMARY KEY,
    requisition text NOT NULL,
    hiring_manager text NOT NULL,
    team_name text NOT NULL,
    side text NOT NULL,
    text text NOT NULL,
    concluded_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS inherited_changes (
    requisition text NOT NULL,
    change text NOT NULL,
    resolution text NOT NULL,
    PRIMARY KEY (requisition, change)
);

CREATE TABLE IF NOT EXISTS person_views (
    person text PRIMARY KEY,
    version integer NOT NULL,
    view jsonb NOT NULL
);

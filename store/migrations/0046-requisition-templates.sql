-- Templates of requisitions: the company's own words about jobs, and nothing of an applicant or of what was said at an
-- intake. Which requisition was opened from which.

CREATE TABLE IF NOT EXISTS requisition_templates (
    id text PRIMARY KEY,
    name text NOT NULL,
    content jsonb NOT NULL,
    requisition text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    retired_by text,
    retired_at timestamptz
);

CREATE TABLE IF NOT EXISTS requisition_template_uses (
    requisition text PRIMARY KEY,
    template text NOT NULL REFERENCES requisition_templates (id),
    used_by text NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS uses_of_template ON requisition_template_uses (template);

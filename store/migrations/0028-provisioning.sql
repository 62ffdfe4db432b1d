-- Users and groups as the company's provider provisions them (SCIM): what it calls a user, and who is in which group.
-- One it has deleted has left; it is shown to the provider no more, until they are back.

CREATE TABLE IF NOT EXISTS provisioned_users (
    person text PRIMARY KEY,
    user_name text NOT NULL,
    external_id text,
    deleted_at timestamptz
);

CREATE UNIQUE INDEX IF NOT EXISTS provisioned_users_by_name
    ON provisioned_users (lower(user_name)) WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS provisioned_users_by_external_id ON provisioned_users (external_id);

CREATE TABLE IF NOT EXISTS provisioned_groups (
    id text PRIMARY KEY,
    name text NOT NULL,
    external_id text
);

CREATE UNIQUE INDEX IF NOT EXISTS provisioned_groups_by_name ON provisioned_groups (lower(name));

CREATE TABLE IF NOT EXISTS provisioned_members (
    group_id text NOT NULL REFERENCES provisioned_groups (id) ON DELETE CASCADE,
    person text NOT NULL REFERENCES people (id),
    PRIMARY KEY (group_id, person)
);

CREATE INDEX IF NOT EXISTS provisioned_groups_of_a_person ON provisioned_members (person);

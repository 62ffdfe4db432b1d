#!/bin/sh
# Tandem's role owns the schema of its database and nothing else; see docs/operations.md, "A PostgreSQL of your own".
set -eu
psql --set ON_ERROR_STOP=1 --set password="$TANDEM_DATABASE_PASSWORD" --username postgres <<'SQL'
CREATE ROLE tandem LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE DATABASE tandem;
\connect tandem
ALTER SCHEMA public OWNER TO tandem;
SQL

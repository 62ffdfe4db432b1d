#!/bin/sh
# Makes Temporal's two databases, or brings them up to the server's version; what is there already stays.
set -eu
versioned=/etc/temporal/schema/postgresql/v12
for database in temporal temporal_visibility; do
  temporal-sql-tool --database "$database" create-database || echo "$database is there already"
  temporal-sql-tool --database "$database" setup-schema --version 0.0 || echo "$database has its tables already"
done
temporal-sql-tool --database temporal update-schema --schema-dir "$versioned/temporal/versioned"
temporal-sql-tool --database temporal_visibility update-schema --schema-dir "$versioned/visibility/versioned"

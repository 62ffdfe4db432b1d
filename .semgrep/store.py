"""What the rules beside this catch, and what they let be. Read by `semgrep --test` alone; nothing runs it."""

_COLUMNS = "id, name"


async def bad(pool, name, order):
    # ruleid: sql-from-values
    await pool.fetch(f"SELECT id FROM people WHERE name = '{name}'")
    # ruleid: sql-from-values
    await pool.fetchrow(f"SELECT {_COLUMNS} FROM people ORDER BY {order} LIMIT $1", 5)
    # ruleid: sql-from-values
    await pool.execute("DELETE FROM people WHERE name = '" + name + "'")
    # ruleid: sql-from-values
    await pool.fetchval("SELECT id FROM people WHERE name = '%s'" % name)
    # ruleid: sql-from-values
    await pool.fetch("SELECT id FROM people ORDER BY {}".format(order))


async def good(pool, name, values):
    # ok: sql-from-values
    await pool.fetch("SELECT id FROM people WHERE name = $1", name)
    # ok: sql-from-values
    await pool.fetchrow(f"SELECT {_COLUMNS} FROM people WHERE name = $1", name)
    # ok: sql-from-values
    await pool.fetch(f"SELECT {_COLUMNS} FROM people LIMIT ${len(values) + 1}", *values, 5)

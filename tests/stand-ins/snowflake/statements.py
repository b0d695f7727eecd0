"""Statements that fakesnow has not: they are answered here, or written in a form that it has."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

from fakesnow.fakes import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
PATH = rf"{NAME}(?:\.{NAME}){{0,2}}"


@dataclass
class Answer:
    """An answer made here: names and rows; the columns of `numbers` are whole numbers, the others texts."""

    names: list[str]
    rows: list[tuple]
    numbers: set[str] = field(default_factory=set)


@dataclass
class Warehouse:
    """What the account holds beside DuckDB's catalog."""

    grants: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    dynamic: dict[str, dict[str, str]] = field(default_factory=dict)
    secure: set[str] = field(default_factory=set)
    warehouses: set[str] = field(default_factory=lambda: {"TRANSFORMING", "BIG"})
    roles: set[str] = field(default_factory=lambda: {"TRANSFORMER", "REPORTER", "ANALYST"})


SUCCESS = Answer(["status"], [("Statement executed successfully.",)])


def strip(sql: str) -> str:
    """A statement without the comments around it, its blanks and its semicolon."""
    text = re.sub(r"(\s*/\*(?:(?!\*/).)*\*/|[\s;])+$", "", sql.strip(), flags=re.S)
    while found := re.match(r"(--[^\n]*\n?|//[^\n]*\n?|/\*.*?\*/)\s*", text, re.S):
        text = text[found.end():]
    return text.rstrip().rstrip(";").rstrip()


def fold(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.upper()


def parts(conn: FakeSnowflakeConnection, path: str) -> tuple[str, str, str]:
    names = [fold(name) for name in re.findall(NAME, path)]
    database, schema = conn.database or "", conn.schema or ""
    if len(names) == 1:
        return database, schema, names[0]
    return (database, *names) if len(names) == 2 else (names[0], names[1], names[2])


def quoted(path: tuple[str, ...]) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in path)


def missing(message: str) -> ProgrammingError:
    return ProgrammingError(msg=f"SQL compilation error:\n{message}", errno=2043, sqlstate="02000")


def rows_of(conn: FakeSnowflakeConnection, sql: str, values: list[Any]) -> list[tuple]:
    with conn._duck_conn.cursor() as cursor:  # noqa: SLF001
        return cursor.execute(sql, values).fetchall()


OBJECTS = """
select name, kind, comment, rows from (
  select table_name as name, 'TABLE' as kind, comment, 0 as rows, database_name, schema_name from duckdb_tables()
  union all
  select view_name, 'VIEW', comment, null, database_name, schema_name from duckdb_views() where not internal
) where upper(database_name) = upper(?) and upper(schema_name) = upper(?) and name > ? order by name limit ?
"""


def show_objects(warehouse: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    database, schema = ([fold(name) for name in re.findall(NAME, found[1])] + [""])[:2]
    if schema == "":
        database, schema = conn.database or "", database
    if not rows_of(conn, "select 1 from duckdb_schemas() where upper(database_name) = ? and upper(schema_name) = ?",
                   [database.upper(), schema.upper()]):
        raise missing("Object does not exist, or operation cannot be performed.")
    limit, after = int(found[2] or 10_000), found[3] or ""
    names = ["created_on", "name", "database_name", "schema_name", "kind", "comment", "rows", "is_dynamic", "is_iceberg"]
    rows = [
        ("2024-01-01", name, database, schema, kind, comment or "",
         None if count is None else rows_of(conn, f"select count(*) from {quoted((database, schema, name))}", [])[0][0],
         "Y" if f"{database}.{schema}.{name}" in warehouse.dynamic else "N", "N")
        for name, kind, comment, count in rows_of(conn, OBJECTS, [database, schema, after, limit])
    ]
    return Answer(names, rows)


def show_schemas(_: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    database = fold(found[1])
    if not rows_of(conn, "select 1 from duckdb_databases() where upper(database_name) = upper(?)", [database]):
        raise missing("Object does not exist, or operation cannot be performed.")
    rows = rows_of(
        conn,
        "select schema_name from duckdb_schemas() where upper(database_name) = upper(?) "
        "and schema_name not in ('main', 'pg_catalog', '_fs_information_schema') and upper(schema_name) > upper(?) order by 1 limit ?",
        [database, found[3] or "", int(found[2] or 10_000)],
    )
    return Answer(["created_on", "name", "kind", "database_name", "schema_name"],
                  [("2024-01-01", row[0], None, database, None) for row in rows])


def use(warehouse: Warehouse, _: FakeSnowflakeConnection, found: re.Match) -> Answer:
    kind, name = found[1].lower(), fold(found[2])
    if name not in (warehouse.warehouses if kind == "warehouse" else warehouse.roles):
        raise missing(f"Object does not exist, or operation cannot be performed. ({kind} {name})")
    return SUCCESS


def create_warehouse(warehouse: Warehouse, _: FakeSnowflakeConnection, found: re.Match) -> Answer:
    warehouse.warehouses.add(fold(found[1]))
    return Answer(["status"], [(f"Warehouse {fold(found[1])} successfully created.",)])


def grant(warehouse: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    given, privilege, path, role = found[1].lower() == "grant", found[2].upper(), found[3], fold(found[4])
    if role not in warehouse.roles:
        raise missing(f"Role '{role}' does not exist or not authorized.")
    held = warehouse.grants.setdefault(".".join(parts(conn, path)), [])
    if given and (privilege, role) not in held:
        held.append((privilege, role))
    if not given and (privilege, role) in held:
        held.remove((privilege, role))
    return SUCCESS


def show_grants(warehouse: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    rows = [("2024-01-01", privilege, "TABLE", found[1], "ROLE", role, "false", "ADMIN")
            for privilege, role in warehouse.grants.get(".".join(parts(conn, found[1])), [])]
    names = ["created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by"]
    return Answer(names, rows)


def swap(_: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    one, other = parts(conn, found[1]), parts(conn, found[2])
    aside = f"{one[2]}__SWAPPED"
    with conn._duck_conn.cursor() as cursor:  # noqa: SLF001
        cursor.execute("begin")
        cursor.execute(f"alter table {quoted(one)} rename to {quoted((aside,))}")
        cursor.execute(f"alter table {quoted(other)} rename to {quoted((one[2],))}")
        cursor.execute(f"alter table {quoted((*one[:2], aside))} rename to {quoted((other[2],))}")
        cursor.execute("commit")
    return SUCCESS


def show_dynamic(warehouse: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    database, schema, name = parts(conn, f"{found[2]}.{NAME_OF_LIKE(found[1])}")
    options = warehouse.dynamic.get(f"{database}.{schema}.{name}")
    names = ["name", "schema_name", "database_name", *DYNAMIC_OPTIONS]
    return Answer(names, [] if options is None else [(name, schema, database, *[options[one] for one in DYNAMIC_OPTIONS])])


DYNAMIC_OPTIONS = ["text", "target_lag", "warehouse", "initialization_warehouse", "refresh_mode", "scheduler", "cluster_by", "immutable_where"]


def show_tables(warehouse: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    """The kind of a dynamic table, which `show dynamic tables` does not tell."""
    database, schema, name = parts(conn, f"{found[2]}.{NAME_OF_LIKE(found[1])}")
    options = warehouse.dynamic.get(f"{database}.{schema}.{name}")
    return Answer(["name", "database_name", "schema_name", "kind"],
                  [] if options is None else [(name, database, schema, options["kind"])])


def NAME_OF_LIKE(pattern: str) -> str:  # noqa: N802
    return '"' + pattern.replace("\\\\", "").replace("\\", "") + '"'


def alter_dynamic(warehouse: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    options = warehouse.dynamic.get(".".join(parts(conn, found[1])))
    if options is None:
        raise missing(f"Dynamic table '{found[1]}' does not exist or not authorized.")
    change = found[2]
    if change.lower() == "unset initialization_warehouse":
        options["initialization_warehouse"] = ""
    elif key := re.match(r"cluster by \((.*)\)$", change, re.I):
        options["cluster_by"] = f"LINEAR({key[1]})"
    elif change.lower() == "drop clustering key":
        options["cluster_by"] = ""
    elif where := re.match(r"(?:set immutable where \((.*)\)|unset immutable where)$", change, re.I):
        options["immutable_where"] = f"IMMUTABLE WHERE ({where[1]})" if where[1] else ""
    elif re.match(r"set( (target_lag|warehouse|initialization_warehouse|scheduler) = ('[^']*'|\w+))+$", change, re.I):
        for key, value in re.findall(r"\b(target_lag|warehouse|initialization_warehouse|scheduler) = ('[^']*'|\w+)", change, re.I):
            options[key.lower()] = value.strip("'")
    elif change.lower() != "refresh":
        raise ProgrammingError(msg=f"SQL compilation error:\nsyntax error: unexpected '{change}'.", errno=1003, sqlstate="42000")
    return SUCCESS


def comment(_: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    path = parts(conn, found[1])
    view = rows_of(conn, "select 1 from duckdb_views() where database_name = ? and schema_name = ? and view_name = ?", list(path))
    with conn._duck_conn.cursor() as cursor:  # noqa: SLF001
        cursor.execute(f"comment on {'view' if view else 'table'} {quoted(path)} is {found[2]}")
    return SUCCESS


def column_comments(_: Warehouse, conn: FakeSnowflakeConnection, found: re.Match) -> Answer:
    table = quoted(parts(conn, found[1]))
    with conn._duck_conn.cursor() as cursor:  # noqa: SLF001
        for name, text in re.findall(rf"(?:column )?({NAME}) comment ('(?:[^']|'')*')", found[2], re.I):
            cursor.execute(f"comment on column {table}.{name} is {text}")
    return SUCCESS


def current_warehouse(_: Warehouse, __: FakeSnowflakeConnection, ___: re.Match) -> Answer:
    return Answer(["WAREHOUSE"], [("TRANSFORMING",)])


def show_parameter(_: Warehouse, __: FakeSnowflakeConnection, found: re.Match) -> Answer:
    return Answer(["key", "value", "default", "level", "description", "type"], [(found[1].upper(), "", "", "", "", "STRING")])


def no_functions(_: Warehouse, __: FakeSnowflakeConnection, ___: re.Match) -> Answer:
    return Answer(["created_on", "name", "schema_name", "catalog_name", "is_builtin"], [])


WAREHOUSE = r"(?: (?:warehouse_size|auto_suspend|auto_resume|initially_suspended|comment) = (?:\w+|'[^']*'))*"
ANSWERS = [
    (re.compile(rf"create warehouse if not exists ({NAME}){WAREHOUSE}$", re.I), create_warehouse),
    (re.compile(rf"comment on (?:table|view|dynamic table) ({PATH}) is ('.*')$", re.I), comment),
    (re.compile(rf"alter table ({PATH}) alter ((?:column )?{NAME} comment .*)$", re.I), column_comments),
    # What upsql does not send, but dbt-snowflake, which is counted beside it.
    (re.compile(r"select current_warehouse\(\) as warehouse$", re.I), current_warehouse),
    (re.compile(r"show parameters like '(\w+)' in session$", re.I), show_parameter),
    (re.compile(rf"show user functions in {NAME}\.{NAME}$", re.I), no_functions),
    (re.compile(rf"show objects in (?:schema )?({NAME}(?:\.{NAME})?)(?: limit (\d+))?(?: from '([^']*)')?$", re.I), show_objects),
    (re.compile(rf"show terse schemas in database ({NAME})(?: limit (\d+))?(?: from '([^']*)')?$", re.I), show_schemas),
    (re.compile(rf"use (warehouse|role) ({NAME})$", re.I), use),
    (re.compile(rf"(grant|revoke) ([\w ]+?) on (?:table |view |dynamic table )?({PATH}) (?:to|from) (?:role )?({NAME})$", re.I), grant),
    (re.compile(rf"show grants on (?:table |view |dynamic table )?({PATH})$", re.I), show_grants),
    (re.compile(rf"alter table ({PATH}) swap with ({PATH})$", re.I), swap),
    (re.compile(rf"show dynamic tables like '([^']*)' in schema ({NAME}\.{NAME})$", re.I), show_dynamic),
    (re.compile(rf"show tables like '([^']*)' in schema ({NAME}\.{NAME})$", re.I), show_tables),
    (re.compile(rf"alter dynamic table ({PATH}) (.*)$", re.I | re.S), alter_dynamic),
]

# fakesnow has no MERGE within a transaction. Where statements are only counted, none is begun.
NO_TRANSACTIONS = os.environ.get("UPSQL_STAND_IN_NO_TRANSACTIONS") == "1"

NOTHING = re.compile(r"(alter session (set|unset)\b|alter (iceberg )?table \S+ (resume|suspend) recluster|alter (iceberg )?table \S+ cluster by)", re.I)

DYNAMIC = re.compile(rf"create (?:or replace )?(?:transient )?dynamic (?:iceberg )?table (?:if not exists )?({PATH})\s+(.*?)\bas\b\s*(.*)$", re.I | re.S)


COMMENTED = re.compile(rf"create (?:or replace )?(?:transient )?table ({PATH})\s(?:(?!\bas\b).)*?\bcomment = ('(?:[^'\\]|''|\\.)*')", re.I | re.S)


def comment_of(sql: str) -> tuple[str, str] | None:
    """The table of a `create table ... comment = '...'` and the comment, which is set behind it."""
    found = COMMENTED.match(strip(sql))
    return (found[1], found[2]) if found else None


def answer(warehouse: Warehouse, conn: FakeSnowflakeConnection, sql: str) -> Answer | None:
    """The answer to a statement that is known here alone; None for all that fakesnow runs."""
    text = re.sub(r"\$\$(.*?)\$\$", lambda found: "'" + found[1].replace("'", "''") + "'", re.sub(r"\s+", " ", strip(sql)))
    if NOTHING.match(text) or (NO_TRANSACTIONS and re.fullmatch(r"(begin|commit|rollback)( transaction)?", text, re.I)):
        return SUCCESS
    for pattern, handle in ANSWERS:
        if found := pattern.match(text):
            return handle(warehouse, conn, found)
    return None


def rewrite(warehouse: Warehouse, conn: FakeSnowflakeConnection, sql: str) -> str:
    """A statement in a form that fakesnow runs to the same end."""
    text = strip(sql)
    if found := DYNAMIC.match(text):
        path, options, query = found[1], found[2], found[3]
        def option(key: str, otherwise: str = "") -> str:
            got = re.search(rf"(?<!_){key}\s*=\s*('[^']*'|\w+)", options, re.I)
            return got[1].strip("'") if got else otherwise
        keys, immutable = re.search(r"cluster by \(([^()]*)\)", options, re.I), re.search(r"immutable where \((.*)\)\s*$", options, re.I | re.S)
        warehouse.dynamic[".".join(parts(conn, path))] = {
            "text": text, "target_lag": option("target_lag"), "warehouse": option("warehouse").upper(),
            "initialization_warehouse": option("initialization_warehouse"), "refresh_mode": option("refresh_mode", "AUTO").upper(),
            "scheduler": option("scheduler", "ENABLE").upper(), "cluster_by": f"LINEAR({keys[1]})" if keys else "",
            "immutable_where": f"IMMUTABLE WHERE ({immutable[1]})" if immutable else "",
            "kind": "TRANSIENT" if re.match(r"create (or replace )?transient", text, re.I) else "TABLE",
        }
        return f"create or replace table {path} as {query}"
    if found := re.match(rf"drop dynamic table (if exists )?({PATH})", text, re.I):
        warehouse.dynamic.pop(".".join(parts(conn, found[2])), None)
        return f"drop table {found[1] or ''}{found[2]}"
    # fakesnow does not know which side of a merge the inserted values are of.
    if found := re.match(r"(merge\s+into\b.*\busing\s+\S+\s+as\s+(\w+)\b.*\bvalues\s*\()([^()]*)(\).*)$", text, re.I | re.S):
        values = ", ".join(one.strip() if "." in one else f"{found[2]}.{one.strip()}" for one in found[3].split(","))
        text = found[1] + values + found[4]
    # DuckDB has temporary tables in a catalog of their own; here every session names its own.
    head = re.match(r"create\s+(or\s+replace\s+)?(local\s+|global\s+)?(temp|temporary|transient)\s+(table|view)\b", text, re.I)
    if head:
        text = f"create {head[1] or ''}{head[4]}{text[head.end():]}"
    text = re.sub(r"^(create (?:or replace )?)(secure |iceberg )", r"\1", text, flags=re.I)
    if re.match(r"create\b", text, re.I):
        body = re.search(r"\bas\b", text, re.I)
        front, rest = (text[: body.start()], text[body.start():]) if body else (text, "")
        front = re.sub(r"\bpartition by \((?:[^()]|\([^()]*\))*\)|\bcopy tags\b", "", front, flags=re.I)
        front = re.sub(r"\bcopy grants\b", "", front, flags=re.I)
        front = re.sub(r"\bwith row access policy [\w.\"$]+ on \([^()]*\)|\bwith tag \((?:[^()']|'[^']*')*\)", "", front, flags=re.I)
        front = re.sub(r"\bcluster by\s*\((?:[^()]|\([^()]*\))*\)", "", front, flags=re.I)
        front = re.sub(r"\b(comment|external_volume|catalog|base_location|target_file_size|auto_refresh|iceberg_version|max_data_extension_time_in_days|storage_serialization_policy|data_retention_time_in_days|change_tracking)\s*=\s*('[^']*'|\w+)", "", front, flags=re.I)
        text = front + rest
    if found := re.match(rf"drop (view|table) (if exists )?({PATH})( cascade)?$", text, re.I):
        text = f"drop {found[1]} {found[2] or ''}{found[3]}"
    return text

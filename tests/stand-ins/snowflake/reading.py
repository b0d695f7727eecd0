"""Every statement is read by sqlglot's parser of Snowflake's SQL, which is stricter than what runs it."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

# What sqlglot keeps as a text instead of reading it, with the reason why that is all right. All else it has to read.
KEPT_WHOLE = {
    r"alter session (set|unset)\b": "session parameters: no grammar in sqlglot",
    r"alter (iceberg )?table \S+ (swap with|resume recluster|suspend recluster)\b": "clustering and swap: no grammar in sqlglot",
    r"show (terse schemas|objects|user functions|grants|dynamic tables|tables|parameters|stages)\b": "forms of SHOW that sqlglot does not know; answered by statements.py",
    r"(grant|revoke)\b": "checked by statements.py, which knows roles and privileges",
    r"use (warehouse|role)\b": "checked by statements.py",
    r"call\b": "procedures: arguments are opaque to sqlglot",
    r"describe\b": "forms of DESCRIBE",
    r"comment on dynamic table\b": "sqlglot knows comments on tables and views",
    r"create or replace (secure |transient |iceberg )*(table|view) \S+ (copy grants )?copy tags\b": "COPY TAGS: no grammar in sqlglot",
    r"alter table \S+ alter (column )?\S+ comment\b": "comments of several columns: checked by statements.py",
    r"begin$": "the transaction's own word",
    r"(create or replace|alter|drop) (transient )?dynamic (iceberg )?table\b": "checked by statements.py",
    r"(create or replace|create|alter|drop)( temporary)? (stage|file format)\b": "read whole by stage_syntax.py, where an unknown option fails",
    r"(list|ls|remove|rm|put|get)\b": "read whole by stage_syntax.py",
    r"copy into\b": "read whole by stage_syntax.py where sqlglot gives up",
    r"(alter|create)( or replace)? (table|view) \S+ (add|drop|modify|set) (row access policy|tag)\b": "governance: no grammar in sqlglot",
}
KEPT = re.compile("|".join(KEPT_WHOLE), re.I)


def bare(sql: str) -> str:
    """A statement without comments around it, on one line."""
    text = re.sub(r"^\s*(/\*.*?\*/|--[^\n]*\n)\s*", "", sql, flags=re.S)
    text = re.sub(r"\s*/\*(?:(?!\*/).)*\*/\s*$", "", text, flags=re.S)
    return re.sub(r"\s+", " ", text).strip().rstrip("; ")


def reading(sql: str) -> str:
    """`ok`, `kept` for a statement of KEPT_WHOLE, or the parser's complaint."""
    try:
        expressions = sqlglot.parse(sql, read="snowflake", error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        return "kept" if KEPT.match(bare(sql)) else str(error)
    if any(isinstance(one, exp.Command) for one in expressions):
        return "kept" if KEPT.match(bare(sql)) else "sqlglot does not know this statement"
    return "ok"

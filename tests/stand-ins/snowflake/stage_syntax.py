"""The grammar of stages, file formats and COPY: tokens, stage references and options. What it does not know is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from snowflake.connector.errors import ProgrammingError

TOKEN = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/
    |(?P<string>'(?:[^'\\]|''|\\.)*')|(?P<dollars>\$\$.*?\$\$)|(?P<quoted>"(?:[^"]|"")*")
    |(?P<stage>@[^\s'();,]+)|(?P<file>file://[^\s']+)|(?P<arrow>=>|::)|(?P<number>-?\d+(?:\.\d+)?%?)(?![\w])|(?P<word>[A-Za-z_$%][\w$%]*)|(?P<mark>.)""",
    re.X | re.S,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


def syntax_error(token: Token | None, sql: str) -> ProgrammingError:
    at = token.start if token else len(sql)
    line, place = sql.count("\n", 0, at) + 1, at - sql.rfind("\n", 0, at) - 1
    return ProgrammingError(
        msg=f"SQL compilation error:\nsyntax error line {line} at position {place} unexpected '{token.text if token else '<EOF>'}'.",
        errno=1003, sqlstate="42000")


def invalid(message: str, errno: int = 1008) -> ProgrammingError:
    return ProgrammingError(msg=f"SQL compilation error:\n{message}", errno=errno, sqlstate="42601")


def unescape(text: str) -> str:
    def one(found: re.Match) -> str:
        piece = found[0]
        if piece == "''":
            return "'"
        if found[1]:
            return chr(int(found[1], 16))
        return ESCAPES.get(piece[1], piece[1])
    return re.sub(r"''|\\x([0-9A-Fa-f]{2})|\\.", one, text, flags=re.S)


class Tokens:
    """A statement's tokens, taken one after another."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.all = [Token(m.lastgroup, m[0], m.start(), m.end()) for m in TOKEN.finditer(sql) if m.lastgroup]
        self.at = 0

    def peek(self, ahead: int = 0) -> Token | None:
        return self.all[self.at + ahead] if self.at + ahead < len(self.all) else None

    def next(self) -> Token:
        token = self.peek()
        if token is None:
            raise syntax_error(None, self.sql)
        self.at += 1
        return token

    def word(self, *words: str) -> bool:
        """Takes the words when they come next."""
        for i, word in enumerate(words):
            token = self.peek(i)
            if token is None or token.text.lower() != word:
                return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.word(word):
                raise syntax_error(self.peek(), self.sql)

    def end(self) -> None:
        self.word(";")
        if self.peek() is not None:
            raise syntax_error(self.peek(), self.sql)

    def name(self) -> str:
        """A name of one to three parts, as it is written."""
        parts = []
        while True:
            token = self.next()
            if token.kind not in ("word", "quoted"):
                raise syntax_error(token, self.sql)
            parts.append(token.text)
            if not self.word("."):
                return ".".join(parts)

    def stage(self) -> str:
        token = self.next()
        if token.kind == "stage":
            text = token.text[1:]
            # A quoted name within: @"DB"."S"."N"/path
            return text
        if token.kind == "string" and token.text[1:2] == "@":
            return unescape(token.text[1:-1])[1:]
        raise syntax_error(token, self.sql)

    def group(self) -> tuple[int, int]:
        """The span within a pair of parentheses."""
        opening = self.next()
        if opening.text != "(":
            raise syntax_error(opening, self.sql)
        depth = 1
        while depth:
            token = self.next()
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        return opening.end, token.start

    def value(self) -> Any:
        token = self.next()
        if token.kind == "string":
            return unescape(token.text[1:-1])
        if token.kind == "dollars":
            return token.text[2:-2]
        if token.text == "(":
            return self.listed()
        if token.kind == "number":
            return token.text
        if token.kind in ("word", "quoted"):
            self.at -= 1
            return Word(self.name())
        raise syntax_error(token, self.sql)

    def listed(self) -> Any:
        """A list of values, or options where each one is `key = value`."""
        if self.word(")"):
            return []
        second = self.peek(1)
        if second is not None and second.text == "=":
            return self.options(")")
        items = [self.value()]
        while self.word(","):
            items.append(self.value())
        self.expect(")")
        return items

    def options(self, until: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            token = self.peek()
            if token is None or token.text == ";":
                if until:
                    raise syntax_error(token, self.sql)
                return found
            if until and token.text == until:
                self.at += 1
                return found
            self.word(",")
            key = self.next()
            if key.kind != "word":
                raise syntax_error(key, self.sql)
            self.expect("=")
            if key.text.lower() in found:
                raise invalid(f"duplicate property '{key.text.upper()}'", 1016)
            found[key.text.lower()] = self.value()


class Word(str):
    """A value that is a bare word: a name, TRUE, NONE."""


def boolean(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise invalid(f"invalid value [{value}] for a boolean parameter")
    return str(value).lower() == "true"


CSV = {
    "compression": "auto", "record_delimiter": "\n", "field_delimiter": ",", "skip_header": 0, "parse_header": False,
    "skip_blank_lines": False, "date_format": "auto", "time_format": "auto", "timestamp_format": "auto", "binary_format": "hex",
    "escape": None, "escape_unenclosed_field": "\\", "trim_space": False, "field_optionally_enclosed_by": None,
    "null_if": ["\\N"], "error_on_column_count_mismatch": True, "replace_invalid_characters": False,
    "empty_field_as_null": True, "skip_byte_order_mark": True, "encoding": "utf-8", "file_extension": None, "multi_line": True,
}
JSON = {
    "compression": "auto", "date_format": "auto", "time_format": "auto", "timestamp_format": "auto", "binary_format": "hex",
    "trim_space": False, "null_if": [], "file_extension": None, "enable_octal": False, "allow_duplicate": False,
    "strip_outer_array": False, "strip_null_values": False, "replace_invalid_characters": False,
    "ignore_utf8_errors": False, "skip_byte_order_mark": True, "multi_line": True,
}
PARQUET = {
    "compression": "auto", "snappy_compression": True, "binary_as_text": True, "use_logical_type": False, "trim_space": False,
    "use_vectorized_scanner": False, "replace_invalid_characters": False, "null_if": [],
}
TYPES = {"csv": CSV, "json": JSON, "parquet": PARQUET}


def complete_format(given: dict[str, Any]) -> dict[str, Any]:
    """The options of a file format with Snowflake's defaults; an option that its type does not have is an error."""
    kind = str(given.get("type", "csv")).lower()
    if kind not in TYPES:
        raise invalid(f"invalid value [{kind}] for parameter 'TYPE'")
    known = TYPES[kind]
    out: dict[str, Any] = {"type": kind, **known}
    for key, value in given.items():
        if key in ("type", "comment"):
            continue
        if key not in known:
            raise invalid(f"invalid parameter '{key.upper()}'", 1423)
        if isinstance(known[key], bool):
            out[key] = boolean(value)
        elif key == "skip_header":
            out[key] = int(value)
        elif key == "null_if":
            out[key] = [str(one) for one in (value if isinstance(value, list) else [value])]
        else:
            out[key] = None if isinstance(value, Word) and value.lower() == "none" else str(value)
    if kind == "csv" and out["parse_header"] and out["skip_header"]:
        raise invalid("PARSE_HEADER and SKIP_HEADER cannot both be set")
    return out

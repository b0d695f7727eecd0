"""Files on a stage as rows: CSV, JSON and Parquet, read as Snowflake documents it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass
class Broken:
    """A row that can't be used. Lines and rows count from 1."""

    row: int
    line: int
    error: str
    code: int
    state: str
    record: str = ""
    character: int = 1
    column: str | None = None


@dataclass
class FileRows:
    """Rows of texts (CSV) or of one document (JSON, Parquet: JSON texts), each with its row and line number."""

    rows: list[list[str | None]] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    header: list[str] | None = None
    broken: list[Broken] = field(default_factory=list)
    parsed: int = 0


def unpack(data: bytes, compression: str) -> bytes:
    kind = compression.lower()
    if kind in ("auto", "gzip") and data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if kind == "auto" and data[:3] == b"BZh" or kind == "bz2":
        return bz2.decompress(data)
    if kind in ("auto", "zstd") and data[:4] == b"\x28\xb5\x2f\xfd":
        return pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()
    if kind == "gzip":
        raise ValueError("Invalid data encountered during decompression, compression type used: GZIP")
    return data


def _split_record(text: str, at: int, fmt: dict[str, Any]) -> tuple[list[tuple[str, bool]], int, str | None]:
    """Fields (with whether they were enclosed) from `at`, where the next record starts, and a complaint."""
    delimiter, quote = fmt["field_delimiter"], fmt["field_optionally_enclosed_by"]
    escape, plain_escape = fmt["escape"], fmt["escape_unenclosed_field"]
    fields: list[tuple[str, bool]] = []
    size, complaint = len(text), None
    while True:
        while fmt["trim_space"] and at < size and text[at] in " \t":
            at += 1
        if quote and at < size and text[at] == quote:
            pieces, at, closed = [], at + 1, False
            while at < size:
                stop = at
                while stop < size and text[stop] != quote and text[stop] != escape:
                    stop += 1
                pieces.append(text[at:stop])
                at = stop
                if at >= size:
                    break
                if escape and text[at] == escape and escape != quote:
                    pieces.append(text[at + 1: at + 2])
                    at += 2
                elif text[at + 1: at + 2] == quote:
                    pieces.append(quote)
                    at += 2
                else:
                    at, closed = at + 1, True
                    break
            if not closed:
                return fields, size, "Found end of file inside of an enclosed field"
            fields.append(("".join(pieces), True))
            while fmt["trim_space"] and at < size and text[at] in " \t":
                at += 1
            if at < size and not text.startswith(delimiter, at) and text[at] not in "\r\n":
                complaint = complaint or f"Found character '{text[at]}' instead of field delimiter '{delimiter}'"
                stop = re.compile(r"[\r\n]").search(text, at)
                at = stop.start() if stop else size
        else:
            stop = at
            while stop < size and text[stop] not in "\r\n" and not text.startswith(delimiter, stop):
                stop += 2 if plain_escape and text[stop] == plain_escape else 1
            stop = min(stop, size)
            value = text[at:stop]
            if plain_escape and plain_escape in value and value not in fmt["null_if"]:
                value = re.sub(re.escape(plain_escape) + r"(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), value, flags=re.S)
            fields.append((value.strip() if fmt["trim_space"] else value, False))
            at = stop
        if text.startswith(delimiter, at):
            at += len(delimiter)
            continue
        if text.startswith("\r\n", at):
            at += 2
        elif at < size:
            at += 1
        return fields, at, complaint


def _quick(fmt: dict[str, Any]) -> re.Pattern | None:
    """One field with what ends it, for the usual formats; a record that it does not take is read character by character."""
    delimiter, quote = fmt["field_delimiter"], fmt["field_optionally_enclosed_by"]
    if len(delimiter) != 1 or not quote or fmt["escape"] or fmt["escape_unenclosed_field"] or fmt["trim_space"]:
        return None
    d, q = re.escape(delimiter), re.escape(quote)
    return re.compile(rf"(?:{q}((?:[^{q}]|{q}{q})*){q}|([^{q}{d}\r\n][^{d}\r\n]*|))({d}|\r?\n|\Z)")


def _quick_record(pattern: re.Pattern, text: str, at: int, fmt: dict[str, Any]) -> tuple[list[tuple[str, bool]], int] | None:
    fields, quote, delimiter = [], fmt["field_optionally_enclosed_by"], fmt["field_delimiter"]
    while True:
        found = pattern.match(text, at)
        if found is None:
            return None
        enclosed = found[1] is not None
        fields.append((found[1].replace(quote * 2, quote), True) if enclosed else (found[2], False))
        at = found.end()
        if found[3] != delimiter:
            return fields, at


def csv_rows(data: bytes, fmt: dict[str, Any]) -> FileRows:
    text = data.decode(fmt["encoding"], "replace" if fmt["replace_invalid_characters"] else "strict").removeprefix("\ufeff")
    out, at, line, record = FileRows(), 0, 1, 0
    nulls, pattern = set(fmt["null_if"]), _quick(fmt)
    while at < len(text):
        quick = _quick_record(pattern, text, at, fmt) if pattern else None
        fields, end, complaint = (*quick, None) if quick else _split_record(text, at, fmt)
        raw = text[at:end].rstrip("\r\n")
        start, line, at = line, line + text.count("\n", at, end), end
        record += 1
        if record <= fmt["skip_header"]:
            continue
        if fmt["parse_header"] and out.header is None:
            out.header = [value for value, _ in fields]
            continue
        if raw == "" and fmt["skip_blank_lines"]:
            continue
        out.parsed += 1
        if complaint:
            out.broken.append(Broken(out.parsed, start, complaint, 100016, "22000", raw))
            continue
        out.rows.append([
            None if value in nulls or (value == "" and not enclosed and fmt["empty_field_as_null"]) else value
            for value, enclosed in fields
        ])
        out.numbers.append((out.parsed, start))
        out.records.append(raw)
    return out


def json_rows(data: bytes, fmt: dict[str, Any]) -> FileRows:
    text, out, at = data.decode("utf-8").removeprefix("\ufeff"), FileRows(), 0
    decoder, blank = json.JSONDecoder(parse_float=lambda number: Number(number), parse_int=lambda number: Number(number)), re.compile(r"\s*")

    def add(document: Any, line: int) -> None:
        out.parsed += 1
        document_text = dump(document)
        out.rows.append([document_text])
        out.numbers.append((out.parsed, line))
        out.records.append(document_text)

    while (at := blank.match(text, at).end()) < len(text):
        line = text.count("\n", 0, at) + 1
        try:
            document, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            end = text.find("\n", at)
            record = text[at: end if end != -1 else len(text)]
            out.parsed += 1
            out.broken.append(Broken(out.parsed, line, f"Error parsing JSON: {error.msg}", 100069, "22P02", record, error.colno))
            at = end if end != -1 else len(text)
            continue
        if fmt["strip_outer_array"] and isinstance(document, list):
            for one in document:
                add(one, line)
        else:
            add(document, line)
    return out


class Number(str):
    """A number as it stood in the file."""


def dump(value: Any) -> str:
    if isinstance(value, Number):
        return str.__str__(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def parquet_table(data: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(data))

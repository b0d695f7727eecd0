"""Stages: where files lie, on a disk for Snowflake's own and in a bucket for the others; LIST, REMOVE, PUT and GET."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from fakesnow.fakes import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from stage_syntax import Tokens, Word, complete_format, invalid, syntax_error
from statements import SUCCESS, Answer, Warehouse, fold, parts


@dataclass
class Staged:
    """A file on a stage: its path below the stage's root, and the name that answers show."""

    path: str
    shown: str
    size: int
    etag: str
    modified: str


def failure(error: Exception) -> ProgrammingError:
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        text = f"{told.get('Message')} (Status Code: {status}; Error Code: {told.get('Code')})"
    else:
        text = str(error)
    return ProgrammingError(msg=f"Failure using stage area. Cause: [{text}]", errno=91003, sqlstate="57014")


class Disk:
    """A stage of Snowflake's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        folder.mkdir(parents=True, exist_ok=True)

    def list(self, path: str) -> list[Staged]:
        found = []
        for file in sorted(self.folder.rglob("*")):
            relative = file.relative_to(self.folder).as_posix()
            if file.is_file() and relative.startswith(path):
                data = file.read_bytes()
                shown = f"{self.name}/{relative}" if self.name else relative
                found.append(Staged(relative, shown, len(data), hashlib.md5(data).hexdigest(), str(file.stat().st_mtime)))  # noqa: S324
        return found

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def delete(self, path: str) -> None:
        (self.folder / path).unlink(missing_ok=True)


class Bucket:
    """A stage over a bucket of the S3 server."""

    def __init__(self, url: str, access: dict[str, str]) -> None:
        found = re.fullmatch(r"s3(?:compat|gov)?://([^/]+)/?(.*)", url)
        if not found:
            raise invalid(f"invalid URL prefix found in: '{url}'")
        self.bucket, self.prefix, self.url = found[1], found[2], url
        if self.prefix and not self.prefix.endswith("/"):
            self.prefix += "/"
        self.client = boto3.client(
            "s3", endpoint_url=access["endpoint"], region_name=access.get("region", "us-east-1"),
            aws_access_key_id=access["key"], aws_secret_access_key=access["secret"],
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=5, read_timeout=20))

    def list(self, path: str) -> list[Staged]:
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + path)
            return [
                Staged(one["Key"][len(self.prefix):], f"s3://{self.bucket}/{one['Key']}", one["Size"],
                       one["ETag"].strip('"'), str(one["LastModified"]))
                for page in pages for one in page.get("Contents", []) if not one["Key"].endswith("/")
            ]
        except (ClientError, BotoCoreError) as error:
            raise failure(error) from error

    def read(self, path: str) -> bytes:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=self.prefix + path)["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise failure(error) from error

    def write(self, path: str, data: bytes) -> None:
        try:
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + path, Body=data)
        except (ClientError, BotoCoreError) as error:
            raise failure(error) from error

    def delete(self, path: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + path)


@dataclass
class Stage:
    name: str
    url: str | None = None
    integration: str | None = None
    endpoint: str | None = None
    keys: dict[str, str] | None = None
    format: dict[str, Any] = field(default_factory=dict)


class Stages:
    """All stages, file formats and storage integrations of the account."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.root = Path(os.environ.get("UPSQL_STAND_IN_STAGES") or tempfile.mkdtemp(prefix="upsql-stages-"))
        self.stages: dict[str, Stage] = {}
        self.formats: dict[str, dict[str, Any]] = {}
        # name -> {endpoint, key, secret, region, allowed}: set by the test.
        self.integrations: dict[str, dict[str, Any]] = {}
        # A bucket for Snowflake's own stages, as sealed.py wants it; without one they are on the disk.
        self.sealed: dict[str, str] | None = None

    def full(self, conn: FakeSnowflakeConnection, name: str) -> str:
        return ".".join(parts(conn, name))

    def stage(self, conn: FakeSnowflakeConnection, name: str) -> Stage:
        found = self.stages.get(self.full(conn, name))
        if found is None:
            raise ProgrammingError(
                msg=f"SQL compilation error:\nStage '{self.full(conn, name)}' does not exist or not authorized.", errno=2003, sqlstate="02000")
        return found

    def place(self, conn: FakeSnowflakeConnection, reference: str, user: str) -> tuple[Disk | Bucket, str, Stage | None]:
        """The files of a reference such as `db.schema.name/path`, `~/path`, `%table/path`; the path; and the stage."""
        found = re.match(r'((?:"(?:[^"]|"")+"|[^"/])+)/?(.*)', reference)
        if not found:
            raise invalid(f"invalid stage reference '@{reference}'")
        name, path = found[1], found[2]
        if name == "~":
            return self.own("users", user.lower(), ""), path, None
        if table := re.fullmatch(r"((?:[^.]+\.)*)%(.+)", name):
            full = parts(conn, table[1] + table[2])
            return self.own("tables", ".".join(full).lower(), ""), path, None
        stage = self.stage(conn, name)
        if stage.url is None:
            return self.own("stages", self.full(conn, name), stage.name.split(".")[-1].lower()), path, stage
        return Bucket(stage.url, self.access(stage)), path, stage

    def own(self, kind: str, folder: str, shown: str) -> Disk | Bucket:
        """A stage of Snowflake's own, on the disk or in a bucket."""
        if self.sealed is None:
            return Disk(self.root / kind / folder, shown)
        from sealed import Sealed  # noqa: PLC0415
        return Sealed(self.sealed, f"{kind}/{folder}/", shown)

    def access(self, stage: Stage) -> dict[str, str]:
        if stage.integration:
            return self.integrations[stage.integration]
        if stage.endpoint and stage.keys:
            return {"endpoint": f"http://{stage.endpoint}", "key": stage.keys.get("aws_key_id", ""), "secret": stage.keys.get("aws_secret_key", "")}
        raise ProgrammingError(
            msg="Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]", errno=91003, sqlstate="57014")

    def format_of(self, conn: FakeSnowflakeConnection, given: Any, stage: Stage | None) -> dict[str, Any]:
        """A file format as a statement gives it: options, or the name of one; else the stage's."""
        if given is None:
            return complete_format(stage.format if stage else {})
        if isinstance(given, dict) and "format_name" not in given:
            return complete_format(given)
        if given == []:
            return complete_format({})
        name = given["format_name"] if isinstance(given, dict) else given
        found = self.formats.get(self.full(conn, str(name)))
        if found is None:
            raise ProgrammingError(msg=f"SQL compilation error:\nFile format '{name}' does not exist or not authorized.", errno=2003, sqlstate="02000")
        return complete_format(found)

    def set(self, conn: FakeSnowflakeConnection, stage: Stage, options: dict[str, Any]) -> None:
        for key, value in options.items():
            if key == "url":
                stage.url = str(value)
            elif key == "storage_integration":
                stage.integration = fold(str(value))
            elif key == "endpoint":
                stage.endpoint = str(value)
            elif key == "credentials":
                stage.keys = {k: str(v) for k, v in value.items()}
            elif key == "file_format":
                self.format_of(conn, value, None)
                stage.format = value if isinstance(value, dict) else {"format_name": value}
                if "format_name" in stage.format:
                    stage.format = self.formats[self.full(conn, str(stage.format["format_name"]))]
            elif key not in ("comment", "directory", "encryption"):
                raise invalid(f"invalid property '{key.upper()}' for 'STAGE'", 1423)
        if stage.integration is not None:
            known = self.integrations.get(stage.integration)
            if known is None:
                raise ProgrammingError(
                    msg=f"SQL compilation error:\nIntegration '{stage.integration}' does not exist or not authorized.", errno=2003, sqlstate="02000")
            allowed = known.get("allowed", ["*"])
            if "*" not in allowed and not any((stage.url or "").startswith(one) for one in allowed):
                raise invalid(f"Location '{stage.url}' is not allowed by integration {stage.integration}. Please use DESC INTEGRATION to check out allowed locations.", 3167)

    def create(self, conn: FakeSnowflakeConnection, tokens: Tokens, replace: bool) -> Answer:
        absent = tokens.word("if", "not", "exists")
        name = tokens.name()
        full, options = self.full(conn, name), tokens.options()
        tokens.end()
        self.in_schema(conn, full)
        if full in self.stages and not replace:
            if absent:
                return Answer(["status"], [(f"{fold(name)} already exists, statement succeeded.",)])
            raise ProgrammingError(msg=f"SQL compilation error:\nObject '{full}' already exists.", errno=2002, sqlstate="42710")
        stage = Stage(full)
        self.set(conn, stage, options)
        self.stages[full] = stage
        return Answer(["status"], [(f"Stage area {fold(name.split('.')[-1])} successfully created.",)])

    def in_schema(self, conn: FakeSnowflakeConnection, full: str) -> None:
        database, schema = full.split(".")[:2]
        with conn._duck_conn.cursor() as cursor:  # noqa: SLF001
            if not cursor.execute("select 1 from duckdb_schemas() where upper(database_name) = ? and upper(schema_name) = ?",
                                  [database.upper(), schema.upper()]).fetchall():
                raise ProgrammingError(msg=f"SQL compilation error:\nSchema '{database}.{schema}' does not exist or not authorized.", errno=2003, sqlstate="02000")

    def create_format(self, conn: FakeSnowflakeConnection, tokens: Tokens, replace: bool) -> Answer:
        absent = tokens.word("if", "not", "exists")
        name = tokens.name()
        full, options = self.full(conn, name), tokens.options()
        tokens.end()
        if full in self.formats and not replace and not absent:
            raise ProgrammingError(msg=f"SQL compilation error:\nObject '{full}' already exists.", errno=2002, sqlstate="42710")
        if replace or full not in self.formats:
            complete_format(options)
            self.formats[full] = options
        return Answer(["status"], [(f"File format {fold(name.split('.')[-1])} successfully created.",)])

    def answer(self, conn: FakeSnowflakeConnection, sql: str, user: str) -> Answer | dict[str, Any] | None:
        """The answer to a statement about stages; a dict for what the driver does itself (PUT, GET)."""
        tokens = Tokens(sql)
        replace = tokens.word("create", "or", "replace")
        if replace or tokens.word("create"):
            tokens.word("temporary") or tokens.word("temp")
            if tokens.word("stage"):
                return self.create(conn, tokens, replace)
            return self.create_format(conn, tokens, replace) if tokens.word("file", "format") else None
        if tokens.word("alter", "stage"):
            there = tokens.word("if", "exists")
            name = tokens.name()
            tokens.expect("set")
            options = tokens.options()
            if there and self.full(conn, name) not in self.stages:
                return SUCCESS
            stage = self.stage(conn, name)
            changed = Stage(stage.name, stage.url, stage.integration, stage.endpoint, stage.keys, stage.format)
            self.set(conn, changed, options)
            self.stages[changed.name] = changed
            return SUCCESS
        if tokens.word("drop", "stage") or tokens.word("drop", "file", "format"):
            held = self.stages if tokens.all[1].text.lower() == "stage" else self.formats
            there = tokens.word("if", "exists")
            full = self.full(conn, tokens.name())
            tokens.end()
            if full not in held and not there:
                raise ProgrammingError(msg=f"SQL compilation error:\n'{full}' does not exist or not authorized.", errno=2003, sqlstate="02000")
            held.pop(full, None)
            return Answer(["status"], [(f"{full} successfully dropped.",)])
        if tokens.word("list") or tokens.word("ls"):
            return self.list(conn, tokens, user)
        if tokens.word("remove") or tokens.word("rm"):
            return self.remove(conn, tokens, user)
        if tokens.word("put"):
            return self.put(conn, tokens, user)
        return self.get(conn, tokens, user) if tokens.word("get") else None

    def matching(self, conn: FakeSnowflakeConnection, tokens: Tokens, user: str) -> tuple[Disk | Bucket, list[Staged]]:
        store, path, _ = self.place(conn, tokens.stage(), user)
        options = tokens.options()
        tokens.end()
        if options.keys() - {"pattern"}:
            raise invalid(f"invalid parameter '{next(iter(options.keys() - {'pattern'})).upper()}'", 1423)
        pattern = options.get("pattern")
        return store, [one for one in store.list(path) if pattern is None or re.fullmatch(pattern, one.shown)]

    def list(self, conn: FakeSnowflakeConnection, tokens: Tokens, user: str) -> Answer:
        _, files = self.matching(conn, tokens, user)
        return Answer(["name", "size", "md5", "last_modified"], [(one.shown, one.size, one.etag, one.modified) for one in files])

    def remove(self, conn: FakeSnowflakeConnection, tokens: Tokens, user: str) -> Answer:
        store, files = self.matching(conn, tokens, user)
        for one in files:
            store.delete(one.path)
        return Answer(["name", "result"], [(one.shown, "removed") for one in files])

    def local(self, tokens: Tokens) -> str:
        token = tokens.next()
        text = token.text[1:-1] if token.kind == "string" else token.text
        if not text.startswith("file://"):
            raise syntax_error(token, tokens.sql)
        return text.removeprefix("file://")

    def put(self, conn: FakeSnowflakeConnection, tokens: Tokens, user: str) -> dict[str, Any]:
        source = self.local(tokens)
        store, path, _ = self.place(conn, tokens.stage(), user)
        options = {"parallel": "4", "auto_compress": "true", "source_compression": "auto_detect", "overwrite": "false"}
        given = tokens.options()
        tokens.end()
        if given.keys() - options.keys():
            raise invalid(f"invalid parameter '{next(iter(given.keys() - options.keys())).upper()}'", 1423)
        if hasattr(store, "url"):
            raise ProgrammingError(msg="GET and PUT commands are not supported with external stage", errno=91003, sqlstate="0A000")
        options |= {key: str(value).lower() for key, value in given.items()}
        return {
            "command": "UPLOAD", "src_locations": [source], "parallel": int(options["parallel"]),
            "autoCompress": options["auto_compress"] == "true", "sourceCompression": options["source_compression"],
            "overwrite": options["overwrite"] == "true",
            **self.transfer(store, path),
        }

    def get(self, conn: FakeSnowflakeConnection, tokens: Tokens, user: str) -> dict[str, Any]:
        store, path, _ = self.place(conn, tokens.stage(), user)
        target = self.local(tokens)
        options = tokens.options()
        tokens.end()
        if hasattr(store, "url"):
            raise ProgrammingError(msg="GET and PUT commands are not supported with external stage", errno=91003, sqlstate="0A000")
        files = [one for one in store.list(path) if "pattern" not in options or re.fullmatch(options["pattern"], one.shown)]
        return {
            "command": "DOWNLOAD", "src_locations": [one.path for one in files], "localLocation": target, "parallel": 10,
            **self.transfer(store, "", len(files)),
        }

    def transfer(self, store: Disk | Bucket, path: str, files: int | None = None) -> dict[str, Any]:
        """Where the driver finds the stage, and the keys of its files: one to put with, one for each file to get."""
        if isinstance(store, Disk):
            return {"stageInfo": {"locationType": "LOCAL_FS", "location": str(store.folder / path), "path": path, "region": "", "creds": {}}}
        from sealed import material  # noqa: PLC0415
        one = material(str(uuid.uuid4()))
        return {"stageInfo": store.stage_info(path), "encryptionMaterial": one if files is None else [one] * files}


__all__ = ["Bucket", "Disk", "Stage", "Staged", "Stages", "Word"]

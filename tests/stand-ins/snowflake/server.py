"""Snowflake's HTTP protocol for the tests, as snowflake-sdk for Node speaks it, on fakesnow.

fakesnow runs the SQL (on DuckDB). This adds what its server lacks: answers as JSON row sets with chunks, log-in that can
fail, sessions that expire and are renewed, statements that take long and are asked for again, cancellation, one run for
one request id, and a log of all statements. Run: python server.py PORT
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import os
import re
import secrets
import socket
import sys
import time
import uuid
from dataclasses import dataclass, field
from string import Template
from typing import Any

import jwt
import snowflake.connector.errors
import uvicorn
from cryptography.hazmat.primitives import serialization
from fakesnow.converter import from_binding
from fakesnow.fakes import FakeSnowflakeConnection
from fakesnow.instance import FakeSnow
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import statement_type_id
from fakesnow.dialect import parse_one
from fakesnow.transforms import transforms
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from copy_load import Loads, run_copy
from procedures import Procedures, answer as procedure_answer
from reading import reading
from results import Results
from rowset import texts_table, to_rowset
from sealed import certificate
from stages import Stages
from statements import Answer, Warehouse, answer, comment_of, parts, quoted, rewrite, strip
from unload import run_unload

# A statement that takes longer is answered by "in progress", in seconds.
PATIENCE = 1.0
SIGNATURE = "a-signature-that-nobody-may-see"
FIRST_ROWS, CHUNK_ROWS = 2_000, 5_000

PARAMETERS = [
    {"name": "TIMEZONE", "value": "Etc/UTC"},
    {"name": "DATE_OUTPUT_FORMAT", "value": "YYYY-MM-DD"},
    {"name": "TIME_OUTPUT_FORMAT", "value": "HH24:MI:SS"},
    {"name": "TIMESTAMP_OUTPUT_FORMAT", "value": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"},
    {"name": "TIMESTAMP_NTZ_OUTPUT_FORMAT", "value": "YYYY-MM-DD HH24:MI:SS.FF3"},
    {"name": "TIMESTAMP_LTZ_OUTPUT_FORMAT", "value": ""},
    {"name": "TIMESTAMP_TZ_OUTPUT_FORMAT", "value": ""},
    {"name": "BINARY_OUTPUT_FORMAT", "value": "HEX"},
    {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 1_000_000},
]


@dataclass
class Session:
    conn: FakeSnowflakeConnection
    user: str
    expired: bool = False
    dead: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Query:
    id: str
    task: asyncio.Task
    session: Session
    sql: str
    cancelled: bool = False


fs = FakeSnow()
warehouse = Warehouse()
procedures = Procedures()
stages = Stages(warehouse)
loads = Loads()
results = Results(loads)
sessions: dict[str, Session] = {}
masters: dict[str, Session] = {}
by_request: dict[str, Query] = {}
by_id: dict[str, Query] = {}
chunks: dict[str, bytes] = {}
log: list[dict[str, Any]] = []
logins: list[dict[str, Any]] = []
# Statements as JSON texts, one a line, for a check by another version of the parser.
RECORD = open(os.environ.get("UPSQL_SNOWFLAKE_STATEMENTS", os.devnull), "a", buffering=1)  # noqa: SIM115
users: dict[str, dict[str, str]] = {"TESTER": {"password": "correct horse"}}
# Answers to statements that have a text in them, in Snowflake's wire form: {match, rowtype, rows}.
given_answers: list[dict[str, Any]] = []
# Faults to come: each entry is used up by one request of its kind.
faults: list[dict[str, Any]] = []


async def read_json(request: Request) -> dict[str, Any]:
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return json.loads(body) if body else {}


def failure(code: str, message: str, status: int = 200, **data: Any) -> JSONResponse:
    return JSONResponse({"data": data, "code": code, "message": message, "success": False, "headers": None}, status)


def take_fault(kind: str, text: str = "") -> dict[str, Any] | None:
    for fault in faults:
        if fault["on"] == kind and fault.get("match", "") in text:
            fault["times"] = fault.get("times", 1) - 1
            if fault["times"] <= 0:
                faults.remove(fault)
            return fault
    return None


class CutConnection(Exception):
    """The connection is closed without an answer."""


async def as_fault(fault: dict[str, Any]) -> Response:
    if fault["do"] == "cut":
        raise CutConnection
    return JSONResponse({"code": str(fault["do"]), "message": fault.get("message", "fault")}, int(fault["do"]), headers=fault.get("headers"))


def signature_fits(user: dict[str, str], token: str, name: str) -> bool:
    public = user.get("publicKey", "")
    try:
        claims = jwt.decode(token, public, algorithms=["RS256"], options={"verify_aud": False, "verify_iat": False})
    except jwt.PyJWTError:
        return False
    key = serialization.load_pem_public_key(public.encode())
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    print_ = "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
    return claims["sub"].endswith("." + name) and claims["iss"].endswith(print_)


def may_enter(data: dict[str, Any]) -> bool:
    method, name = (data.get("AUTHENTICATOR") or "SNOWFLAKE").upper(), (data.get("LOGIN_NAME") or "").upper()
    if method == "SNOWFLAKE":
        return name in users and users[name].get("password") == data.get("PASSWORD")
    if method == "SNOWFLAKE_JWT":
        return name in users and signature_fits(users[name], data.get("TOKEN", ""), name)
    known = {"OAUTH": "oauth", "PROGRAMMATIC_ACCESS_TOKEN": "pat"}.get(method)
    return known is not None and any(user.get(known) == data.get("TOKEN") for user in users.values())


async def login(request: Request) -> Response:
    body = await read_json(request)
    data, query = body["data"], request.query_params
    logins.append({
        "user": data.get("LOGIN_NAME"), "account": data.get("ACCOUNT_NAME"), "role": query.get("roleName"),
        "warehouse": query.get("warehouse"), "database": query.get("databaseName"), "schema": query.get("schemaName"),
        "authenticator": data.get("AUTHENTICATOR"), "parameters": data.get("SESSION_PARAMETERS"),
        "application": data.get("CLIENT_ENVIRONMENT", {}).get("APPLICATION"),
    })
    if fault := take_fault("login"):
        return await as_fault(fault)
    if (data.get("ACCOUNT_NAME") or "").upper() != "TESTACCOUNT":
        return failure("404", "Not Found", 404)
    if not may_enter(data):
        if (data.get("AUTHENTICATOR") or "").upper() == "SNOWFLAKE_JWT":
            return failure("390144", "JWT token is invalid. [0c2f]")
        return failure("390100", "Incorrect username or password was specified.")
    role = (query.get("roleName") or "TRANSFORMER").upper()
    if role not in warehouse.roles:
        return failure("390189", f"Role '{role}' specified in the connect string does not exist or not authorized. "
                                 "Contact your local system administrator, or attempt to login with another role.")
    session = Session(fs.connect(query.get("databaseName"), query.get("schemaName")), data.get("LOGIN_NAME") or "")
    token, master = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    sessions[token] = masters[master] = session
    return JSONResponse({"success": True, "data": {
        "token": token, "masterToken": master, "validityInSeconds": 3600, "masterValidityInSeconds": 14400,
        "sessionId": len(logins), "serverVersion": "9.30.0", "parameters": PARAMETERS,
        "sessionInfo": {"databaseName": session.conn.database, "schemaName": session.conn.schema,
                        "warehouseName": query.get("warehouse"), "roleName": role},
    }})


async def oauth_token(request: Request) -> Response:
    form = dict(part.split("=", 1) for part in (await request.body()).decode().split("&"))
    basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    if form.get("grant_type") == "refresh_token" and form.get("refresh_token") == "refresh-me" and basic == "client:client-secret":
        return JSONResponse({"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 600})
    return JSONResponse({"error": "invalid_grant"}, 400)


def token_of(request: Request) -> str:
    found = re.match(r'Snowflake Token="(.*)"', request.headers.get("authorization", ""))
    return found[1] if found else ""


async def renew(request: Request) -> Response:
    session = masters.get(token_of(request))
    if session is None or session.dead:
        return failure("390114", "Authentication token has expired. The user must authenticate again.")
    session.expired = False
    token = secrets.token_urlsafe(32)
    sessions[token] = session
    return JSONResponse({"success": True, "data": {
        "sessionToken": token, "masterToken": token_of(request), "validityInSecondsST": 3600, "validityInSecondsMT": 14400,
        "sessionId": 1}})


def position(sql: str, name: str) -> str:
    found = list(re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", sql, re.I))
    if len(found) != 1:
        return ""
    before = sql[: found[0].start()]
    return f"error line {before.count(chr(10)) + 1} at position {len(before) - before.rfind(chr(10)) - 1}\n"


def as_snowflake(error: snowflake.connector.errors.Error, sql: str) -> tuple[str, str]:
    """Code and message as Snowflake has them, with its way to tell the place."""
    message, code = re.sub(r"^(\d{6} \(\w+\): )+", "", str(error.msg)), f"{error.errno:06d}"
    if found := re.search(r"Line (\d+), Col: (\d+)", message):
        return "001003", f"SQL compilation error:\nsyntax error line {found[1]} at position {int(found[2]) - 1} unexpected '{sql.split()[-1]}'."
    if found := re.search(r'Referenced column "([^"]+)" not found|Table "[^"]*" does not have a column named "([^"]+)"', message):
        name = found[1] or found[2]
        return "000904", f"SQL compilation error: {position(sql, name)}invalid identifier '{name.upper()}'"
    if found := re.search(r"Table with name (\S+) does not exist", message):
        return "002003", f"SQL compilation error:\nObject '{found[1]}' does not exist or not authorized."
    return code, message


def staged(session: Session, sql: str, query_id: str) -> Answer | dict[str, Any] | None:
    """The answer to a statement about stages, and to COPY."""
    text = strip(sql)
    if re.match(r"copy\s+into\s+'?@", text, re.I):
        return run_unload(stages, session.conn, results.replaced(session.conn, text, id(session)), session.user)
    if re.match(r"copy\s+into\b", text, re.I):
        return run_copy(loads, stages, session.conn, text, session.user, query_id, id(session))
    if re.match(r"(create|alter|drop)\b.*\b(stage|file\s+format)\b|(list|ls|remove|rm|put|get)\b", text.split("(")[0].split("=")[0], re.I | re.S):
        return stages.answer(session.conn, text, session.user)
    return None


def run(session: Session, sql: str, params: Any, query_id: str) -> dict[str, Any]:
    conn = session.conn
    # The code in them is Python, which no parser of SQL reads.
    if (own := procedure_answer(warehouse, procedures, conn, sql)) is not None:
        rowtype, rows = texts_table(own.names, own.rows)
        return {"rowtype": rowtype, "rows": rows, "typeId": 0x4400}
    if (complaint := reading(sql)) not in ("ok", "kept"):
        raise snowflake.connector.errors.ProgrammingError(
            msg=f"SQL compilation error:\nsyntax error: sqlglot's parser of Snowflake's SQL does not read this statement: {complaint}", errno=1003, sqlstate="42000")
    for given in given_answers:
        if given["match"] in sql:
            return {"rowtype": given["rowtype"], "rows": given["rows"], "typeId": 0x1000}
    if isinstance(own := staged(session, sql, query_id), dict):
        return {"transfer": own}
    if own is not None:
        rowtype, rows = texts_table(own.names, own.rows, own.numbers)
        return {"rowtype": rowtype, "rows": rows, "typeId": 0x1000}
    if found := re.match(r"(?:select|call)\s+system\$wait\((\d+)\)", strip(sql), re.I):
        for _ in range(int(found[1]) * 20):
            time.sleep(0.05)
            if any(q.session is session and q.cancelled for q in by_id.values()):
                raise snowflake.connector.errors.ProgrammingError(msg="SQL execution canceled", errno=604, sqlstate="57014")
        rowtype, rows = texts_table(["SYSTEM$WAIT"], [(f"waited {found[1]} seconds",)])
        return {"rowtype": rowtype, "rows": rows, "typeId": 0x1000}
    if (own := answer(warehouse, conn, sql)) is not None:
        rowtype, rows = texts_table(own.names, own.rows)
        return {"rowtype": rowtype, "rows": rows, "typeId": 0x4400}
    text = rewrite(warehouse, conn, results.replaced(conn, sql, id(session)))
    type_id = statement_type_id(parse_one(text))
    cursor = conn.cursor()
    for attempt in range(10):
        try:
            cursor.execute(text, binding_params=params, server=True)
            break
        except Exception as error:  # noqa: BLE001
            # DuckDB lets one of two concurrent changes of the catalog fail; Snowflake makes it wait.
            if "onflict" not in str(error) or attempt == 9:
                raise
            time.sleep(0.05)
    if commented := comment_of(sql):
        conn._duck_conn.execute(f"comment on table {quoted(parts(conn, commented[0]))} is {commented[1]}").fetchall()  # noqa: SLF001
    rowtype = describe_as_rowtype(cursor._describe_last_sql())  # noqa: SLF001
    table = cursor._arrow_table  # noqa: SLF001
    rows = to_rowset(table, rowtype) if table is not None else []
    results.keep(query_id, table)
    return {"rowtype": rowtype, "rows": rows, "typeId": type_id}


async def work(query_id: str, session: Session, sql: str, params: Any) -> dict[str, Any]:
    async with session.lock:
        try:
            result = await run_in_threadpool(run, session, sql, params, query_id)
        except snowflake.connector.errors.Error as error:
            code, message = as_snowflake(error, sql)
            if by_id[query_id].cancelled:
                code, message = "000604", "SQL execution canceled"
            return {"success": False, "code": code, "message": message,
                    "data": {"errorCode": code, "sqlState": error.sqlstate, "queryId": query_id}}
        except Exception as error:  # noqa: BLE001
            cancelled = by_id[query_id].cancelled
            return {"success": False, "code": "000604" if cancelled else "000603",
                    "message": "SQL execution canceled" if cancelled else f"SQL execution error: {error}",
                    "data": {"queryId": query_id, "sqlState": "57014" if cancelled else "XX000"}}
    if "transfer" in result:
        return {"success": True, "code": None, "message": None, "data": {**result["transfer"], "queryId": query_id}}
    rows = result["rows"]
    data: dict[str, Any] = {
        "parameters": PARAMETERS, "rowtype": result["rowtype"], "rowset": rows[:FIRST_ROWS], "total": len(rows),
        "returned": len(rows), "queryId": query_id, "queryResultFormat": "json", "version": 1,
        "statementTypeId": result["typeId"], "finalDatabaseName": session.conn.database,
        "finalSchemaName": session.conn.schema, "numberOfBinds": 0,
    }
    if len(rows) > FIRST_ROWS:
        data["chunks"] = []
        for at in range(FIRST_ROWS, len(rows), CHUNK_ROWS):
            part = rows[at: at + CHUNK_ROWS]
            body = json.dumps(part)[1:-1].encode()
            name = uuid.uuid4().hex
            chunks[name] = body
            # Signed as Snowflake's are: whoever has the address has the rows.
            data["chunks"].append({"url": f"{BASE}/chunks/{name}?X-Amz-Credential=AKIDCHUNK&X-Amz-Signature={SIGNATURE}", "rowCount": len(part),
                                   "uncompressedSize": len(body), "compressedSize": len(body)})
        data["chunkHeaders"] = {}
    return {"success": True, "code": None, "message": None, "data": data}


def bindings_of(body: dict[str, Any]) -> Any:
    given = body.get("bindings")
    if not given:
        return None
    return tuple(from_binding(given[str(n)]) for n in range(1, len(given) + 1))


async def answer_or_progress(query: Query) -> Response:
    try:
        return JSONResponse(await asyncio.wait_for(asyncio.shield(query.task), PATIENCE))
    except asyncio.TimeoutError:
        return JSONResponse({"success": True, "code": "333334", "message": "Query execution in progress.",
                             "data": {"queryId": query.id, "getResultUrl": f"/queries/{query.id}/result", "queryAbortsAfterSecs": 300}})


async def query(request: Request) -> Response:
    body = await read_json(request)
    sql, request_id = body["sqlText"], request.query_params.get("requestId", "")
    before = take_fault("statement", sql)
    if before is not None and not before.get("after"):
        return await as_fault(before)
    session = sessions.get(token_of(request))
    if session is None or session.dead or session.expired:
        return failure("390112", "Session has expired. Please log in again.")
    known = by_request.get(request_id)
    if known is None:
        query_id = str(uuid.uuid4())
        RECORD.write(json.dumps(sql) + "\n")
        log.append({"sql": sql, "reading": reading(sql), "user": session.user, "parameters": body.get("parameters") or {}, "requestId": request_id,
                    "session": id(session)})
        task = asyncio.create_task(work(query_id, session, sql, bindings_of(body)))
        known = by_request[request_id] = by_id[query_id] = Query(query_id, task, session, sql)
    if before is not None:
        await asyncio.shield(known.task)
        return await as_fault(before)
    return await answer_or_progress(known)


async def result(request: Request) -> Response:
    if fault := take_fault("poll"):
        return await as_fault(fault)
    known = by_id.get(request.path_params["id"])
    return failure("000709", "Statement not found") if known is None else await answer_or_progress(known)


async def abort(request: Request) -> Response:
    body = await read_json(request)
    known = by_id.get(request.path_params.get("id", "")) or by_request.get(body.get("requestId", ""))
    if known is not None:
        known.cancelled = True
        known.session.conn._duck_conn.interrupt()  # noqa: SLF001
    return JSONResponse({"success": True, "data": None, "code": None, "message": None})


async def close_session(request: Request) -> Response:
    if request.query_params.get("delete"):
        sessions.pop(token_of(request), None)
    return JSONResponse({"success": True, "data": None, "code": None, "message": None})


async def chunk(request: Request) -> Response:
    if fault := take_fault("chunk"):
        return await as_fault(fault)
    if request.query_params.get("X-Amz-Signature") != SIGNATURE:
        return Response(status_code=403)
    body = chunks.get(request.path_params["name"])
    return Response(status_code=404) if body is None else Response(body, media_type="binary/octet-stream")


async def telemetry(_: Request) -> Response:
    return JSONResponse({"success": True, "data": "Log Received", "code": None, "message": None})


async def control(request: Request) -> Response:
    """The test's own door: {"do": ...}."""
    body = await read_json(request)
    match body["do"]:
        case "log":
            taken = list(log)
            if body.get("clear"):
                log.clear()
            return JSONResponse({"statements": taken, "logins": list(logins), "open": len(sessions)})
        case "fault":
            faults.append(body["fault"])
        case "answer":
            given_answers.append(body["answer"])
        case "clear-faults":
            faults.clear()
        case "expire":
            for session in sessions.values():
                session.expired = True
                session.dead = body.get("master", False)
        case "user":
            users[body["name"].upper()] = body["user"]
        case "query":
            with fs.duck_conn.cursor() as cursor:
                cursor.execute(body["sql"])
                return JSONResponse({"rows": [[None if v is None else str(v) for v in row] for row in cursor.fetchall()]})
        case "running":
            return JSONResponse({"running": [q.sql for q in by_id.values() if not q.task.done()]})
        case "cancelled":
            return JSONResponse({"cancelled": [q.sql for q in by_id.values() if q.cancelled]})
        case "integration":
            stages.integrations[body["name"].upper()] = body["integration"]
        case "sealed":
            stages.sealed = body["bucket"]
        case "certificate":
            return JSONResponse(certificate())
        case "state":
            return JSONResponse({"grants": warehouse.grants, "dynamic": warehouse.dynamic})
    return JSONResponse({"ok": True})


routes = [
    Route("/session/v1/login-request", login, methods=["POST"]),
    Route("/session/token-request", renew, methods=["POST"]),
    Route("/oauth/token-request", oauth_token, methods=["POST"]),
    Route("/session/heartbeat", close_session, methods=["POST"]),
    Route("/session", close_session, methods=["POST"]),
    Route("/queries/v1/query-request", query, methods=["POST"]),
    Route("/queries/v1/abort-request", abort, methods=["POST"]),
    Route("/queries/{id}/abort-request", abort, methods=["POST"]),
    Route("/queries/{id}/result", result, methods=["GET"]),
    Route("/chunks/{name}", chunk, methods=["GET"]),
    Route("/telemetry/send", telemetry, methods=["POST"]),
    Route("/stand-in", control, methods=["POST"]),
]

app = Starlette(routes=routes)


class Cutting:
    """Closes the connection in the middle where a fault asks for it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.inner(scope, receive, send)
        except CutConnection:
            transport = scope.get("extensions", {}).get("transport")
            if transport is not None:
                transport.abort()


def hand_transport_over() -> None:
    """Gives the application the transport of its request, which a fault may cut."""
    plain = RequestResponseCycle.__init__

    def with_transport(self: RequestResponseCycle, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        self.scope.setdefault("extensions", {})["transport"] = self.transport

    RequestResponseCycle.__init__ = with_transport


def describe_everywhere() -> None:
    """fakesnow describes tables of the current database alone."""
    text = transforms.SQL_DESCRIBE_TABLE.template
    transforms.SQL_DESCRIBE_TABLE = Template(text.replace("FROM _fs_information_schema", "FROM _fs_global._fs_information_schema"))


if __name__ == "__main__":
    hand_transport_over()
    describe_everywhere()
    listener = socket.socket()
    listener.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    PORT = listener.getsockname()[1]
    BASE = f"http://127.0.0.1:{PORT}"
    print(json.dumps({"port": PORT, "pid": os.getpid()}), flush=True)
    uvicorn.Server(uvicorn.Config(Cutting(app), http=H11Protocol, log_level="error", timeout_keep_alive=300)).run(sockets=[listener])

"""Runs one Python model for upsql: its code in this process, its tables from upsql by way of Parquet files.

upsql and this process talk in lines of JSON. upsql sends the job; then each line from here is a request ({"op": ...}) that
upsql answers with one line, until "done" or "failed" ends it. Python 3.8 and the package duckdb are enough.
"""

import json
import os
import queue
import re
import shutil
import signal
import sys
import threading
import traceback
import types

# Parquet has no exact form of these: they travel as text, within lists and structs too.
INEXACT = re.compile(r'"(?:[^"]|"")*"|\b(?:U?HUGEINT|BIGNUM|BIT|INTERVAL|TIME WITH TIME ZONE)(?=[,)\[]|$)')


class Refused(Exception):
    """upsql could not do what it was asked for; the text is the warehouse's."""


class Channel:
    """The two pipes. Should upsql end, so does this process, and its files go."""

    def __init__(self):
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        self._in = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
        # What the model prints goes where its errors go; it has no input.
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self._answers = queue.Queue()
        self.folder = None
        self.job = json.loads(self._in.readline())
        self.folder = self.job["folder"]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._in:
            self._answers.put(json.loads(line))
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(1)

    def tell(self, **message):
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def ask(self, **request):
        self.tell(**request)
        answer = self._answers.get()
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["value"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def stored(kind):
    return INEXACT.sub(lambda found: found[0] if found[0].startswith('"') else "VARCHAR", kind)


def as_stored(columns):
    """The select list that writes columns (name, type) to Parquet."""
    return ", ".join(quoted(n) if stored(t) == t else f"cast({quoted(n)} as {stored(t)}) as {quoted(n)}" for n, t in columns)


def from_file(columns, file):
    """The query that reads them back."""
    items = ", ".join(f"cast({quoted(n)} as {t}) as {quoted(n)}" for n, t in columns)
    return f"select {items} from read_parquet({literal(file)})"


def name_parts(name):
    """`a."b.c"` as ['a', 'b.c']."""
    return [part[1:-1].replace('""', '"') if part.startswith('"') else part for part in re.findall(r'"(?:[^"]|"")*"|[^."]+', name)]


class Session:
    """A DuckDB connection of this process that gets tables of the project's database when SQL first names them.

    What is not here is the connection's own; replacement scans find variables of the caller.
    """

    def __init__(self, connection, channel):
        self._connection = connection
        self._channel = channel
        self._brought = {}
        self._files = 0

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def _file(self):
        self._files += 1
        return os.path.join(self._channel.folder, f"{self._files}.parquet")

    def _export(self, source):
        """The query that reads what `source`, a text behind `from` on upsql's side, holds."""
        columns = self._channel.ask(op="describe", source=source)
        file = self._file()
        self._channel.ask(op="copy", query=f"select {as_stored(columns)} from {source}", file=file)
        return from_file(columns, file)

    def _bring(self, name):
        """Makes a view of a table or view of upsql's side under the same name; False where there is none."""
        if name in self._brought:
            return self._brought[name]
        self._brought[name] = False
        found = self._channel.ask(op="find", parts=name_parts(name))
        if found is None:
            return False
        database, schema, table = found
        source = ".".join(map(quoted, found))
        kind, place = "temp view", quoted(table)
        if database != "temp":
            kind, place = "view", source
            known = self._connection.execute("select database_name from duckdb_databases()").fetchall()
            if (database,) not in known:
                self._connection.execute(f"attach ':memory:' as {quoted(database)}")
            self._connection.execute(f"create schema if not exists {quoted(database)}.{quoted(schema)}")
        self._connection.execute(f"create or replace {kind} {place} as {self._export(source)}")
        self._brought[name] = True
        return True

    def _names(self, sql):
        try:
            return self._connection.get_table_names(sql, qualified=True)
        except TypeError:
            # Older versions give the last part alone: the text has the others.
            found = set()
            for name in self._connection.get_table_names(sql):
                path = rf'(?:(?:"[^"]*"|\w+)\.){{0,2}}(?:"{re.escape(name)}"|\b{re.escape(name)}\b)'
                found.update(re.findall(path, sql) or [quoted(name)])
            return found

    def _bring_all(self, sql):
        if not isinstance(sql, str):
            return
        import duckdb

        try:
            statements = [statement.query for statement in self._connection.extract_statements(sql)]
        except duckdb.Error:
            return
        for statement in statements:
            try:
                names = self._names(statement)
            except duckdb.Error:
                continue
            for name in names:
                # Files and globs are no tables of a database.
                if not re.search(r"[./*:]", name_parts(name)[-1]):
                    self._bring(name)

    def load(self, source):
        """What dbt.ref() and dbt.source() give: the relation of a table's name, or of what else stands behind `from`."""
        import duckdb

        query = f"select * from {source}"
        try:
            names = list(self._names(query))
        except duckdb.Error:
            names = []
        if len(names) == 1 and not re.search(r"[./*:]", name_parts(names[0])[-1]) and self._bring(names[0]):
            return self._connection.query(query)
        return self._connection.query(self._export(source))

    # Names of their own, since a replacement scan looks at these frames too.
    def execute(self, _upsql_sql, *_upsql_args, **_upsql_more):
        self._bring_all(_upsql_sql)
        return self._connection.execute(_upsql_sql, *_upsql_args, **_upsql_more)

    def sql(self, _upsql_sql, *_upsql_args, **_upsql_more):
        self._bring_all(_upsql_sql)
        return self._connection.sql(_upsql_sql, *_upsql_args, **_upsql_more)

    def query(self, _upsql_sql, *_upsql_args, **_upsql_more):
        self._bring_all(_upsql_sql)
        return self._connection.query(_upsql_sql, *_upsql_args, **_upsql_more)

    def from_query(self, _upsql_sql, *_upsql_args, **_upsql_more):
        self._bring_all(_upsql_sql)
        return self._connection.from_query(_upsql_sql, *_upsql_args, **_upsql_more)

    def table(self, name):
        self._bring(name)
        return self._connection.table(name)

    def view(self, name):
        self._bring(name)
        return self._connection.view(name)

    def upsql_create_table(self, name, df, temporary):
        """Hands the rows of a DataFrame, an Arrow table or reader, or a DuckDB relation to upsql as the table `name`."""
        if "pyarrow" in sys.modules:
            # DuckDB reads Arrow tables by the dataset module, which has to be imported.
            import pyarrow.dataset  # noqa: F401
        result = "__upsql_python_model"
        self._connection.register(result, df)
        described = self._connection.execute(f"describe select * from {result}").fetchall()
        columns = [(row[0], "INTEGER" if row[1] == '"NULL"' else row[1]) for row in described]
        file = self._file()
        self._connection.execute(f"copy (select {as_stored(columns)} from {result}) to {literal(file)} (format parquet)")
        self._connection.unregister(result)
        self._channel.ask(op="create", table=name, temporary=temporary, query=from_file(columns, file))


def connect(job, channel):
    import duckdb

    connection = duckdb.connect(":memory:", config=job["config"])
    for extension in job["extensions"]:
        try:
            connection.load_extension(extension)
        except duckdb.Error:
            # This version of DuckDB may not have it yet.
            connection.install_extension(extension)
            connection.load_extension(extension)
    for name, value in job["settings"].items():
        connection.execute(f"set {quoted(name)} = {literal(value)}")
    if job["database"] != "memory":
        connection.execute(f"attach ':memory:' as {quoted(job['database'])}")
        connection.execute(f"use {quoted(job['database'])}")
    try:
        connection.execute("set python_scan_all_frames = true")
    except duckdb.Error:
        # Versions before 1.1 look at all frames anyway.
        pass
    return Session(connection, channel)


def frames_of(error):
    return [[frame.filename, frame.lineno, frame.name] for frame in traceback.extract_tb(error.__traceback__)]


def run(channel):
    job = channel.job
    sys.path[0:1] = []
    sys.path.extend(path for path in job["modulePaths"] if path not in sys.path)
    try:
        import duckdb  # noqa: F401
    except ImportError as error:
        channel.tell(op="failed", kind="no-duckdb", type="ImportError", message=str(error), frames=[], python=sys.executable)
        return
    returned = False
    try:
        session = connect(job, channel)
        # Lines are counted as in the model's own file.
        code = compile("\n" * (job["line"] - 1) + job["code"], job["file"], "exec", dont_inherit=True)
        module = types.ModuleType("upsql_model_" + job["name"])
        module.__file__ = job["file"]
        # Dataclasses and pickle look for the module of what they are given.
        sys.modules[module.__name__] = module
        exec(code, module.__dict__)
        df = module.model(module.dbtObj(session.load), session)
        returned = True
        module.materialize(df, session)
    except SyntaxError as error:
        where = [[error.filename, error.lineno or 1, "", error.offset or 1]]
        channel.tell(op="failed", kind="syntax", type=type(error).__name__, message=error.msg, frames=where, python=sys.executable)
    except BaseException as error:  # sys.exit() of a model must not pass for its end.
        channel.tell(
            op="failed",
            kind="refused" if isinstance(error, Refused) else "result" if returned else "exception",
            type=type(error).__name__,
            message=str(error),
            missing=getattr(error, "name", None) if isinstance(error, ImportError) else None,
            frames=frames_of(error),
            python=sys.executable,
        )
    else:
        channel.tell(op="done")


if __name__ == "__main__":
    # Ctrl-C reaches the whole group of processes: upsql decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(Channel())
    sys.stdout.flush()
    sys.stderr.flush()
    # A model's own threads must not keep the process.
    os._exit(0)

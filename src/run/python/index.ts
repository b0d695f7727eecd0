/** Runs Python models beside a warehouse that has no Python of its own (DuckDB), in the user's interpreter. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseError, type Session } from '../../adapters/adapter.js';
import { quoteLiteral } from '../../adapters/duckdb/dialect.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { originOf, type ParsedProject } from '../../parse/index.js';
import type { Node } from '../../parse/node.js';
import type { RunListener } from '../events.js';
import { type Ending, type Message, runChild } from './child.js';
import { type Failed, modelFailure } from './failure.js';
import { interpreterOf, noPython, setupOf } from './interpreter.js';

export interface PythonRun {
  readonly parsed: ParsedProject;
  readonly node: Node;
  /** The compiled code, and behind it `materialize(df, con)`. */
  readonly code: string;
  /** Runs the statements that read inputs and make the table. */
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly listen: RunListener | undefined;
}

const sameText = (column: string, text: string): string => `lower(${column}) = lower(${quoteLiteral(text)})`;

/** The database, schema and name of the table or view that SQL means by these parts; null where there is none. */
async function findRelation(session: Session, parts: readonly string[]): Promise<readonly string[] | null> {
  const [name = '', outer, database] = [...parts].reverse();
  const here = 'database = current_database()';
  const main = 'schema = current_schema()';
  const where =
    outer === undefined
      ? `((${here} and ${main}) or database = 'temp')`
      : database !== undefined
        ? `${sameText('schema', outer)} and ${sameText('database', database)}`
        : `((${sameText('schema', outer)} and ${here}) or (${sameText('database', outer)} and schema = 'main'))`;
  const { rows } = await session.execute(
    `select database, schema, name from (
       select database_name as database, schema_name as schema, table_name as name from duckdb_tables()
       union all select database_name, schema_name, view_name from duckdb_views() where not internal
     ) where ${sameText('name', name)} and ${where} order by database = 'temp' desc limit 1`,
  );
  return rows[0]?.map(String) ?? null;
}

/** Answers the runner's requests, and remembers how many rows the table got. */
function createAnswers(session: Session): {
  readonly answer: (request: Message) => Promise<unknown>;
  readonly rows: () => number | undefined;
} {
  let rowsAffected: number | undefined;
  return {
    rows: () => rowsAffected,
    async answer(request) {
      switch (request.op) {
        case 'find':
          return findRelation(session, request.parts as readonly string[]);
        case 'describe': {
          const { rows } = await session.execute(`describe select * from ${request.source}`);
          return rows.map(([name, type]) => [name, type]);
        }
        case 'copy':
          await session.execute(`copy (${request.query}) to ${quoteLiteral(String(request.file))} (format parquet)`);
          return null;
        case 'create': {
          const kind = request.temporary === true ? 'temporary table' : 'table';
          ({ rowsAffected } = await session.execute(`create ${kind} ${request.table} as ${request.query}`));
          return null;
        }
        default:
          throw new Error(`upsql does not know the request '${request.op}'`);
      }
    },
  };
}

function died(node: Node, file: string, { how, printed }: Extract<Ending, { kind: 'died' }>): UpsqlError {
  const last = printed.length === 0 ? '' : ` Its last lines: ${printed.join(' | ')}`;
  return new UpsqlError(
    problem(
      'python-model-failed',
      `Python model '${node.name}': its process ended (${how}) before the model did.${last}`,
      {
        place: { file, line: 1, column: 1 },
      },
    ),
    1,
  );
}

/**
 * Runs a model's code, which hands its rows over as a table of the warehouse; gives how many they are. Inputs come to it,
 * and its rows from it, as Parquet files in a folder that is removed at the end; it asks for an input when it first reads it.
 *
 * Throws UpsqlError with the place in the user's own file (`python-model-failed`, `python-syntax`), `python-missing` where
 * there is no interpreter or no package duckdb; DatabaseError of kind `interrupted` when `signal` ends the run.
 */
export async function runPythonModel(run: PythonRun): Promise<{ readonly rowsAffected: number | undefined }> {
  const { parsed, node, code, session, signal, listen } = run;
  const { project } = parsed;
  const { file, line } = originOf(parsed, node);
  const interpreter = interpreterOf(project, node);
  const folder = await mkdtemp(join(tmpdir(), 'upsql-python-'));
  const answers = createAnswers(session);
  try {
    const ended = await runChild({
      command: interpreter.command,
      cwd: project.root,
      env: process.env,
      job: { code, file, line, name: node.name, folder, database: parsed.adapter.database, ...setupOf(project) },
      answer: answers.answer,
      print: (message) => listen?.({ kind: 'node-log', node, message, level: 'info' }),
      signal,
    });
    if (ended.kind === 'cancelled') throw new DatabaseError('The run was cancelled.', '', 'interrupted');
    if (ended.kind === 'not-started') throw noPython(node, interpreter, ended.why);
    if (ended.kind === 'died') throw died(node, file, ended);
    if (ended.message.op === 'failed') {
      const lastLine = line + node.raw_code.split('\n').length - 1;
      throw modelFailure(node, ended.message as unknown as Failed, { file, lastLine, root: project.root });
    }
    return { rowsAffected: answers.rows() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

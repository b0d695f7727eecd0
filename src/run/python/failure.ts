/** What went wrong in a model's Python, with its place in the user's file. */
import { type Frame, type Place, problem, UpsqlError } from '../../diagnostics/index.js';
import type { Node } from '../../parse/node.js';

/** As the runner tells it; frames are outermost first: file, line, function, and the column of a syntax error. */
export interface Failed {
  readonly kind: 'no-duckdb' | 'syntax' | 'refused' | 'result' | 'exception';
  readonly type: string;
  readonly message: string;
  readonly missing?: string | null;
  readonly frames: readonly (readonly [file: string, line: number, name: string, column?: number])[];
  readonly python: string;
}

export interface ModelFile {
  /** Absolute. */
  readonly file: string;
  /** The last line that is the model's own; what is behind it is generated. */
  readonly lastLine: number;
  /** The project's folder: files in it are the user's as well. */
  readonly root: string;
}

const RETURNABLE =
  'Return a DuckDB relation, a DataFrame of pandas or polars, or a table, dataset or record batch reader of pyarrow.';

function hintOf(failed: Failed, generated: string | undefined): string | undefined {
  const { kind, type, message, missing, python } = failed;
  if (kind === 'no-duckdb')
    return `${python} -m pip install duckdb; or set UPSQL_PYTHON to an interpreter that has it.`;
  if (kind === 'result') return RETURNABLE;
  if (type === 'ModuleNotFoundError' && missing)
    return `${python} -m pip install ${missing.split('.')[0]}; a module of your own: name its folder under module_paths in the profile.`;
  if (type === 'KeyError' && (generated === 'ref' || generated === 'source'))
    return `dbt.${generated}() gives what the model names by a literal; ${message} was not seen when the file was parsed.`;
  return undefined;
}

function isUsers(path: string, root: string): boolean {
  return path.startsWith(root) && !/[\\/](?:site-packages|dist-packages|lib[\\/]python[\d.]+)[\\/]/.test(path);
}

function placeOf([file, line, , column]: Failed['frames'][number]): Place {
  return { file, line, column: column ?? 1 };
}

/** The error of a model that failed: at the innermost line that is the user's, with the calls that led there. */
export function modelFailure(node: Node, failed: Failed, { file, lastLine, root }: ModelFile): UpsqlError {
  const own = failed.frames.filter(([path, line]) => (path === file ? line <= lastLine : isUsers(path, root)));
  const generated = failed.frames.findLast(([path, line]) => path === file && line > lastLine)?.[2];
  const inner = own.at(-1);
  const place = inner === undefined ? { file, line: 1, column: 1 } : placeOf(inner);
  const frames: Frame[] = own
    .slice(0, -1)
    .reverse()
    .map((frame) => ({ name: frame[2], place: placeOf(frame) }));
  const hint = hintOf(failed, generated);
  const what = {
    'no-duckdb': `${failed.python} has no package duckdb, with which models read their tables (${failed.message})`,
    syntax: `this is no Python: ${failed.message}`,
    refused: failed.message,
    result: `its result can't be made a table: ${failed.message}`,
    exception: `${failed.type}: ${failed.message}`,
  }[failed.kind];
  const code =
    failed.kind === 'syntax' ? 'python-syntax' : failed.kind === 'no-duckdb' ? 'python-missing' : 'python-model-failed';
  return new UpsqlError(
    problem(code, `Python model '${node.name}': ${what}`, {
      place,
      ...(hint === undefined ? {} : { hint }),
      ...(frames.length === 0 ? {} : { frames }),
    }),
    1,
  );
}

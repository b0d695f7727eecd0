import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseError } from '../adapters/adapter.js';
import { type Diagnostic, type Frame, nearest, type Place, placeAt, problem } from '../diagnostics/index.js';
import type { Node } from '../parse/node.js';
import type { Engine } from './engine.js';
import { templatePlace } from './template-line.js';

type Context = Pick<Engine, 'project' | 'manifest' | 'origin'>;

/**
 * A failed statement as a diagnostic. Its place is the line of the model's own file where that can be told, else the line
 * of the compiled SQL; the other one is in the frames. `calls` are the macro calls under way, innermost first.
 */
export function databaseProblem(
  error: DatabaseError,
  node: Node,
  context: Context,
  calls: readonly Frame[] = [],
): Diagnostic {
  const { text, hint } = explain(error, node, context);
  const code = error.kind === 'interrupted' ? 'interrupted' : 'database-error';
  const { statement, ...located } = locate(error, node, context, calls);
  const message =
    statement === undefined || statement === ''
      ? text
      : `${text}
in the statement: ${statement}`;
  return problem(code, message, { ...located, ...(hint === undefined ? {} : { hint }) });
}

/** The warehouse's own excerpt of the statement, which the diagnostic's place replaces. */
const OWN_EXCERPT = /\n+LINE \d+:[\s\S]*$/;
const CANDIDATES = /\n*Candidate bindings: (.+)/;
const SUGGESTION = /\n*Did you mean "([^"]+)"\??[^\n]*/;

function explain(error: DatabaseError, node: Node, context: Context): { text: string; hint: string | undefined } {
  const message = error.message.replace(OWN_EXCERPT, '').trim();
  const text = message.replace(CANDIDATES, '').replace(SUGGESTION, '').trim();
  return { text: text === '' ? message : text, hint: hintFor(message, error.kind, node, context) };
}

function hintFor(message: string, kind: DatabaseError['kind'], node: Node, context: Context): string | undefined {
  const bindings = CANDIDATES.exec(message)?.[1];
  if (bindings !== undefined) {
    const columns = [...bindings.matchAll(/"([^"]+)"/g)].map((found) => found[1] ?? '');
    const wanted = /"([^"]+)"/.exec(message)?.[1] ?? '';
    const close = nearest(wanted, columns);
    return close === undefined ? `Columns there: ${columns.join(', ')}.` : `Did you mean '${close}'?`;
  }
  const missing = /Table with name "?([^\s"]+)"? does not exist/i.exec(message)?.[1];
  if (missing !== undefined) return missingTable(missing, node, context) ?? suggested(message);
  if (node.resource_type === 'seed' && /columns, its table has/.test(message))
    return `The columns of the file have changed: \`upsql seed --full-refresh --select ${node.name}\` makes the table anew.`;
  const schema = /[Ss]chema (?:with name )?"?([^\s"]+)"? does not exist/.exec(message)?.[1];
  if (schema !== undefined) return `Create it with \`create schema ${schema}\`, or correct the model's schema config.`;
  if (/No space left|disk full/i.test(message)) return 'The disk is full: free some space and run again.';
  if (/read-only/i.test(message))
    return "The database was opened read-only: choose another target, or drop its 'read_only'.";
  if (kind === 'conflict') return 'Another connection changed the same relation meanwhile: run again.';
  return suggested(message);
}

/** The warehouse's own near-miss, unless it is one of its system relations, which is never what was meant. */
function suggested(message: string): string | undefined {
  const name = SUGGESTION.exec(message)?.[1];
  if (name === undefined || /^(pg_|information_schema\.|duckdb_|sqlite_|pragma_)/.test(name)) return undefined;
  return `Did you mean '${name}'?`;
}

/** A table that isn't there is most often a model that was named without ref(), or that wasn't built yet. */
function missingTable(name: string, node: Node, { manifest }: Context): string | undefined {
  const bare = (name.split('.').at(-1) ?? name).toLowerCase();
  if (node.resource_type !== 'test' && node.alias?.toLowerCase() === bare)
    return `'${node.name}' is not built in this target yet: \`upsql build --select +${node.name}\` builds it first.`;
  const built = ['model', 'seed', 'snapshot'];
  const others = Object.values(manifest.nodes).filter((other) => other.unique_id !== node.unique_id);
  const relations = others.filter((other) => built.includes(other.resource_type));
  const same = relations.find((other) => other.alias.toLowerCase() === bare || other.name.toLowerCase() === bare);
  if (same !== undefined && !node.depends_on.nodes.includes(same.unique_id)) {
    return `'${same.name}' is a ${same.resource_type} of this project: write {{ ref('${same.name}') }}, so that it is built first.`;
  }
  if (same !== undefined) {
    return `'${same.name}' is not built in this target yet: \`upsql build --select +${node.name}\` builds it first.`;
  }
  const source = Object.values(manifest.sources).find((other) => other.identifier.toLowerCase() === bare);
  if (source !== undefined)
    return `Load the source '${source.source_name}.${source.name}' before the models that read it.`;
  // A short name is near to many.
  if (bare.length < 4) return undefined;
  const close = nearest(
    bare,
    relations.map((other) => other.name),
  );
  return close === undefined ? undefined : `Did you mean {{ ref('${close}') }}?`;
}

interface Located {
  readonly place?: Place;
  readonly source?: string;
  readonly frames?: readonly Frame[];
  /** The line of the statement that the place is not in. */
  readonly statement?: string;
}

/** The line of a Python model's own text at which its procedure failed, as the warehouse's interpreter counts it. */
function procedureLine(message: string, node: Node): number | undefined {
  const last = node.raw_code.split('\n').length;
  const lines = [...message.matchAll(/File "_udf_code\.py", line (\d+)/g)].map((found) => Number(found[1]));
  return lines.findLast((line) => line <= last);
}

function locate(error: DatabaseError, node: Node, context: Context, calls: readonly Frame[]): Located {
  const { sql, offset } = error;
  const line = node.language === 'python' ? procedureLine(error.message, node) : undefined;
  const origin = context.origin?.(node);
  if (line !== undefined && origin !== undefined)
    return { place: { file: origin.file, line: origin.line + line - 1, column: 1 } };
  const compiled = node.compiled_code ?? '';
  const own = nodeFrame(node, context);
  const frames = own === undefined ? [] : [own];
  const start = offset === undefined ? undefined : within(sql, compiled.trim(), offset);
  if (offset !== undefined && start !== undefined) {
    const length = tokenLength(sql, offset);
    const at = offset - start + (compiled.length - compiled.trimStart().length);
    const file = join(context.project.root, node.compiled_path ?? node.original_file_path);
    const place = placeAt(file, compiled, at, length);
    const template = templateOf(node, at, context);
    if (template === undefined) return { place, source: compiled, frames };
    return { place: { ...template, length }, frames: [{ name: 'compiled SQL', place }] };
  }
  // A statement of a macro's: the place is the user's own line that asked for it.
  const asked = calls.filter((call) => call.place !== undefined && !OWN_MACROS.test(call.place.file));
  const [innermost, ...outer] = asked;
  if (innermost?.place !== undefined) {
    const from = outer.length > 0 ? outer : frames;
    return { place: innermost.place, frames: from, statement: lineAt(sql, offset ?? 0) };
  }
  if (offset === undefined || sql === '') return own?.place === undefined ? {} : { place: own.place };
  const place = placeAt(statementFile(sql, node, context), sql, offset, tokenLength(sql, offset));
  return { place, source: sql, frames };
}

/** Files of the macros that the engine ships, which are no files of the user's. */
const OWN_MACROS = /^dbt(_\w+)?\/macros\//;

function lineAt(sql: string, offset: number): string {
  const end = sql.indexOf('\n', offset);
  return sql.slice(sql.lastIndexOf('\n', offset - 1) + 1, end === -1 ? undefined : end).trim();
}

/** The file below target/run that has the statement, else a name that is no file. */
function statementFile(sql: string, node: Node, { project }: Context): string {
  const file = node.build_path === null ? undefined : join(project.root, node.build_path);
  try {
    if (file !== undefined && readFileSync(file, 'utf8').includes(sql.trim())) return file;
  } catch {
    // Removed meanwhile.
  }
  return `<statement of ${node.name}>`;
}

/** The start of the occurrence of `part` in `sql` that holds `offset`. */
function within(sql: string, part: string, offset: number): number | undefined {
  if (part === '') return undefined;
  for (let i = sql.indexOf(part); i !== -1 && i <= offset; i = sql.indexOf(part, i + 1)) {
    if (offset <= i + part.length) return i;
  }
  return undefined;
}

function tokenLength(sql: string, offset: number): number {
  const token = /"[^"\n]*"|'[^'\n]*'|[\w$]+|\S/y;
  token.lastIndex = offset;
  return token.exec(sql)?.[0].length ?? 1;
}

/** The place in the template of `node`, or of the ephemeral model whose text was put in front of it. */
function templateOf(node: Node, at: number, context: Context): Place | undefined {
  const compiled = node.compiled_code ?? '';
  let owner = node;
  let text = compiled;
  let offset = at;
  for (const cte of node.extra_ctes ?? []) {
    const start = within(compiled, cte.sql, at);
    const source = context.manifest.nodes[cte.id];
    if (start === undefined || source === undefined) continue;
    owner = source;
    // The CTE reads ` name as (\n<SQL>\n)`: leave its first and last line.
    const first = cte.sql.indexOf('\n') + 1;
    text = cte.sql.slice(first, cte.sql.lastIndexOf('\n'));
    offset = at - start - first;
    if (offset < 0) return undefined;
  }
  if (owner.language !== 'sql') return undefined;
  const found = templatePlace(owner.raw_code, text, offset);
  const origin = originOf(owner, context);
  return found === undefined || origin === undefined
    ? undefined
    : { file: origin.file, line: origin.line + found.line - 1, column: found.column };
}

function originOf(node: Node, context: Context): { readonly file: string; readonly line: number } | undefined {
  if (context.origin !== undefined) return context.origin(node);
  const root = context.project.packages.find((one) => one.name === node.package_name)?.root;
  return root === undefined ? undefined : { file: join(root, node.original_file_path), line: 1 };
}

/** The node itself, as the place to look at when the line is not known. */
export function nodeFrame(node: Node, context: Context): Frame | undefined {
  const origin = originOf(node, context);
  if (origin === undefined) return undefined;
  return {
    name: `${node.resource_type} ${node.name}`,
    place: { file: origin.file, line: origin.line, column: 1 },
  };
}

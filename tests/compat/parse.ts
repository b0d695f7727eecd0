/** Parsing of projects in tests, without a warehouse. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { duckDbDialect } from '../../src/adapters/duckdb/dialect.js';
import type { Diagnostic } from '../../src/diagnostics/index.js';
import { builtinMacroFiles } from '../../src/macros/index.js';
import { type ParsedProject, type ParseOptions, parseProject } from '../../src/parse/index.js';
import { type LoadOptions, loadProject } from '../../src/project/index.js';

/** Loads and parses a project as `upsql parse` does, for DuckDB in memory. */
export async function parse(where: LoadOptions, options: Partial<ParseOptions> = {}): Promise<ParsedProject> {
  const project = await loadProject(where);
  return parseProject(project, {
    adapter: { type: 'duckdb', dialect: duckDbDialect, database: 'memory', schema: 'compat' },
    invocation: { id: 'test', startedAt: new Date('2026-01-15T12:00:00Z'), args: {} },
    builtinMacros: builtinMacroFiles('duckdb'),
    ...options,
  });
}

export interface Outcome {
  readonly parsed: ParsedProject;
  /** Diagnostics as text: `code file:line:column message | hint`, the file relative to the project. */
  readonly said: readonly string[];
}

/** Parses a project made of these files; a project file is added where there is none. */
export async function parseFiles(
  files: Readonly<Record<string, string>>,
  where: LoadOptions = {},
  options: Partial<ParseOptions> = {},
): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'upsql-parse-'));
  const all = { 'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: compat\n', ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  const parsed = await parse({ projectDir: dir, profilesDir: import.meta.dirname, env: {}, ...where }, options);
  return { parsed, said: parsed.diagnostics.map((d) => shown(d, dir)) };
}

function shown({ code, message, place, hint }: Diagnostic, dir: string): string {
  const at = place === undefined ? '' : ` ${place.file.replace(`${dir}/`, '')}:${place.line}:${place.column}`;
  return `${code}${at} ${message}${hint === undefined ? '' : ` | ${hint}`}`;
}

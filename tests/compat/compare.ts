/** The compat projects: made runnable, read through the library, and brought into the form that dbt's outcome is kept in. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { LoadProjectOptions, YamlMap } from '../../src/index.js';

const HERE = import.meta.dirname;
const PROJECTS = join(HERE, 'projects');

export const PROJECT_NAMES = readdirSync(PROJECTS).sort();

export const SECTIONS = (
  'nodes sources exposures groups docs macros disabled metrics semantic_models saved_queries unit_tests selectors ' +
  'parent_map child_map group_map'
).split(' ');
const IGNORED = new Set(
  (
    'created_at build_path compiled_path compiled compiled_code extra_ctes extra_ctes_injected root_path ' +
    'config_call_dict line'
  ).split(' '),
);
const UNORDERED = new Set('tags refs sources primary_key doc_blocks'.split(' '));
const ENGINE_MACRO = /^macro\.dbt(_duckdb)?\./;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonMap = { [key: string]: Json };

export interface Expected {
  readonly manifest: { readonly [section: string]: JsonMap };
  readonly compiled: { readonly [id: string]: string };
  readonly ls: { readonly [output: string]: readonly string[] };
}

export function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(PROJECTS, name, 'expected.json'), 'utf8')) as Expected;
}

/** Copies a project to a temporary folder, its local packages installed, and gives what loads it. */
export function prepare(name: string): LoadProjectOptions {
  const folder = mkdtempSync(join(tmpdir(), 'upsql-compat-'));
  cpSync(join(PROJECTS, name), folder, { recursive: true });
  const listed = join(folder, 'packages.yml');
  if (existsSync(listed)) {
    const { packages } = parseYaml(readFileSync(listed, 'utf8')) as { packages: { local: string }[] };
    mkdirSync(join(folder, 'dbt_packages'));
    for (const { local } of packages)
      cpSync(join(folder, local), join(folder, 'dbt_packages', local), { recursive: true });
  }
  const file = join(folder, 'case.json');
  const given = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const { vars = {}, env = {} } = given as { vars?: YamlMap; env?: Record<string, string> };
  return { projectDir: folder, profilesDir: HERE, vars, env: { HOME: folder, ...env } };
}

const isMap = (value: Json): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);

function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === '' || (isMap(value) && Object.keys(value).length === 0);
}

/** Without what is empty. */
export function trimmed(value: Json): Json {
  if (Array.isArray(value)) return value.map(trimmed);
  if (!isMap(value)) return value;
  const kept = Object.entries(value).map(([key, item]) => [key, trimmed(item)] as const);
  return Object.fromEntries(kept.filter(([, item]) => !isEmpty(item)));
}

const byText = (list: readonly Json[]): Json[] =>
  [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

function trimmedNode(node: JsonMap): Json {
  const out: JsonMap = {};
  for (const [key, value] of Object.entries(node)) {
    if (IGNORED.has(key)) continue;
    if (key === 'depends_on' && isMap(value)) {
      const lists = Object.entries(value).map(([kind, ids]) => [
        kind,
        byText((ids as string[]).filter((id) => !ENGINE_MACRO.test(id))),
      ]);
      out[key] = Object.fromEntries(lists);
    } else out[key] = UNORDERED.has(key) && Array.isArray(value) ? byText(value) : value;
  }
  return trimmed(out);
}

/** A section of a manifest as expected.json holds it. */
export function trimmedSection(name: string, table: JsonMap): JsonMap {
  const out: JsonMap = {};
  for (const [key, value] of Object.entries(table)) {
    if ((name === 'macros' || name === 'docs') && /^\w+\.dbt(_duckdb)?\./.test(key)) continue;
    if (name === 'disabled') out[key] = (value as JsonMap[]).map(trimmedNode);
    else if (name === 'selectors') out[key] = value;
    else out[key] = Array.isArray(value) ? [...(value as string[])].sort() : trimmedNode(value as JsonMap);
  }
  return out;
}

import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, loadProject } from '../../src/index.js';

interface Stage {
  readonly name: string;
  readonly vars?: Record<string, string | number | boolean>;
  readonly fullRefresh?: boolean;
}

interface Relation {
  readonly type: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What is in the warehouse after a stage; dbt-core's was written by scripts/judge/materializations.py. */
interface Contents {
  readonly name: string;
  readonly statuses: Record<string, [string, number | null]>;
  readonly relations: Record<string, Relation>;
  readonly comments: readonly unknown[];
  readonly constraints: readonly unknown[];
}

type Look = (sql: string) => Promise<readonly (readonly unknown[])[]>;

const FIXTURES = new URL('fixtures/macros/', import.meta.url).pathname;
const read = <T>(path: string): T => JSON.parse(readFileSync(join(FIXTURES, path), 'utf8')) as T;
const stages = read<Stage[]>('stages/stages.json');
const byDbt = read<Contents[]>('stages-by-dbt.json');

const sorted = <T>(rows: readonly T[]) =>
  rows
    .map((row) => JSON.stringify(row))
    .sort()
    .map((row) => JSON.parse(row) as T);

function shown(column: string, value: unknown): string | null {
  if (value === null || column === 'dbt_scd_id') return null;
  const text = String(value);
  return text.startsWith('20') && text.slice(0, 4) > '2024' && text.length > 18 ? 'now' : text;
}

async function contents(look: Look): Promise<Omit<Contents, 'name' | 'statuses'>> {
  const relations: Record<string, Relation> = {};
  const listed = await look(
    "select table_schema, table_name, table_type from information_schema.tables where table_catalog = 'stages' order by all",
  );
  for (const [schema, name, type] of listed) {
    const columns = await look(`select column_name, column_type from (describe "${schema}"."${name}")`);
    const texts = columns.map(([column]) => `"${column}"::varchar`).join(', ');
    const rows = await look(`select ${texts} from "${schema}"."${name}"`);
    relations[`${schema}.${name}`] = {
      type: String(type),
      columns: columns.map((column) => column.join(' ')),
      rows: sorted(rows.map((row) => row.map((cell, index) => shown(String(columns[index]?.[0]), cell)))),
    };
  }
  return {
    relations,
    comments: await look(
      "select view_name, comment from duckdb_views() where comment is not null union all select table_name || '.' || column_name, comment from duckdb_columns() where comment is not null order by all",
    ),
    constraints: await look('select table_name, constraint_type from duckdb_constraints() order by all'),
  };
}

describe('a project built stage by stage', () => {
  let dir: string;
  const reached: Contents[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'upsql-stages-'));
    const projectDir = join(dir, 'project');
    cpSync(join(FIXTURES, 'stages'), projectDir, { recursive: true });
    for (const { name, vars = {}, fullRefresh = false } of stages) {
      const loaded = await loadProject({ projectDir, profilesDir: projectDir, env: {}, vars: { dir, ...vars } });
      try {
        const { results } = await build(loaded, { fullRefresh });
        const { adapter } = await loaded.engine();
        const session = await adapter.session('look');
        const found = await contents(async (sql) => (await session.execute(sql)).rows);
        const statuses = results.map((r): [string, [string, number | null]] => [r.node.name, [r.status, r.failures]]);
        reached.push({ name, statuses: Object.fromEntries(statuses), ...found });
      } finally {
        await loaded.close();
      }
    }
  });

  afterAll(() => expect(reached.map((stage) => stage.name)).toEqual(byDbt.map((stage) => stage.name)));

  it.each(byDbt.map((stage, index) => [stage.name, index] as const))('ends as with dbt-core: %s', (_name, index) => {
    const ours = reached[index];
    const theirs = byDbt[index];
    expect(ours?.statuses).toEqual(theirs?.statuses);
    expect(Object.keys(ours?.relations ?? {}).sort()).toEqual(Object.keys(theirs?.relations ?? {}).sort());
    for (const [name, relation] of Object.entries(theirs?.relations ?? {})) {
      expect(ours?.relations[name], name).toEqual({ ...relation, rows: sorted(relation.rows) });
    }
    expect(ours?.comments).toEqual(theirs?.comments);
    expect(ours?.constraints).toEqual(theirs?.constraints);
  });
});

// What the machine needs for the bare work, without a tool: run as a process of its own, as the tools are.
//   floor.mjs read DIR                  reads and hashes every file of a project
//   floor.mjs build DIR DATABASE [OLD]  sends a built project's compiled statements to DuckDB, over a copy of OLD if given
//   floor.mjs events ROWS FORMAT FILE   makes rows in DuckDB and writes them
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

function readAll(folder) {
  for (const top of ['dbt_project.yml', 'models', 'macros', 'seeds', 'tests', 'snapshots']) {
    const base = join(folder, top);
    let names;
    try {
      names = readdirSync(base, { recursive: true, withFileTypes: true });
    } catch {
      names = [];
    }
    for (const entry of names)
      if (entry.isFile())
        createHash('sha256')
          .update(readFileSync(join(entry.parentPath ?? entry.path, entry.name)))
          .digest('hex');
  }
}

/** The nodes that upsql ran, parents first. */
function inOrder(nodes) {
  const order = [];
  const seen = new Set();
  const visit = (id) => {
    if (seen.has(id) || nodes[id] === undefined) return;
    seen.add(id);
    for (const parent of nodes[id].depends_on?.nodes ?? []) visit(parent);
    order.push(nodes[id]);
  };
  for (const id of Object.keys(nodes)) visit(id);
  return order;
}

function statementOf(node, folder) {
  const { relation_name: name, compiled_code: code, resource_type: type, config } = node;
  if (type === 'seed')
    return `create or replace table ${name} as from read_csv(${quoted(join(folder, node.original_file_path))})`;
  if (typeof code !== 'string' || node.language !== 'sql') return undefined;
  if (type === 'test') return `select count(*) from (${code}) as failures`;
  if (type !== 'model' || config.materialized === 'ephemeral') return undefined;
  return `create or replace ${config.materialized === 'view' ? 'view' : 'table'} ${name} as ${code}`;
}

async function build(folder, database, old) {
  rmSync(database, { force: true });
  if (old !== undefined) copyFileSync(old, database);
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const { nodes } = JSON.parse(readFileSync(join(folder, 'target/manifest.json'), 'utf8'));
  const name = Object.values(nodes).find((n) => n.relation_name)?.database;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`attach ${quoted(database)} as "${name}"`);
  await connection.run(`use "${name}"`);
  process.chdir(folder);
  const schemas = new Set(
    Object.values(nodes)
      .filter((n) => n.relation_name)
      .map((n) => n.schema),
  );
  for (const schema of schemas) await connection.run(`create schema if not exists "${schema}"`);
  for (const node of inOrder(nodes)) {
    const statement = statementOf(node, folder);
    if (statement !== undefined) await connection.run(statement);
  }
  connection.closeSync();
  instance.closeSync();
}

async function events(rows, format, file) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `copy (select 'user_' || (random() * 20000)::int as user_id,
        timestamp '2025-01-01' + to_seconds((random() * 31536000)::int) as "timestamp",
        'category_' || (random() * 6)::int as category_used, 'feature_' || (random() * 30)::int as feature_used,
        (random() * 3600)::int as session_length, 'platform_' || (random() * 3)::int as platform
      from range(${Number(rows)}))
     to ${quoted(file)} (format ${format === 'parquet' ? 'parquet' : 'json'})`,
  );
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'read') readAll(rest[0]);
else if (mode === 'build') await build(...rest);
else if (mode === 'events') await events(...rest);
else throw new Error(`unknown floor: ${mode}`);

import type { RelationName, Session } from '../../adapters/adapter.js';
import { toProgramName, toWarehouseName } from '../../adapters/names.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { type ClassifierArtifact, requireFeatures } from '../../ml/artifact/index.js';
import { topReasons } from '../../ml/shap.js';
import { type ClassifierSpec, featureMatrix, taskColumns } from '../../ml/task/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';

/** The columns that reasons have beside those that tell rows apart. */
const OWN = ['rank', 'feature', 'value', 'contribution'];

export interface ReasonsTable {
  /** A query of the reasons. */
  readonly sql: string;
  /** Removes what the query reads. */
  drop(): Promise<void>;
}

/**
 * Computes why each row of `query` is scored high, and puts it into a table beside the node's, as no warehouse has SHAP values: for each
 * row its columns `keep` (default: the key) and up to `reasons` features, the strongest first.
 * @throws UpsqlError `ml-missing-column` when a feature is gone, `ml-no-cover` for trees without weights, `ml-config` for a column named
 * as one of the reasons' own.
 */
export async function reasonsTable(
  engine: Engine,
  { node, spec }: { readonly node: Node; readonly spec: ClassifierSpec },
  artifact: ClassifierArtifact,
  query: string,
  session: Session,
): Promise<ReasonsTable> {
  const { dialect } = engine.adapter;
  const result = await session.columns(query);
  const named = new Map([...result.columns].map(([name, data]) => [toProgramName(dialect, name), data]));
  requireFeatures(artifact, [...named.keys()]);
  const rows = taskColumns(named, result.length, spec.key);
  const keep = spec.keep ?? (spec.key.length > 0 ? spec.key : rows.names);
  const taken = keep.find((name) => OWN.includes(name.toLowerCase()));
  if (taken !== undefined)
    throw new UpsqlError(
      problem('ml-config', `'${node.name}' passes on '${taken}', but reasons have a column of that name`, {
        hint: "Name the columns to pass on in 'keep'.",
      }),
      1,
    );
  const data = featureMatrix({ features: artifact.features, missing: artifact.missing }, rows);
  const lists = topReasons(artifact, data, spec.reasons);
  const row = Uint32Array.from(lists.flatMap((list, i) => list.map(() => i)));
  const types = new Map(result.types.map(({ name, type }) => [toProgramName(dialect, name).toLowerCase(), type]));
  const double = engine.adapter.type === 'snowflake' ? 'float' : 'double';
  const passed = keep.map((name) => {
    const column = rows.column(name);
    const values =
      column instanceof Float64Array
        ? Float64Array.from(row, (i) => column[i] as number)
        : (Array.from(row, (i) => column[i] ?? null) as (string | null)[]);
    return { name, type: types.get(name.toLowerCase()) ?? 'varchar', values };
  });
  const reasons = lists.flat();
  const own = [
    { name: 'rank', type: 'integer', values: Float64Array.from(lists.flatMap((list) => list.map((_, k) => k + 1))) },
    { name: 'feature', type: 'varchar', values: reasons.map(({ feature }) => feature) },
    { name: 'value', type: double, values: Float64Array.from(reasons, ({ value }) => value) },
    { name: 'contribution', type: double, values: Float64Array.from(reasons, ({ contribution }) => contribution) },
  ];
  const all = [...passed, ...own];
  const identifier = toWarehouseName(dialect, `ml_reasons_of_${node.alias ?? node.name}`);
  const table: RelationName = { database: node.database ?? null, schema: node.schema ?? null, identifier };
  const { quoteCharacter: q } = dialect;
  const text = [table.database, table.schema, identifier]
    .filter((part) => part !== null && part !== '')
    .map((part) => `${q}${part}${q}`)
    .join('.');
  const drop = async () => {
    await session.execute(`drop table if exists ${text}`, { fetch: false });
  };
  await drop();
  await session.load({
    table,
    columns: all.map(({ name, type }) => ({ name: toWarehouseName(dialect, name), type })),
    data: all.map(({ values }) => values),
    length: row.length,
  });
  return { sql: `select * from ${text}`, drop };
}

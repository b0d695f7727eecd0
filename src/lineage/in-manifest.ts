import type { ColumnSpec, Manifest } from '../parse/node.js';
import { readColumns } from '../parse/nodes/columns.js';
import type { NodeLineage } from './project-lineage.js';
import type { Lineage } from './walk.js';

/**
 * A copy of the manifest whose columns have what was traced as `meta.lineage`: `{kind, sources: [{relation, column}]}` and
 * `unknown` where sources may be missing. Meta is where dbt's schema leaves room, so readers of manifests take it. Columns
 * that no YAML describes are added, without a description.
 */
export function manifestWithLineage(manifest: Manifest, lineage: Lineage): Manifest {
  const traced = <T extends { columns: Record<string, ColumnSpec> }>(entries: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(entries).map(([id, entry]) => {
        const found = lineage.get(id);
        return [id, found === undefined ? entry : { ...entry, columns: tracedColumns(entry.columns, found) }];
      }),
    );
  return { ...manifest, nodes: traced(manifest.nodes), sources: traced(manifest.sources) };
}

function tracedColumns(
  described: Readonly<Record<string, ColumnSpec>>,
  { columns }: NodeLineage,
): Record<string, ColumnSpec> {
  const names = new Map(Object.keys(described).map((name) => [name.toLowerCase(), name]));
  const result = { ...described };
  for (const { name, ...lineage } of columns) {
    const key = names.get(name.toLowerCase()) ?? name;
    const column = result[key] ?? readColumns([{ name }])[name];
    if (column === undefined) continue;
    const meta = { ...column.meta, lineage };
    result[key] = { ...column, meta, config: { ...column.config, meta } };
  }
  return result;
}

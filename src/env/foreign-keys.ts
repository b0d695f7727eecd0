/** Foreign keys where nodes are not where the project has them. DuckDB has none from one schema to another, nor to a view. */
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest, Node } from '../parse/node.js';
import { parseReference } from '../parse/nodes/references.js';
import type { Engine } from '../run/engine.js';
import { type Place, placeKey } from './names.js';
import type { Placement } from './placement.js';
import type { PromotionStep, StateStore } from './state.js';

interface ForeignKey {
  readonly type?: unknown;
  readonly to?: unknown;
}

/**
 * Takes away the foreign keys of nodes to be built that the warehouse could not make where the nodes are now. Nodes must have been
 * placed. Gives a warning for each node.
 */
export function leaveOutForeignKeys(
  engine: Engine,
  placement: Placement,
  names: ReadonlyMap<string, Place>,
  ids: Iterable<string>,
): readonly Diagnostic[] {
  if (engine.adapter.type !== 'duckdb') return [];
  const { manifest } = engine;
  return [...ids].flatMap((id) => {
    const node = manifest.nodes[id];
    if (node === undefined || node.contract?.enforced !== true) return [];
    const moved = node.schema !== names.get(id)?.schema;
    const gone: string[] = [];
    const kept = (list: readonly unknown[]): unknown[] =>
      list.filter((constraint) => {
        const { type, to } = constraint as ForeignKey;
        if (type !== 'foreign_key') return true;
        const target = typeof to === 'string' ? targetOf(to, node, manifest) : undefined;
        // What an expression names has its own name in production's schema only.
        const possible = target === undefined ? !moved : target.schema === node.schema;
        if (!possible) gone.push(target?.name ?? 'another table');
        return possible;
      });
    const columns = Object.fromEntries(
      Object.entries(node.columns).map(([name, column]) => [
        name,
        { ...column, constraints: kept(column.constraints) },
      ]),
    );
    const constraints = kept(node.constraints ?? []);
    if (gone.length === 0) return [];
    placement.amend(node, { columns, constraints });
    return problem('foreign-key-left-out', `${node.name} is built without its foreign key to ${gone.join(', ')}`, {
      severity: 'warning',
      hint: 'The two are in different schemas in an environment or after a promotion, and DuckDB has foreign keys within one only. A relationships test checks the same.',
    });
  });
}

function targetOf(
  to: string,
  node: Node,
  manifest: Manifest,
): { readonly name: string; readonly schema: string | null } | undefined {
  const reference = parseReference(to);
  const named = node.depends_on.nodes.flatMap((id) => manifest.nodes[id] ?? manifest.sources[id] ?? []);
  if (reference?.kind === 'ref') return named.find(({ name }) => name === reference.ref.name);
  return reference?.kind === 'source' ? named.find(({ name }) => name === reference.source[1]) : undefined;
}

/**
 * DuckDB renames no table that a foreign key points at. Gives the steps in an order in which each table comes after those that
 * point at it, and the places of tables with foreign keys, which are copied and dropped in place of being renamed.
 * @throws UpsqlError where a table points at one of them that is not promoted with it.
 */
export async function orderByForeignKeys(
  engine: Engine,
  store: StateStore,
  steps: readonly PromotionStep[],
): Promise<{ readonly steps: readonly PromotionStep[]; readonly copied: ReadonlySet<string> }> {
  const plain = new Map(steps.flatMap((step) => (step.keep === null ? [] : [[placeKey(step.name), step] as const])));
  if (engine.adapter.type !== 'duckdb' || plain.size === 0) return { steps, copied: new Set() };
  const { rows } = await store.session.execute(
    "select database_name, schema_name, table_name, referenced_table from duckdb_constraints() where constraint_type = 'FOREIGN KEY'",
  );
  const pointing = new Map<string, string[]>();
  const copied = new Set<string>();
  for (const [database, schema, table, target] of rows.map((row) => row.map(String))) {
    const at = (identifier = ''): string =>
      placeKey({ database: database ?? null, schema: schema ?? null, identifier });
    // Put aside with its foreign key, it would hold on to the table that it points at.
    if (plain.has(at(table))) copied.add(at(table));
    const step = plain.get(at(target));
    if (step === undefined) continue;
    if (!plain.has(at(table))) throw pointedAt(step, table ?? '');
    pointing.set(at(target), [...(pointing.get(at(target)) ?? []), at(table)]);
  }
  const ordered: PromotionStep[] = [];
  const done = new Set<string>();
  const visit = (key: string): void => {
    if (done.has(key)) return;
    done.add(key);
    for (const other of pointing.get(key) ?? []) visit(other);
    const step = plain.get(key);
    if (step !== undefined) ordered.push(step);
  };
  for (const key of plain.keys()) visit(key);
  return { steps: [...ordered, ...steps.filter(({ keep }) => keep === null)], copied };
}

function pointedAt({ name }: PromotionStep, table: string): UpsqlError {
  return new UpsqlError(
    problem('foreign-key', `${name.identifier} can't be promoted: a foreign key of ${table} points at it`, {
      hint: `${table} has to be promoted with it. Write its foreign key as \`to: ref('${name.identifier}')\`, so that the two are built together, or take it away and build production.`,
    }),
    1,
  );
}

import type { Graph } from '../graph/index.js';
import type { NodeLineage } from '../lineage/index.js';
import type { Manifest, Node } from '../parse/node.js';
import type { ColumnChange } from './column-changes.js';

/** Something downstream that names columns which go or get another type. */
export interface Break {
  readonly id: string;
  readonly name: string;
  readonly resource_type: string;
  readonly columns: readonly string[];
}

/**
 * What of a node's children names its changed columns: models and snapshots by their SQL, data tests by the column that they
 * are attached to. A child that only passes columns on loses them too, which is a change of its own.
 */
export function breaksOf(
  node: Node,
  changes: readonly ColumnChange[],
  lineage: ReadonlyMap<string, NodeLineage>,
  manifest: Manifest,
  graph: Graph,
): readonly Break[] {
  const changed = changes.filter(({ change }) => change !== 'added').map(({ name }) => name);
  const lost = new Set(
    changes.filter(({ change }) => change === 'removed' || change === 'renamed').map(({ name }) => name.toLowerCase()),
  );
  if (changed.length === 0) return [];
  return (graph.children.get(node.unique_id) ?? []).flatMap((id) => {
    const child = manifest.nodes[id];
    if (child === undefined) return [];
    const columns =
      child.resource_type === 'test'
        ? changed.filter((name) => lost.has(name.toLowerCase()) && tests(child, node, name))
        : changed.filter((name) => uses(lineage.get(id), node.unique_id, name));
    return columns.length === 0 ? [] : [{ id, name: child.name, resource_type: child.resource_type, columns }];
  });
}

function uses(lineage: NodeLineage | undefined, relation: string, column: string): boolean {
  return (
    lineage?.uses.some((id) => id.relation === relation && id.column.toLowerCase() === column.toLowerCase()) ?? false
  );
}

function tests(test: Node, node: Node, column: string): boolean {
  return test.attached_node === node.unique_id && test.column_name?.toLowerCase() === column.toLowerCase();
}

/** The checksum of an enforced contract: dbt's own, which `state:modified` compares, so it must be the same text that is hashed. */
import { createHash } from 'node:crypto';
import { repr } from '../../jinja/index.js';
import type { Node } from '../node.js';

interface Constraint {
  readonly type: string;
  readonly name: string | null;
  readonly expression: string | null;
  readonly warn_unenforced: boolean;
  readonly warn_unsupported: boolean;
  readonly to: string | null;
  readonly to_columns: readonly string[];
  readonly columns?: readonly string[];
}

/** A constraint as Python prints the dataclass that dbt keeps it in. */
function printed(c: Constraint): string {
  const parts = [
    `type=<ConstraintType.${c.type}: '${c.type}'>`,
    ...(['name', 'expression', 'warn_unenforced', 'warn_unsupported', 'to'] as const).map((k) => `${k}=${repr(c[k])}`),
    `to_columns=${repr([...c.to_columns])}`,
  ];
  if (c.columns === undefined) return `ColumnLevelConstraint(${parts.join(', ')})`;
  return `ModelLevelConstraint(${[...parts, `columns=${repr([...c.columns])}`].join(', ')})`;
}

const list = (constraints: unknown): string => `[${((constraints ?? []) as Constraint[]).map(printed).join(', ')}]`;

/** Sets `contract.checksum` of a model whose contract is enforced. */
export function setContractChecksum(node: Node): void {
  if (node.resource_type !== 'model' || node.contract?.enforced !== true || node.contract.checksum !== null) return;
  const columns = Object.values(node.columns).sort((a, b) => (a.name < b.name ? -1 : 1));
  let state = columns.map((c) => `|${c.name}${c.data_type ?? 'None'}${list(c.constraints)}`).join('');
  const { materialized } = node.config;
  if (materialized === 'table' || materialized === 'incremental') state += materialized + list(node.constraints);
  node.contract = { ...node.contract, checksum: createHash('sha256').update(state).digest('hex') };
}

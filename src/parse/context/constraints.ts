/** DDL text of contract constraints: columns with their types and column constraints, then model constraints. */
import { didYouMean } from '../../diagnostics/index.js';
import { fromJinja } from '../../jinja/index.js';
import { findRef, findSource } from '../lookup.js';
import { parseReference } from '../nodes/references.js';
import { nodeRelation, type Relation, renderRelation, sourceRelation } from '../relation.js';
import type { ParsedProject } from '../state.js';

interface Constraint {
  readonly type?: string;
  readonly name?: string | null;
  readonly expression?: string | null;
  readonly columns?: readonly string[];
  readonly to?: string | null;
  readonly to_columns?: readonly string[];
}

function columnText(c: Constraint): string | undefined {
  const expression = c.expression ?? '';
  const list = (c.to_columns ?? []).join(', ');
  switch (c.type) {
    case 'check':
      return expression === '' ? undefined : `check (${expression})`;
    case 'not_null':
      return `not null ${expression}`.trim();
    case 'unique':
      return `unique ${expression}`.trim();
    case 'primary_key':
      return `primary key ${expression}`.trim();
    case 'foreign_key':
      if (c.to && list !== '') return `references ${c.to} (${list})`;
      return expression === '' ? undefined : `references ${expression}`;
    case 'custom':
      return expression === '' ? undefined : expression;
    default:
      return undefined;
  }
}

function modelText(c: Constraint): string | undefined {
  const prefix = c.name ? `constraint ${c.name} ` : '';
  const expression = c.expression ? ` ${c.expression}` : '';
  const list = (c.columns ?? []).join(', ');
  switch (c.type) {
    case 'check':
      return c.expression ? `${prefix}check (${c.expression})` : undefined;
    case 'unique':
      return `${prefix}unique${expression} (${list})`;
    case 'primary_key':
      return `${prefix}primary key${expression} (${list})`;
    case 'foreign_key': {
      const to =
        c.to && (c.to_columns ?? []).length > 0 ? `${c.to} (${(c.to_columns ?? []).join(', ')})` : c.expression;
      return to ? `${prefix}foreign key (${list}) references ${to}` : undefined;
    }
    case 'custom':
      return c.expression ? `${prefix}${c.expression}` : undefined;
    default:
      return undefined;
  }
}

const present = (text: string | undefined): text is string => text !== undefined;

/** Gives the relation that the `to` of a foreign key means. */
export type ResolveTo = (to: string) => string;

/** A foreign key's `to` is a ref or source as text. Throws a plain Error where there is no such node. */
export function foreignKeyTarget(parsed: ParsedProject, ownPackage: string, to: string): string {
  const reference = parseReference(to);
  // DuckDB takes no database there, not even the table's own.
  const shown = (relation: Relation): string =>
    renderRelation(parsed.adapter.type === 'duckdb' ? { ...relation, database: null } : relation);
  const root = parsed.project.config.name;
  if (reference?.kind === 'ref') {
    const found = findRef(parsed.lookup, reference.ref, root, ownPackage);
    if (found.kind === 'found')
      return shown(nodeRelation(found.node, parsed.adapter.dialect, parsed.project.config.quoting));
  } else if (reference?.kind === 'source') {
    const [name, table] = reference.source;
    const found = findSource(parsed.lookup, name, table, root, ownPackage);
    if (found.kind === 'found') return shown(sourceRelation(found.node, parsed.adapter.dialect, parsed.adapter.type));
  } else return to;
  const near = reference.kind === 'ref' ? didYouMean(reference.ref.name, parsed.lookup.refs.keys()) : undefined;
  throw new Error(`The foreign key refers to ${to}, which does not exist.${near === undefined ? '' : ` ${near}`}`);
}

const resolved = (c: Constraint, resolveTo: ResolveTo): Constraint =>
  c.type === 'foreign_key' && c.to ? { ...c, to: resolveTo(c.to) } : c;

/** One line a column: its name, its type, its constraints. */
export function columnConstraints(columns: unknown, quoteCharacter: string, resolveTo: ResolveTo): string[] {
  const plain = (fromJinja(columns) ?? {}) as Record<
    string,
    { name: string; quote?: boolean | null; data_type?: string; constraints?: Constraint[] }
  >;
  return Object.values(plain).map((c) => {
    const name = c.quote ? `${quoteCharacter}${c.name}${quoteCharacter}` : c.name;
    return [
      `${name} ${c.data_type ?? ''}`.trim(),
      ...(c.constraints ?? []).map((x) => columnText(resolved(x, resolveTo))).filter(present),
    ].join(' ');
  });
}

/** The constraints of a whole table, one text each. */
export function modelConstraintTexts(constraints: unknown, resolveTo: ResolveTo): string[] {
  const list = (fromJinja(constraints) ?? []) as Constraint[];
  return list.map((c) => modelText(resolved(c, resolveTo))).filter(present);
}

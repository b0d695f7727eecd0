/** `Relation` objects in templates, and `api.Relation`. */
import type { Dialect } from '../../adapters/adapter.js';
import { Dict, HostObject, hostFunction, isTruthy, str, Undefined } from '../../jinja/index.js';
import {
  createRelation,
  PARTS,
  type Part,
  type Policy,
  type Relation,
  renderPath,
  renderRelation,
  samePath,
} from '../relation.js';

const TYPES = ['table', 'view', 'cte', 'materialized_view', 'external', 'dynamic_table', 'pointer', 'function'];

const text = (value: unknown): string | null =>
  value === null || value === undefined || value instanceof Undefined ? null : str(value);

function changedPolicy(policy: Policy, values: readonly unknown[]): Policy {
  const out = { ...policy };
  PARTS.forEach((part, i) => {
    const value = values[i];
    if (value !== null && value !== undefined && !(value instanceof Undefined)) out[part] = isTruthy(value);
  });
  return out;
}

function policyValue(policy: Policy): Dict {
  return new Dict(PARTS.map((part) => [part, policy[part]]));
}

/** The value of a `RelationValue` argument; throws a plain Error that the template's place is added to. */
export function relationOf(value: unknown, what: string): Relation {
  if (value instanceof RelationValue) return value.relation;
  throw new Error(`${what} needs a relation, got ${value === null ? 'none' : str(value)}`);
}

export class RelationValue extends HostObject {
  constructor(readonly relation: Relation) {
    super();
  }

  override get typeName(): string {
    return 'Relation';
  }

  override isMapping(): boolean {
    return true;
  }

  override str(): string {
    return renderRelation(this.relation);
  }

  override repr(): string {
    return `<Relation ${renderRelation(this.relation)}>`;
  }

  override equals(other: unknown): boolean {
    return (
      other instanceof RelationValue &&
      renderRelation(other.relation) === renderRelation(this.relation) &&
      other.relation.type === this.relation.type
    );
  }

  #with(change: Partial<Relation>): RelationValue {
    return new RelationValue({ ...this.relation, ...change });
  }

  override getAttribute(name: string): unknown {
    const r = this.relation;
    switch (name) {
      case 'database':
      case 'schema':
      case 'identifier':
      case 'type':
      case 'limit':
        return r[name];
      case 'name':
      case 'table':
        return r.identifier;
      case 'path':
        return new Dict(PARTS.map((part) => [part, r[part]]));
      case 'quote_policy':
        return policyValue(r.quote);
      case 'include_policy':
        return policyValue(r.include);
      case 'quote_character':
        return r.quoteCharacter;
      case 'is_table':
      case 'is_view':
      case 'is_cte':
      case 'is_materialized_view':
      case 'is_dynamic_table':
      case 'is_external':
      case 'is_pointer':
      case 'is_function':
        return r.type === name.slice(3);
      case 'can_be_renamed':
        return r.type === 'table' || r.type === 'view';
      case 'can_be_replaced':
        return r.type === 'table' || r.type === 'view';
      case 'render':
        return hostFunction('render', [], () => renderPath(r));
      case 'quoted':
        return hostFunction(
          'quoted',
          ['identifier'],
          (id: unknown) => `${r.quoteCharacter}${str(id)}${r.quoteCharacter}`,
        );
      case 'include':
      case 'quote':
        return hostFunction(
          name,
          PARTS.map((part) => [part, null] as const),
          (...values: unknown[]) => this.#with({ [name]: changedPolicy(r[name], values) }),
        );
      case 'without_identifier':
        return hostFunction(name, [], () =>
          this.#with({ identifier: null, include: { ...r.include, identifier: false } }),
        );
      case 'replace_path':
        return hostFunction(name, ['**kwargs'], (given: Dict) => this.#with(pathChange(given)));
      case 'incorporate':
        return hostFunction(name, [['path', null], ['type', null], '**kwargs'], (path: unknown, type: unknown) => {
          const change = path instanceof Dict ? pathChange(path) : {};
          return this.#with({ ...change, ...(text(type) === null ? {} : { type: text(type) }) });
        });
      case 'information_schema':
        return hostFunction(name, [['view_name', null]], (view: unknown) =>
          this.#with({
            schema: 'information_schema',
            identifier: text(view),
            type: null,
            quote: { ...r.quote, schema: false, identifier: false },
            include: { database: r.include.database, schema: true, identifier: true },
          }),
        );
      case 'matches':
        return hostFunction(
          name,
          PARTS.map((part) => [part, null] as const),
          (...values: unknown[]) => {
            const asked = Object.fromEntries(
              PARTS.map((part, i) => [part, text(values[i])]).filter(([, v]) => v !== null),
            );
            return samePath({ ...r, ...asked }, r);
          },
        );
      case 'get':
        return hostFunction(name, ['key', ['default', null]], (key: unknown, fallback: unknown) =>
          str(key) === 'metadata' ? new Dict([['type', 'Relation']]) : (this.getAttribute(str(key)) ?? fallback),
        );
      default:
        return constant(name);
    }
  }
}

function pathChange(given: Dict): Partial<Record<Part, string | null>> {
  const change: Partial<Record<Part, string | null>> = {};
  for (const part of PARTS) if (given.has(part)) change[part] = text(given.get(part));
  return change;
}

/** `Relation.Table`, `Relation.View`, ...: the type names as constants. */
function constant(name: string): string | undefined {
  const known = {
    Table: 'table',
    View: 'view',
    CTE: 'cte',
    External: 'external',
    MaterializedView: 'materialized_view',
    DynamicTable: 'dynamic_table',
    PointerTable: 'pointer',
    Function: 'function',
  };
  return Object.hasOwn(known, name) ? known[name as keyof typeof known] : undefined;
}

/** `api.Relation`: makes relations with the project's quoting. */
export class RelationFactory extends HostObject {
  constructor(
    readonly dialect: Dialect,
    readonly quoting: Partial<Record<Part, boolean>>,
  ) {
    super();
  }

  override get typeName(): string {
    return 'RelationProxy';
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'create':
        return hostFunction(
          name,
          [['database', null], ['schema', null], ['identifier', null], ['type', null], '**kwargs'],
          (database: unknown, schema: unknown, identifier: unknown, type: unknown, more: Dict) => {
            const kind = text(type);
            if (kind !== null && !TYPES.includes(kind))
              throw new Error(`'${kind}' is not a relation type (${TYPES.join(', ')})`);
            const policy = more.get('quote_policy');
            const quoting: Partial<Record<Part, boolean>> = { ...this.quoting };
            if (policy instanceof Dict) {
              for (const part of PARTS) if (policy.has(part)) quoting[part] = isTruthy(policy.get(part));
            }
            const parts = { database: text(database), schema: text(schema), identifier: text(identifier), type: kind };
            return new RelationValue(createRelation(parts, this.dialect, quoting));
          },
        );
      case 'add_ephemeral_prefix':
        return hostFunction(name, ['name'], (given: unknown) => `__dbt__cte__${str(given)}`);
      case 'scd_args':
        return hostFunction(name, ['primary_key', 'updated_at'], (key: unknown, updatedAt: unknown) => [
          ...(Array.isArray(key) ? key : [key]),
          updatedAt,
        ]);
      case 'get_default_quote_policy':
        return hostFunction(name, [], () => policyValue(this.dialect.quoting));
      case 'get_relation_type':
        return this;
      default:
        return constant(name);
    }
  }
}

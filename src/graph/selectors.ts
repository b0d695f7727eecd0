/** Selectors of selectors.yml: named selections in YAML. */
import { didYouMean, type Place } from '../diagnostics/index.js';
import {
  bothWays,
  type Combination,
  type Criterion,
  INDIRECT_SELECTIONS,
  type IndirectSelection,
  parseCriterion,
  parseMethod,
  type Spec,
  selectorError,
} from './spec.js';

/** A selector as it stands in selectors.yml. */
export interface SelectorDefinition {
  readonly name: string;
  readonly definition: unknown;
  readonly description?: string;
  readonly default?: boolean;
  readonly place?: Place;
}

export interface Selector {
  readonly name: string;
  readonly isDefault: boolean;
  readonly spec: Spec;
}

/**
 * Reads selectors in their order; each can use those above it (`method: selector`). `indirect` is what criteria without
 * `indirect_selection` use. Throws UpsqlError with the selector's place.
 */
export function readSelectors(
  definitions: readonly SelectorDefinition[],
  indirect: IndirectSelection = 'eager',
): Map<string, Selector> {
  const selectors = new Map<string, Selector>();
  let isDefault: string | undefined;
  for (const { name, definition, place, ...rest } of definitions) {
    if (rest.default === true) {
      if (isDefault !== undefined)
        throw selectorError(`Both selectors '${isDefault}' and '${name}' are the default`, place, 'Keep one default.');
      isDefault = name;
    }
    const reader = new Reader(selectors, indirect, place);
    selectors.set(name, { name, isDefault: rest.default === true, spec: reader.read(definition, true) });
  }
  return selectors;
}

/** The selector named `name`. Throws UpsqlError with the nearest name. */
export function findSelector(selectors: ReadonlyMap<string, Selector>, name: string): Selector {
  const found = selectors.get(name);
  if (found !== undefined) return found;
  const names = [...selectors.keys()];
  const known = names.length === 0 ? 'selectors.yml defines none.' : `Known selectors: ${names.join(', ')}.`;
  throw selectorError(`There is no selector '${name}'`, undefined, didYouMean(name, names) ?? known);
}

const CRITERION_KEYS = [
  'method',
  'value',
  'childrens_parents',
  'parents',
  'parents_depth',
  'children',
  'children_depth',
  'indirect_selection',
  'greedy',
  'exclude',
];

type Definition = Readonly<Record<string, unknown>>;

class Reader {
  readonly #known: ReadonlyMap<string, Selector>;
  readonly #indirect: IndirectSelection;
  readonly #place: Place | undefined;

  constructor(known: ReadonlyMap<string, Selector>, indirect: IndirectSelection, place: Place | undefined) {
    this.#known = known;
    this.#indirect = indirect;
    this.#place = place;
  }

  read(definition: unknown, root = false): Spec {
    if (typeof definition === 'string') return parseCriterion(definition, this.#indirect, this.#place);
    if (!isDefinition(definition))
      throw this.#error(`A text or a map is expected in a selector, not ${describe(definition)}`);
    const set = 'union' in definition ? 'union' : 'intersection' in definition ? 'intersection' : undefined;
    if (set === undefined) return this.#criterion(definition);
    const keys = Object.keys(definition);
    if (root && keys.length > 1)
      throw this.#error(`Only one key is allowed beside '${set}' at the top of a selector, found ${keys.join(', ')}`);
    return this.#combine(set, this.#list(definition[set], set));
  }

  #combine(kind: 'union' | 'intersection', items: readonly (string | Definition)[]): Combination {
    const parts: Spec[] = [];
    let excluded: Spec | undefined;
    let exclusions = 0;
    for (const item of items) {
      // A map with `exclude` is an exclusion of the whole set, whatever else it holds.
      if (typeof item !== 'string' && 'exclude' in item) {
        exclusions += 1;
        if (exclusions > 1) throw this.#error(`'exclude' stands twice in one ${kind}`, 'Put both under one exclude.');
        excluded = this.#exclude(item.exclude);
      } else parts.push(this.read(item));
    }
    return difference({ kind, parts, indirect: 'eager' }, excluded);
  }

  #exclude(value: unknown): Spec | undefined {
    const parts = this.#list(value, 'exclude').map((item) => this.read(item));
    return parts.length > 1 ? { kind: 'union', parts, indirect: 'eager' } : parts[0];
  }

  #criterion(definition: Definition): Spec {
    const entries = Object.entries(definition);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && only[0] !== 'method')
      return this.#method(only[0], { value: only[1] });
    if (definition.method === 'selector') return this.#inherit(definition.value);
    if (typeof definition.method !== 'string' || !('value' in definition)) {
      const keys = Object.keys(definition).join(', ');
      throw this.#error(`A criterion has one key, or 'method' and 'value'; found ${keys}`);
    }
    for (const key of Object.keys(definition))
      if (!CRITERION_KEYS.includes(key))
        throw this.#error(`Unknown key '${key}' in a criterion`, didYouMean(key, CRITERION_KEYS));
    const criterion = this.#method(definition.method, definition);
    if (!('exclude' in definition)) return criterion;
    const excluded = this.#exclude(definition.exclude);
    return excluded === undefined ? criterion : { kind: 'difference', parts: [criterion, excluded], indirect: 'eager' };
  }

  #inherit(name: unknown): Spec {
    const found = this.#known.get(String(name));
    if (found !== undefined) return found.spec;
    throw this.#error(
      `There is no selector '${String(name)}' above this one`,
      didYouMean(String(name), this.#known.keys()) ?? 'A selector can use those that stand before it in the file.',
    );
  }

  #method(method: string, definition: Definition): Criterion {
    const raw = `${method}:${String(definition.value)}`;
    const childrensParents = Boolean(definition.childrens_parents);
    if (childrensParents && definition.children) throw bothWays(raw, this.#place);
    return {
      kind: 'criterion',
      raw,
      ...parseMethod(method, raw, this.#place),
      value: definition.value,
      childrensParents,
      parents: definition.parents ? this.#depth(definition.parents_depth) : 0,
      children: definition.children ? this.#depth(definition.children_depth) : 0,
      indirect: this.#indirectSelection(definition.indirect_selection),
    };
  }

  #depth(value: unknown): number {
    if (value === undefined || value === null || value === '' || value === 0) return Number.POSITIVE_INFINITY;
    const depth = Number(value);
    if (Number.isInteger(depth) && depth > 0) return depth;
    throw this.#error(`A depth is a whole number, not '${String(value)}'`);
  }

  #indirectSelection(value: unknown): IndirectSelection {
    if (value === undefined) return this.#indirect;
    const found = INDIRECT_SELECTIONS.find((known) => known === value);
    if (found !== undefined) return found;
    throw this.#error(`'${String(value)}' is no indirect_selection`, `One of ${INDIRECT_SELECTIONS.join(', ')}.`);
  }

  #list(value: unknown, key: string): (string | Definition)[] {
    if (!Array.isArray(value)) throw this.#error(`'${key}' takes a list, not ${describe(value)}`);
    return value.map((item: unknown) => {
      if (typeof item === 'string' || isDefinition(item)) return item;
      throw this.#error(`An item of '${key}' is a text or a map, not ${describe(item)}`);
    });
  }

  #error(message: string, hint?: string) {
    return selectorError(message, this.#place, hint);
  }
}

function difference(base: Combination, excluded: Spec | undefined): Combination {
  return excluded === undefined ? base : { kind: 'difference', parts: [base, excluded], indirect: 'eager' };
}

function isDefinition(value: unknown): value is Definition {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

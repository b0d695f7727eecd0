/** What a selection asks for, from the command line (`tag:nightly+,path:models`) or from selectors.yml. */
import { didYouMean, type Place, problem, UpsqlError } from '../diagnostics/index.js';

export const INDIRECT_SELECTIONS = ['eager', 'cautious', 'buildable', 'empty'] as const;
export type IndirectSelection = (typeof INDIRECT_SELECTIONS)[number];

export const METHODS = [
  'fqn',
  'tag',
  'group',
  'access',
  'source',
  'path',
  'file',
  'package',
  'config',
  'test_name',
  'test_type',
  'resource_type',
  'state',
  'exposure',
  'metric',
  'result',
  'source_status',
  'version',
  'semantic_model',
  'saved_query',
  'unit_test',
] as const;
export type Method = (typeof METHODS)[number];

/** One criterion: the members that `method` finds, and which of their relatives come along. */
export interface Criterion {
  readonly kind: 'criterion';
  /** As the user wrote it. */
  readonly raw: string;
  readonly method: Method;
  /** `config.meta.owner` has the arguments `meta`, `owner`. */
  readonly args: readonly string[];
  /** A text on the command line; YAML may give a number or a boolean. */
  readonly value: unknown;
  /** `@`: with everything below, and all that is above that. */
  readonly childrensParents: boolean;
  /** How many steps up and down; 0 is none, Infinity is all. */
  readonly parents: number;
  readonly children: number;
  readonly indirect: IndirectSelection;
}

export interface Combination {
  readonly kind: 'union' | 'intersection' | 'difference';
  readonly parts: readonly Spec[];
  readonly indirect: IndirectSelection;
  /** Set where finding nothing is worth a warning: what the user wrote. */
  readonly expected?: string;
}

export type Spec = Criterion | Combination;

/** What a command selects without --select. */
const EVERYTHING = ['fqn:*', 'source:*', 'exposure:*', 'metric:*', 'semantic_model:*'];

/** The parts of a criterion: `@`, `n+`, n, method, value, `+n`, n. */
export const CRITERION = /^(@)?((\d*)\+)?(?:([\w.]+):)?(.*?)(\+(\d*))?$/s;

/** A criterion of the command line. Throws UpsqlError for an unknown method. */
export function parseCriterion(raw: string, indirect: IndirectSelection, place?: Place): Criterion {
  const match = CRITERION.exec(raw);
  const [, at, up, upDepth, method, value = '', down, downDepth] = match ?? [];
  if (at !== undefined && down !== undefined) throw bothWays(raw, place);
  return {
    kind: 'criterion',
    raw,
    ...parseMethod(method ?? defaultMethod(value), raw, place),
    value,
    childrensParents: at !== undefined,
    parents: up === undefined ? 0 : steps(upDepth),
    children: down === undefined ? 0 : steps(downDepth),
    indirect,
  };
}

function steps(depth: string | undefined): number {
  return depth === undefined || depth === '' ? Number.POSITIVE_INFINITY : Number(depth);
}

export function bothWays(raw: string, place?: Place): UpsqlError {
  return selectorError(`'${raw}' has both "@" in front and "+" behind`, place, 'Use one of them.');
}

/** The method of a bare value: a path where it holds a slash, a file where it ends like one, else a name. */
export function defaultMethod(value: string): Method {
  if (value.includes('/')) return 'path';
  return /\.(sql|py|csv)$/i.test(value) ? 'file' : 'fqn';
}

export function parseMethod(
  text: string,
  raw: string,
  place?: Place,
): { readonly method: Method; readonly args: readonly string[] } {
  const [name = '', ...args] = text.split('.');
  const method = METHODS.find((known) => known === name);
  if (method !== undefined) return { method, args };
  throw selectorError(
    `'${name}' in '${raw}' is no selection method`,
    place,
    didYouMean(name, METHODS) ?? `Methods: ${METHODS.join(', ')}.`,
  );
}

export function selectorError(message: string, place?: Place, hint?: string): UpsqlError {
  return new UpsqlError(
    problem('invalid-selector', message, {
      ...(place === undefined ? {} : { place }),
      ...(hint === undefined ? {} : { hint }),
    }),
  );
}

/**
 * The selection of `--select` and `--exclude`: items of each list, and words within an item, are a union; parts between
 * commas are an intersection. With an empty `select` everything is selected.
 */
export function parseSelection(
  select: readonly string[],
  exclude: readonly string[],
  indirect: IndirectSelection,
): Combination {
  const included = parseUnion(select.length === 0 ? EVERYTHING : select, indirect, select.length > 0);
  const excluded = parseUnion(exclude, indirect, exclude.length > 0);
  return { kind: 'difference', parts: [included, excluded], indirect: 'eager' };
}

function parseUnion(items: readonly string[], indirect: IndirectSelection, expected: boolean): Combination {
  const words = items.flatMap((item) => item.split(/\s+/)).filter((word) => word !== '');
  const parts = words.map((word): Combination => {
    const criteria = word.split(',').map((part) => parseCriterion(part, indirect));
    return { kind: 'intersection', parts: criteria, indirect, ...(expected ? { expected: word } : {}) };
  });
  return { kind: 'union', parts, indirect };
}

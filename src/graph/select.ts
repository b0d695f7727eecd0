/** Selection: which members of the graph a command works on. */
import { type Diagnostic, didYouMean, nearest } from '../diagnostics/index.js';
import type { Manifest, Node } from '../parse/node.js';
import { ancestors, dependencies, descendants, type Graph, type Member, members, subgraph } from './graph.js';
import { candidates, configOf, type Earlier, findByMethod } from './methods.js';
import { findSelector, type Selector } from './selectors.js';
import { type Combination, type Criterion, type IndirectSelection, parseSelection, type Spec } from './spec.js';
import { contractBreaks } from './state.js';

export interface SelectOptions extends Earlier {
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  /** The name of a selector in `selectors`; the default one serves where neither this nor select nor exclude is given. */
  readonly selector?: string;
  readonly selectors?: ReadonlyMap<string, Selector>;
  readonly indirectSelection?: IndirectSelection;
  /** Keeps these resource types only; absent: all. */
  readonly resourceTypes?: readonly string[];
  /** Keeps models and tests without any SQL (`ls` lists them; nothing else runs them). */
  readonly includeEmpty?: boolean;
  /** The root package's folder, for `path:`. */
  readonly root?: string;
}

export interface Selection {
  /** Sorted. */
  readonly ids: readonly string[];
  /** Warnings: criteria that found nothing, broken contracts. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Selects by dbt's language. Throws UpsqlError for a selection that can not be read: an unknown method or selector, a
 * state without an earlier manifest.
 */
export function select(graph: Graph, manifest: Manifest, options: SelectOptions = {}): Selection {
  const all = members(manifest);
  const enabled = new Set(graph.order.filter((id) => configOf(all.get(id) as Member).enabled !== false));
  const selecting = new Selecting(subgraph(graph, enabled), manifest, all, options);
  const { direct } = selecting.run(specOf(options));
  const types = options.resourceTypes === undefined ? undefined : new Set(options.resourceTypes);
  const kept = [...direct].filter((id) => {
    const member = all.get(id);
    if (member === undefined || (types !== undefined && !types.has(member.resource_type))) return false;
    return options.includeEmpty === true || !isEmpty(member);
  });
  return { ids: kept.sort(), diagnostics: selecting.diagnostics };
}

function specOf(options: SelectOptions): Spec {
  const { selectors = new Map<string, Selector>(), select: chosen = [], exclude = [] } = options;
  if (options.selector !== undefined) return findSelector(selectors, options.selector).spec;
  if (chosen.length === 0 && exclude.length === 0) {
    const standard = [...selectors.values()].find((selector) => selector.isDefault);
    if (standard !== undefined) return standard.spec;
  }
  return parseSelection(chosen, exclude, options.indirectSelection ?? 'eager');
}

const COMPILED = new Set(['model', 'test', 'snapshot', 'analysis', 'function']);

function isEmpty(member: Member): boolean {
  return COMPILED.has(member.resource_type) && ((member as Node).raw_code ?? '').trim() === '';
}

interface Found {
  readonly direct: ReadonlySet<string>;
  /** Tests that would come along if their other parents were selected too. */
  readonly indirect: ReadonlySet<string>;
}

class Selecting {
  readonly diagnostics: Diagnostic[] = [];
  readonly #graph: Graph;
  readonly #manifest: Manifest;
  readonly #all: ReadonlyMap<string, Member>;
  readonly #options: SelectOptions;
  readonly #ids: ReadonlySet<string>;

  constructor(graph: Graph, manifest: Manifest, all: ReadonlyMap<string, Member>, options: SelectOptions) {
    this.#graph = graph;
    this.#manifest = manifest;
    this.#all = all;
    this.#options = options;
    this.#ids = new Set(graph.order);
  }

  run(spec: Spec): Found {
    return spec.kind === 'criterion' ? this.#criterion(spec) : this.#combination(spec);
  }

  #criterion(criterion: Criterion): Found {
    const scope = {
      manifest: this.#manifest,
      members: this.#all,
      earlier: this.#earlier(),
      root: this.#options.root,
    };
    const found = findByMethod(criterion, scope, this.#ids);
    if (criterion.method === 'state' && /^(un)?modified$|contract$/.test(String(criterion.value))) this.#contracts();
    const selected = new Set(found);
    if (criterion.childrensParents) {
      const below = descendants(this.#graph, found);
      for (const id of below) selected.add(id);
      for (const id of ancestors(this.#graph, [...found, ...below])) selected.add(id);
    }
    if (criterion.parents > 0) for (const id of ancestors(this.#graph, found, criterion.parents)) selected.add(id);
    if (criterion.children > 0) for (const id of descendants(this.#graph, found, criterion.children)) selected.add(id);
    return this.#withTests(selected, criterion.indirect);
  }

  #earlier(): Earlier {
    return this.#options;
  }

  #contracts(): void {
    if (this.#options.manifest === undefined) return;
    for (const found of contractBreaks(this.#manifest, this.#options.manifest, this.#ids))
      if (!this.diagnostics.some((known) => known.message === found.message)) this.diagnostics.push(found);
  }

  /** Adds the tests of selected nodes: all of them (eager), or those whose parents are all there. */
  #withTests(selected: ReadonlySet<string>, mode: IndirectSelection): Found {
    if (mode === 'empty') return { direct: selected, indirect: new Set() };
    const direct = new Set(selected);
    const indirect = new Set<string>();
    const present = mode === 'buildable' ? this.#buildable(selected, true) : selected;
    for (const id of selected)
      for (const child of this.#graph.children.get(id) ?? []) {
        const member = this.#all.get(child);
        if (member?.resource_type !== 'test' && member?.resource_type !== 'unit_test') continue;
        const complete = mode === 'eager' || dependencies(member).every((parent) => present.has(parent));
        (complete ? direct : indirect).add(child);
      }
    return { direct, indirect };
  }

  /** What is there for a test in a `buildable` selection: the selected nodes, all above them, and at first all sources. */
  #buildable(selected: ReadonlySet<string>, sources: boolean): ReadonlySet<string> {
    const present = new Set(selected);
    for (const id of ancestors(this.#graph, selected)) present.add(id);
    if (sources) for (const id of Object.keys(this.#manifest.sources)) present.add(id);
    return present;
  }

  #combination(spec: Combination): Found {
    const parts = spec.parts.map((part) => this.run(part));
    const first = combine(
      spec.kind,
      parts.map((part) => part.direct),
    );
    const indirect = combine(
      spec.kind,
      parts.map((part) => (part.indirect.size === 0 ? part.direct : new Set([...part.direct, ...part.indirect]))),
    );
    const direct = this.#complete(first, indirect, spec.indirect);
    if (spec.expected !== undefined && direct.size === 0) this.#warn(spec);
    return { direct, indirect };
  }

  /** Takes in tests left aside before whose parents have come together by the combination. */
  #complete(direct: ReadonlySet<string>, indirect: ReadonlySet<string>, mode: IndirectSelection): ReadonlySet<string> {
    if (mode !== 'cautious' && mode !== 'buildable') return direct;
    const present = mode === 'buildable' ? this.#buildable(direct, false) : direct;
    const out = new Set(direct);
    for (const id of indirect) {
      const node = this.#manifest.nodes[id];
      if (node !== undefined && dependencies(node).every((parent) => present.has(parent))) out.add(id);
    }
    return out;
  }

  #warn(spec: Combination): void {
    const hints = spec.parts.flatMap((part) => (part.kind === 'criterion' ? [this.#nearMiss(part)] : []));
    const hint = hints.find((text) => text !== undefined);
    this.diagnostics.push({
      severity: 'warning',
      code: 'nothing-selected',
      message: `The selection '${spec.expected}' matches nothing`,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #nearMiss(criterion: Criterion): string | undefined {
    const value = String(criterion.value);
    const known = candidates(criterion, this.#manifest);
    if (known.length === 0 || known.includes(value)) return undefined;
    const direct = didYouMean(value, known);
    if (direct !== undefined || criterion.method !== 'fqn') return direct;
    // The last part of a dotted name may be the one that is wrong.
    const last = value.slice(value.lastIndexOf('.') + 1);
    const near = last === value ? undefined : nearest(last, known);
    return near === undefined ? undefined : `Did you mean '${near}'?`;
  }
}

function combine(kind: Combination['kind'], sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first = new Set<string>(), ...others] = sets;
  if (kind === 'intersection') {
    if (others.length === 0) return first;
    return new Set([...first].filter((id) => others.every((set) => set.has(id))));
  }
  const rest = others.filter((set) => set.size > 0);
  if (rest.length === 0) return first;
  if (kind === 'difference') return new Set([...first].filter((id) => !rest.some((set) => set.has(id))));
  const all = new Set(first);
  for (const set of rest) for (const id of set) all.add(id);
  return all;
}

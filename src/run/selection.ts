import { problem, UpsqlError } from '../diagnostics/index.js';
import { INDIRECT_SELECTIONS, type IndirectSelection, type SelectOptions, select } from '../graph/index.js';
import type { Node } from '../parse/node.js';
import type { Reading } from './engine.js';
import type { RunListener } from './events.js';

/** Which nodes a command works on, in dbt's selection language. */
export interface SelectionOptions
  extends Pick<SelectOptions, 'select' | 'exclude' | 'manifest' | 'results' | 'sources' | 'currentSources'> {
  /** Name of a selector of selectors.yml. */
  readonly selector?: string | undefined;
  /** Of the kinds that the command runs, these only. `all` and `default` as in dbt. */
  readonly resourceTypes?: readonly string[];
  readonly excludeResourceTypes?: readonly string[];
  /** `eager` (default), `cautious`, `buildable` or `empty`: which tests come with a selected node. */
  readonly indirectSelection?: string | undefined;
  /** Gets a `warning` for a part of the selection that matches nothing. */
  readonly listen?: RunListener | undefined;
}

/**
 * The ids of the selected nodes of `types`, sorted; `more` are kinds that are there only when asked for by name. Throws
 * UpsqlError for a selection that can't be read.
 */
export function selectIds(
  engine: Reading,
  types: readonly string[],
  options: SelectionOptions,
  more: readonly string[] = [],
): readonly string[] {
  const { listen, resourceTypes, excludeResourceTypes, indirectSelection, ...rest } = options;
  const { ids, diagnostics } = select(engine.graph, engine.manifest, {
    ...rest,
    ...(engine.selectors === undefined ? {} : { selectors: engine.selectors }),
    indirectSelection: indirectMode(indirectSelection),
    resourceTypes: kinds(types, more, options),
    includeEmpty: types.includes('source'),
    root: engine.project.root,
  });
  for (const diagnostic of diagnostics) listen?.({ kind: 'warning', diagnostic });
  return ids;
}

/** As selectIds, of what stands in `manifest.nodes`. */
export function selectNodes(engine: Reading, types: readonly string[], options: SelectionOptions): readonly Node[] {
  const nodes = selectIds(engine, types, options).map((id) => engine.manifest.nodes[id]);
  return nodes.filter((node) => node !== undefined);
}

function indirectMode(given: string | undefined): IndirectSelection {
  const mode = INDIRECT_SELECTIONS.find((known) => known === (given ?? 'eager'));
  if (mode !== undefined) return mode;
  const hint = `Use one of ${INDIRECT_SELECTIONS.join(', ')}.`;
  throw new UpsqlError(problem('usage', `'${given}' is no way of indirect selection`, { hint }));
}

function kinds(types: readonly string[], more: readonly string[], options: SelectionOptions): string[] {
  const asked = options.resourceTypes ?? [];
  const left = new Set(options.excludeResourceTypes ?? []);
  const wanted = new Set(
    asked.length === 0
      ? types
      : asked.flatMap((type) => (type === 'all' ? [...types, ...more] : type === 'default' ? types : [type])),
  );
  return [...types, ...more].filter((type) => wanted.has(type) && !left.has(type));
}

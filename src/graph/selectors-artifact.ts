import type { SelectorDefinition } from './selectors.js';
import { CRITERION, defaultMethod } from './spec.js';

type Definition = Readonly<Record<string, unknown>>;

/**
 * Selectors as manifest.json shows them: criteria written as text become maps of their parts, and a selector that uses
 * another holds that one's definition. Takes definitions that `readSelectors` has accepted.
 */
export function selectorsArtifact(definitions: readonly SelectorDefinition[]): Record<string, Definition> {
  const out: Record<string, Definition> = {};
  for (const { place: _, ...selector } of definitions) {
    const definition = expand(selector.definition, out);
    out[selector.name] = { ...selector, definition };
  }
  return out;
}

function expand(definition: unknown, known: Readonly<Record<string, Definition>>): unknown {
  if (typeof definition === 'string') return criterionParts(definition);
  if (definition === null || typeof definition !== 'object' || Array.isArray(definition)) return definition;
  const map = definition as Definition;
  for (const set of ['union', 'intersection']) {
    const items = map[set];
    if (Array.isArray(items)) return { [set]: items.map((item: unknown) => expand(item, known)) };
  }
  const [first] = Object.entries(map);
  if (first === undefined) return map;
  const [key, value] = first;
  const expanded = Array.isArray(value) ? value.map((item: unknown) => expand(item, known)) : value;
  if (key === 'exclude') return { exclude: expanded };
  if (Object.keys(map).length === 1) return { method: key, value: expanded };
  if (key === 'method' && value === 'selector') return known[String(map.value)]?.definition;
  return map;
}

function criterionParts(text: string): Definition {
  const [, at, up, upDepth, method, value = '', down, downDepth] = CRITERION.exec(text) ?? [];
  const parts = {
    childrens_parents: at === undefined ? undefined : true,
    parents: up === undefined ? undefined : true,
    parents_depth: upDepth,
    method: method ?? defaultMethod(value),
    value,
    children: down === undefined ? undefined : true,
    children_depth: downDepth,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined && part !== ''));
}

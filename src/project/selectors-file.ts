/** selectors.yml in the root package. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { type Place, problem, UpsqlError } from '../diagnostics/index.js';
import { check, flag, map, number, object, text } from './check.js';
import { rendererFor } from './config-context.js';
import type { Project, YamlMap, YamlValue } from './project.js';
import { renderValue } from './render.js';
import { targetContext } from './target.js';
import { readYaml } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

/** A selector as written, rendered; the graph stage gives it its meaning. */
export interface SelectorEntry {
  readonly name: string;
  readonly definition: YamlValue;
  /** Where the file says so. */
  readonly description?: string;
  readonly default?: boolean;
  readonly place: Place;
}

export const selectorsSchema = object({
  selectors: v.array(
    object({
      name: text(),
      definition: v.union([v.string(), map()], 'expected a text or a map'),
      description: v.optional(text()),
      default: v.optional(flag()),
    }),
    'expected a list of selectors',
  ),
  version: v.optional(number()),
});

/** The selectors of the project, in the order of the file; none where there is no selectors.yml. */
export async function loadSelectors(project: Project): Promise<SelectorEntry[]> {
  const file = path.join(project.root, 'selectors.yml');
  if (!existsSync(file)) return [];
  const document = readYaml(readFileSync(file, 'utf8'), file);
  if (document.value === null) return [];
  const context = { env: project.env, cliVars: project.cliVars, target: targetContext(project.target) };
  const value = renderValue(document.value, await rendererFor(document.value, context), { document });
  const problems = check(selectorsSchema, value, document, { what: 'selectors.yml' });
  if (problems.length > 0) throw new UpsqlError(problems);
  const list = isYamlMap(value) && Array.isArray(value.selectors) ? (value.selectors as YamlMap[]) : [];
  const seen = new Set<string>();
  return list.map((entry, i) => {
    const name = String(entry.name);
    const place = document.locate(['selectors', i, 'name']);
    if (seen.has(name))
      throw new UpsqlError(problem('duplicate-selector', `The selector '${name}' is defined twice`, { place }));
    seen.add(name);
    return {
      name,
      definition: entry.definition ?? null,
      ...(entry.description === undefined ? {} : { description: String(entry.description) }),
      ...(entry.default === undefined ? {} : { default: entry.default === true }),
      place,
    };
  });
}

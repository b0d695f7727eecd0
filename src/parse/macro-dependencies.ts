/** `depends_on.macros` of macros: what their text calls by name, dispatches followed, as dbt reads it without rendering. */

import type { MacroNode } from './node.js';
import { collect } from './nodes/read-template.js';
import type { ParsedProject } from './state.js';

function named(parsed: ParsedProject, call: string, macro: MacroNode): MacroNode | undefined {
  const [packageName, own] = call.includes('.') ? call.split('.', 2) : [null, call];
  if (own === undefined) return undefined;
  if (packageName === null || packageName === undefined) return parsed.macros.find(own, macro.package_name);
  return packageName === 'dbt' || parsed.macros.isPackage(packageName)
    ? parsed.macros.findIn(packageName, own)
    : undefined;
}

function dispatched(
  parsed: ParsedProject,
  name: string,
  namespace: string | null,
  macro: MacroNode,
): MacroNode | undefined {
  const { project, macros, adapter } = parsed;
  const listed = project.config.dispatch.find((d) => d.macroNamespace === namespace)?.searchOrder;
  const packages =
    listed ??
    (namespace !== null && project.packages.some((p) => p.name === namespace)
      ? [project.config.name, namespace]
      : [null]);
  for (const owner of packages) {
    for (const prefix of [adapter.type, 'default']) {
      const full = `${prefix}__${name}`;
      const hit = owner === null ? macros.find(full, macro.package_name) : macros.findIn(owner, full);
      if (hit !== undefined) return hit;
    }
  }
  return undefined;
}

/** Fills it for the project's own and its packages' macros; the engine's are filled too, when they are first compiled. */
export function macroDependencies(parsed: ParsedProject): void {
  for (const macro of Object.values(parsed.manifest.macros)) {
    if (parsed.macros.isInternal(macro.package_name)) continue;
    collect(parsed, () => {
      const { calls, dispatches } = parsed.macros.template(macro).inspect();
      const found = [
        ...calls.map((call) => named(parsed, call, macro)),
        ...dispatches.map((d) => dispatched(parsed, d.name, d.namespace, macro)),
      ];
      const ids = found.filter((m) => m !== undefined).map((m) => m.unique_id);
      macro.depends_on.macros = [...new Set(ids)].filter((id) => id !== macro.unique_id);
    });
  }
}

/** `adapter.dispatch`: the macro that a name means on this warehouse, by the project's search order of packages. */

import { didYouMean } from '../../diagnostics/index.js';
import { type HostFunction, hostFunction, str, Undefined } from '../../jinja/index.js';
import type { NodeScope } from './scopes.js';

function searchPackages(scope: NodeScope, namespace: string | null): readonly (string | null)[] {
  if (namespace === null) return [null];
  const { project } = scope.parsed;
  const listed = project.config.dispatch.find((d) => d.macroNamespace === namespace);
  if (listed !== undefined) return listed.searchOrder;
  return project.packages.some((p) => p.name === namespace) ? [project.config.name, namespace] : [null];
}

export function dispatchFunction(getScope: () => NodeScope): HostFunction {
  return hostFunction(
    'dispatch',
    ['macro_name', ['macro_namespace', null], ['packages', null]],
    (given: unknown, namespace: unknown) => {
      const scope = getScope();
      const name = str(given);
      const packageName = namespace === null || namespace instanceof Undefined ? null : str(namespace);
      if (name.includes('.')) {
        const [before, after] = name.split('.', 2);
        throw new Error(
          `adapter.dispatch('${name}'): a macro name has no dot; write adapter.dispatch('${after}', '${before}')`,
        );
      }
      const { macros, adapter } = scope.parsed;
      const tried: string[] = [];
      for (const owner of searchPackages(scope, packageName)) {
        for (const prefix of [adapter.type, 'default']) {
          const full = `${prefix}__${name}`;
          tried.push(owner === null ? full : `${owner}.${full}`);
          const macro = owner === null ? macros.find(full, scope.packageName) : macros.findIn(owner, full);
          if (macro !== undefined) return scope.bind(macro);
        }
      }
      const known = [...macros.visibleNames(scope.packageName)]
        .filter((n) => n.startsWith('default__'))
        .map((n) => n.slice(9));
      const near = didYouMean(name, known);
      throw new Error(
        `adapter.dispatch found no macro '${name}'; looked for ${tried.join(', ')}.${near === undefined ? '' : ` ${near}`}`,
      );
    },
  );
}

/** `depends_on.macros` of macros: what their text calls by name, dispatches followed, as dbt reads it without rendering. */
import type { MacroNode } from './node.js';
import { collect } from './nodes/read-template.js';
import type { ParsedProject } from './state.js';

/** Functions that dbt's reading of a macro passes over, whatever macros of these names there are. */
const FUNCTIONS = new Set(
  (
    'ref source config var env_var return log print debug tojson fromjson toyaml fromyaml set set_strict zip zip_strict ' +
    'local_md5 diff_of_two_dicts range dict lipsum cycler joiner namespace'
  ).split(' '),
);

/** The macro that a call means: the named package's or the caller's own, else one of that name anywhere. */
function named(parsed: ParsedProject, call: string, macro: MacroNode): MacroNode | undefined {
  const [first, second] = call.split('.', 2);
  const [owner, name] = second === undefined ? [macro.package_name, first ?? call] : [first ?? '', second];
  return parsed.macros.findIn(owner, name) ?? parsed.macros.findAnywhere(name);
}

function dispatched(parsed: ParsedProject, name: string, namespace: string | null): MacroNode | undefined {
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
      const hit = owner === null ? macros.findAnywhere(full) : macros.findIn(owner, full);
      if (hit !== undefined) return hit;
    }
  }
  return undefined;
}

/** What a macro calls, each once and not itself. Throws JinjaError where its text does not parse. */
function callees(parsed: ParsedProject, macro: MacroNode): string[] {
  const { calls, dispatches } = parsed.macros.template(macro).inspect();
  const others = calls.filter((call) => !FUNCTIONS.has(call) && !call.startsWith('adapter.'));
  const names = [...others, ...dispatches.map((d) => d.name)];
  const found = [
    ...names.filter((name) => name !== macro.name).map((name) => named(parsed, name, macro)),
    ...dispatches.map((d) => dispatched(parsed, d.name, d.namespace)),
  ];
  return [...new Set(found.filter((m) => m !== undefined).map((m) => m.unique_id))];
}

/** Fills it for the project's own and its packages' macros. */
export function macroDependencies(parsed: ParsedProject): void {
  const withArguments = parsed.project.config.flags.validate_macro_args === true;
  for (const macro of Object.values(parsed.manifest.macros)) {
    if (parsed.macros.isInternal(macro.package_name)) continue;
    collect(parsed, () => {
      macro.depends_on.macros = callees(parsed, macro);
      if (withArguments) parsed.macros.readArguments(macro);
    });
  }
}

/** Macros that can be reached from some others. */
export class MacroClosure {
  readonly #ids = new Set<string>();
  readonly #names = new Map<string, MacroNode>();

  constructor(parsed: ParsedProject, start: readonly MacroNode[]) {
    const waiting = [...start].reverse();
    for (let macro = waiting.pop(); macro !== undefined; macro = waiting.pop()) {
      if (this.#ids.has(macro.unique_id)) continue;
      this.#ids.add(macro.unique_id);
      this.#names.set(macro.name, macro);
      if (parsed.macros.isInternal(macro.package_name) && macro.depends_on.macros.length === 0)
        macro.depends_on.macros = callees(parsed, macro);
      for (const id of macro.depends_on.macros) {
        const next = parsed.manifest.macros[id];
        if (next !== undefined) waiting.push(next);
      }
    }
  }

  has(macro: MacroNode): boolean {
    return this.#ids.has(macro.unique_id);
  }

  find(name: string): MacroNode | undefined {
    return this.#names.get(name);
  }
}

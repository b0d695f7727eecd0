/** Which calls of a run's templates answer at once: for those neither the template nor the macro has to wait. */
import { type CallRoots, isGlobal, isOwnMethod } from '../../jinja/index.js';
import type { MacroNode } from '../node.js';
import type { ParsedProject } from '../state.js';
import { hasTemplatedVars } from './vars.js';

/** Names of a run's context that give no promise, nor do their methods. */
const AT_ONCE = new Set(
  (
    'source env_var config this target env model execute return log print exceptions modules flags graph api schema ' +
    'database dbt_version project_name invocation_id run_started_at fromjson tojson fromyaml toyaml set set_strict zip ' +
    'zip_strict local_md5 diff_of_two_dicts selected_resources column _dbt_generic_test_kwargs'
  ).split(' '),
);

export class SyncCalls {
  readonly #macros = new Map<MacroNode, boolean>();

  constructor(
    readonly parsed: ParsedProject,
    /** The package whose macros are found first. */
    readonly packageName: string,
    /** False where `ref()` may ask the warehouse whether a relation is there (`--defer`). */
    readonly refsAnswer: boolean,
  ) {}

  /** Whether everything that these calls lead to answers at once. */
  answer({ names, members, dispatched }: CallRoots): boolean {
    for (const name of names) if (!this.#name(name)) return false;
    for (const [name, method] of members) if (!this.#member(name, method)) return false;
    for (const name of dispatched) if (!this.#dispatched(name)) return false;
    return true;
  }

  /** Whether a macro and all that it calls answers at once. */
  macro(macro: MacroNode): boolean {
    const known = this.#macros.get(macro);
    if (known !== undefined) return known;
    // A macro that calls itself is left to wait.
    this.#macros.set(macro, false);
    const calls = this.parsed.macros.template(macro).calls();
    const answers = calls !== undefined && this.answer(calls);
    this.#macros.set(macro, answers);
    return answers;
  }

  #name(name: string): boolean {
    const { macros } = this.parsed;
    const macro = macros.find(name, this.packageName);
    if (macro !== undefined) return this.macro(macro);
    if (name === 'var') return !hasTemplatedVars(this.parsed.project);
    return AT_ONCE.has(name) || (name === 'ref' && this.refsAnswer) || macros.isPackage(name) || isGlobal(name);
  }

  #member(name: string, method: string): boolean {
    const { macros } = this.parsed;
    if (macros.find(name, this.packageName) !== undefined) return isOwnMethod(method);
    if (name !== 'dbt' && !macros.isPackage(name)) return true;
    const macro = macros.findIn(name, method);
    return macro !== undefined && this.macro(macro);
  }

  /** Which macro is meant hangs on the search order, so all that it can be have to answer. */
  #dispatched(name: string): boolean {
    const found = dispatchTargets(this.parsed).get(name);
    return found?.every((macro) => this.macro(macro)) ?? false;
  }
}

const TARGETS = new WeakMap<ParsedProject, ReadonlyMap<string, readonly MacroNode[]>>();

/** All macros named `<something>__<name>`, by the name. */
function dispatchTargets(parsed: ParsedProject): ReadonlyMap<string, readonly MacroNode[]> {
  let targets = TARGETS.get(parsed);
  if (targets === undefined) {
    const table = new Map<string, MacroNode[]>();
    for (const macro of Object.values(parsed.manifest.macros)) {
      const at = macro.name.indexOf('__');
      if (at <= 0) continue;
      const name = macro.name.slice(at + 2);
      const list = table.get(name);
      if (list === undefined) table.set(name, [macro]);
      else list.push(macro);
    }
    targets = table;
    TARGETS.set(parsed, targets);
  }
  return targets;
}

const KNOWN = new WeakMap<ParsedProject, Map<string, SyncCalls>>();

/** One for a package of a parse; what it finds out is kept. */
export function syncCalls(parsed: ParsedProject, packageName: string, refsAnswer: boolean): SyncCalls {
  const known = KNOWN.get(parsed) ?? new Map<string, SyncCalls>();
  KNOWN.set(parsed, known);
  const key = `${packageName}\0${refsAnswer}`;
  let calls = known.get(key);
  if (calls === undefined) {
    calls = new SyncCalls(parsed, packageName, refsAnswer);
    known.set(key, calls);
  }
  return calls;
}

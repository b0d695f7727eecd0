import type { CallRoots } from '../interpret/call-roots.js';
import { GLOBALS } from '../library/globals.js';
import { Undefined } from '../values/undefined.js';

/** Where names come from. JS undefined means that the name is not there. */
export interface Scope {
  lookup(name: string): unknown;
  /** What to do about a name that is not there; asked for only when its use fails. */
  suggest?(name: string): string | undefined;
  /** Whether all that these calls lead to answers at once, without a promise. */
  answers?(calls: CallRoots): boolean;
}

/** What a template or a macro runs on: the host's scope, Jinja2's globals behind it. */
export class Context {
  readonly scope: Scope;
  /** dbt's parse phase: what is undefined stays so, whatever is asked of it. */
  readonly lenient: boolean;
  /** Names that the template itself has set at its top, for blocks. */
  readonly exported: Map<string, unknown> = new Map();

  constructor(scope: Scope, lenient = false) {
    this.scope = scope;
    this.lenient = lenient;
  }

  resolve(name: string): unknown {
    const own = this.exported.size > 0 ? this.exported.get(name) : undefined;
    if (own !== undefined) return own;
    const value = this.scope.lookup(name);
    return value === undefined ? GLOBALS.get(name) : value;
  }

  undefined(name: string): Undefined {
    return new Undefined(`'${name}' is undefined`, name, 'UndefinedError', this.lenient, () =>
      this.scope.suggest?.(name),
    );
  }
}

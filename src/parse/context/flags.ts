/** `flags`: the invocation's flags under their upper-case names. */
import { Dict, HostObject, hostFunction, str, toJinja } from '../../jinja/index.js';

const DEFAULTS: Readonly<Record<string, unknown>> = {
  FULL_REFRESH: false,
  STORE_FAILURES: false,
  WHICH: null,
  EMPTY: false,
  FAIL_FAST: false,
  WARN_ERROR: null,
  USE_COLORS: false,
  DEBUG: false,
  QUIET: false,
  INTROSPECT: true,
  CACHE_SELECTED_ONLY: false,
  PRINT: true,
  TARGET_PATH: null,
};

class Flags extends HostObject {
  constructor(readonly values: ReadonlyMap<string, unknown>) {
    super();
  }

  override get typeName(): string {
    return 'Flags';
  }

  override getAttribute(name: string): unknown {
    if (this.values.has(name.toUpperCase())) return toJinja(this.values.get(name.toUpperCase()));
    if (name === 'get') {
      return hostFunction(name, ['key', ['default', null]], (key: unknown, fallback: unknown) => {
        const value = this.values.get(str(key).toUpperCase());
        return value === undefined ? fallback : toJinja(value);
      });
    }
    if (name === 'items')
      return hostFunction(name, [], () => [...new Dict([...this.values].map(([k, v]) => [k, toJinja(v)])).entries()]);
    return undefined;
  }
}

export function flagsValue(args: Readonly<Record<string, unknown>>): HostObject {
  const given = Object.entries(args).map(([key, value]): [string, unknown] => [key.toUpperCase(), value]);
  return new Flags(new Map([...Object.entries(DEFAULTS), ...given]));
}

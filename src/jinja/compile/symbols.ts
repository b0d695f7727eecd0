/** How a frame's variable gets its value where the frame starts. */
export type Load =
  | { readonly from: 'parameter' }
  | { readonly from: 'context'; readonly name: string }
  | { readonly from: 'outer'; readonly variable: string }
  | { readonly from: 'nothing' };

/** Numbers for the variables of one compilation, so that no name of the template gets into the code. */
export class Variables {
  #count = 0;
  fresh(prefix = 'v'): string {
    return `${prefix}${this.#count++}`;
  }
}

/**
 * The names of one frame (a template, a macro, a loop's body) and the variables that stand for them, by Jinja2's rules:
 * what is read first comes from outside, what is set first is the frame's own copy, and what only one branch of an `if`
 * sets is as before in the others.
 */
export class Symbols {
  readonly parent: Symbols | null;
  readonly #variables: Variables;
  /** One variable a name in this frame, the same in all branches. */
  readonly #own: Map<string, string>;
  #references: Map<string, string>;
  #loads: Map<string, Load>;
  #stores: Set<string>;

  constructor(variables: Variables, parent: Symbols | null, own: Map<string, string> = new Map()) {
    this.parent = parent;
    this.#variables = variables;
    this.#own = own;
    this.#references = new Map();
    this.#loads = new Map();
    this.#stores = new Set();
  }

  /** A copy for a branch of an `if`; it shares the variables, so that a name has the same one in all branches. */
  branch(): Symbols {
    const copy = new Symbols(this.#variables, this.parent, this.#own);
    copy.#references = new Map(this.#references);
    copy.#loads = new Map(this.#loads);
    copy.#stores = new Set(this.#stores);
    return copy;
  }

  #define(name: string, load: Load): string {
    let variable = this.#own.get(name);
    if (variable === undefined) {
      variable = this.#variables.fresh();
      this.#own.set(name, variable);
    }
    this.#references.set(name, variable);
    this.#loads.set(variable, load);
    return variable;
  }

  find(name: string): string | null {
    return this.#references.get(name) ?? this.parent?.find(name) ?? null;
  }

  /** Whether a variable is a parameter, which needs no check whether it is there. */
  isParameter(variable: string): boolean {
    const load = this.#loads.get(variable);
    return load === undefined ? (this.parent?.isParameter(variable) ?? false) : load.from === 'parameter';
  }

  parameter(name: string): string {
    this.#stores.add(name);
    return this.#define(name, { from: 'parameter' });
  }

  load(name: string): void {
    if (this.find(name) === null) this.#define(name, { from: 'context', name });
  }

  store(name: string): void {
    this.#stores.add(name);
    if (this.#references.has(name)) return;
    const outer = this.parent?.find(name) ?? null;
    this.#define(name, outer === null ? { from: 'nothing' } : { from: 'outer', variable: outer });
  }

  join(branches: readonly Symbols[]): void {
    const stores = new Set(branches.flatMap((branch) => [...branch.#stores]));
    for (const name of this.#stores) stores.delete(name);
    for (const branch of branches) {
      for (const [name, variable] of branch.#references) this.#references.set(name, variable);
      for (const [variable, load] of branch.#loads) this.#loads.set(variable, load);
      for (const name of branch.#stores) this.#stores.add(name);
    }
    for (const name of stores) {
      const outer = this.parent?.find(name) ?? null;
      this.#define(name, outer === null ? { from: 'context', name } : { from: 'outer', variable: outer });
    }
  }

  loads(): ReadonlyMap<string, Load> {
    return this.#loads;
  }
}

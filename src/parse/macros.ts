/**
 * The macros of a project, of its packages and of the engine: read as blocks, compiled when first called, found by dbt's rules
 * (own package, root project, installed packages by name, the adapter's package, the engine's `dbt` package).
 */

import { problem, UpsqlError } from '../diagnostics/index.js';
import { type Block, extractBlocks, MacroTemplate, type TemplateSource } from '../jinja/index.js';
import type { MacroNode } from './node.js';

const KINDS = ['macro', 'test', 'data_test', 'materialization'];

export interface MacroFile {
  readonly packageName: string;
  /** Relative to the package root, as manifests name it. */
  readonly path: string;
  /** What places in diagnostics name. */
  readonly absolutePath: string;
  /** Without white space at its ends, as dbt reads it. */
  readonly text: string;
  /** The line of the file at which `text` begins. */
  readonly line: number;
  /** A file of `tests/generic`. */
  readonly genericTests?: boolean;
}

/** A macro as it can be read back without its file. */
export interface KeptMacro {
  readonly node: MacroNode;
  readonly source: TemplateSource;
}

interface Entry extends KeptMacro {
  template: MacroTemplate | undefined;
}

function macroName(block: Block): string {
  if (block.kind === 'test' || block.kind === 'data_test') return `test_${block.name}`;
  if (block.kind !== 'materialization') return block.name;
  const adapter = /adapter\s*=\s*['"]([A-Za-z_0-9]+)['"]/.exec(block.arguments)?.[1] ?? 'default';
  return `materialization_${block.name}_${adapter}`;
}

function languages(block: Block): string[] | null {
  if (block.kind !== 'materialization') return null;
  const listed = /supported_languages\s*=\s*[[(]([^\])]*)[\])]/.exec(block.arguments)?.[1];
  return listed === undefined ? ['sql'] : [...listed.matchAll(/['"](\w+)['"]/g)].map((m) => m[1] ?? '');
}

export class MacroIndex {
  readonly nodes: Record<string, MacroNode> = {};
  readonly #entries = new Map<string, Entry>();
  readonly #packages = new Map<string, Map<string, Entry>>();
  readonly #internal = new Map<string, Entry>();
  readonly #genericTests = new Set<string>();

  /**
   * @param rootPackage the project's own name
   * @param internalPackages the engine's packages, the most specific first (`dbt_duckdb`, `dbt`)
   */
  constructor(
    readonly rootPackage: string,
    readonly internalPackages: readonly string[],
    readonly adapterType: string,
  ) {}

  /** Reads the macro blocks of a file. Throws UpsqlError for an unclosed block or a name used twice in a package. */
  add(file: MacroFile, createdAt: number): void {
    if (!file.text.includes('{%')) return;
    const blocks = extractBlocks({ text: file.text, file: file.absolutePath, line: file.line }, KINDS);
    for (const block of blocks) {
      const name = macroName(block);
      const uniqueId = `macro.${file.packageName}.${name}`;
      const before = this.nodes[uniqueId];
      if (before !== undefined) {
        throw new UpsqlError(
          problem('duplicate-macro', `Macro '${name}' is defined twice in package '${file.packageName}'.`, {
            place: block.place,
            hint: `The other one is in ${before.original_file_path}:${before.line}. Rename or delete one of them.`,
          }),
        );
      }
      const node: MacroNode = {
        name,
        resource_type: 'macro',
        package_name: file.packageName,
        path: file.path,
        original_file_path: file.path,
        unique_id: uniqueId,
        macro_sql: block.outerText,
        depends_on: { macros: [] },
        description: '',
        meta: {},
        docs: { show: true, node_color: null },
        config: { meta: {}, docs: { show: true, node_color: null } },
        patch_path: null,
        arguments: [],
        created_at: createdAt,
        supported_languages: languages(block),
        line: block.place.line,
      };
      if (file.genericTests === true) this.#genericTests.add(uniqueId);
      const { line, column } = block.place;
      this.restore({ node, source: { text: block.text, file: file.absolutePath, line, column } });
    }
  }

  /** Puts in a macro that was read before. */
  restore({ node, source }: KeptMacro): void {
    const entry: Entry = { node, source, template: undefined };
    this.nodes[node.unique_id] = node;
    this.#entries.set(node.unique_id, entry);
    let table = this.#packages.get(node.package_name);
    if (table === undefined) {
      table = new Map();
      this.#packages.set(node.package_name, table);
    }
    table.set(node.name, entry);
  }

  /** All macros in the order of reading, for `restore`. */
  kept(): KeptMacro[] {
    return [...this.#entries.values()].map(({ node, source }) => ({ node, source }));
  }

  /** Notes each macro's arguments from its text, for projects with the flag `validate_macro_args`. */
  readArguments(macro: MacroNode): void {
    // As dbt has it: tests in tests/generic have none, and a materialization this one whatever is written.
    if (this.#genericTests.has(macro.unique_id)) return;
    const { parameters, kind } = this.template(macro);
    const names = kind === 'materialization' ? ['supported_languages'] : parameters;
    macro.arguments = names.map((name) => ({ name, type: null, description: '' }));
  }

  /** To be called when all files are added. */
  seal(): void {
    for (const name of [...this.internalPackages].reverse()) {
      for (const [key, entry] of this.#packages.get(name) ?? []) this.#internal.set(key, entry);
    }
  }

  isInternal(packageName: string): boolean {
    return this.internalPackages.includes(packageName);
  }

  /** A macro by its bare name, as seen from a package. */
  find(name: string, fromPackage: string): MacroNode | undefined {
    const own = this.isInternal(fromPackage) ? undefined : this.#packages.get(fromPackage)?.get(name);
    return (own ?? this.#packages.get(this.rootPackage)?.get(name) ?? this.#internal.get(name))?.node;
  }

  /** `package.name`; the namespace `dbt` holds all of the engine's packages. */
  findIn(packageName: string, name: string): MacroNode | undefined {
    if (packageName === 'dbt') return this.#internal.get(name)?.node;
    return this.#packages.get(packageName)?.get(name)?.node;
  }

  /** One of that name wherever it is: the root project's, else the last package's, else the engine's. */
  findAnywhere(name: string): MacroNode | undefined {
    const root = this.#packages.get(this.rootPackage)?.get(name);
    if (root !== undefined) return root.node;
    let found: Entry | undefined;
    for (const [owner, table] of this.#packages) if (!this.isInternal(owner)) found = table.get(name) ?? found;
    return (found ?? this.#internal.get(name))?.node;
  }

  isPackage(name: string): boolean {
    return this.#packages.has(name);
  }

  names(packageName: string): Iterable<string> {
    return (packageName === 'dbt' ? this.#internal : this.#packages.get(packageName))?.keys() ?? [];
  }

  /** Every name that a template of `fromPackage` can call: for suggestions. */
  *visibleNames(fromPackage: string): Generator<string> {
    for (const name of new Set([fromPackage, this.rootPackage])) yield* this.#packages.get(name)?.keys() ?? [];
    yield* this.#internal.keys();
    yield* this.#packages.keys();
  }

  /** `generate_schema_name` and its like: the root project's, for nodes of a package that package's own, or the engine's. */
  findGenerator(name: string, nodePackage: string): MacroNode | undefined {
    if (nodePackage !== this.rootPackage && !this.isInternal(nodePackage)) {
      const own = this.#packages.get(nodePackage)?.get(name);
      if (own !== undefined) return own.node;
    }
    return (this.#packages.get(this.rootPackage)?.get(name) ?? this.#internal.get(name))?.node;
  }

  /** The macro that builds a materialization: the adapter's before the default one, the root project's before others'. */
  findMaterialization(materialized: string): MacroNode | undefined {
    for (const adapter of [this.adapterType, 'default']) {
      const name = `materialization_${materialized}_${adapter}`;
      const root = this.#packages.get(this.rootPackage)?.get(name);
      if (root !== undefined) return root.node;
      const core = this.#internal.get(name);
      if (core !== undefined) return core.node;
      if (this.#isBuiltIn(materialized)) continue;
      for (const [packageName, table] of this.#packages) {
        const entry = this.isInternal(packageName) ? undefined : table.get(name);
        if (entry !== undefined) return entry.node;
      }
    }
    return undefined;
  }

  #isBuiltIn(materialized: string): boolean {
    return [this.adapterType, 'default'].some((a) => this.#internal.has(`materialization_${materialized}_${a}`));
  }

  /** The names of all materializations, for suggestions. */
  materializations(): string[] {
    const found = new Set<string>();
    for (const { node } of this.#entries.values()) {
      const name = /^materialization_(.+)_[a-z0-9]+$/.exec(node.name)?.[1];
      if (name !== undefined) found.add(name);
    }
    return [...found].sort();
  }

  /** The compiled form of a macro; compiled at the first call. Throws JinjaError. */
  template(node: MacroNode): MacroTemplate {
    const entry = this.#entries.get(node.unique_id);
    if (entry === undefined) throw new Error(`no such macro: ${node.unique_id}`);
    entry.template ??= MacroTemplate.parse(entry.source);
    return entry.template;
  }
}

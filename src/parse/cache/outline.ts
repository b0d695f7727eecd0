/**
 * The outline of a kept parse: what selection and listing look at, which is a tenth of all, and where each node's entry is.
 * What many nodes share (names of files, lists of tags, configs) is there once.
 */
import type { Manifest, Node, NodeConfig, OtherNode } from '../node.js';
import type { Origin } from '../state.js';
import { decode, encode } from './codec.js';

/** Fields of a node besides those that each has. */
const RARE = ['version', 'latest_version', 'group', 'deprecation_date'] as const;

/** Sections other than nodes whose entries can be selected, or are looked up by their name. */
const SECTIONS = [
  'sources',
  'exposures',
  'functions',
  'metrics',
  'semantic_models',
  'saved_queries',
  'unit_tests',
  'groups',
] as const satisfies readonly (keyof Manifest)[];
const PICKED = [
  'resource_type',
  'unique_id',
  'name',
  'package_name',
  'original_file_path',
  'patch_path',
  'source_name',
  'fqn',
  'tags',
  'config',
  'version',
] as const;

/** A node: numbers point into the tables of the outline. */
type Row = readonly [
  id: string,
  /** Of its entry, in bytes. */
  length: number,
  type: number,
  name: string,
  owner: number,
  file: number,
  /** -1 for null. */
  patch: number,
  /** The fqn but for its last part, and that part where it is not the name. */
  path: number,
  leaf: string | 0,
  tags: number,
  config: number,
  parents: readonly string[],
  access: number,
  /** The name of a generic test. */
  test: string | 0,
  /** Where its text begins: file, line, column. */
  origin: number,
  line: number,
  column: number,
  rare: unknown,
];

interface Packed {
  readonly strings: readonly string[];
  readonly lists: readonly (readonly string[])[];
  readonly configs: readonly unknown[];
  readonly nodes: readonly Row[];
  readonly others: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Values that are kept once, by their text. */
class Table<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();

  place(value: T, text: string): number {
    let at = this.#places.get(text);
    if (at === undefined) {
      at = this.values.push(value) - 1;
      this.#places.set(text, at);
    }
    return at;
  }
}

/** Takes in nodes in the order of the manifest, and gives the outline's text. */
export class OutlineWriter {
  readonly #strings = new Table<string>();
  readonly #lists = new Table<readonly string[]>();
  readonly #configs = new Table<string>();
  readonly #rows: Row[] = [];

  /** `length`: of the node's entry, in bytes. Throws NotKept for a config that can't be kept. */
  add(node: Node, length: number, origin: Origin | undefined): void {
    const config = encode(node.config);
    const leaf = node.fqn.at(-1);
    const rare = RARE.filter((key) => (node[key] ?? null) !== null).map((key) => [key, node[key]]);
    this.#rows.push([
      node.unique_id,
      length,
      this.#text(node.resource_type),
      node.name,
      this.#text(node.package_name),
      this.#text(node.original_file_path),
      this.#text(node.patch_path),
      this.#list(node.fqn.slice(0, -1)),
      leaf === node.name ? 0 : (leaf ?? ''),
      this.#list(node.tags),
      this.#configs.place(config, config),
      node.depends_on.nodes,
      this.#text(node.access),
      node.test_metadata?.name ?? 0,
      this.#text(origin?.file),
      origin?.line ?? 0,
      origin?.column ?? 0,
      rare.length === 0 ? 0 : JSON.parse(encode(Object.fromEntries(rare))),
    ]);
  }

  #text(text: string | null | undefined): number {
    return typeof text === 'string' ? this.#strings.place(text, text) : -1;
  }

  #list(list: readonly string[]): number {
    return this.#lists.place(list, `${list.length}\u0000${list.join('\u0000')}`);
  }

  /** Throws NotKept for what can't be kept. */
  text(manifest: Manifest): string {
    const others = SECTIONS.map((name) => {
      const entries = Object.entries<OtherNode>(manifest[name] as Record<string, OtherNode>);
      return `${JSON.stringify(name)}:{${entries.map(([id, entry]) => `${JSON.stringify(id)}:${encode(picked(entry))}`).join(',')}}`;
    });
    return (
      `{"strings":${JSON.stringify(this.#strings.values)},"lists":${JSON.stringify(this.#lists.values)},` +
      `"configs":[${this.#configs.values.join(',')}],"nodes":${JSON.stringify(this.#rows)},"others":{${others.join(',')}}}`
    );
  }
}

function picked(entry: OtherNode): Record<string, unknown> {
  const depends = entry.depends_on === undefined ? {} : { depends_on: { macros: [], nodes: entry.depends_on.nodes } };
  return { ...Object.fromEntries(PICKED.filter((key) => key in entry).map((key) => [key, entry[key]])), ...depends };
}

/** An outline that was read back. */
export class Outline {
  readonly #packed: Packed;
  readonly #configs: (NodeConfig | undefined)[] = [];

  /** Throws a SyntaxError for damaged text. */
  constructor(text: string) {
    this.#packed = JSON.parse(text) as Packed;
  }

  get count(): number {
    return this.#packed.nodes.length;
  }

  /** Ids of the nodes and the lengths of their entries, in bytes, in the order of the manifest. */
  *entries(): Generator<readonly [id: string, length: number]> {
    for (const [id, length] of this.#packed.nodes) yield [id, length];
  }

  /** Where the nodes' texts begin, by id. */
  origins(): Map<string, Origin> {
    const origins = new Map<string, Origin>();
    for (const row of this.#packed.nodes) {
      const [file, line, column] = [this.#text(row[14]), row[15], row[16]];
      if (file !== null) origins.set(row[0], column === 0 ? { file, line } : { file, line, column });
    }
    return origins;
  }

  /** The nodes with what selection, listing and the resolution of refs look at, and nothing else. Not to be changed. */
  nodes(): Record<string, Node> {
    const nodes: Record<string, Node> = {};
    for (const row of this.#packed.nodes) nodes[row[0]] = this.#node(row);
    return nodes;
  }

  /** The same of the entries of other sections that can be selected. */
  others(): Pick<Manifest, (typeof SECTIONS)[number]> {
    const parts = SECTIONS.map((name) => {
      const entries = Object.entries(this.#packed.others[name] ?? {});
      return [name, Object.fromEntries(entries.map(([id, entry]) => [id, decode(entry)]))];
    });
    return Object.fromEntries(parts) as Pick<Manifest, (typeof SECTIONS)[number]>;
  }

  #node(row: Row): Node {
    const [unique_id, , type, name, owner, file, patch, path, leaf, tags, config, parents, access, test] = row;
    const node = {
      resource_type: this.#text(type),
      unique_id,
      name,
      package_name: this.#text(owner),
      original_file_path: this.#text(file),
      patch_path: this.#text(patch),
      fqn: [...(this.#packed.lists[path] ?? []), leaf === 0 ? name : leaf],
      tags: this.#packed.lists[tags],
      config: this.#config(config),
      depends_on: { macros: [], nodes: parents },
      ...(access < 0 ? {} : { access: this.#text(access) }),
      ...(test === 0 ? {} : { test_metadata: { name: test } }),
      ...(row[17] === 0 ? {} : (decode(row[17]) as object)),
    };
    return node as unknown as Node;
  }

  #text(at: number): string | null {
    return this.#packed.strings[at] ?? null;
  }

  #config(at: number): NodeConfig {
    this.#configs[at] ??= decode(this.#packed.configs[at]) as NodeConfig;
    return this.#configs[at];
  }
}

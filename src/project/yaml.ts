/**
 * YAML as dbt reads it (PyYAML's SafeLoader), with the place of every key and value.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Scalar,
} from 'yaml';
import { type Diagnostic, type Place, problem, UpsqlError } from '../diagnostics/index.js';
import { Float, floatRepr } from '../jinja/values/float.js';
import type { YamlMap, YamlValue } from './project.js';
import { yamlSyntaxError } from './yaml-error.js';
import { resolvePlain, resolveTagged, type Scalar as ScalarValue } from './yaml-scalar.js';

export type YamlPath = readonly (string | number)[];

export interface YamlFile {
  readonly file: string;
  readonly text: string;
  /** null for a file with nothing but comments. */
  readonly value: YamlValue;
  /** Warnings: keys given twice. */
  readonly diagnostics: readonly Diagnostic[];
  /** The place of the value at `path`, or of the nearest one above it that exists. */
  locate(path: YamlPath): Place;
  /** The place of the key that holds `path` (a list item's own place). */
  locateKey(path: YamlPath): Place;
}

/** Values that aliases may repeat before a file is refused: a text of a few lines can otherwise stand for billions. */
const MAX_EXPANDED = 2_000_000;

type Ast = ReturnType<typeof parseDocument>;

/**
 * Reads one YAML document. The last of several equal keys wins (with a warning), `<<` merges, dates become ISO text,
 * a float with a whole value becomes a `Float`. Throws UpsqlError (`yaml-syntax`) with the place of a syntax error.
 */
export function readYaml(text: string, file: string): YamlFile {
  const ast = parse(text, file);
  const diagnostics: Diagnostic[] = [];
  const reader = new Reader(text, file, ast, diagnostics);
  const value = ast.contents === null ? null : reader.read(ast.contents as ParsedNode);
  // The tree is many times the text's size, so it is kept only while it is hot and made again for a late diagnostic.
  let tree = new WeakRef(ast);
  const contents = (): ParsedNode | null => {
    let live = tree.deref();
    if (live === undefined) {
      live = parse(text, file);
      tree = new WeakRef(live);
    }
    return live.contents as ParsedNode | null;
  };
  const lines = new LineIndex(text, file);
  return {
    file,
    text,
    value,
    diagnostics,
    locate: (path) => lines.place(find(contents(), path, false)),
    locateKey: (path) => lines.place(find(contents(), path, true)),
  };
}

function parse(text: string, file: string): Ast {
  const ast = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    // With 'silent' a second document would pass unseen; nothing is logged at this level either.
    logLevel: 'error',
  });
  const first = ast.errors[0];
  if (first !== undefined) throw new UpsqlError(yamlSyntaxError(first, ast, text, file));
  return ast;
}

/** Turns the syntax tree into values. */
class Reader {
  readonly #text: string;
  readonly #ast: Ast;
  readonly #diagnostics: Diagnostic[];
  readonly #lines: LineIndex;
  /** Values of anchored nodes, with the number of values they hold when written out. */
  readonly #anchored = new Map<ParsedNode, { value: YamlValue; size: number }>();
  readonly #open = new Set<ParsedNode>();
  #size = 0;

  constructor(text: string, file: string, ast: Ast, diagnostics: Diagnostic[]) {
    this.#text = text;
    this.#ast = ast;
    this.#diagnostics = diagnostics;
    this.#lines = new LineIndex(text, file);
  }

  read(node: ParsedNode | null): YamlValue {
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node as Alias.Parsed);
    const before = this.#size;
    this.#size += 1;
    if (isScalar(node)) {
      const value = this.#scalar(node as Scalar.Parsed);
      if (node.anchor !== undefined) this.#anchored.set(node, { value, size: 1 });
      return value;
    }
    this.#open.add(node);
    const value = isSeq(node) ? this.#list(node.items as ParsedNode[]) : this.#map(node);
    this.#open.delete(node);
    if (node.anchor !== undefined) this.#anchored.set(node, { value, size: this.#size - before });
    return value;
  }

  #list(items: readonly ParsedNode[]): YamlValue[] {
    const list: YamlValue[] = [];
    for (const item of items) list.push(this.read(item));
    return list;
  }

  #map(node: ParsedNode): YamlMap {
    if (!isMap(node)) throw this.#error(node, 'yaml-type', 'YAML: a map is expected here');
    this.#checkTag(node, 'map');
    const map: YamlMap = {};
    const pairs = node.items as Pair<ParsedNode, ParsedNode | null>[];
    const merges = pairs.filter((pair) => isMergeKey(pair.key));
    for (const pair of merges) this.#merge(map, pair.value);
    const own = merges.length === 0 ? undefined : new Set<string>();
    for (const pair of pairs) {
      if (isMergeKey(pair.key)) continue;
      const key = this.#key(pair.key);
      if (own === undefined ? Object.hasOwn(map, key) : own.has(key)) this.#duplicate(pair.key, key);
      own?.add(key);
      setKey(map, key, this.read(pair.value));
    }
    return map;
  }

  #merge(map: YamlMap, node: ParsedNode | null): void {
    const target = isAlias(node) ? this.#target(node as Alias.Parsed) : node;
    // In a list of maps the first one wins, so it is laid over the others.
    const parts = isSeq(target) ? [...(target.items as ParsedNode[])].reverse() : [node];
    for (const part of parts) {
      const value = this.read(part);
      if (!isYamlMap(value))
        throw this.#error(part ?? this.#ast.contents, 'yaml-merge', 'YAML: "<<" takes a map, or a list of maps');
      for (const [key, inner] of Object.entries(value)) setKey(map, key, inner);
    }
  }

  #key(node: ParsedNode): string {
    const value = this.read(node);
    if (value !== null && typeof value === 'object' && !(value instanceof Float)) {
      const jinja = this.#text.slice(node.range[0] - 1, node.range[0] + 1) === '{{';
      throw this.#error(
        node,
        jinja ? 'yaml-syntax' : 'yaml-key',
        jinja ? 'YAML syntax: a value with Jinja in it is not quoted' : 'YAML: a list or a map can not be a key',
        jinja ? 'Put quotes around it: key: "{{ ... }}".' : 'Use a text as the key.',
        jinja ? -1 : 0,
      );
    }
    return keyText(value);
  }

  #scalar(node: Scalar.Parsed): ScalarValue {
    const text = String(node.value);
    if (node.tag !== undefined && node.tag !== '!') {
      const short = node.tag.startsWith('tag:yaml.org,2002:') ? node.tag.slice(18) : undefined;
      const value = short === undefined ? undefined : resolveTagged(short, text);
      if (value === undefined)
        throw this.#error(
          node,
          'yaml-tag',
          `YAML: ${node.tag} can not be read here`,
          'Remove the tag, or quote the text.',
        );
      return value;
    }
    return node.type === 'PLAIN' && node.tag === undefined ? resolvePlain(text) : text;
  }

  #target(alias: Alias.Parsed): ParsedNode {
    const target = alias.resolve(this.#ast) as ParsedNode | undefined;
    if (target === undefined)
      throw this.#error(
        alias as unknown as ParsedNode,
        'yaml-alias',
        `YAML: there is no anchor &${alias.source} before this`,
        `Define it with &${alias.source}, or quote the text if the * belongs to it.`,
      );
    return target;
  }

  #alias(alias: Alias.Parsed): YamlValue {
    const target = this.#target(alias);
    const known = this.#anchored.get(target);
    if (known === undefined || this.#open.has(target))
      throw this.#error(alias as unknown as ParsedNode, 'yaml-alias', `YAML: *${alias.source} contains itself`);
    this.#size += known.size;
    if (this.#size > MAX_EXPANDED)
      throw this.#error(
        alias as unknown as ParsedNode,
        'yaml-size',
        `YAML: aliases repeat more than ${MAX_EXPANDED.toLocaleString('en')} values`,
      );
    return known.value;
  }

  #checkTag(node: ParsedNode, expected: string): void {
    if (node.tag === undefined || node.tag === `tag:yaml.org,2002:${expected}`) return;
    throw this.#error(node, 'yaml-tag', `YAML: the tag ${node.tag} can not be read here`, 'Remove the tag.');
  }

  #duplicate(node: ParsedNode, key: string): void {
    this.#diagnostics.push({
      severity: 'warning',
      code: 'duplicate-key',
      message: `The key '${key}' is given twice; the last one counts`,
      place: this.#lines.place(node.range),
      source: this.#text,
      hint: 'Remove one of them, or merge their values.',
    });
  }

  #error(node: ParsedNode | unknown, code: string, message: string, hint?: string, shift = 0): UpsqlError {
    const range = (node as { range?: [number, number, number] } | null)?.range ?? [0, 0, 0];
    const place = this.#lines.place([range[0] + shift, range[1], range[2]]);
    return new UpsqlError(
      problem(code, message, { place, source: this.#text, ...(hint === undefined ? {} : { hint }) }),
    );
  }
}

/** Line starts of a text, made at the first question. */
class LineIndex {
  readonly #text: string;
  readonly #file: string;
  #starts: number[] | undefined;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  place(range: readonly [number, number, number]): Place {
    const [offset, end] = range;
    this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    const lineEnd = this.#starts[low + 1] ?? this.#text.length + 1;
    const length = Math.max(1, Math.min(end, lineEnd - 1) - offset);
    return { file: this.#file, line: low + 1, column: offset - start + 1, length };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

/** The source range of a value or, with `key`, of the key that holds it; of the deepest node that exists. */
function find(root: ParsedNode | null, path: YamlPath, key: boolean): [number, number, number] {
  let node: ParsedNode | null | undefined = root;
  let range: [number, number, number] = root?.range ?? [0, 0, 0];
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const found: Pair<ParsedNode, ParsedNode | null> | undefined = lastPair(node, String(step));
      if (found === undefined) return range;
      range = last && key ? found.key.range : (found.value?.range ?? found.key.range);
      // An absent value has an empty range, which points at nothing a reader could see.
      if (range[0] === range[1]) range = found.key.range;
      node = found.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as ParsedNode | undefined;
      if (item === undefined) return range;
      range = item.range;
      node = item;
    } else return range;
  }
  return range;
}

function lastPair(map: ParsedNode, key: string): Pair<ParsedNode, ParsedNode | null> | undefined {
  if (!isMap(map)) return undefined;
  const pairs = map.items as Pair<ParsedNode, ParsedNode | null>[];
  return pairs.findLast((pair) => isScalar(pair.key) && keyText(plainKey(pair.key)) === key);
}

function plainKey(node: { value: unknown; type?: string | undefined }): ScalarValue {
  return node.type === 'PLAIN' ? resolvePlain(String(node.value)) : String(node.value);
}

/** A key as Python would print it: keys of a JS object are texts. */
function keyText(value: YamlValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value instanceof Float) return floatRepr(value.value);
  return String(value);
}

function isMergeKey(node: ParsedNode): boolean {
  return isScalar(node) && node.value === '<<' && (node as Scalar.Parsed).type === 'PLAIN';
}

/** Whether a value is a map (and no list, text or number). */
export function isYamlMap(value: unknown): value is YamlMap {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Float);
}

/** Sets a key of a plain object, `__proto__` included. */
function setKey(map: YamlMap, key: string, value: YamlValue): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  else map[key] = value;
}

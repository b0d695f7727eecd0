import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  type Scalar,
} from 'yaml';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import { Float } from '../jinja/values/float.js';
import type { LineIndex } from './line-index.js';
import type { YamlMap, YamlValue } from './project.js';
import { isYamlMap, setKey } from './yaml-map.js';
import { keyText, resolvePlain, resolveTagged, type Scalar as ScalarValue } from './yaml-scalar.js';

export type Ast = Document.Parsed<ParsedNode, true>;

/** Values that aliases may repeat before a file is refused: a text of a few lines can otherwise stand for billions. */
const MAX_EXPANDED = 2_000_000;

/** Turns the syntax tree into values. */
export class Reader {
  readonly #text: string;
  readonly #ast: Ast;
  readonly #diagnostics: Diagnostic[];
  readonly #lines: LineIndex;
  /** Values of anchored nodes, with the number of values they hold when written out. */
  readonly #anchored = new Map<ParsedNode, { value: YamlValue; size: number }>();
  readonly #open = new Set<ParsedNode>();
  #size = 0;

  constructor(text: string, lines: LineIndex, ast: Ast, diagnostics: Diagnostic[]) {
    this.#text = text;
    this.#ast = ast;
    this.#diagnostics = diagnostics;
    this.#lines = lines;
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
    if (node.type === 'PLAIN' && node.tag === undefined) return resolvePlain(text);
    return this.#endsFile(node) && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  /** A block of text at the end of a file without a line break there: it has none either, as PyYAML reads it. */
  #endsFile(node: Scalar.Parsed): boolean {
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return false;
    return node.range[1] >= this.#text.length && !this.#text.endsWith('\n');
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

function isMergeKey(node: ParsedNode): boolean {
  return isScalar(node) && node.value === '<<' && (node as Scalar.Parsed).type === 'PLAIN';
}

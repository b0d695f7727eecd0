/**
 * YAML as dbt reads it (PyYAML's SafeLoader), with the place of every key and value.
 */
import { isMap, isScalar, isSeq, type Pair, type ParsedNode, parseDocument } from 'yaml';
import { type Diagnostic, type Place, problem, UpsqlError } from '../diagnostics/index.js';
import { LineIndex } from './line-index.js';
import { type PlainNode, parsePlainYaml } from './plain-yaml.js';
import type { YamlValue } from './project.js';
import { yamlSyntaxError } from './yaml-error.js';
import { withIsoDates } from './yaml-map.js';
import { mendQuoted } from './yaml-mend.js';
import { type Ast, Reader } from './yaml-reader.js';
import { keyText, resolvePlain, type Scalar as ScalarValue } from './yaml-scalar.js';

export type YamlPath = readonly (string | number)[];

export interface YamlFile {
  readonly file: string;
  readonly text: string;
  /** null for a file with nothing but comments. Dates are ISO text. */
  readonly value: YamlValue;
  /** The same with dates as such. */
  readonly dated: YamlValue;
  /** Warnings: keys given twice. */
  readonly diagnostics: readonly Diagnostic[];
  /** The place of the value at `path`, or of the nearest one above it that exists. */
  locate(path: YamlPath): Place;
  /** The place of the key that holds `path` (a list item's own place). */
  locateKey(path: YamlPath): Place;
}

/**
 * Reads one YAML document. The last of several equal keys wins (with a warning), `<<` merges,
 * a float with a whole value becomes a `Float`. Throws UpsqlError (`yaml-syntax`) with the place of a syntax error.
 */
export function readYaml(text: string, file: string): YamlFile {
  const plain = parsePlainYaml(text);
  return plain === undefined ? readFullYaml(text, file) : plainFile(text, file, plain);
}

function plainFile(text: string, file: string, root: PlainNode): YamlFile {
  const lines = new LineIndex(text, file);
  return {
    file,
    text,
    value: undated(text, root.value),
    dated: root.value,
    diagnostics: [],
    locate: (path) => lines.place(findPlain(root, path, false)),
    locateKey: (path) => lines.place(findPlain(root, path, true)),
  };
}

/** `readYaml` by the full parser, for the texts that the reader of plain ones leaves to it. */
export function readFullYaml(text: string, file: string): YamlFile {
  const { ast, source } = parse(text, file);
  const diagnostics: Diagnostic[] = [];
  const lines = new LineIndex(source, file);
  const reader = new Reader(source, lines, ast, diagnostics);
  const value = ast.contents === null ? null : reader.read(ast.contents as ParsedNode);
  // The tree is many times the text's size, so it is kept only while it is hot and made again for a late diagnostic.
  let tree = new WeakRef(ast);
  const contents = (): ParsedNode | null => {
    let live = tree.deref();
    if (live === undefined) {
      live = parse(source, file).ast;
      tree = new WeakRef(live);
    }
    return live.contents as ParsedNode | null;
  };
  return {
    file,
    text,
    value: undated(text, value),
    dated: value,
    diagnostics,
    locate: (path) => lines.place(find(contents(), path, false)),
    locateKey: (path) => lines.place(find(contents(), path, true)),
  };
}

/** Most files have no date in them, and need no walk. */
function undated(text: string, value: YamlValue): YamlValue {
  return /\d{4}-\d\d?-\d/.test(text) ? withIsoDates(value) : value;
}

/** The tree of a text; `source` is what its offsets count in. */
function parse(text: string, file: string): { ast: Ast; source: string } {
  const control = CONTROL.exec(text);
  if (control !== null) throw unreadable(text, file, control.index, 'a control character', 'Remove it.');
  let source = text;
  for (let mended = 0; ; mended++) {
    const ast = syntaxTree(source, file);
    const [first] = ast.errors;
    if (first === undefined) return { ast, source };
    const better = mended < MAX_MENDED ? mendQuoted(source, ast) : undefined;
    if (better === undefined) throw new UpsqlError(yamlSyntaxError(first, ast, source, file));
    source = better;
  }
}

/** Quoted texts that are mended in one file, each for the price of a parse. */
const MAX_MENDED = 100;

function syntaxTree(text: string, file: string): Ast {
  try {
    return parseDocument<ParsedNode, true>(text, {
      version: '1.1',
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      // With 'silent' a second document would pass unseen; nothing is logged at this level either.
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(text, file, 0, 'more levels than can be read', 'Flatten it.');
    throw error;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

function unreadable(text: string, file: string, offset: number, what: string, hint: string): UpsqlError {
  const place = new LineIndex(text, file).place([offset, offset + 1, offset + 1]);
  return new UpsqlError(problem('yaml-syntax', `YAML syntax: ${what}`, { place, source: text, hint }));
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

/** As `find`, in a plain document. */
function findPlain(root: PlainNode, path: YamlPath, key: boolean): [number, number, number] {
  let node = root;
  let range: { readonly start: number; readonly end: number } = root;
  for (const [depth, step] of path.entries()) {
    if (node.pairs !== undefined) {
      const pair = node.pairs.get(String(step));
      if (pair === undefined) break;
      node = pair.node;
      range = (depth === path.length - 1 && key) || node.start === node.end ? pair : node;
    } else {
      const item = node.items?.[Number(step)];
      if (item === undefined) break;
      node = item;
      range = item;
    }
  }
  return [range.start, range.end, range.end];
}

function lastPair(map: ParsedNode, key: string): Pair<ParsedNode, ParsedNode | null> | undefined {
  if (!isMap(map)) return undefined;
  const pairs = map.items as Pair<ParsedNode, ParsedNode | null>[];
  return pairs.findLast((pair) => isScalar(pair.key) && keyText(plainKey(pair.key)) === key);
}

function plainKey(node: { value: unknown; type?: string | undefined }): ScalarValue {
  return node.type === 'PLAIN' ? resolvePlain(String(node.value)) : String(node.value);
}

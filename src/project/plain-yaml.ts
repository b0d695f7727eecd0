/**
 * The YAML that nearly all files of a project consist of: block maps and lists, scalars on one line, block texts, lists and
 * maps in brackets on one line. A full parser is ten times slower on them, which for a project of a thousand models is a
 * tenth of a second. Whatever is not certain to mean the same to PyYAML is left to the full parser: this one gives up.
 */
import type { YamlMap, YamlValue } from './project.js';
import { setKey } from './yaml-map.js';
import { keyText, resolvePlain } from './yaml-scalar.js';

/** A value with where it stands. Offsets count from the start of the text; `end` is behind the last character. */
export interface PlainNode {
  readonly start: number;
  readonly end: number;
  readonly value: YamlValue;
  /** Of a list. */
  readonly items?: readonly PlainNode[];
  /** Of a map, by the keys of its value. */
  readonly pairs?: ReadonlyMap<string, PlainPair>;
}

export interface PlainPair {
  readonly start: number;
  readonly end: number;
  readonly node: PlainNode;
}

/** The document's root, or undefined where the text has anything else in it. */
export function parsePlainYaml(text: string): PlainNode | undefined {
  if (UNUSUAL.test(text)) return undefined;
  try {
    return new PlainReader(text).document();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

/** Control characters (a tab among them), line breaks of other systems, document marks, directives. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNUSUAL = /[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]|^(?:---|\.\.\.|%)/m;
const GIVE_UP = Symbol('not plain');
const MAX_DEPTH = 60;

const giveUp = (): never => {
  throw GIVE_UP;
};

const KEY = /([A-Za-z_+][\w.+-]{0,100})(?=:(?: |$))|"([^"\\\n]{0,100})"(?=:(?: |$))|'([^'\n]{0,100})'(?=:(?: |$))/my;
const SINGLE = /'((?:[^'\n]|'')*)'/y;
const DOUBLE = /"((?:[^"\\\n]|\\["\\/nt])*)"/y;
const HEADER = /[|>](-?)(?= *(?: #.*)?$)/my;
const REST = / *(?: #.*)?$/my;
/** In brackets: no character that could end it, and no colon. */
const FLOW_PLAIN = /[A-Za-z0-9_./+-](?:[A-Za-z0-9_./+=*()<>%$-]| (?=[A-Za-z0-9_.(/+=*<>-]))*/y;
const FLOW_KEY = /([A-Za-z_+][\w.+-]{0,100}): /y;
const SPACES = / */y;

class PlainReader {
  readonly #text: string;
  /** Where the next line that says something starts to say it, its column, and where the line before it ended. */
  #at = 0;
  #indent = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PlainNode {
    this.#nextLine(0);
    if (this.#indent !== 0) giveUp();
    const node = this.#block(0);
    if (this.#at < this.#text.length) giveUp();
    return node;
  }

  /** Goes to the first line from `from` (the start of a line) on that is not empty and no comment. */
  #nextLine(from: number): void {
    let start = from;
    const text = this.#text;
    while (start < text.length) {
      let at = start;
      while (text.charCodeAt(at) === 32) at++;
      const code = text.charCodeAt(at);
      if (at < text.length && code !== 10 && code !== 35) {
        this.#at = at;
        this.#indent = at - start;
        return;
      }
      const end = text.indexOf('\n', at);
      start = end === -1 ? text.length : end + 1;
    }
    this.#at = text.length;
    this.#indent = -1;
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  /** Ends a value that ends at `at`: only a comment may follow on its line. */
  #endLine(at: number): void {
    const rest = this.#match(REST, at);
    if (rest === null) giveUp();
    else this.#nextLine(at + rest[0].length + 1);
  }

  #isDash(at: number): boolean {
    if (this.#text.charCodeAt(at) !== 45) return false;
    const next = this.#text.charCodeAt(at + 1);
    return next === 32 || next === 10 || Number.isNaN(next);
  }

  /** The map or the list whose first line is the one at hand, in column `indent`. */
  #block(indent: number): PlainNode {
    if (++this.#depth > MAX_DEPTH) giveUp();
    const node = this.#isDash(this.#at) ? this.#list(indent) : this.#map(indent);
    this.#depth--;
    return node;
  }

  #list(indent: number): PlainNode {
    const items: PlainNode[] = [];
    const value: YamlValue[] = [];
    const start = this.#at;
    let end = start;
    while (this.#indent === indent && this.#isDash(this.#at)) {
      const at = this.#at + 1 + (this.#match(SPACES, this.#at + 1)?.[0].length ?? 0);
      const item = this.#item(at, indent);
      items.push(item);
      value.push(item.value);
      end = item.end;
    }
    if (this.#indent > indent) giveUp();
    return { start, end, value, items };
  }

  #item(at: number, indent: number): PlainNode {
    const code = this.#text.charCodeAt(at);
    if (Number.isNaN(code) || code === 10 || code === 35) return this.#below(at, indent, indent + 1);
    if (this.#isDash(at)) return giveUp();
    if (this.#match(KEY, at) === null) return this.#inline(at, indent);
    const column = indent + at - this.#at;
    this.#at = at;
    this.#indent = column;
    return this.#block(column);
  }

  /** What stands on the lines after a key or a dash that ends its line: a block, else null. */
  #below(at: number, indent: number, least: number): PlainNode {
    this.#endLine(at);
    if (this.#indent >= least && (this.#indent > indent || this.#isDash(this.#at))) {
      const isCollection = this.#isDash(this.#at) || this.#match(KEY, this.#at) !== null;
      return isCollection ? this.#block(this.#indent) : giveUp();
    }
    return { start: at, end: at, value: null };
  }

  #map(indent: number): PlainNode {
    const pairs = new Map<string, PlainPair>();
    const value: YamlMap = {};
    const start = this.#at;
    let end = start;
    while (this.#indent === indent && !this.#isDash(this.#at)) {
      const found = this.#match(KEY, this.#at) ?? giveUp();
      const keyStart = this.#at;
      const keyEnd = keyStart + found[0].length;
      const key = found[1] === undefined ? (found[2] ?? found[3] ?? '') : keyText(resolvePlain(found[1]));
      if (pairs.has(key)) giveUp();
      const at = keyEnd + 1 + (this.#match(SPACES, keyEnd + 1)?.[0].length ?? 0);
      const code = this.#text.charCodeAt(at);
      const node =
        Number.isNaN(code) || code === 10 || code === 35
          ? this.#below(keyEnd + 1, indent, indent)
          : this.#inline(at, indent);
      pairs.set(key, { start: keyStart, end: keyEnd, node });
      setKey(value, key, node.value);
      end = Math.max(node.end, keyEnd + 1);
    }
    if (this.#indent > indent) giveUp();
    return { start, end, value, pairs };
  }

  /** A value that begins on the line of its key or dash. What is deeper on the next line would belong to it. */
  #inline(at: number, indent: number): PlainNode {
    const first = this.#text.charAt(at);
    let node: PlainNode;
    if (first === '|' || first === '>') return this.#blockText(at, indent);
    if (first === '[' || first === '{') node = this.#flow(at);
    else if (first === "'" || first === '"') node = this.#quoted(at);
    else node = this.#plain(at);
    this.#endLine(node.end);
    if (this.#indent > indent) giveUp();
    return node;
  }

  #plain(at: number): PlainNode {
    const text = this.#text;
    const code = text.charCodeAt(at);
    // Letters, digits, and what can begin a number or a path.
    const plain =
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 46 && code <= 57) ||
      code === 95 ||
      code === 40 ||
      code === 36 ||
      code > 160 ||
      ((code === 43 || code === 45) && /[\w.]/.test(text.charAt(at + 1)));
    if (!plain) return giveUp();
    let end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    const line = text.slice(at, end);
    if (line.includes(':') && /:(?: |$)/.test(line)) return giveUp();
    const comment = line.indexOf(' #');
    const written = (comment === -1 ? line : line.slice(0, comment)).trimEnd();
    return { start: at, end: at + written.length, value: resolvePlain(written) };
  }

  #quoted(at: number): PlainNode {
    const isSingle = this.#text.charCodeAt(at) === 39;
    const found = this.#match(isSingle ? SINGLE : DOUBLE, at);
    const inner = found?.[1];
    if (found === null || inner === undefined) return giveUp();
    let value = inner;
    if (isSingle) value = inner.replaceAll("''", "'");
    else if (inner.includes('\\')) value = JSON.parse(found[0]) as string;
    return { start: at, end: at + found[0].length, value };
  }

  #flow(at: number): PlainNode {
    if (++this.#depth > MAX_DEPTH) giveUp();
    const node = this.#text.charCodeAt(at) === 91 ? this.#flowList(at) : this.#flowMap(at);
    this.#depth--;
    return node;
  }

  #flowValue(at: number): PlainNode {
    const code = this.#text.charCodeAt(at);
    if (code === 91 || code === 123) return this.#flow(at);
    if (code === 39 || code === 34) return this.#quoted(at);
    const found = this.#match(FLOW_PLAIN, at);
    if (found === null || /^[-+.](?![\w.])/.test(found[0])) return giveUp();
    return { start: at, end: at + found[0].length, value: resolvePlain(found[0]) };
  }

  #skip(at: number): number {
    return at + (this.#match(SPACES, at)?.[0].length ?? 0);
  }

  #flowList(start: number): PlainNode {
    const items: PlainNode[] = [];
    const value: YamlValue[] = [];
    let at = this.#skip(start + 1);
    while (this.#text.charCodeAt(at) !== 93) {
      const item = this.#flowValue(at);
      items.push(item);
      value.push(item.value);
      at = this.#skip(item.end);
      const code = this.#text.charCodeAt(at);
      if (code === 44) at = this.#skip(at + 1);
      else if (code !== 93) giveUp();
    }
    return { start, end: at + 1, value, items };
  }

  #flowMap(start: number): PlainNode {
    const pairs = new Map<string, PlainPair>();
    const value: YamlMap = {};
    let at = this.#skip(start + 1);
    while (this.#text.charCodeAt(at) !== 125) {
      const written = this.#match(FLOW_KEY, at)?.[1] ?? giveUp();
      const key = keyText(resolvePlain(written));
      if (pairs.has(key)) giveUp();
      const keyEnd = at + written.length;
      const node = this.#flowValue(this.#skip(keyEnd + 1));
      pairs.set(key, { start: at, end: keyEnd, node });
      setKey(value, key, node.value);
      at = this.#skip(node.end);
      const code = this.#text.charCodeAt(at);
      if (code === 44) at = this.#skip(at + 1);
      else if (code !== 125) giveUp();
    }
    return { start, end: at + 1, value, pairs };
  }

  /** A text of several lines whose lines all start in one column. */
  #blockText(at: number, indent: number): PlainNode {
    const text = this.#text;
    const header = this.#match(HEADER, at) ?? giveUp();
    const lines: string[] = [];
    let start = text.indexOf('\n', at) + 1;
    let end = start;
    let column = -1;
    while (start > 0 && start < text.length) {
      const stop = text.indexOf('\n', start);
      const line = text.slice(start, stop === -1 ? text.length : stop);
      const own = line.search(/[^ ]/);
      if (own === -1) {
        // White space alone could belong to the text.
        if (line.length > 0) giveUp();
        lines.push('');
      } else {
        if (column === -1) column = own;
        if (own <= indent) break;
        if (own !== column) giveUp();
        lines.push(line.slice(column));
        end = stop === -1 ? text.length : stop + 1;
      }
      start = stop === -1 ? text.length : stop + 1;
    }
    if (column <= indent) giveUp();
    // A comment after the text ends it wherever it stands.
    while (lines.at(-1) === '') lines.pop();
    if (lines.length === 0 || lines[0] === '') giveUp();
    this.#nextLine(end);
    if (this.#indent > indent) giveUp();
    const body = header[0].startsWith('|') ? lines.join('\n') : folded(lines);
    const ends = header[1] === '' && text.charCodeAt(end - 1) === 10;
    return { start: at, end, value: ends ? `${body}\n` : body };
  }
}

/** Lines with the line breaks between them as spaces, but for those around empty lines. */
function folded(lines: readonly string[]): string {
  let text = lines[0] ?? '';
  for (let i = 1; i < lines.length; i++) {
    if (lines[i] === '') text += '\n';
    else text += lines[i - 1] === '' ? lines[i] : ` ${lines[i]}`;
  }
  return text;
}

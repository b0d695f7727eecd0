import { type Place, placeAt } from '../diagnostics/index.js';
import { JinjaError, type TemplateSource } from './error.js';

/** A block at the top of a file. Offsets count characters of the source's text, from 0. */
export interface Block {
  /** `macro`, `test`, `docs`, ... */
  readonly kind: string;
  readonly name: string;
  /** What stands between the name and the end of the opening tag. */
  readonly arguments: string;
  /** The whole block with its tags. */
  readonly text: string;
  /** As `text`, with the whitespace around it that `{%-` and `-%}` take away: dbt's `macro_sql`. */
  readonly outerText: string;
  /** What stands between the tags. */
  readonly contents: string;
  readonly offset: number;
  readonly place: Place;
}

export const BLOCK_KINDS: readonly string[] = ['macro', 'test', 'data_test', 'materialization', 'snapshot', 'docs'];

const START = /\{[%{#]/g;
const TAG_NAME = /\{%[-+]?\s*([A-Za-z_]\w*)(?:\s+([A-Za-z_]\w*))?/y;
const END_RAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const TAG_END = /[-+]?%\}|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|['"]/g;
const EXPRESSION_END = /\}\}|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|['"{}]/g;
const CONTROL: ReadonlyMap<string, string> = new Map([
  ['if', 'endif'],
  ['for', 'endfor'],
]);

interface Tag {
  readonly name: string;
  readonly argument: string | undefined;
  /** Offset after the tag's name and its first word. */
  readonly rest: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The blocks at the top of a file, found by its tags alone: bodies are not parsed. Comments, raw blocks and strings are
 * passed over. Throws a `JinjaError` for a tag, comment or block that is not closed, a block within a block or within
 * `if` or `for`, and an end tag without a start.
 */
export function extractBlocks(source: TemplateSource, kinds: readonly string[] = BLOCK_KINDS): Block[] {
  return new Scanner(source, new Set(kinds)).blocks();
}

class Scanner {
  readonly #source: TemplateSource;
  readonly #text: string;
  readonly #kinds: ReadonlySet<string>;

  constructor(source: TemplateSource, kinds: ReadonlySet<string>) {
    this.#source = source;
    this.#text = source.text;
    this.#kinds = kinds;
  }

  blocks(): Block[] {
    const out: Block[] = [];
    const control: Tag[] = [];
    let open: Tag | null = null;
    let before = 0;
    let floor = 0;
    for (const tag of this.#tags()) {
      const taken = before;
      before = this.#pastWhitespace(tag.end);
      if (CONTROL.has(tag.name)) control.push(tag);
      else if (tag.name === 'endif' || tag.name === 'endfor') this.#endControl(tag, control);
      if (this.#kinds.has(tag.name)) {
        const around = control.at(-1);
        if (around !== undefined) {
          this.#fail(
            tag.start,
            `The block '${tag.name}' stands within '${around.name}'`,
            'Blocks must stand at the top of the file.',
          );
        }
        if (open !== null) {
          const hint = `Close the first with '{% end${open.name} %}'.`;
          this.#fail(
            tag.start,
            `The block '${tag.name}' stands within the block '${open.name} ${open.argument}'`,
            hint,
          );
        }
        if (tag.argument === undefined) this.#fail(tag.start, `The block '${tag.name}' has no name`);
        open = tag;
        floor = taken;
      } else if (open !== null && tag.name === `end${open.name}`) {
        out.push(this.#block(open, tag, floor));
        open = null;
      }
    }
    if (open !== null) {
      this.#fail(
        open.start,
        `The block '${open.name} ${open.argument}' is not closed`,
        `Close it with '{% end${open.name} %}'.`,
      );
    }
    return out;
  }

  #endControl(tag: Tag, control: Tag[]): void {
    const start = control.pop();
    const word = tag.name.slice(3);
    if (start === undefined) this.#fail(tag.start, `'${tag.name}' without '${word}'`);
    if (start.name !== word) this.#fail(tag.start, `'${tag.name}' where 'end${start.name}' must come`);
  }

  #block(open: Tag, close: Tag, floor: number): Block {
    const openTag = this.#text.slice(open.rest, open.end);
    return {
      kind: open.name,
      name: open.argument ?? '',
      arguments: openTag.replace(/[-+]?%\}\s*$/, '').trim(),
      text: this.#text.slice(open.start, close.end),
      outerText: this.#outer(open.start, close.end, floor),
      contents: this.#text.slice(open.end, close.start),
      offset: open.start,
      place: this.#place(open.start),
    };
  }

  /** `floor` is where the tag before ends, with the whitespace that it takes away itself. */
  #outer(start: number, end: number, floor: number): string {
    let from = start;
    if (this.#text.startsWith('{%-', start)) while (from > floor && /\s/.test(this.#text.charAt(from - 1))) from--;
    return this.#text.slice(from, this.#pastWhitespace(end));
  }

  /** The end of a tag, after the whitespace that `-%}` takes away. */
  #pastWhitespace(end: number): number {
    let to = end;
    if (this.#text.startsWith('-%}', end - 3)) while (to < this.#text.length && /\s/.test(this.#text.charAt(to))) to++;
    return to;
  }

  #place(offset: number): Place {
    const { file, line = 1, column = 1 } = this.#source;
    const place = placeAt(file, this.#text, offset);
    return { file, line: place.line + line - 1, column: place.line === 1 ? place.column + column - 1 : place.column };
  }

  #fail(offset: number, message: string, hint?: string): never {
    const place = this.#place(offset);
    throw new JinjaError('TemplateSyntaxError', message, hint === undefined ? { place } : { place, hint });
  }

  *#tags(): Generator<Tag> {
    const text = this.#text;
    let at = 0;
    for (;;) {
      START.lastIndex = at;
      const found = START.exec(text);
      if (found === null) return;
      const start = found.index;
      if (found[0] === '{#') {
        const end = text.indexOf('#}', start + 2);
        if (end === -1) this.#fail(start, 'This comment is not closed', "Close it with '#}'.");
        at = end + 2;
      } else if (found[0] === '{{') at = this.#expressionEnd(start);
      else {
        TAG_NAME.lastIndex = start;
        const name = TAG_NAME.exec(text);
        if (name === null) {
          at = this.#tagEnd(start, start + 2);
          continue;
        }
        const rest = start + name[0].length;
        at = this.#tagEnd(start, rest);
        if (name[1] === 'raw') {
          END_RAW.lastIndex = at;
          const end = END_RAW.exec(text);
          if (end === null) this.#fail(start, 'This raw block is not closed', "Close it with '{% endraw %}'.");
          at = end.index + end[0].length;
        } else yield { name: name[1] ?? '', argument: name[2], rest, start, end: at };
      }
    }
  }

  #tagEnd(start: number, from: number): number {
    TAG_END.lastIndex = from;
    for (let found = TAG_END.exec(this.#text); found !== null; found = TAG_END.exec(this.#text)) {
      if (found[0].endsWith('%}')) return TAG_END.lastIndex;
      if (found[0].length === 1) this.#fail(found.index, 'This string is not closed');
    }
    return this.#fail(start, 'This tag is not closed', "Close it with '%}'.");
  }

  /** The end of `{{ ... }}`, which can hold dicts; where its brackets do not match, the first `}}`. */
  #expressionEnd(start: number): number {
    let depth = 0;
    let first: number | null = null;
    EXPRESSION_END.lastIndex = start + 2;
    for (let found = EXPRESSION_END.exec(this.#text); found !== null; found = EXPRESSION_END.exec(this.#text)) {
      const [token] = found;
      if (token === '}}' && depth === 0) return EXPRESSION_END.lastIndex;
      if (token === '{') {
        // A tag within an expression: the brackets before it did not match.
        if (first !== null && /^[%{#]/.test(this.#text.slice(found.index + 1))) return first;
        depth++;
      } else if (token === '}' || token === '}}') {
        if (token === '}}') first ??= EXPRESSION_END.lastIndex;
        depth--;
        EXPRESSION_END.lastIndex = found.index + 1;
      } else if (token.length === 1) this.#fail(found.index, 'This string is not closed');
    }
    return first ?? this.#fail(start, 'This expression is not closed', "Close it with '}}'.");
  }
}

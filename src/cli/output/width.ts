/** Widths of text in terminal cells. */
import { stripVTControlCharacters } from 'node:util';

const ASCII = /^[ -~]*$/;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\uFE0F/u;
/** East Asian Wide and Fullwidth (Unicode TR 11), as ranges of code points. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): Iterable<string> {
  if (ASCII.test(text)) return text;
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

function graphemeWidth(grapheme: string): number {
  const point = grapheme.codePointAt(0) ?? 0;
  if (point < 0x7f) return point < 0x20 ? 0 : 1;
  if (ZERO.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  return WIDE.some(([from, to]) => point >= from && point <= to) ? 2 : 1;
}

/** Cells that `text` takes; colours and other escape sequences take none. */
export function textWidth(text: string): number {
  const plain = text.includes('\u001b') ? stripVTControlCharacters(text) : text;
  if (ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const grapheme of graphemes(plain)) width += graphemeWidth(grapheme);
  return width;
}

/** The text cut to at most `width` cells, with an ellipsis where something is left out. Takes no coloured text. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  let used = 0;
  let out = '';
  for (const grapheme of graphemes(text)) {
    const cells = graphemeWidth(grapheme);
    if (used + cells > width - 1) break;
    used += cells;
    out += grapheme;
  }
  return `${out}…`;
}

/** The text with spaces up to `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/**
 * Control characters made visible, so that data and file names can't steer the terminal. Line breaks and tabs stay
 * unless `line` asks for one line.
 */
export function printable(text: string, line = false): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => {
    if (char === '\n') return line ? '↵' : char;
    if (char === '\t') return line ? ' ' : char;
    if (char === '\r') return '';
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** A line broken between words so that it fits into `width` cells where it can; what goes on is indented by four more than it. */
export function wrapLine(line: string, width: number): string {
  if (textWidth(line) <= width) return line;
  const start = /^ */.exec(line)?.[0] ?? '';
  const indent = `${start}    `;
  const lines: string[] = [];
  let current = start;
  for (const word of line.slice(start.length).match(/ *[^ ]+/g) ?? []) {
    const isFirst = current.trim() === '';
    if (!isFirst && textWidth(current) + textWidth(word) > width) {
      lines.push(current);
      current = indent + word.trimStart();
    } else current += word;
  }
  return [...lines, current].join('\n');
}

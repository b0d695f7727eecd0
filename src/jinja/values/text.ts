import { Dict, DictView, NamedTuple, PyIterator, PySet, Range, Tuple } from './collections.js';
import { Float, floatRepr } from './float.js';
import { HostFunction, HostObject } from './host.js';
import { Undefined } from './undefined.js';

/** Python's `str(value)`: how a value prints. */
export function str(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value instanceof Undefined) return '';
  if (value instanceof HostObject) return value.str();
  return repr(value);
}

/** Python's `repr(value)`. */
export function repr(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
  }
  if (value === null) return 'None';
  if (value instanceof Float) return floatRepr(value.value);
  if (Array.isArray(value)) return nested(value, '[...]', () => `[${value.map(repr).join(', ')}]`);
  if (value instanceof Tuple) {
    if (value instanceof NamedTuple && value.display !== null) {
      return `${value.display}(${value.items.map((item, i) => `${value.names[i]}=${repr(item)}`).join(', ')})`;
    }
    return value.items.length === 1 ? `(${repr(value.items[0])},)` : `(${value.items.map(repr).join(', ')})`;
  }
  if (value instanceof Dict) return nested(value, '{...}', () => `{${pairs(value)}}`);
  if (value instanceof PySet) return value.size === 0 ? 'set()' : `{${[...value.values()].map(repr).join(', ')}}`;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof DictView) return `dict_${value.kind}(${repr([...value.items()])})`;
  if (value instanceof Range) {
    const step = value.step === 1 ? '' : `, ${value.step}`;
    return `range(${value.start}, ${value.stop}${step})`;
  }
  if (value instanceof PyIterator) return `<${value.description}>`;
  if (value instanceof HostObject || value instanceof HostFunction) return value.repr();
  return '<object>';
}

function pairs(dict: Dict): string {
  return [...dict.entries()].map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(', ');
}

const open = new Set<object>();

/** Guards against a list or dict that holds itself. */
function nested(value: object, again: string, print: () => string): string {
  if (open.has(value)) return again;
  open.add(value);
  try {
    return print();
  } finally {
    open.delete(value);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
// Python escapes what is not printable: controls, format characters, unassigned and private ones, odd spaces.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = text.includes('\\') ? text.replaceAll('\\', ESCAPES['\\'] ?? '') : text;
  if (mark === "'") body = body.replaceAll("'", "\\'");
  if (/^[ -~]*$/.test(body)) return mark + body + mark;
  body = body.replace(UNPRINTABLE, (char) => {
    const known = ESCAPES[char];
    if (known !== undefined) return known;
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return mark + body + mark;
}

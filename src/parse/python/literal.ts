/** Python literals as plain values, as `ast.literal_eval` reads them. */
import { SIMPLE_ESCAPES } from '../../jinja/syntax/lexer.js';
import { type Item, isName, isOp, splitAt, type Token } from './tokens.js';

/** Thrown for what is no literal; `item` is where. */
export class NotLiteral extends Error {
  constructor(readonly item: Item | undefined) {
    super('no literal');
    this.name = 'NotLiteral';
  }
}

const ESCAPES: Readonly<Record<string, string>> = { ...SIMPLE_ESCAPES, '\n': '' };
const ESCAPE = /\\(?:\r\n|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;

function stringValue(token: Token): string {
  const [, prefix = '', quote = ''] = /^([a-zA-Z]*)("""|'''|"|')/.exec(token.text) ?? [];
  // Bytes can stand in no config.
  if (/b/i.test(prefix)) throw new NotLiteral(token);
  const inner = token.text.slice(prefix.length + quote.length, token.text.length - quote.length);
  if (/r/i.test(prefix)) return inner;
  return inner.replace(ESCAPE, (whole, x, u, long, octal, other) => {
    const code = x ?? u ?? long;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    // A backslash before any other character stays.
    return other === undefined ? '' : (ESCAPES[other] ?? whole);
  });
}

function numberValue(token: Token): number {
  const text = token.text.replaceAll('_', '');
  if (/[jJ]$/.test(text)) throw new NotLiteral(token);
  return Number(text);
}

const CONSTANTS: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };

function single(item: Item, items: readonly Item[]): unknown {
  switch (item.kind) {
    case 'name':
      if (item.text in CONSTANTS) return CONSTANTS[item.text];
      throw new NotLiteral(items[0]);
    case 'number':
      return numberValue(item);
    case 'string':
      return stringValue(item);
    case '[':
      return splitAt(item.items, ',').map(literalValue);
    case '(': {
      const parts = splitAt(item.items, ',');
      const [first] = parts;
      const isTuple = first === undefined || item.items.some((one) => isOp(one, ','));
      return isTuple ? parts.map(literalValue) : literalValue(first);
    }
    case '{':
      return braces(item.items);
    default:
      throw new NotLiteral(item);
  }
}

/** A dict, or a set as a list. */
function braces(items: readonly Item[]): unknown {
  const entries = splitAt(items, ',').map((part) => {
    const colon = part.findIndex((one) => isOp(one, ':'));
    return colon === -1
      ? ([undefined, literalValue(part)] as const)
      : ([literalValue(part.slice(0, colon)), literalValue(part.slice(colon + 1))] as const);
  });
  if (entries.length > 0 && entries.every(([key]) => key === undefined)) return entries.map(([, value]) => value);
  return Object.fromEntries(entries.map(([key, value]) => [String(key), value]));
}

/**
 * The value of an expression that is a literal: text, number, True, False, None, and lists, tuples (as lists), sets (as
 * lists) and dicts of these. Throws NotLiteral.
 */
export function literalValue(items: readonly Item[]): unknown {
  const [first, ...rest] = items;
  if (first === undefined) throw new NotLiteral(undefined);
  if (rest.length === 0) return single(first, items);
  if (items.every((item) => item.kind === 'string')) return items.map((item) => stringValue(item as Token)).join('');
  if (isOp(first, '-') || isOp(first, '+')) {
    const value = literalValue(rest);
    if (typeof value === 'number') return isOp(first, '-') ? -value : value;
  }
  if (isName(first, 'set') && rest.length === 1 && rest[0]?.kind === '(' && rest[0].items.length === 0) return [];
  throw new NotLiteral(first);
}

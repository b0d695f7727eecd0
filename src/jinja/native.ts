import type { Expression } from './syntax/nodes.js';
import { parse } from './syntax/parser.js';
import { Dict, Tuple } from './values/collections.js';
import { Float } from './values/float.js';
import { HostObject } from './values/host.js';
import { str } from './values/text.js';

export type MarkerKind = 'text' | 'native' | 'bool' | 'number';

/** The filters that mark a text, and what they mark it as. */
export const MARKS: Readonly<Record<string, MarkerKind>> = {
  as_text: 'text',
  as_native: 'native',
  as_bool: 'bool',
  as_number: 'number',
};

/** A text that dbt's filters `as_text`, `as_native`, `as_bool` and `as_number` have marked. */
export class Marked extends HostObject {
  readonly kind: MarkerKind;
  readonly text: string;

  constructor(kind: MarkerKind, value: unknown) {
    super();
    this.kind = kind;
    this.text = str(value);
  }

  override getAttribute(): unknown {
    return undefined;
  }

  override isTruthy(): boolean {
    return this.text !== '';
  }

  override length(): number {
    return [...this.text].length;
  }

  override contains(value: unknown): boolean | undefined {
    if (value instanceof Marked) return this.text.includes(value.text);
    return typeof value === 'string' ? this.text.includes(value) : undefined;
  }

  override equals(other: unknown): boolean {
    return other === this.text || (other instanceof Marked && other.text === this.text);
  }

  override str(): string {
    return this.text;
  }
}

export function mark(kind: MarkerKind, value: unknown): Marked {
  return new Marked(kind, value);
}

/** dbt's value of a natively rendered template from the values of its parts. */
export function nativeValue(parts: readonly unknown[], fail: (message: string) => never): unknown {
  const [only] = parts;
  if (parts.length === 0) return '';
  if (parts.length > 1) return parts.map(str).join('');
  if (!(only instanceof Marked)) return only;
  if (only.kind === 'text') return only.text;
  const value = literal(only.text);
  const result = value === undefined ? only.text : value;
  if (only.kind === 'bool' && typeof result !== 'boolean') {
    fail(`Could not convert value '${only.text}' into type 'bool'`);
  }
  const isNumber = typeof result === 'number' || typeof result === 'bigint' || result instanceof Float;
  if (only.kind === 'number' && !isNumber) fail(`Could not convert value '${only.text}' into type 'number'`);
  return result;
}

/** Python's `ast.literal_eval`, or JS undefined where the text is no literal. */
export function literal(text: string): unknown {
  try {
    const body = parse({ text: `{{ ${text.trim()} }}`, file: '' });
    const [output] = body.children;
    if (body.children.length !== 1 || output?.typename !== 'Output') return undefined;
    const [node] = output.children;
    return node === undefined || node.typename === 'TemplateData' ? undefined : literalOf(node, text);
  } catch {
    return undefined;
  }
}

class NoLiteral extends Error {}

function literalOf(node: Expression, text: string): unknown {
  switch (node.typename) {
    case 'Literal': {
      // Python knows True, False and None only, Jinja2 the small letters too.
      const word = typeof node.value === 'boolean' || node.value === null;
      if (word && /^\s*[a-z]/.test(text)) throw new NoLiteral();
      return node.value;
    }
    case 'Array':
      return node.children.map((child) => literalOf(child, ''));
    case 'Group':
      return new Tuple(node.children.map((child) => literalOf(child, '')));
    case 'Dict':
      return new Dict(node.children.map((pair) => [literalOf(pair.key, ''), literalOf(pair.value, '')] as const));
    case 'Neg':
    case 'Pos': {
      const value = literalOf(node.target, '');
      const sign = node.typename === 'Neg' ? -1 : 1;
      if (typeof value === 'number') return sign * value + 0;
      if (typeof value === 'bigint') return BigInt(sign) * value;
      if (value instanceof Float) return new Float(sign * value.value);
      throw new NoLiteral();
    }
    default:
      throw new NoLiteral();
  }
}

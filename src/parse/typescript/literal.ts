import type { Expression, ObjectProperty, ObjectPropertyKind } from 'oxc-parser';

export type Literal = null | boolean | number | string | Literal[] | { [key: string]: Literal };

/** Where in the text a value stands. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An expression that is no literal, and why. */
export class NotLiteral extends Error {
  readonly span: Span;
  readonly hint: string;

  constructor(message: string, span: Span, hint: string) {
    super(message);
    this.span = span;
    this.hint = hint;
  }
}

const WRITE_IT = 'The config is read without running the file: write the value itself here.';

/** An expression without the parts that only the type checker reads: `as const`, `satisfies ModelConfig`, parentheses. */
export function unwrap(node: Expression): Expression {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return unwrap(node.expression);
    default:
      return node;
  }
}

/** The name of a property that is written out: `a: 1`, `'a-b': 1`, `1: 2`. Throws NotLiteral. */
export function propertyName(property: ObjectProperty): string {
  const { key } = property;
  if (!property.computed && key.type === 'Identifier') return key.name;
  if (key.type === 'Literal' && (typeof key.value === 'string' || typeof key.value === 'number'))
    return String(key.value);
  throw new NotLiteral('a computed key', key, WRITE_IT);
}

/** The properties of an object literal with their names, each once. Throws NotLiteral. */
export function propertiesOf(properties: readonly ObjectPropertyKind[]): [string, ObjectProperty][] {
  const seen = new Set<string>();
  return properties.map((property) => {
    if (property.type === 'SpreadElement') throw new NotLiteral('a spread (...)', property, WRITE_IT);
    const name = propertyName(property);
    if (property.kind !== 'init' || property.method) throw new NotLiteral(`the function '${name}'`, property, WRITE_IT);
    if (seen.has(name)) throw new NotLiteral(`'${name}' a second time`, property.key, 'Keep one of them.');
    seen.add(name);
    return [name, property];
  });
}

function describe(node: Expression): string {
  switch (node.type) {
    case 'Identifier':
      return `the variable '${node.name}'`;
    case 'CallExpression':
      return 'a function call';
    case 'TemplateLiteral':
      return 'a template with a value in it';
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return 'a function';
    case 'ConditionalExpression':
      return 'a condition';
    case 'BinaryExpression':
    case 'LogicalExpression':
      return 'a calculation';
    case 'MemberExpression':
      return 'a property of another value';
    default:
      return 'an expression';
  }
}

/**
 * The value of a literal expression: null, booleans, numbers (also negative), strings, templates without holes, arrays
 * and objects of these. A property whose value is `undefined` is left out. Throws NotLiteral for anything else.
 */
export function evaluate(expression: Expression): Literal {
  const node = unwrap(expression);
  switch (node.type) {
    case 'Literal': {
      const { value } = node;
      if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
        if (!('regex' in node)) return value as Literal;
      }
      throw new NotLiteral(
        typeof value === 'bigint' ? 'a bigint' : 'a regular expression',
        node,
        'Write it as a string.',
      );
    }
    case 'TemplateLiteral': {
      const text = node.quasis[0]?.value.cooked;
      if (node.expressions.length === 0 && typeof text === 'string') return text;
      throw new NotLiteral(describe(node), node, WRITE_IT);
    }
    case 'UnaryExpression': {
      const value = node.operator === '-' || node.operator === '+' ? evaluate(node.argument) : undefined;
      if (typeof value === 'number') return node.operator === '-' ? -value : value;
      throw new NotLiteral('a calculation', node, WRITE_IT);
    }
    case 'ArrayExpression':
      return node.elements.map((element) => {
        if (element === null) throw new NotLiteral('a list with a gap', node, 'Take out the extra comma.');
        if (element.type === 'SpreadElement') throw new NotLiteral('a spread (...)', element, WRITE_IT);
        return evaluate(element);
      });
    case 'ObjectExpression':
      return Object.fromEntries(
        propertiesOf(node.properties)
          .filter(([, property]) => !isUndefined(property.value))
          .map(([name, property]) => [name, evaluate(property.value)] as const),
      );
    default:
      throw new NotLiteral(describe(node), node, WRITE_IT);
  }
}

function isUndefined(node: Expression): boolean {
  return node.type === 'Identifier' && node.name === 'undefined';
}

import lexer from 'nunjucks/src/lexer.js';
import { Float } from '../values/float.js';
import type { Token } from './lexer.js';
import { nodes } from './make-nodes.js';
import type {
  Argument,
  Arguments,
  BinaryType,
  Call,
  CompareOperand,
  Expression,
  Filter,
  KeywordSplat,
  LiteralValue,
  Pair,
  Slice,
  Splat,
} from './nodes.js';
import { TokenParser } from './token-parser.js';
import { describe, integer } from './token-text.js';

const CONSTANTS: ReadonlyMap<string, LiteralValue> = new Map<string, LiteralValue>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
/** The binary operators between comparisons and signs: the higher the level, the closer they bind. All bind to the left. */
const BINARY: ReadonlyMap<string, readonly [level: number, type: BinaryType]> = new Map([
  ['+', [1, 'Add']],
  ['-', [1, 'Sub']],
  ['~', [2, 'Concat']],
  ['*', [3, 'Mul']],
  ['/', [3, 'Div']],
  ['//', [3, 'FloorDiv']],
  ['%', [3, 'Mod']],
  ['**', [4, 'Pow']],
] as const);
const NEVER = (): boolean => false;

/** nunjucks' parser with Jinja2's expressions: precedence, tuples, slices, splats, comparisons, tests, literals. */
export abstract class ExpressionParser extends TokenParser {
  /** One expression, or a tuple of several without brackets. */
  protected parseTuple(withInlineIf = true, isEnd: () => boolean = NEVER, inBrackets = false): Expression {
    const start = this.peekToken();
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      const type = this.peekToken().type;
      if (type === lexer.TOKEN_VARIABLE_END || type === lexer.TOKEN_BLOCK_END || type === lexer.TOKEN_RIGHT_PAREN)
        break;
      if (isEnd()) break;
      items.push(withInlineIf ? this.parseExpression() : this.parseOr());
      if (!this.skip(lexer.TOKEN_COMMA)) break;
      isTuple = true;
    }
    const [first] = items;
    if (!isTuple && first !== undefined) return first;
    if (!isTuple && !inBrackets)
      this.failAt(this.peekToken(), `Expected an expression, found ${describe(this.peekToken())}`);
    return nodes.Tuple(start.lineno, start.colno, items);
  }

  override parseExpression(): Expression {
    const start = this.peekToken();
    this.enter(start);
    let node = this.parseOr();
    while (this.skipSymbol('if')) {
      const cond = this.parseOr();
      const otherwise = this.skipSymbol('else') ? this.parseExpression() : null;
      node = nodes.InlineIf(start.lineno, start.colno, cond, node, otherwise);
    }
    this.leave();
    return node;
  }

  override parseOr(): Expression {
    let left = this.parseAnd();
    while (this.skipSymbol('or')) left = nodes.Binary(left.lineno, left.colno, 'Or', left, this.parseAnd());
    return left;
  }

  override parseAnd(): Expression {
    let left = this.parseNot();
    while (this.skipSymbol('and')) left = nodes.Binary(left.lineno, left.colno, 'And', left, this.parseNot());
    return left;
  }

  override parseNot(): Expression {
    const token = this.peekToken();
    if (!this.isSymbol('not', token)) return this.parseCompare();
    this.nextToken();
    this.enter(token);
    const node = nodes.Unary(token.lineno, token.colno, 'Not', this.parseNot());
    this.leave();
    return node;
  }

  parseCompare(): Expression {
    const start = this.peekToken();
    const expr = this.#parseBinary(1);
    let ops: CompareOperand[] | null = null;
    for (;;) {
      const token = this.peekToken();
      const type = this.#comparison(token);
      if (type === null) return ops === null ? expr : nodes.Compare(start.lineno, start.colno, expr, ops);
      if (type === 'not in') this.nextToken();
      this.nextToken();
      ops ??= [];
      ops.push(nodes.CompareOperand(token.lineno, token.colno, this.#parseBinary(1), type));
    }
  }

  /** The comparison that begins with the next token. */
  #comparison(token: Token): CompareOperand['type'] | null {
    if (token.type === lexer.TOKEN_OPERATOR)
      return COMPARISONS.has(token.value) ? (token.value as CompareOperand['type']) : null;
    if (this.isSymbol('in', token)) return 'in';
    return this.isSymbol('not', token) && this.isSymbol('in', this.peekSecond()) ? 'not in' : null;
  }

  /** Operators of `level` and those that bind closer, by precedence climbing. */
  #parseBinary(level: number): Expression {
    let left = this.#parseUnary();
    for (;;) {
      const token = this.peekToken();
      if (token.type !== lexer.TOKEN_OPERATOR && token.type !== lexer.TOKEN_TILDE) return left;
      const operator = BINARY.get(token.value);
      if (operator === undefined || operator[0] < level) return left;
      this.nextToken();
      left = nodes.Binary(token.lineno, token.colno, operator[1], left, this.#parseBinary(operator[0] + 1));
    }
  }

  #parseUnary(withFilters = true): Expression {
    const token = this.peekToken();
    let node: Expression;
    if (token.type === lexer.TOKEN_OPERATOR && (token.value === '-' || token.value === '+')) {
      this.nextToken();
      this.enter(token);
      node = nodes.Unary(token.lineno, token.colno, token.value === '-' ? 'Neg' : 'Pos', this.#parseUnary(false));
      this.leave();
    } else node = this.parsePrimary();
    node = this.parsePostfix(node);
    return withFilters ? this.#parseFilters(node) : node;
  }

  override parsePrimary(): Expression {
    const token = this.nextToken();
    const { lineno, colno } = token;
    switch (token.type) {
      case lexer.TOKEN_SYMBOL: {
        const constant = CONSTANTS.get(token.value);
        return constant === undefined
          ? nodes.Symbol(lineno, colno, token.value)
          : nodes.Literal(lineno, colno, constant);
      }
      case lexer.TOKEN_STRING: {
        let text = token.value;
        while (this.peekToken().type === lexer.TOKEN_STRING) text += this.nextToken().value;
        return nodes.Literal(lineno, colno, text);
      }
      case lexer.TOKEN_INT:
        return nodes.Literal(lineno, colno, integer(token.value));
      case lexer.TOKEN_FLOAT:
        return nodes.Literal(lineno, colno, new Float(Number(token.value.replaceAll('_', ''))));
      case lexer.TOKEN_LEFT_PAREN: {
        const node = this.parseTuple(true, undefined, true);
        this.expect(lexer.TOKEN_RIGHT_PAREN, "')'");
        return node;
      }
      case lexer.TOKEN_LEFT_BRACKET: {
        const items: Expression[] = [];
        this.#list(lexer.TOKEN_RIGHT_BRACKET, () => items.push(this.parseExpression()));
        return nodes.Array(lineno, colno, items);
      }
      case lexer.TOKEN_LEFT_CURLY: {
        const pairs: Pair[] = [];
        this.#list(lexer.TOKEN_RIGHT_CURLY, () => {
          const key = this.parseExpression();
          this.expect(lexer.TOKEN_COLON, "':'");
          pairs.push(nodes.Pair(key.lineno, key.colno, key, this.parseExpression()));
        });
        return nodes.Dict(lineno, colno, pairs);
      }
      default:
        return this.failAt(token, `Expected an expression, found ${describe(token)}`);
    }
  }

  #list(end: string, item: () => void): void {
    for (let first = true; this.peekToken().type !== end; first = false) {
      if (!first) {
        this.expect(lexer.TOKEN_COMMA, "','");
        if (this.peekToken().type === end) break;
      }
      item();
    }
    this.nextToken();
  }

  parsePostfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      const token = this.peekToken();
      if (token.type === lexer.TOKEN_LEFT_PAREN) node = this.parseCallOf(node);
      else if (token.type === lexer.TOKEN_LEFT_BRACKET) {
        this.nextToken();
        const keys: (Expression | Slice)[] = [];
        this.#list(lexer.TOKEN_RIGHT_BRACKET, () => keys.push(this.#parseSubscript()));
        const [key] = keys;
        const val =
          keys.length === 1 && key !== undefined ? key : nodes.Tuple(token.lineno, token.colno, keys as Expression[]);
        node = nodes.Lookup(token.lineno, token.colno, node, val);
      } else if (this.isOperator('.')) {
        this.nextToken();
        const name = this.nextToken();
        if (name.type === lexer.TOKEN_SYMBOL) node = nodes.Attribute(name.lineno, name.colno, node, name.value);
        else if (name.type === lexer.TOKEN_INT) {
          const index = nodes.Literal(name.lineno, name.colno, integer(name.value));
          node = nodes.Lookup(name.lineno, name.colno, node, index);
        } else this.failAt(name, `Expected a name or a number after '.', found ${describe(name)}`);
      } else return node;
    }
  }

  #parseSubscript(): Expression | Slice {
    const start = this.peekToken();
    const isEnd = (type: string) =>
      type === lexer.TOKEN_COLON || type === lexer.TOKEN_RIGHT_BRACKET || type === lexer.TOKEN_COMMA;
    const part = (): Expression | null => (isEnd(this.peekToken().type) ? null : this.parseExpression());
    const first = part();
    if (!this.skip(lexer.TOKEN_COLON)) {
      return first ?? this.failAt(start, `Expected an expression, found ${describe(start)}`);
    }
    const stop = part();
    const step = this.skip(lexer.TOKEN_COLON) ? part() : null;
    return nodes.Slice(start.lineno, start.colno, first, stop, step);
  }

  protected parseCallOf(callee: Expression): Call {
    return nodes.Call(callee.lineno, callee.colno, callee, this.parseArguments());
  }

  protected parseArguments(): Arguments {
    const open = this.expect(lexer.TOKEN_LEFT_PAREN, "'('");
    const children: Argument[] = [];
    let named: Pair[] | null = null;
    let splat: Splat | null = null;
    let keywordSplat: KeywordSplat | null = null;
    for (let first = true; this.peekToken().type !== lexer.TOKEN_RIGHT_PAREN; first = false) {
      if (!first) {
        this.expect(lexer.TOKEN_COMMA, "','");
        if (this.peekToken().type === lexer.TOKEN_RIGHT_PAREN) break;
      }
      const token = this.peekToken();
      const { lineno, colno } = token;
      if (this.isOperator('*', token)) {
        this.nextToken();
        if (splat !== null || keywordSplat !== null) this.#misplaced(token);
        splat = nodes.Splat(lineno, colno, this.parseExpression());
      } else if (this.isOperator('**', token)) {
        this.nextToken();
        if (keywordSplat !== null) this.#misplaced(token);
        keywordSplat = nodes.KeywordSplat(lineno, colno, this.parseExpression());
      } else if (token.type === lexer.TOKEN_SYMBOL && this.isOperator('=', this.peekSecond())) {
        if (keywordSplat !== null) this.#misplaced(token);
        this.nextToken();
        this.nextToken();
        named ??= [];
        named.push(nodes.Pair(lineno, colno, nodes.Literal(lineno, colno, token.value), this.parseExpression()));
      } else {
        if (splat !== null || keywordSplat !== null || named !== null) this.#misplaced(token);
        children.push(this.parseExpression());
      }
    }
    this.nextToken();
    if (named !== null) children.push(nodes.KeywordArgs(open.lineno, open.colno, named));
    if (splat !== null) children.push(splat);
    if (keywordSplat !== null) children.push(keywordSplat);
    return nodes.Arguments(open.lineno, open.colno, children);
  }

  #misplaced(token: Token): never {
    this.failAt(token, 'This argument stands in the wrong place', 'Order: positional, named, *args, **kwargs.');
  }

  #parseFilters(start: Expression): Expression {
    let node = start;
    for (;;) {
      const token = this.peekToken();
      if (token.type === lexer.TOKEN_PIPE) {
        this.nextToken();
        node = this.parseFilterOf(node);
      } else if (this.isSymbol('is')) node = this.#parseTest(node);
      else if (token.type === lexer.TOKEN_LEFT_PAREN) node = this.parseCallOf(node);
      else return node;
    }
  }

  #dottedName(what: string): Token {
    const token = this.expect(lexer.TOKEN_SYMBOL, what);
    let name = token.value;
    while (this.isOperator('.')) {
      this.nextToken();
      name += `.${this.expect(lexer.TOKEN_SYMBOL, what).value}`;
    }
    return { ...token, value: name };
  }

  /** The filter after a `|`, with its arguments. */
  protected parseFilterOf(target: Expression | null): Filter {
    const { lineno, colno, value } = this.#dottedName('the name of a filter');
    const args =
      this.peekToken().type === lexer.TOKEN_LEFT_PAREN ? this.parseArguments() : nodes.Arguments(lineno, colno, []);
    return nodes.Filter(lineno, colno, nodes.Symbol(lineno, colno, value), target, args);
  }

  #parseTest(target: Expression): Expression {
    const is = this.nextToken();
    const negated = this.skipSymbol('not');
    const { lineno, colno, value } = this.#dottedName('the name of a test');
    const token = this.peekToken();
    let args = nodes.Arguments(lineno, colno, []);
    if (token.type === lexer.TOKEN_LEFT_PAREN) args = this.parseArguments();
    else if (TEST_ARGUMENT.has(token.type) && !['else', 'or', 'and'].some((word) => this.isSymbol(word))) {
      if (this.isSymbol('is')) this.failAt(token, 'Two tests with `is` need brackets around the first');
      args = nodes.Arguments(lineno, colno, [this.parsePostfix(this.parsePrimary())]);
    }
    const node = nodes.Test(lineno, colno, nodes.Symbol(lineno, colno, value), target, args);
    return negated ? nodes.Unary(is.lineno, is.colno, 'Not', node) : node;
  }
}

const TEST_ARGUMENT: ReadonlySet<string> = new Set([
  lexer.TOKEN_SYMBOL,
  lexer.TOKEN_STRING,
  lexer.TOKEN_INT,
  lexer.TOKEN_FLOAT,
  lexer.TOKEN_LEFT_BRACKET,
  lexer.TOKEN_LEFT_CURLY,
]);

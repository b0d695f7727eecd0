import lexer from 'nunjucks/src/lexer.js';
import nunjucks from 'nunjucks/src/parser.js';
import { JinjaError, placeOf, position, wholeText } from '../error.js';
import { Float } from '../values/float.js';
import type { JinjaTokenizer, Token } from './lexer.js';
import { type Arguments, type CompareOperand, type Expression, type LiteralValue, nodes, type Slice } from './nodes.js';
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
const SUMS = { '+': nodes.Add, '-': nodes.Sub };
const PRODUCTS = { '*': nodes.Mul, '/': nodes.Div, '//': nodes.FloorDiv, '%': nodes.Mod };
/** Deepest nesting of expressions and blocks; beyond it the stack of the parser or of V8's own parser could end. */
const MAX_DEPTH = 200;

/** nunjucks' parser with Jinja2's expressions: precedence, tuples, slices, splats, comparisons, tests, literals. */
export abstract class ExpressionParser extends nunjucks.Parser {
  declare readonly tokens: JinjaTokenizer;
  #ahead: Token[] = [];
  #depth = 0;

  // nunjucks keeps one token ahead; keyword arguments and `not in` need two.
  override nextToken(): Token {
    return this.#ahead.shift() ?? this.tokens.nextToken();
  }

  override peekToken(): Token {
    return this.look(0);
  }

  override pushToken(token: Token): void {
    this.#ahead.unshift(token);
  }

  protected look(distance: number): Token {
    while (this.#ahead.length <= distance) this.#ahead.push(this.tokens.nextToken());
    return this.#ahead[distance] as Token;
  }

  override error(message: string, lineno?: number, colno?: number, hint?: string, length?: number): JinjaError {
    const token = this.peekToken();
    const at = lineno === undefined || colno === undefined ? token : { lineno, colno };
    const place = placeOf(this.tokens.source, position(at.lineno, at.colno), length);
    const more = { place, ...wholeText(this.tokens.source) };
    return new JinjaError('TemplateSyntaxError', message, hint === undefined ? more : { ...more, hint });
  }

  protected failAt(token: Token, message: string, hint?: string): never {
    throw this.error(message, token.lineno, token.colno, hint, token.value.length || 1);
  }

  override expect(type: string, what = type.replace(/-/g, ' ')): Token {
    const token = this.nextToken();
    if (token.type !== type) this.failAt(token, `Expected ${what}, found ${describe(token)}`);
    return token;
  }

  protected isOperator(value: string, token = this.peekToken()): boolean {
    return token.type === lexer.TOKEN_OPERATOR && token.value === value;
  }

  protected isSymbol(value: string, token = this.peekToken()): boolean {
    return token.type === lexer.TOKEN_SYMBOL && token.value === value;
  }

  protected nested<T>(token: Token, parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.failAt(token, `More than ${MAX_DEPTH} levels of nesting`);
    const result = parse();
    this.#depth--;
    return result;
  }

  /** One expression, or a tuple of several without brackets. */
  protected parseTuple(withInlineIf = true, isEnd: () => boolean = () => false, inBrackets = false): Expression {
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
    return new nodes.Tuple(start.lineno, start.colno, items);
  }

  override parseExpression(): Expression {
    const start = this.peekToken();
    return this.nested(start, () => {
      let node = this.parseOr();
      while (this.skipSymbol('if')) {
        const cond = this.parseOr();
        const otherwise = this.skipSymbol('else') ? this.parseExpression() : null;
        node = new nodes.InlineIf(start.lineno, start.colno, cond, node, otherwise);
      }
      return node;
    });
  }

  // nunjucks' own parseOr and parseAnd come back to parseNot.
  override parseOr(): Expression {
    return super.parseOr() as Expression;
  }

  override parseNot(): Expression {
    const token = this.peekToken();
    if (this.skipSymbol('not')) {
      return this.nested(token, () => new nodes.Not(token.lineno, token.colno, this.parseNot()));
    }
    return this.parseCompare();
  }

  parseCompare(): Expression {
    const start = this.peekToken();
    const expr = this.#parseSum();
    const ops: CompareOperand[] = [];
    for (;;) {
      const token = this.peekToken();
      let type: string;
      if (token.type === lexer.TOKEN_OPERATOR && COMPARISONS.has(token.value)) type = token.value;
      else if (this.isSymbol('in')) type = 'in';
      else if (this.isSymbol('not') && this.isSymbol('in', this.look(1))) {
        type = 'not in';
        this.nextToken();
      } else break;
      this.nextToken();
      ops.push(new nodes.CompareOperand(token.lineno, token.colno, this.#parseSum(), type));
    }
    return ops.length === 0 ? expr : new nodes.Compare(start.lineno, start.colno, expr, ops);
  }

  #parseSum(): Expression {
    let left = this.#parseConcat();
    for (;;) {
      const token = this.peekToken();
      const Node = token.type === lexer.TOKEN_OPERATOR ? own(SUMS, token.value) : undefined;
      if (Node === undefined) return left;
      this.nextToken();
      left = new Node(token.lineno, token.colno, left, this.#parseConcat());
    }
  }

  #parseConcat(): Expression {
    let left = this.#parseProduct();
    for (;;) {
      const token = this.peekToken();
      if (token.type !== lexer.TOKEN_TILDE) return left;
      this.nextToken();
      left = new nodes.Concat(token.lineno, token.colno, left, this.#parseProduct());
    }
  }

  #parseProduct(): Expression {
    let left = this.#parsePower();
    for (;;) {
      const token = this.peekToken();
      const Node = token.type === lexer.TOKEN_OPERATOR ? own(PRODUCTS, token.value) : undefined;
      if (Node === undefined) return left;
      this.nextToken();
      left = new Node(token.lineno, token.colno, left, this.#parsePower());
    }
  }

  #parsePower(): Expression {
    let left = this.#parseUnary();
    while (this.isOperator('**')) {
      const token = this.nextToken();
      left = new nodes.Pow(token.lineno, token.colno, left, this.#parseUnary());
    }
    return left;
  }

  #parseUnary(withFilters = true): Expression {
    const token = this.peekToken();
    let node: Expression;
    if (this.isOperator('-') || this.isOperator('+')) {
      this.nextToken();
      const Node = token.value === '-' ? nodes.Neg : nodes.Pos;
      node = this.nested(token, () => new Node(token.lineno, token.colno, this.#parseUnary(false)));
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
          ? new nodes.Symbol(lineno, colno, token.value)
          : new nodes.Literal(lineno, colno, constant);
      }
      case lexer.TOKEN_STRING: {
        let text = token.value;
        while (this.peekToken().type === lexer.TOKEN_STRING) text += this.nextToken().value;
        return new nodes.Literal(lineno, colno, text);
      }
      case lexer.TOKEN_INT:
        return new nodes.Literal(lineno, colno, integer(token.value));
      case lexer.TOKEN_FLOAT:
        return new nodes.Literal(lineno, colno, new Float(Number(token.value.replaceAll('_', ''))));
      case lexer.TOKEN_LEFT_PAREN: {
        const node = this.parseTuple(true, undefined, true);
        this.expect(lexer.TOKEN_RIGHT_PAREN, "')'");
        return node;
      }
      case lexer.TOKEN_LEFT_BRACKET: {
        const items: Expression[] = [];
        this.#list(lexer.TOKEN_RIGHT_BRACKET, () => items.push(this.parseExpression()));
        return new nodes.Array(lineno, colno, items);
      }
      case lexer.TOKEN_LEFT_CURLY: {
        const pairs: unknown[] = [];
        this.#list(lexer.TOKEN_RIGHT_CURLY, () => {
          const key = this.parseExpression();
          this.expect(lexer.TOKEN_COLON, "':'");
          pairs.push(new nodes.Pair(key.lineno, key.colno, key, this.parseExpression()));
        });
        return new nodes.Dict(lineno, colno, pairs);
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
        const val = keys.length === 1 ? key : new nodes.Tuple(token.lineno, token.colno, keys);
        node = new nodes.Lookup(token.lineno, token.colno, node, val);
      } else if (this.isOperator('.')) {
        this.nextToken();
        const name = this.nextToken();
        if (name.type === lexer.TOKEN_SYMBOL) node = new nodes.Attribute(name.lineno, name.colno, node, name.value);
        else if (name.type === lexer.TOKEN_INT) {
          const index = new nodes.Literal(name.lineno, name.colno, integer(name.value));
          node = new nodes.Lookup(name.lineno, name.colno, node, index);
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
    return new nodes.Slice(start.lineno, start.colno, first, stop, step);
  }

  protected parseCallOf(callee: Expression): Expression {
    return new nodes.Call(callee.lineno, callee.colno, callee, this.parseArguments());
  }

  protected parseArguments(): Arguments {
    const open = this.expect(lexer.TOKEN_LEFT_PAREN, "'('");
    const positional: unknown[] = [];
    const named: unknown[] = [];
    let splat: unknown = null;
    let keywordSplat: unknown = null;
    const check = (ok: boolean, token: Token): void => {
      if (!ok)
        this.failAt(token, 'This argument stands in the wrong place', 'Order: positional, named, *args, **kwargs.');
    };
    this.#list(lexer.TOKEN_RIGHT_PAREN, () => {
      const token = this.peekToken();
      const { lineno, colno } = token;
      if (this.isOperator('*')) {
        check(splat === null && keywordSplat === null, this.nextToken());
        splat = new nodes.Splat(lineno, colno, this.parseExpression());
      } else if (this.isOperator('**')) {
        check(keywordSplat === null, this.nextToken());
        keywordSplat = new nodes.KeywordSplat(lineno, colno, this.parseExpression());
      } else if (token.type === lexer.TOKEN_SYMBOL && this.isOperator('=', this.look(1))) {
        check(keywordSplat === null, token);
        this.nextToken();
        this.nextToken();
        const name = new nodes.Literal(lineno, colno, token.value);
        named.push(new nodes.Pair(lineno, colno, name, this.parseExpression()));
      } else {
        check(splat === null && keywordSplat === null && named.length === 0, token);
        positional.push(this.parseExpression());
      }
    });
    if (named.length > 0) positional.push(new nodes.KeywordArgs(open.lineno, open.colno, named));
    if (splat !== null) positional.push(splat);
    if (keywordSplat !== null) positional.push(keywordSplat);
    return new nodes.Arguments(open.lineno, open.colno, positional);
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
  protected parseFilterOf(target: Expression | null): Expression {
    const { lineno, colno, value } = this.#dottedName('the name of a filter');
    const args =
      this.peekToken().type === lexer.TOKEN_LEFT_PAREN ? this.parseArguments() : new nodes.Arguments(lineno, colno, []);
    return new nodes.Filter(lineno, colno, new nodes.Symbol(lineno, colno, value), target, args);
  }

  #parseTest(target: Expression): Expression {
    const is = this.nextToken();
    const negated = this.skipSymbol('not');
    const { lineno, colno, value } = this.#dottedName('the name of a test');
    const token = this.peekToken();
    let args = new nodes.Arguments(lineno, colno, []);
    if (token.type === lexer.TOKEN_LEFT_PAREN) args = this.parseArguments();
    else if (TEST_ARGUMENT.has(token.type) && !['else', 'or', 'and'].some((word) => this.isSymbol(word))) {
      if (this.isSymbol('is')) this.failAt(token, 'Two tests with `is` need brackets around the first');
      args = new nodes.Arguments(lineno, colno, [this.parsePostfix(this.parsePrimary())]);
    }
    const node = new nodes.Test(lineno, colno, new nodes.Symbol(lineno, colno, value), target, args);
    return negated ? new nodes.Not(is.lineno, is.colno, node) : node;
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

function own<T extends object>(table: T, key: string): T[keyof T] | undefined {
  return Object.hasOwn(table, key) ? table[key as keyof T] : undefined;
}

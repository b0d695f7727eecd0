import lexer from 'nunjucks/src/lexer.js';
import nunjucks from 'nunjucks/src/parser.js';
import { JinjaError, placeOf, position, wholeText } from '../error.js';
import type { JinjaTokenizer, Token } from './lexer.js';
import { describe } from './token-text.js';

/** Deepest nesting of expressions and blocks; beyond it the stack of the parser or of V8's own parser could end. */
const MAX_DEPTH = 200;

/** nunjucks' parser with a token more of lookahead, errors that have a place, and a limit to nesting. */
export abstract class TokenParser extends nunjucks.Parser {
  declare readonly tokens: JinjaTokenizer;
  // nunjucks keeps one token ahead; keyword arguments and `not in` need two.
  #next: Token | null = null;
  #afterNext: Token | null = null;
  #depth = 0;

  override nextToken(): Token {
    const token = this.#next;
    if (token === null) return this.tokens.nextToken();
    this.#next = this.#afterNext;
    this.#afterNext = null;
    return token;
  }

  override peekToken(): Token {
    this.#next ??= this.tokens.nextToken();
    return this.#next;
  }

  override pushToken(token: Token): void {
    this.#afterNext = this.#next;
    this.#next = token;
  }

  /** The token after the next one. */
  protected peekSecond(): Token {
    this.peekToken();
    this.#afterNext ??= this.tokens.nextToken();
    return this.#afterNext;
  }

  override skip(type: string): boolean {
    if (this.peekToken().type !== type) return false;
    this.nextToken();
    return true;
  }

  override skipSymbol(value: string): boolean {
    if (!this.isSymbol(value)) return false;
    this.nextToken();
    return true;
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

  /** Goes one level deeper, until `leave`. */
  protected enter(token: Token): void {
    if (++this.#depth > MAX_DEPTH) this.failAt(token, `More than ${MAX_DEPTH} levels of nesting`);
  }

  protected leave(): void {
    this.#depth--;
  }
}

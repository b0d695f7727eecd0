// The parts of nunjucks that the engine builds on; the package's own types cover only its public surface.

declare module 'nunjucks/src/lexer.js' {
  interface Token {
    type: string;
    value: string;
    lineno: number;
    colno: number;
  }
  class Tokenizer {
    constructor(text: string, options?: object);
    str: string;
    index: number;
    len: number;
    lineno: number;
    colno: number;
    in_code: boolean;
    nextToken(): Token | null;
  }
  const lexer: {
    lex(text: string, options?: object): Tokenizer;
    readonly TOKEN_STRING: string;
    readonly TOKEN_DATA: string;
    readonly TOKEN_BLOCK_START: string;
    readonly TOKEN_BLOCK_END: string;
    readonly TOKEN_VARIABLE_START: string;
    readonly TOKEN_VARIABLE_END: string;
    readonly TOKEN_LEFT_PAREN: string;
    readonly TOKEN_RIGHT_PAREN: string;
    readonly TOKEN_LEFT_BRACKET: string;
    readonly TOKEN_RIGHT_BRACKET: string;
    readonly TOKEN_LEFT_CURLY: string;
    readonly TOKEN_RIGHT_CURLY: string;
    readonly TOKEN_OPERATOR: string;
    readonly TOKEN_COMMA: string;
    readonly TOKEN_COLON: string;
    readonly TOKEN_TILDE: string;
    readonly TOKEN_PIPE: string;
    readonly TOKEN_INT: string;
    readonly TOKEN_FLOAT: string;
    readonly TOKEN_SYMBOL: string;
  };
  export default lexer;
  export type { Token, Tokenizer };
}

declare module 'nunjucks/src/parser.js' {
  import type { Token } from 'nunjucks/src/lexer.js';

  class Parser {
    constructor(tokens: { nextToken(): Token | null });
    tokens: { nextToken(): Token | null };
    breakOnBlocks: string[] | null;
    nextToken(withWhitespace?: boolean): Token | null;
    peekToken(): Token | null;
    pushToken(token: Token): void;
    error(message: string, lineno?: number, colno?: number): Error;
    fail(message: string, lineno?: number, colno?: number): never;
    skip(type: string): boolean;
    skipValue(type: string, value: string): boolean;
    skipSymbol(value: string): boolean;
    expect(type: string): Token;
    advanceAfterBlockEnd(name?: string): Token;
    parseUntilBlocks(...names: string[]): unknown;
    parseOr(): unknown;
    parseAnd(): unknown;
    parseNot(): unknown;
    parseStatement(): unknown;
    parseExpression(): unknown;
    parsePrimary(noPostfix?: boolean): unknown;
    parseNodes(): unknown[];
    parseAsRoot(): unknown;
  }
  const parser: { Parser: typeof Parser };
  export default parser;
}

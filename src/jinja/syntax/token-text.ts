import lexer from 'nunjucks/src/lexer.js';
import { END_OF_FILE, type Token } from './lexer.js';

/** The value of a whole number in any of Python's notations. */
export function integer(text: string): number | bigint {
  const digits = text
    .replaceAll('_', '')
    .toLowerCase()
    .replace(/^0+(?=\d)/, '');
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/** A token as messages name it. */
export function describe(token: Token): string {
  if (token.type === END_OF_FILE) return 'the end of the template';
  if (token.type === lexer.TOKEN_STRING) return 'a string';
  if (token.type === lexer.TOKEN_BLOCK_END || token.type === lexer.TOKEN_VARIABLE_END) {
    return `the end of the tag '${token.value.trim()}'`;
  }
  return `'${token.value}'`;
}

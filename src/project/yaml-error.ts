import type { Document, YAMLError } from 'yaml';
import { type Diagnostic, placeAt, problem } from '../diagnostics/index.js';
import { opening } from './yaml-mend.js';

/** A YAML syntax error as a diagnostic: what is wrong in the user's words, where, and what to do about it. */
export function yamlSyntaxError(error: YAMLError, ast: Document.Parsed, text: string, file: string): Diagnostic {
  const [start, end] = error.pos;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', start);
  const line = text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd);
  const length = Math.max(1, Math.min(end, lineEnd === -1 ? text.length : lineEnd) - start);
  const { message, hint, offset } = explain(error, line, text, lineStart, opening(ast, start));
  return problem('yaml-syntax', `YAML syntax: ${message}`, {
    place: placeAt(file, text, offset ?? start, offset === undefined ? length : 1),
    source: text,
    hint,
  });
}

const ALIGN = 'Start this line at the same column as its siblings.';

interface Explanation {
  readonly message: string;
  readonly hint: string;
  readonly offset?: number;
}

function explain(
  error: YAMLError,
  line: string,
  text: string,
  lineStart: number,
  open: number | undefined,
): Explanation {
  const from = open === undefined ? {} : { offset: open };
  const tab = /^ *\t/.exec(line);
  if (error.code === 'TAB_AS_INDENT' || tab !== null)
    return {
      message: 'a tab is used to indent',
      hint: 'Indent with spaces; YAML does not allow tabs there.',
      offset: tab === null ? error.pos[0] : lineStart + tab[0].length - 1,
    };
  if (/:\s*\{\{|^\s*-\s*\{\{/.test(line) || (/\{[{%]/.test(line) && !/["'].*\{[{%]/.test(line)))
    return {
      message: 'a value with Jinja in it is not quoted',
      hint: 'Put quotes around it: key: "{{ ... }}".',
      offset: lineStart + Math.max(0, line.search(/\{[{%]/)),
    };
  switch (error.code) {
    case 'MISSING_CHAR':
      if (/followed by map values/.test(error.message))
        return { message: 'a key has no colon after it', hint: 'Write "key: value", with a space after the colon.' };
      if (/closing/.test(error.message))
        return { message: 'a quoted text is not closed', hint: 'Add the closing quote.', ...from };
      if (/must end with|Missing ,/.test(error.message))
        return {
          message: 'a list or map in brackets is not closed',
          hint: 'Add the missing ] or }, or a comma.',
          ...from,
        };
      if (/sequence item without/i.test(error.message))
        return {
          message: 'a line that belongs neither to the list above nor to an item of it',
          hint: `${ALIGN} A new item of the list begins with "- ".`,
          offset: lineStart + Math.max(0, line.search(/\S/)),
        };
      return { message: lower(error.message), hint: 'Check the punctuation on this line.' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      // Told of the line after the key, where only its indentation can be wrong.
      if (text.slice(lineStart, error.pos[0]).trim() === '')
        return {
          message: 'the indentation does not fit',
          hint: ALIGN,
          offset: lineStart + Math.max(0, line.search(/\S/)),
        };
      return {
        message: 'a second ": " on one line',
        hint: 'Quote the value if it holds a colon, or put the nested key on its own line.',
      };
    case 'BAD_INDENT':
      if (/collection must be sufficiently indented/.test(error.message))
        return { message: 'a list or map in brackets is not closed', hint: 'Add the missing ] or }.', ...from };
      return { message: 'the indentation does not fit', hint: ALIGN };
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a line without a colon where a key is expected',
        hint: 'Write "key: value", or indent the line to continue the text above.',
      };
    case 'BAD_SCALAR_START':
      return { message: lower(error.message), hint: 'Put quotes around the value.' };
    case 'BAD_DQ_ESCAPE':
      return { message: lower(error.message), hint: 'Double the backslash, or use single quotes.' };
    case 'MULTIPLE_DOCS':
      return { message: 'a second document ("---")', hint: 'Keep one document in a file.' };
    case 'UNEXPECTED_TOKEN':
      if (text.charAt(error.pos[0]) === '@' || text.charAt(error.pos[0]) === '`')
        return { message: lower(error.message), hint: 'Put quotes around the value.' };
      return { message: lower(error.message), hint: 'If this is part of a text, put quotes around the whole value.' };
    default:
      return { message: lower(error.message), hint: 'Check quotes, brackets and indentation around this place.' };
  }
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

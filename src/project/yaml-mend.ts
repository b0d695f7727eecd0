import { type Document, visit } from 'yaml';

/** The start of the quoted text or the bracket that is still open at `end`, where the parser gave up. */
export function opening(ast: Document.Parsed, end: number): number | undefined {
  let found: number | undefined;
  const note = (range: readonly number[] | null | undefined, opens: boolean) => {
    if (opens && range?.[1] === end && range[0] !== undefined) found = Math.max(found ?? 0, range[0]);
  };
  visit(ast, {
    Scalar: (_, node) => note(node.range, node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE'),
    Collection: (_, node) => note(node.range, node.flow === true),
  });
  return found;
}

const REST = { "'": /(?:[^']|'')*'/y, '"': /(?:[^"\\]|\\[\s\S])*"/y };

/**
 * A text with the next lines of a quoted text indented as YAML wants them; PyYAML lets them start anywhere, and spaces there
 * mean nothing. Undefined where the first error of `ast` is another one.
 */
export function mendQuoted(text: string, ast: Document.Parsed): string | undefined {
  const [error] = ast.errors;
  if (error?.code !== 'MISSING_CHAR' || !/closing/.test(error.message)) return undefined;
  const start = opening(ast, error.pos[0]);
  if (start === undefined) return undefined;
  const rest = REST[text.charAt(start) as '"'];
  if (rest === undefined) return undefined;
  rest.lastIndex = start + 1;
  const quoted = rest.exec(text)?.[0];
  if (quoted === undefined) return undefined;
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start));
  const mended = quoted.replace(/\n(?=[^\n])[ \t]*/g, `\n${indent}`);
  if (mended === quoted) return undefined;
  return text.slice(0, start + 1) + mended + text.slice(start + 1 + quoted.length);
}

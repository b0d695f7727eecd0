/** A text as Python's `json.dumps` writes it: ASCII only. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (char) =>
    char === '\x7f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

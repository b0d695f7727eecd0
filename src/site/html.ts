/** Markup that may go into the page as it is. Only `html` and `trusted` make it. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | undefined | readonly Part[];

/** A template whose values are escaped, unless they are Html; null and undefined leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let markup = strings[0] ?? '';
  for (const [i, value] of values.entries()) markup += shown(value) + (strings[i + 1] ?? '');
  return { markup };
}

/** Declares a text to be safe markup: for what this package has written or serialised itself. */
export function trusted(markup: string): Html {
  return { markup };
}

function shown(value: Part): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('markup' in value) return value.markup;
  return value.map(shown).join('');
}

/** Escapes a text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

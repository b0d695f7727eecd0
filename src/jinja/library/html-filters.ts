import { Fault } from '../error.js';
import { Dict } from '../values/collections.js';
import { iterate, listOf } from '../values/iterate.js';
import { repr, str } from '../values/text.js';
import { Undefined } from '../values/undefined.js';
import type { FilterEntry } from './apply.js';
import { jsonDumps } from './json.js';
import { urlize } from './urlize.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

/** Text with the five characters that mean something in HTML replaced. */
export function escapeHtml(value: unknown): string {
  return str(value).replace(/[&<>'"]/g, (char) => ENTITIES[char] ?? char);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function stripTags(value: unknown): string {
  const text = str(value)
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]*>/g, '');
  return text
    .split(/\s+/)
    .filter((part) => part !== '')
    .join(' ')
    .replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all: string, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    });
}

function quoteUrl(value: unknown, forQuery: boolean): string {
  const text = encodeURIComponent(str(value)).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return forQuery ? text.replaceAll('%20', '+') : text.replaceAll('%2F', '/');
}

function urlEncode(value: unknown): string {
  if (typeof value === 'string' || value === null || typeof value !== 'object') return quoteUrl(value, false);
  const pairs = value instanceof Dict ? [...value.entries()] : listOf(value).map((pair) => listOf(pair));
  return pairs.map(([key, item]) => `${quoteUrl(key, true)}=${quoteUrl(item, true)}`).join('&');
}

function xmlAttributes(value: unknown, autospace: unknown): string {
  if (!(value instanceof Dict)) throw new Fault('AttributeError', 'xmlattr needs a mapping');
  const parts: string[] = [];
  for (const [key, item] of value.entries()) {
    if (item === null || item instanceof Undefined) continue;
    if (/[ \t\n\r\f\v/>=]/.test(str(key))) {
      throw new Fault('ValueError', `Invalid character in attribute name: ${repr(key)}`);
    }
    parts.push(`${escapeHtml(key)}="${escapeHtml(item)}"`);
  }
  return (autospace === true && parts.length > 0 ? ' ' : '') + parts.join(' ');
}

function toJson(value: unknown, indent: unknown): string {
  return jsonDumps(value, { sortKeys: true, indent: typeof indent === 'number' ? indent : null })
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll("'", '\\u0027');
}

/** Jinja2's filters for HTML, URLs and JSON. */
export const HTML_FILTERS: Readonly<Record<string, FilterEntry>> = {
  escape: [[], escapeHtml],
  e: [[], escapeHtml],
  forceescape: [[], escapeHtml],
  safe: [[], str],
  striptags: [[], stripTags],
  urlencode: [[], urlEncode],
  xmlattr: [[['autospace', true]], xmlAttributes],
  tojson: [[['indent', null]], toJson],
  urlize: [
    [
      ['trim_url_limit', null],
      ['nofollow', false],
      ['target', null],
      ['rel', null],
      ['extra_schemes', null],
    ],
    (value: unknown, limit: unknown, nofollow: unknown, target: unknown, rel: unknown, schemes: unknown) =>
      urlize(str(value), {
        limit: typeof limit === 'number' ? limit : null,
        rel: [
          ...new Set([
            ...(rel === null ? [] : str(rel).split(/\s+/)),
            ...(nofollow === true ? ['nofollow'] : []),
            'noopener',
          ]),
        ]
          .filter((part) => part !== '')
          .sort()
          .join(' '),
        target: target === null ? null : str(target),
        schemes: schemes === null ? [] : [...iterate(schemes)].map(str),
      }),
  ],
};

import type { NameTest } from './query.js';

/** Whether a column's name passes; undefined where its pattern is none that JavaScript reads. */
export function passes(test: NameTest, name: string): boolean | undefined {
  switch (test.kind) {
    case 'regexp':
    case 'full': {
      const source = test.kind === 'full' ? `^(?:${test.pattern})$` : test.pattern;
      return regularExpression(source, test.exact ? '' : 'i')?.test(name);
    }
    case 'like':
      return regularExpression(likeSource(test.pattern), test.exact ? 's' : 'is')?.test(name);
    case 'glob':
      return regularExpression(globSource(test.pattern), 's')?.test(name);
    case 'one':
      return test.names.some((one) => (test.exact ? one === name : one.toLowerCase() === name.toLowerCase()));
    case 'starts':
      return name.startsWith(test.text);
    case 'ends':
      return name.endsWith(test.text);
    case 'contains':
      return name.includes(test.text);
    case 'lower':
      return passes(test.test, name.toLowerCase());
    case 'upper':
      return passes(test.test, name.toUpperCase());
    case 'not': {
      const inner = passes(test.test, name);
      return inner === undefined ? undefined : !inner;
    }
    case 'all':
    case 'any': {
      const all = test.tests.map((one) => passes(one, name));
      if (all.includes(undefined)) return undefined;
      return test.kind === 'all' ? !all.includes(false) : all.includes(true);
    }
  }
}

/** DuckDB's are those of RE2, of which JavaScript reads nearly all; undefined for the rest. */
export function regularExpression(text: string, flags = ''): RegExp | undefined {
  try {
    return text.startsWith('(?i)')
      ? new RegExp(text.slice(4), `iu${flags.replace('i', '')}`)
      : new RegExp(text, `u${flags}`);
  } catch {
    return undefined;
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function likeSource(pattern: string): string {
  const parts = [...pattern].map((c) => (c === '%' ? '.*' : c === '_' ? '.' : escaped(c)));
  return `^${parts.join('')}$`;
}

/** `*`, `?` and classes in brackets. */
function globSource(pattern: string): string {
  const parts = pattern.match(/\[!?[^\]]+\]|[\s\S]/gu) ?? [];
  const source = parts.map((part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return escaped(part);
  });
  return `^${source.join('')}$`;
}

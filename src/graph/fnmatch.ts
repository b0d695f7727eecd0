/** Wildcards as Python's `fnmatch` (`*` also matches dots and slashes) and `pathlib.glob` (`*` stays in its folder). */

const cache = new Map<string, RegExp>();

/** Whether `text` matches a pattern with `*`, `?`, `[abc]` and `[!abc]`. Case counts. */
export function fnmatch(text: string, pattern: string): boolean {
  return compiled(pattern, 'name').test(text);
}

/** Whether a relative path matches a glob; `**` as a whole part stands for any number of folders. */
export function globMatch(path: string, pattern: string): boolean {
  return compiled(pattern, 'path').test(path);
}

export function hasWildcard(text: string): boolean {
  return /[*?[\]]/.test(text);
}

function compiled(pattern: string, kind: 'name' | 'path'): RegExp {
  const key = `${kind}:${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const source = kind === 'name' ? translate(pattern, '.') : translatePath(pattern);
  const expression = new RegExp(`^${source}$`, 's');
  if (cache.size > 1000) cache.clear();
  cache.set(key, expression);
  return expression;
}

function translatePath(pattern: string): string {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  let source = '';
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === '**') source += last ? '(?:[^/]+(?:/[^/]+)*)?' : '(?:[^/]+/)*';
    else source += translate(part, '[^/]') + (last ? '' : '/');
  }
  // `models/**` also stands for `models` itself.
  return source.replace(/\/(\(\?:\[\^\/\]\+\(\?:\/\[\^\/\]\+\)\*\)\?)$/, '(?:/$1)?');
}

function translate(pattern: string, any: string): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '*') {
      if (!source.endsWith(`${any}*`)) source += `${any}*`;
    } else if (char === '?') source += any;
    else if (char === '[') {
      let end = i + 1;
      if (pattern.charAt(end) === '!') end++;
      if (pattern.charAt(end) === ']') end++;
      end = pattern.indexOf(']', end);
      if (end === -1) source += '\\[';
      else {
        const inner = pattern.slice(i + 1, end).replace(/[\\[\]^]/g, '\\$&');
        source += inner.startsWith('!') ? `[^${inner.slice(1)}]` : `[${inner}]`;
        i = end;
      }
    } else source += char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  return source;
}

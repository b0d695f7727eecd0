import { Fault } from '../error.js';
import { getAttribute, getItem } from '../runtime/attributes.js';
import { checkText } from '../runtime/limits.js';
import type { Dict } from '../values/collections.js';
import { repr, str } from '../values/text.js';
import { formatValue } from './format-spec.js';

/** Python's `text.format(*args, **kwargs)`, with attributes and items through the sandbox. */
export function formatText(text: string, positional: readonly unknown[], named: Dict): string {
  const state = { next: 0 };
  const out = render(text, positional, named, state, 2);
  checkText(out.length);
  return out;
}

function render(
  text: string,
  positional: readonly unknown[],
  named: Dict,
  state: { next: number },
  depth: number,
): string {
  if (depth < 0) throw new Fault('ValueError', 'Max string recursion exceeded');
  let out = '';
  let i = 0;
  while (i < text.length) {
    const char = text.charAt(i);
    if ((char === '{' || char === '}') && text.charAt(i + 1) === char) {
      out += char;
      i += 2;
    } else if (char === '}') throw new Fault('ValueError', "Single '}' encountered in format string");
    else if (char === '{') {
      const end = closing(text, i);
      out += field(text.slice(i + 1, end), positional, named, state, depth);
      i = end + 1;
    } else {
      const end = text.slice(i).search(/[{}]/);
      const stop = end === -1 ? text.length : i + end;
      out += text.slice(i, stop);
      i = stop;
    }
  }
  return out;
}

function closing(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  throw new Fault(
    'ValueError',
    start === text.length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

function field(
  body: string,
  positional: readonly unknown[],
  named: Dict,
  state: { next: number },
  depth: number,
): string {
  const [, name = '', conversion, spec = ''] =
    /^((?:[^!:[]|\[[^\]]*\])*)(?:!([^:]*))?(?::([\s\S]*))?$/.exec(body) ?? [];
  let value = lookUp(name, positional, named, state);
  if (conversion === 's') value = str(value);
  else if (conversion === 'r' || conversion === 'a') value = repr(value);
  else if (conversion !== undefined) throw new Fault('ValueError', `Unknown conversion specifier ${repr(conversion)}`);
  return formatValue(value, spec.includes('{') ? render(spec, positional, named, state, depth - 1) : spec);
}

function lookUp(path: string, positional: readonly unknown[], named: Dict, state: { next: number }): unknown {
  const [head = ''] = /^[^.[]*/.exec(path) ?? [];
  let value: unknown;
  if (head === '' || /^\d+$/.test(head)) {
    const index = head === '' ? state.next++ : Number(head);
    if (index >= positional.length) {
      throw new Fault('IndexError', `Replacement index ${index} out of range for positional args tuple`);
    }
    value = positional[index];
  } else {
    value = named.get(head);
    if (value === undefined) throw new Fault('KeyError', repr(head));
  }
  for (const [, attribute, item] of path.slice(head.length).matchAll(/\.([^.[]*)|\[([^\]]*)\]/g)) {
    if (attribute !== undefined) value = getAttribute(value, attribute);
    else value = getItem(value, /^\d+$/.test(item ?? '') ? Number(item) : item);
  }
  return value;
}

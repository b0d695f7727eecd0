import { h } from './dom.js';

/** Markdown of descriptions as elements: headings, lists, code, tables of pipes, emphasis, links. */
export function markdown(text) {
  const out = h('div', { class: 'prose' });
  const lines = (text ?? '').replace(/\r/g, '').split('\n');
  let at = 0;
  const take = (pattern) => {
    const taken = [];
    while (at < lines.length && pattern.test(lines[at])) taken.push(lines[at++]);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.trim() === '') at += 1;
    else if (line.startsWith('```')) {
      at += 1;
      const code = take(/^(?!```)/);
      at += 1;
      out.append(h('pre', {}, h('code', {}, code.join('\n'))));
    } else if (heading !== null) {
      at += 1;
      out.append(h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])));
    } else if (/^\s*([-*+]|\d+[.)])\s+/.test(line)) {
      const isOrdered = /^\s*\d/.test(line);
      const items = take(/^\s*([-*+]|\d+[.)])\s+|^\s{2,}\S/);
      const joined = [];
      for (const item of items) {
        if (/^\s*([-*+]|\d+[.)])\s+/.test(item)) joined.push(item.replace(/^\s*([-*+]|\d+[.)])\s+/, ''));
        else joined.push(`${joined.pop() ?? ''} ${item.trim()}`);
      }
      out.append(
        h(
          isOrdered ? 'ol' : 'ul',
          {},
          joined.map((item) => h('li', {}, inline(item))),
        ),
      );
    } else if (/^\s*\|/.test(line)) {
      const rows = take(/^\s*\|/).map((row) =>
        row
          .trim()
          .replace(/^\||\|$/g, '')
          .split('|'),
      );
      const [head = [], ...body] = rows.filter((cells) => !cells.every((cell) => /^\s*:?-+:?\s*$/.test(cell)));
      const row = (cells, tag) =>
        h(
          'tr',
          {},
          cells.map((cell) => h(tag, {}, inline(cell.trim()))),
        );
      out.append(
        h(
          'table',
          {},
          h('thead', {}, row(head, 'th')),
          h(
            'tbody',
            {},
            body.map((cells) => row(cells, 'td')),
          ),
        ),
      );
    } else {
      out.append(h('p', {}, inline(take(/^(?!\s*$|#{1,6}\s|```|\s*[-*+]\s|\s*\|)/).join(' ') || lines[at++])));
    }
  }
  return out;
}

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s)]+)/g;

function inline(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    const [, code, bold, strong, emphasis, label, target, address] = found;
    if (code !== undefined) parts.push(h('code', {}, code));
    else if (bold ?? strong) parts.push(h('strong', {}, bold ?? strong));
    else if (emphasis !== undefined) parts.push(h('em', {}, emphasis));
    else parts.push(link(target ?? address, label ?? address));
  }
  return [...parts, text.slice(from)];
}

function link(target, label) {
  const isSafe = /^(https?:|mailto:|#|\/|\.)/i.test(target);
  return isSafe ? h('a', { href: target, rel: 'noreferrer' }, label) : label;
}

const TOKENS =
  /(\{#[\s\S]*?#\})|(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})|(--[^\n]*|\/\*[\s\S]*?\*\/|\/\/[^\n]*)|('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|\b(\d+(?:\.\d+)?)\b|\b([A-Za-z_]+)\b/g;
const KEYWORDS = new Set(
  (
    'select from where group by order having limit offset join left right inner outer full cross on using as with ' +
    'union all distinct case when then else end and or not in is null between like ilike exists over partition rows ' +
    'range create table view insert into values delete update set qualify window filter cast interval true false ' +
    'import export const let function async await return default type interface new if for of throw try catch'
  ).split(' '),
);

/** Code with colours and line numbers, and a button that copies it. */
export function codeBlock(text) {
  const code = h('code', {});
  let from = 0;
  const put = (kind, part) => code.append(kind === '' ? part : h('span', { class: kind }, part));
  for (const found of text.matchAll(TOKENS)) {
    const [whole, templateComment, template, comment, string, number, word] = found;
    const kind = (templateComment ?? comment) ? 'c' : template ? 'j' : string ? 's' : number ? 'n' : '';
    const isKeyword = word !== undefined && KEYWORDS.has(word.toLowerCase());
    put('', text.slice(from, found.index));
    put(isKeyword ? 'k' : kind, whole);
    from = found.index + whole.length;
  }
  put('', text.slice(from));
  const count = text.split('\n').length;
  const numbers = Array.from({ length: count }, (_, i) => i + 1).join('\n');
  const copy = h(
    'button',
    {
      class: 'copy',
      type: 'button',
      onclick: async (event) => {
        const button = event.currentTarget;
        await navigator.clipboard?.writeText(text);
        button.textContent = 'Copied';
        setTimeout(() => {
          button.textContent = 'Copy';
        }, 1500);
      },
    },
    'Copy',
  );
  return h(
    'div',
    { class: 'code' },
    copy,
    h('pre', {}, h('span', { class: 'numbers', 'aria-hidden': true }, numbers), code),
  );
}

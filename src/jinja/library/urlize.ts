import { escapeHtml } from './html-filters.js';

interface UrlizeOptions {
  readonly limit: number | null;
  readonly rel: string;
  readonly target: string | null;
  readonly schemes: readonly string[];
}

const HTTP =
  /^((https?:\/\/|www\.)(([\w%-]+\.)+)?(([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+[a-z]{2,63}|localhost|(\d{1,3}\.){3}\d{1,3}|\[[\da-f:.]+\])|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil))(?::[\d]{1,5})?(?:[/?#]\S*)?$/i;
const EMAIL = /^\S+@\w[\w.-]*\.\w+$/;

/** Jinja2's `urlize`: web and e-mail addresses in a text become links. */
export function urlize(text: string, { limit, rel, target, schemes }: UrlizeOptions): string {
  const attributes =
    (rel === '' ? '' : ` rel="${escapeHtml(rel)}"`) + (target === null ? '' : ` target="${escapeHtml(target)}"`);
  const shorten = (url: string) => (limit !== null && url.length > limit ? `${url.slice(0, limit)}...` : url);
  const words = escapeHtml(text).split(/(\s+)/);
  return words
    .map((word) => {
      let head = '';
      let middle = word;
      let tail = '';
      const opening = /^([(<]|&lt;)+/.exec(middle);
      if (opening !== null) {
        head = opening[0];
        middle = middle.slice(head.length);
      }
      if (/(?:[)>.,\n]|&gt;)$/.test(middle)) {
        const closing = /([)>.,\n]|&gt;)+$/.exec(middle);
        if (closing !== null) {
          tail = closing[0];
          middle = middle.slice(0, closing.index);
        }
      }
      for (const [start, end] of [
        ['(', ')'],
        ['<', '>'],
        ['&lt;', '&gt;'],
      ] as const) {
        const starts = middle.split(start).length - 1;
        let missing = starts - (middle.split(end).length - 1);
        while (missing-- > 0 && tail.startsWith(end)) {
          middle += end;
          tail = tail.slice(end.length);
        }
      }
      return head + link(middle, attributes, shorten, schemes) + tail;
    })
    .join('');
}

function link(word: string, attributes: string, shorten: (url: string) => string, schemes: readonly string[]): string {
  if (HTTP.test(word)) {
    const url = /^https?:\/\//i.test(word) ? word : `https://${word}`;
    return `<a href="${url}"${attributes}>${shorten(word)}</a>`;
  }
  if (word.startsWith('mailto:') && EMAIL.test(word.slice(7))) return `<a href="${word}">${word.slice(7)}</a>`;
  if (word.includes('@') && !word.startsWith('www.') && !word.includes(':') && EMAIL.test(word)) {
    return `<a href="mailto:${word}">${word}</a>`;
  }
  for (const scheme of schemes) {
    if (word !== scheme && word.startsWith(scheme)) return `<a href="${word}"${attributes}>${word}</a>`;
  }
  return word;
}

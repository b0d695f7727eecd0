/**
 * The `dbt.ref()`, `dbt.source()`, `dbt.config()`, `dbt.config.get()` and `dbt.config.meta_get()` calls of a model, in the
 * order in which dbt's walk over the syntax tree meets them: a call before its arguments, those before what it is called on.
 */
import { type Group, type Item, isName, isOp, splitAt } from './tokens.js';

export interface DbtCall {
  readonly name: 'ref' | 'source' | 'config' | 'config.get' | 'config.meta_get';
  /** The call's brackets. */
  readonly group: Group;
  readonly start: number;
}

const NAMES: readonly string[] = ['ref', 'source', 'config', 'config.get', 'config.meta_get'];

/** Words that begin or join expressions, so that brackets behind them are no call. */
const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

type Trailer =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'call'; readonly group: Group }
  | { readonly kind: 'subscript'; readonly group: Group };

/** `atom.attribute(call)[subscript]`; `end` is the index behind it. */
interface Chain {
  readonly atom: readonly Item[];
  readonly trailers: readonly Trailer[];
  readonly end: number;
}

function chainAt(items: readonly Item[], from: number): Chain | undefined {
  const first = items[from];
  if (first === undefined || first.kind === 'op' || (first.kind === 'name' && KEYWORDS.has(first.text)))
    return undefined;
  let end = from + 1;
  const isText = (item: Item | undefined) => item?.kind === 'string' || item?.kind === 'format';
  if (isText(first)) while (isText(items[end])) end += 1;
  const atom = items.slice(from, end);
  const trailers: Trailer[] = [];
  for (;;) {
    const item = items[end];
    const next = items[end + 1];
    if (item?.kind === '(') trailers.push({ kind: 'call', group: item });
    else if (item?.kind === '[') trailers.push({ kind: 'subscript', group: item });
    else if (isOp(item, '.') && next?.kind === 'name') {
      trailers.push({ kind: 'attribute', name: next.text });
      end += 1;
    } else return { atom, trailers, end };
    end += 1;
  }
}

/** The chain that these items are, if they are one and nothing else; brackets around it do not count. */
function soleCall(items: readonly Item[]): Chain | undefined {
  const chain = chainAt(items, 0);
  if (chain === undefined || chain.end !== items.length) return undefined;
  const [only] = chain.atom;
  if (chain.trailers.length === 0)
    return only?.kind === '(' && !only.items.some((item) => isOp(item, ',')) ? soleCall(only.items) : undefined;
  return chain.trailers.at(-1)?.kind === 'call' ? chain : undefined;
}

const isComprehension = (items: readonly Item[]): boolean =>
  items.some((item) => isName(item, 'for') || isName(item, 'async'));

class Walk {
  readonly calls: DbtCall[] = [];

  /** Any piece of text: every call in it counts. */
  all(items: readonly Item[]): void {
    for (let i = 0; i < items.length; ) {
      const chain = chainAt(items, i);
      if (chain === undefined) i += 1;
      else {
        this.#expression(chain, chain.trailers.length);
        i = chain.end;
      }
    }
  }

  #atom(atom: readonly Item[]): void {
    for (const item of atom) {
      if (item.kind === 'format') for (const hole of item.holes) this.all(hole);
      else if ('items' in item) this.all(item.items);
    }
  }

  /** The first `length` trailers of a chain. */
  #expression(chain: Chain, length: number): void {
    const last = chain.trailers[length - 1];
    if (last === undefined) this.#atom(chain.atom);
    else if (last.kind === 'call') this.#call(chain, length);
    else {
      this.#expression(chain, length - 1);
      if (last.kind === 'subscript') this.all(last.group.items);
    }
  }

  #call(chain: Chain, length: number): void {
    const call = chain.trailers[length - 1];
    if (call?.kind !== 'call') return;
    const callee = chain.trailers.slice(0, length - 1);
    const name = callee.map((trailer) => (trailer.kind === 'attribute' ? trailer.name : '?')).join('.');
    const [root] = chain.atom;
    if (isName(root, 'dbt') && NAMES.includes(name))
      this.calls.push({ name: name as DbtCall['name'], group: call.group, start: root?.start ?? 0 });
    for (const argument of splitAt(call.group.items, ',')) this.#argument(argument);
    if (callee.at(-1)?.kind !== 'attribute') return;
    let inner = length - 1;
    while (chain.trailers[inner - 1]?.kind === 'attribute') inner -= 1;
    if (inner > 0) this.#call(chain, inner);
    else this.#sole(chain.atom);
  }

  #sole(items: readonly Item[]): void {
    const chain = soleCall(items);
    if (chain !== undefined) this.#call(chain, chain.trailers.length);
  }

  /** dbt looks into arguments only where they are calls, lists, tuples, dicts or f-strings. */
  #argument(argument: readonly Item[]): void {
    const named = argument[0]?.kind === 'name' && isOp(argument[1], '=');
    const value = named ? argument.slice(2) : isOp(argument[0], '**') ? argument.slice(1) : argument;
    this.#sole(value);
    if (value.every((item) => item.kind === 'string' || item.kind === 'format')) {
      for (const text of value) if (text.kind === 'format') for (const hole of text.holes) this.#sole(hole);
      return;
    }
    const [only, more] = value;
    if (only === undefined || more !== undefined || !('items' in only) || isComprehension(only.items)) return;
    const isTuple = only.kind === '(' && only.items.some((item) => isOp(item, ','));
    for (const part of splitAt(only.items, ',')) {
      const colon = part.findIndex((item) => isOp(item, ':'));
      if (only.kind === '{' && colon !== -1) this.#sole(part.slice(colon + 1));
      else if (only.kind === '[' || isTuple) this.#sole(part);
    }
  }
}

/** Of all logical lines, in their order. */
export function dbtCalls(lines: readonly { readonly items: readonly Item[] }[]): readonly DbtCall[] {
  const walk = new Walk();
  for (const { items } of lines) walk.all(items);
  return walk.calls;
}

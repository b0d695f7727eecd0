/** The one function that a Python model has to define. */
import { type Item, isName, isOp, type Line, splitAt } from './tokens.js';

export interface FunctionFault {
  readonly message: string;
  readonly hint: string;
  /** Into the text. */
  readonly offset: number;
}

const HEAD = 'def model(dbt, session):';

/** Indexes of the lines that define a function `model`, those within other functions left out. */
function definitions(lines: readonly Line[]): number[] {
  const found: number[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const [word, name] = line?.items ?? [];
    if (line === undefined || !isName(word, 'def')) continue;
    if (isName(name, 'model')) found.push(i);
    while ((lines[i + 1]?.indent ?? -1) > line.indent) i += 1;
  }
  return found;
}

/** Names of the parameters that may be given by position and by name. */
function parameters(line: Line): string[] {
  const group = line.items.find((item) => item.kind === '(');
  const names: string[] = [];
  for (const part of splitAt(group?.kind === '(' ? group.items : [], ',')) {
    const [first] = part;
    if (isOp(first, '/')) names.length = 0;
    else if (first?.kind !== 'name') break;
    else names.push(first.text);
  }
  return names;
}

/** The last statement of the function's own block: what follows its colon, or the last line of the block's own indent. */
function lastStatement(lines: readonly Line[], at: number): readonly Item[] {
  const head = lines[at];
  if (head === undefined) return [];
  const colon = head.items.findLastIndex((item) => isOp(item, ':'));
  let body = head.items.slice(colon + 1);
  const indent = lines[at + 1]?.indent ?? 0;
  if (body.length === 0)
    for (let i = at + 1; (lines[i]?.indent ?? -1) > head.indent; i++)
      if (lines[i]?.indent === indent) body = lines[i]?.items.slice() ?? [];
  return splitAt(body, ';').at(-1) ?? [];
}

function isTuple(items: readonly Item[]): boolean {
  const [only, more] = items;
  if (items.some((item) => isOp(item, ',')) && !isName(only, 'lambda')) return true;
  if (only?.kind !== '(' || more !== undefined) return false;
  return only.items.length === 0 || isTuple(only.items);
}

/** What is wrong with the model function of a file that has lines; empty when nothing is. */
export function functionFaults(lines: readonly Line[]): FunctionFault[] {
  const found = definitions(lines);
  const [at] = found;
  if (at === undefined || found.length > 1) {
    const second = lines[found[1] ?? 0];
    const count = found.length === 0 ? 'no function' : `${found.length} functions`;
    return [
      {
        message: `A Python model defines one function 'model', and there is ${count} of that name.`.replace(
          /there is (\d)/,
          'there are $1',
        ),
        hint: found.length === 0 ? `Write ${HEAD} and return the data from it.` : 'Rename or remove the others.',
        offset: second?.items[0]?.start ?? 0,
      },
    ];
  }
  const head = lines[at];
  const offset = head?.items[1]?.start ?? 0;
  const names = head === undefined ? [] : parameters(head);
  const faults: FunctionFault[] = [];
  if (names.length > 0 && names[0] !== 'dbt')
    faults.push({
      message: `The first parameter of 'model' has to be called 'dbt', not '${names[0]}'.`,
      hint: `Write ${HEAD}`,
      offset,
    });
  if (names.length !== 2)
    faults.push({
      message: `'model' takes two parameters, dbt and the session of the warehouse; here it has ${names.length}.`,
      hint: `Write ${HEAD}`,
      offset,
    });
  const [word, ...value] = lastStatement(lines, at);
  if (!isName(word, 'return') || isTuple(value))
    faults.push({
      message: `'model' has to end with a return of one table.`,
      hint: 'The last statement of the function itself, outside of any if or for, is to be: return df',
      offset: word?.start ?? offset,
    });
  return faults;
}

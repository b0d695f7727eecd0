import { readArgs } from './args.js';
import type { CommandEntry } from './command.js';
import type { Env } from './io.js';
import { globalOptions, type Option } from './options.js';
import type { Invocation } from './parse-argv.js';

/** Words that yargs might not take as they are: quoted, or for a list numbers. */
const ODD_WORD = /^$|^[-'"]|['"]$/;
const NUMBER = /^[+.\d]|^(?:true|false)$/;

/**
 * Reads a command line of the usual kind (a command, then flags by a name of theirs, each value a word) as yargs would, whose
 * start takes longer than all the rest of a small command. Undefined for any other, which is left to `parseArgv`.
 * @throws UpsqlError with exit code 2 for a wrong value.
 */
export async function parsePlainArgv(
  argv: readonly string[],
  entries: readonly CommandEntry[],
  env: Env,
): Promise<Invocation | undefined> {
  const found = commandOf(argv, entries);
  if (found === undefined) return undefined;
  const { entry, words } = found;
  const { command } = await entry.load();
  if (command.positional !== undefined) return undefined;
  const options = [...globalOptions, ...command.options];
  const values = readFlags(words, options);
  return values && { entry, command, args: readArgs(options, values, [], env) };
}

/** The command that the first words name, and the words after it. */
function commandOf(
  argv: readonly string[],
  entries: readonly CommandEntry[],
): { readonly entry: CommandEntry; readonly words: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(' ');
    const entry = entries.find((candidate) => candidate.name === name || candidate.alias === name);
    if (entry !== undefined) return { entry, words: argv.slice(length) };
  }
  return undefined;
}

function readFlags(words: readonly string[], options: readonly Option[]): Record<string, unknown> | undefined {
  const byFlag = new Map<string, Option>();
  for (const option of options) {
    for (const name of [option.name, ...(option.synonyms ?? [])]) byFlag.set(`--${name}`, option);
    for (const name of option.alias ?? []) byFlag.set(name.length === 1 ? `-${name}` : `--${name}`, option);
  }
  const values: Record<string, unknown> = {};
  for (let at = 0; at < words.length; ) {
    const word = words[at++] ?? '';
    const off = word.startsWith('--no-') ? byFlag.get(`--${word.slice(5)}`) : undefined;
    const option = byFlag.get(word) ?? off;
    // `ls --models x` means more than --select.
    if (option?.name === 'select' && word !== '--select' && word !== '-s') return undefined;
    // A flag that comes twice has rules of its own.
    if (option === undefined || option.name in values) return undefined;
    if (option.type === 'boolean') {
      if (at < words.length && !words[at]?.startsWith('-')) return undefined;
      values[option.name] = option !== off;
      continue;
    }
    if (option === off) return undefined;
    const end = option.type === 'array' ? words.findIndex((next, i) => i >= at && next.startsWith('-')) : at + 1;
    const taken = words.slice(at, end < 0 ? words.length : end);
    const odd = option.type === 'array' ? (next: string) => ODD_WORD.test(next) || NUMBER.test(next) : isOdd;
    if (taken.length === 0 || taken.some(odd)) return undefined;
    values[option.name] = option.type === 'array' ? taken : taken[0];
    at += taken.length;
  }
  return values;
}

const isOdd = (word: string): boolean => ODD_WORD.test(word);

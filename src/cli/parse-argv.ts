import yargs, { type Argv, type Options } from 'yargs';
import { didYouMean, type UpsqlError } from '../diagnostics/index.js';
import { type Args, readArgs } from './args.js';
import type { Command, CommandEntry } from './command.js';
import type { Env } from './io.js';
import { globalOptions, type Option, resourceTypeOptions, selectionOptions } from './options.js';
import { usageError } from './usage.js';

export interface Invocation {
  readonly entry: CommandEntry;
  readonly command: Command;
  readonly args: Args;
}

/** The command and its flags, or the text of a help that was asked for. */
export type Parsed = { readonly invocation: Invocation } | { readonly help: string } | { readonly version: true };

/**
 * Reads a command line. Only the module of the command that is named is imported.
 * @throws UpsqlError with exit code 2 for an unknown command or flag or a wrong value.
 */
export async function parseArgv(
  argv: readonly string[],
  entries: readonly CommandEntry[],
  env: Env,
  columns = 80,
): Promise<Parsed> {
  let found: { entry: CommandEntry; command: Command; argv: Readonly<Record<string, unknown>> } | null = null;
  const parser = configure(yargs(), Math.max(60, Math.min(columns, 110)));
  // yargs lays out the help of each command that runs, which costs as much as all else it does: so it gets nothing to lay out.
  const silent = !argv.some((word) => /^(--help|-\w*h)/.test(word));
  for (const option of globalOptions) parser.option(option.name, toYargs(option, silent));
  const groups = new Map<string, CommandEntry[]>();
  for (const entry of entries) {
    const [head = ''] = entry.name.split(' ');
    groups.set(head, [...(groups.get(head) ?? []), entry]);
  }
  const register = (to: Argv, name: string, entry: CommandEntry): void => {
    let command: Command | null = null;
    to.command(
      entry.alias === undefined ? name : [name, entry.alias],
      entry.summary,
      async (sub) => {
        command = (await entry.load()).command;
        sub.usage(
          `Usage: upsql ${entry.name} ${command.positional ?? ''} [flags]\n\n${entry.summary}`.replace('  ', ' '),
        );
        for (const option of command.options) sub.option(option.name, toYargs(option, silent));
        for (const [line, meaning] of command.examples ?? []) sub.example(line, meaning);
        return sub;
      },
      (values) => {
        if (command !== null) found = { entry, command, argv: values };
      },
    );
  };
  for (const [head, members] of groups) {
    const [only] = members;
    if (members.length === 1 && only?.name === head) register(parser, head, only);
    else {
      parser.command(head, members.map((entry) => entry.summary).join('; '), (sub) => {
        for (const entry of members) register(sub, entry.name.slice(head.length + 1), entry);
        return sub;
      });
    }
  }
  let help = '';
  const values = await parser
    .parseAsync(withoutSynonyms(argv), {}, (_error, _values, output) => {
      help = output;
    })
    .catch((error: unknown) => {
      // yargs throws some mistakes of the user past its own fail handler.
      throw error instanceof Error && error.name === 'YError' ? usageError(plainMessage(error.message)) : error;
    });
  if (help !== '') return { help: `${help}\n` };
  if (values.version === true) return { version: true };
  const match = found as { entry: CommandEntry; command: Command; argv: Readonly<Record<string, unknown>> } | null;
  if (match === null) throw unknownCommand(values._.map(String), entries);
  const own = match.entry.name.split(' ').length;
  const options = [...globalOptions, ...match.command.options];
  const args = readArgs(options, match.argv, values._.slice(own).map(String), env);
  checkPositional(match.command, args.positional);
  return { invocation: { entry: match.entry, command: match.command, args } };
}

function configure(parser: Argv, width: number): Argv {
  return parser
    .scriptName('upsql')
    .locale('en')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    })
    .help('help')
    .alias('help', 'h')
    .version(false)
    .option('version', { type: 'boolean', alias: ['v', 'V'], describe: 'The version' })
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(width)
    .fail((message, error) => {
      if (error !== undefined && error !== null && error.name !== 'YError') throw error;
      throw usageError(plainMessage(message ?? error?.message ?? ''));
    });
}

/** `--models a` as `--select a`, which in `ls` means models only, as in dbt. */
function withoutSynonyms(argv: readonly string[]): string[] {
  const names = new Map<string, string>();
  const isList = argv.some((word) => word === 'ls' || word === 'list');
  const namesModels = argv.some((word) => /^(-m|--models?)(=|$)/.test(word));
  for (const { name, synonyms = [] } of [...globalOptions, ...selectionOptions, ...resourceTypeOptions]) {
    for (const synonym of synonyms) names.set(`--${synonym}`, `--${name}`);
  }
  const plain = argv.map((word) => {
    const [flag = '', ...value] = word.split('=');
    const name = names.get(flag);
    return name === undefined ? word : [name, ...value].join('=');
  });
  return isList && namesModels ? [...plain, '--resource-type', 'model'] : plain;
}

function toYargs(option: Option, silent: boolean): Options {
  return {
    // Numbers are read by readArgs, which names what it can't read.
    type: option.type === 'number' ? 'string' : option.type,
    describe: option.choices === undefined ? option.describe : `${option.describe}: ${option.choices.join(', ')}`,
    group: option.group,
    ...(option.alias === undefined ? {} : { alias: [...option.alias] }),
    ...(option.hidden || silent ? { hidden: true } : {}),
    ...(option.type === 'boolean' ? {} : { requiresArg: true }),
  };
}

function plainMessage(message: string): string {
  const missing = /^Not enough arguments following: (.+)$/.exec(message);
  const name = missing?.[1];
  return name === undefined ? message : `${name.length === 1 ? '-' : '--'}${name} needs a value`;
}

function unknownCommand(words: readonly string[], entries: readonly CommandEntry[]): UpsqlError {
  const given = words.join(' ');
  const names = entries.flatMap((entry) => (entry.alias === undefined ? [entry.name] : [entry.name, entry.alias]));
  if (given === '') return usageError('no command is given', 'upsql --help lists them.');
  const within = names.filter((name) => name.startsWith(`${words[0]} `));
  if (within.length > 0)
    return usageError(`'upsql ${given}' is no command`, `There is: upsql ${within.join(', upsql ')}.`);
  const [head = ''] = words;
  return usageError(`no such command: ${head}`, didYouMean(head, names) ?? 'upsql --help lists the commands.');
}

function checkPositional(command: Command, words: readonly string[]): void {
  const most = (command.positional ?? '').split(' ').filter((word) => word !== '').length;
  const surplus = words[most];
  if (surplus !== undefined) {
    throw usageError(`'${surplus}' is not expected here`, 'Several nodes are selected with --select a b.');
  }
  const least = (command.positional ?? '').split(' ').filter((word) => word.startsWith('<')).length;
  if (words.length < least) throw usageError(`${command.positional} is missing`);
}

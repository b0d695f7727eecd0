import { describe, expect, it } from 'vitest';
import type { Command, CommandEntry } from '../../../src/cli/command.js';
import { outputFlags, yamlMapping } from '../../../src/cli/flags.js';
import { fullRefreshOption, globalOptions, resourceTypeOptions, selectionOptions } from '../../../src/cli/options.js';
import { type Invocation, parseArgv } from '../../../src/cli/parse-argv.js';
import { parsePlainArgv } from '../../../src/cli/plain-argv.js';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { seededRandom } from '../../seeded-random.js';

const command: Command = {
  options: [...selectionOptions, ...resourceTypeOptions, fullRefreshOption],
  run: async () => 0,
};
const loaded: string[] = [];
const entry = (name: string, alias?: string, own: Command = command): CommandEntry => ({
  name,
  ...(alias === undefined ? {} : { alias }),
  summary: `Does ${name}`,
  load: async () => {
    loaded.push(name);
    return { command: own };
  },
});
const entries = [
  entry('build'),
  entry('list', 'ls'),
  entry('generate types'),
  entry('run-operation', undefined, { ...command, positional: '<macro>' }),
];

async function parse(argv: string, env: Record<string, string> = {}) {
  const parsed = await parseArgv(argv === '' ? [] : argv.split(' '), entries, env);
  if (!('invocation' in parsed)) throw new Error('no invocation');
  return parsed.invocation;
}

async function fault(argv: string, env: Record<string, string> = {}) {
  const error = await parse(argv, env).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpsqlError)) throw new Error(`no usage error: ${String(error)}`);
  expect(error.exitCode).toBe(2);
  return [error.diagnostics[0]?.message, error.diagnostics[0]?.hint];
}

/** All that a command line says. */
const meaning = ({ entry: { name }, command: { options }, args }: Invocation) => ({
  name,
  positional: args.positional,
  values: [...globalOptions, ...options].map((option) => [
    option.name,
    args.text(option.name) ?? args.number(option.name) ?? args.flag(option.name) ?? args.list(option.name),
  ]),
});

describe('parsePlainArgv', () => {
  const WORDS = (
    'build list ls generate types run-operation --select -s -m --models --model --exclude --selector --resource-type --resource-types ' +
    '--full-refresh -f --no-full-refresh --threads 4 4.0 0x10 --target -t --debug -d --no-debug --vars {a:1} {a:"b"} a b+ @c tag:x 2024 1.0 ' +
    'true false model seed --no-partial-parse --partial-parse --log-format json text -x -fx -s=a --select=a --select=1.0 -- - \'a\' "b" ' +
    '--quiet --target=dev --no-target --nonsense --help -h --version a=b -1 .5'
  ).split(' ');

  it('gives what parseArgv gives, or leaves the command line to it', async () => {
    const random = seededRandom(7);
    let plain = 0;
    for (let i = 0; i < 600; i++) {
      const words = Array.from({ length: Math.floor(random() * 6) }, () => WORDS[Math.floor(random() * WORDS.length)]);
      const argv = [['build', 'ls', 'generate types', 'run-operation'][i % 4], ...words].join(' ').split(' ');
      const faultOf = (error: unknown) => ({ fault: error instanceof UpsqlError ? error.diagnostics : String(error) });
      const found = await parsePlainArgv(argv, entries, {}).catch(faultOf);
      if (found === undefined) continue;
      const parsed = await parseArgv(argv, entries, {}).catch(faultOf);
      if ('fault' in found) expect(found, argv.join(' ')).toEqual(parsed);
      else {
        plain += 1;
        if (!('invocation' in parsed)) throw new Error(`${argv.join(' ')}: ${JSON.stringify(parsed)}`);
        expect(meaning(found), argv.join(' ')).toEqual(meaning(parsed.invocation));
      }
    }
    expect(plain).toBeGreaterThan(50);
  });

  it.each(['', 'nonsense', 'build --help', 'build -h', 'build a', 'build --nonsense', 'run-operation m', '-d build'])(
    'leaves "%s" to parseArgv',
    async (line) => expect(await parsePlainArgv(line.split(' '), entries, {})).toBeUndefined(),
  );

  it('reads the flags of everyday command lines', async () => {
    const read = async (line: string) => meaningOf(await parsePlainArgv(line.split(' '), entries, {}));
    const meaningOf = (found: Invocation | undefined) =>
      found && meaning(found).values.filter(([, value]) => given(value));
    const given = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
    expect(await read('build -s a b+ --exclude c -f --no-partial-parse --threads 4')).toEqual([
      ['threads', 4],
      ['partial-parse', false],
      ['select', ['a', 'b+']],
      ['exclude', ['c']],
      ['full-refresh', true],
    ]);
    expect(await read('ls')).toEqual([]);
  });
});

describe('parseArgv', () => {
  it('takes several values after a selection flag, and the flag more than once', async () => {
    const { args } = await parse('build -s a b+ tag:x --exclude c --select 2024 @d');
    expect(args.list('select')).toEqual(['a', 'b+', 'tag:x', '2024', '@d']);
    expect(args.list('exclude')).toEqual(['c']);
  });

  it("knows dbt's aliases", async () => {
    for (const flag of ['-s ', '--select ', '-m ', '--models ', '--model ', '--models=']) {
      expect((await parse(`build ${flag}a`)).args.list('select')).toEqual(['a']);
    }
    expect((await parse('ls --resource-types model seed')).args.list('resource-type')).toEqual(['model', 'seed']);
    expect((await parse('ls')).entry.name).toBe('list');
  });

  it('takes global flags before and after the command, and short flags in a bunch', async () => {
    for (const line of ['--target prod -x build -f', 'build --target=prod -xf', 'build -t prod -x -f']) {
      const { args, entry } = await parse(line);
      expect(entry.name).toBe('build');
      expect([args.text('target'), args.flag('fail-fast'), args.flag('full-refresh')]).toEqual(['prod', true, true]);
    }
  });

  it('lets the last of a repeated flag count', async () => {
    expect((await parse('build -t a -t b')).args.text('target')).toBe('b');
    expect((await parse('build --use-colors --no-use-colors')).args.flag('use-colors')).toBe(false);
  });

  it('imports only the command that is called', async () => {
    loaded.length = 0;
    await parse('generate types');
    expect(loaded).toEqual(['generate types']);
  });

  it('hands on words that are no flags', async () => {
    expect((await parse('run-operation pkg.grant')).args.positional).toEqual(['pkg.grant']);
    expect(await fault('run-operation')).toEqual(['<macro> is missing', undefined]);
    expect((await fault('build a'))[0]).toBe("'a' is not expected here");
  });

  it('suggests the command or flag that was meant', async () => {
    expect(await fault('biuld')).toEqual(['no such command: biuld', "Did you mean 'build'?"]);
    expect(await fault('build --slect a')).toEqual(['no such flag: --slect', "Did you mean '--select'?"]);
    expect(await fault('build --full-refesh')).toEqual([
      'no such flag: --full-refesh',
      "Did you mean '--full-refresh'?",
    ]);
    expect(await fault('generate typs')).toEqual([
      "'upsql generate typs' is no command",
      'There is: upsql generate types.',
    ]);
    expect(await fault('build --log-format jsn')).toEqual([
      "--log-format is one of text, json, debug, default, not 'jsn'",
      "Did you mean 'json'?",
    ]);
    expect((await fault('build --threads many'))[0]).toBe("--threads needs a number, not 'many'");
    expect((await fault('build --target'))[0]).toMatch(/needs a value$/);
  });

  it('reads DBT_ variables where the flag is absent', async () => {
    const env = {
      DBT_TARGET: 'env',
      DBT_FULL_REFRESH: 'true',
      DBT_RESOURCE_TYPES: 'model seed',
      DBT_PRINTER_WIDTH: '99',
    };
    const { args } = await parse('build', env);
    expect([args.text('target'), args.flag('full-refresh'), args.number('printer-width')]).toEqual(['env', true, 99]);
    expect(args.list('resource-type')).toEqual(['model', 'seed']);
    expect((await parse('build -t cli', env)).args.text('target')).toBe('cli');
    expect((await parse('build', { ...env, DBT_ENGINE_TARGET: 'new' })).args.text('target')).toBe('new');
    expect((await fault('build', { DBT_FULL_REFRESH: 'maybe' }))[0]).toBe(
      "DBT_FULL_REFRESH must be true or false, not 'maybe'",
    );
  });

  it('gives the help of a command with its own and the common flags', async () => {
    const parsed = await parseArgv(['build', '--help'], entries, {}, 100);
    if (!('help' in parsed)) throw new Error('no help');
    expect(parsed.help).toMatch(/^Usage: upsql build \[flags\]\n\nDoes build\n/);
    expect(parsed.help).toContain('-f, --full-refresh');
    expect(parsed.help).toContain('--profiles-dir');
    expect(parsed.help).not.toContain('static-parser');
  });
});

describe('flags', () => {
  it('prefer the command line to flags of dbt_project.yml', async () => {
    const project = { printer_width: 120, use_colors: false, quiet: true };
    expect(outputFlags((await parse('build')).args, 'build', project)).toMatchObject({
      level: 'error',
      colors: false,
      printerWidth: 120,
    });
    expect(outputFlags((await parse('build --no-quiet --use-colors')).args, 'build', project)).toMatchObject({
      level: 'info',
      colors: true,
    });
  });

  it('read --vars as YAML in both styles', async () => {
    expect(await yamlMapping('{start: 2024-01-01, n: 3}', '--vars')).toEqual({ start: '2024-01-01', n: 3 });
    expect(await yamlMapping('key: value', '--vars')).toEqual({ key: 'value' });
    await expect(yamlMapping('', '--vars')).rejects.toThrow("--vars can't be read: it is no mapping: ''");
    await expect(yamlMapping('[1, 2]', '--vars')).rejects.toThrow("--vars can't be read");
    await expect(yamlMapping('{a: ', '--vars')).rejects.toThrow("--vars can't be read");
  });
});

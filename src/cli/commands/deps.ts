import { relative } from 'node:path';
import { UpsqlError } from '../../diagnostics/index.js';
import type { DepsEvent, NewPackage } from '../../packages/index.js';
import type { Command } from '../command.js';
import { loadOptions } from '../flags.js';
import { reportVersion } from '../open-project.js';
import { optionKinds } from '../options.js';
import type { Message } from '../output/output.js';
import { usageError } from '../usage.js';

const GROUP = 'Packages:';

export const command: Command = {
  options: [
    optionKinds.flag('upgrade', 'Choose versions anew, whatever package-lock.yml says', GROUP),
    optionKinds.flag('lock', 'Write package-lock.yml without installing', GROUP),
    optionKinds.text('add-package', 'Add a package to packages.yml: NAME@VERSION', GROUP),
    optionKinds.text('source', 'Where the added package comes from (default: hub)', GROUP, {
      choices: ['hub', 'git', 'local'],
    }),
  ],
  examples: [
    ['upsql deps', 'Install what packages.yml asks for'],
    ['upsql deps --add-package dbt-labs/dbt_utils@1.3.0', 'Add a package of the hub and install it'],
    ['upsql deps --upgrade', 'Take the newest versions that packages.yml allows'],
  ],
  async run({ args, io, output, signal }) {
    if (output.structured) reportVersion(output, 'info');
    const [{ loadRoot }, { installPackages, parseNewPackage }] = await Promise.all([
      import('../../project/index.js'),
      import('../../packages/index.js'),
    ]);
    const given = args.text('add-package');
    const source = (args.text('source') ?? 'hub') as NewPackage['source'];
    if (given === undefined && args.text('source') !== undefined)
      throw usageError('--source goes with --add-package', 'Such as --add-package ../shared --source local.');
    const project = await loadRoot(await loadOptions(args, io));
    output.project(project);
    output.diagnostics(project.diagnostics);
    const strict = args.flag('warn-error') ?? project.config.flags.warn_error === true;
    const started = performance.now();
    await installPackages({
      project,
      upgrade: args.flag('upgrade') === true,
      lockOnly: args.flag('lock') === true,
      add: given === undefined ? undefined : parseNewPackage(given, source),
      versionCheck: args.flag('version-check') ?? project.config.flags.version_check !== false,
      signal,
      interactive: io.stderr.isTTY === true,
      listen(event) {
        if (event.kind === 'warning') {
          if (strict) throw new UpsqlError({ ...event.diagnostic, severity: 'error' });
          output.diagnostics([event.diagnostic]);
        } else {
          const seconds = (performance.now() - started) / 1000;
          for (const message of messagesOf(event, io.cwd, seconds)) output.message(message);
        }
      },
    });
    return 0;
  },
};

/** What is said of an event; names and codes are dbt's. */
function messagesOf(event: Exclude<DepsEvent, { kind: 'warning' }>, cwd: string, seconds: number): Message[] {
  const info = (name: string, code: string, text: string, data: Record<string, unknown>): Message => {
    return { level: 'info', name, code, text, data };
  };
  switch (event.kind) {
    case 'retry':
      return [{ level: 'debug', name: 'RetryExternalCall', code: 'M020', text: event.message }];
    case 'none':
      return [info('DepsNoPackagesFound', 'M013', 'The project asks for no packages', {})];
    case 'replaced': {
      const entry = Object.entries(event.entry).map(([key, value]) => `${key}: ${value}`);
      const text = `Takes the place of ${entry.join(', ')}`;
      return [info('DepsFoundDuplicatePackage', 'M033', text, { removed_package: event.entry })];
    }
    case 'added': {
      const { name, version, file } = event;
      const text = `Added ${version === undefined ? name : `${name}@${version}`} to ${shown(file, cwd)}`;
      return [info('DepsAddPackage', 'M032', text, { package_name: name, version, packages_filepath: file })];
    }
    case 'locked':
      return [info('DepsLockUpdating', 'M031', `Wrote ${shown(event.file, cwd)}`, { lock_filepath: event.file })];
    case 'install':
      return [
        info('DepsStartPackageInstall', 'M014', `${event.index} of ${event.total} Installing ${event.name}`, {
          package_name: event.name,
        }),
      ];
    case 'installed': {
      const { from, source, newer, subdirectory } = event;
      const part = subdirectory === undefined ? '' : `, subdirectory ${subdirectory}`;
      const messages = [info('DepsInstallInfo', 'M015', `  Installed from ${from}${part}`, { version_name: from })];
      if (newer !== undefined)
        messages.push(
          info('DepsUpdateAvailable', 'M016', `  Version ${newer} is available`, { version_latest: newer }),
        );
      else if (source === 'hub') messages.push(info('DepsUpToDate', 'M017', '  Up to date', {}));
      return messages;
    }
    case 'outdated': {
      const text = `Newer versions: ${event.packages.join(', ')}. Change packages.yml, or run "upsql deps --upgrade".`;
      return [info('DepsNotifyUpdatesAvailable', 'M019', text, { packages: event.packages })];
    }
    case 'done': {
      const what = `${event.count} package${event.count === 1 ? '' : 's'}`;
      const text = `Installed ${what} in ${event.folder} (${seconds.toFixed(2)}s)`;
      return [info('Note', 'Z050', text, { msg: text })];
    }
  }
}

function shown(file: string, cwd: string): string {
  const way = relative(cwd, file);
  return way.startsWith('..') ? file : way;
}

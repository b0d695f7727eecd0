import { basename, join } from 'node:path';
import { UpsqlError } from '../../diagnostics/index.js';
import type { Project } from '../../project/project.js';
import type { Command } from '../command.js';
import { loadOptions } from '../flags.js';
import { reportVersion } from '../open-project.js';
import { optionKinds } from '../options.js';
import { version } from '../version.js';

export const command: Command = {
  options: [
    optionKinds.flag('connection', 'Test the connection only', 'Debug:'),
    optionKinds.flag('config-dir', 'Print the folder of profiles.yml and do nothing else', 'Debug:'),
  ],
  examples: [['upsql debug -t prod', 'Is the target prod ready for use?']],
  async run({ args, io, output }) {
    if (output.structured) reportVersion(output, 'info');
    const { style } = output;
    const say = (text = ''): void => output.log('info', text);
    const row = (name: string, value: string): void => output.message(note(`  ${name}: ${value}`));
    const ok = style.green('OK');
    const bad = style.red('ERROR');
    if (args.flag('connection') !== true && args.flag('config-dir') !== true) {
      const { DBT_VERSION } = await import('../../project/index.js');
      say(`upsql ${version()} (works as dbt ${DBT_VERSION})`);
      say(`Node.js ${process.version} on ${process.platform} ${process.arch}, ${process.execPath}`);
    }
    if (args.flag('connection') === true) say('Skipping steps before connection verification');
    const { loadProject } = await import('../../project/index.js');
    const options = await loadOptions(args, io);
    let project: Project;
    try {
      project = await loadProject(options);
    } catch (error) {
      if (!(error instanceof UpsqlError)) throw error;
      const isProfile = error.diagnostics.some(
        ({ code, place }) => PROFILE.has(code) || basename(place?.file ?? '') === 'profiles.yml',
      );
      say('Configuration:');
      row(isProfile ? 'profiles.yml file' : 'dbt_project.yml file', `[${bad} invalid]`);
      output.message(note(style.red('1 check failed:')));
      say(`${isProfile ? 'Profile' : 'Project'} loading failed for the following reason:`);
      // The folder as it was given, by which programs find it in dbt's output too.
      const looked = error.diagnostics.some(({ code }) => code === 'no-profiles')
        ? args.text('profiles-dir')
        : undefined;
      if (looked !== undefined) say(`upsql/dbt looked for a profiles.yml file in ${looked}: there is none.`);
      output.diagnostics(error.diagnostics);
      return 1;
    }
    output.project(project);
    const { target } = project;
    if (args.flag('config-dir')) {
      output.result(target.profilesFile === null ? project.root : join(target.profilesFile, '..'));
      return 0;
    }
    if (args.flag('connection') !== true) {
      say('Configuration:');
      row('dbt_project.yml', `${join(project.root, 'dbt_project.yml')} [${ok}]`);
      row('profiles.yml', `${target.profilesFile ?? 'none; the built-in DuckDB target is used'} [${ok}]`);
      row('profile', target.profileName);
    }
    row('target', `${target.name} (${target.type}, ${target.threads} thread${target.threads === 1 ? '' : 's'})`);
    output.diagnostics(project.diagnostics);
    say('Connection:');
    const { createAdapter } = await import('../../adapters/index.js');
    const adapter = await createAdapter(project);
    try {
      for (const [name, value] of await adapter.describe()) row(name, value);
      // To look at a profile makes no database.
      await adapter.open({ create: false });
      const session = await adapter.session('debug');
      await session.execute('select 1 as id');
      await session.close();
      row('connection test', `[${ok}]`);
    } catch (error) {
      row('connection test', `[${bad}]`);
      output.message(note(style.red('1 check failed:')));
      if (error instanceof UpsqlError) output.diagnostics(error.diagnostics);
      else output.log('error', error instanceof Error ? error.message : String(error));
      return 1;
    } finally {
      await adapter.close();
    }
    output.message(note(style.green('All checks passed.')));
    return 0;
  },
};

/** Codes of a profile that is not found; what is wrong in profiles.yml has its place. */
const PROFILE = new Set(['unknown-profile', 'unknown-target', 'no-profile', 'no-profiles']);

const note = (text: string) =>
  ({ level: 'info', name: 'DebugCmdOut', code: 'Z047', text, data: { msg: text } }) as const;

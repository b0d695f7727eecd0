import { commandGroups } from './commands/index.js';
import type { Stream } from './io.js';

/** The text of `upsql --help`. Headings are bold on a terminal. */
export function rootHelp(version: string, stream: Stream): string {
  const heading = (text: string): string =>
    stream.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[22m` : text;
  const name = (entry: { name: string; alias?: string }): string =>
    entry.alias === undefined ? entry.name : `${entry.name}, ${entry.alias}`;
  const width = Math.max(...commandGroups.flatMap((group) => group.commands.map((entry) => name(entry).length)));
  const lines = [
    `upsql ${version}: SQL models, tests and dashboards from one project, on DuckDB or Snowflake`,
    '',
    `${heading('Usage:')} upsql <command> [flags]`,
    '',
  ];
  for (const group of commandGroups) {
    lines.push(heading(`${group.title}:`));
    for (const entry of group.commands) lines.push(`  ${name(entry).padEnd(width)}  ${entry.summary}`);
    lines.push('');
  }
  lines.push(
    heading('Flags of every command:'),
    '  -t, --target NAME   Target of the profile to work on',
    '      --project-dir   Folder with dbt_project.yml (default: this folder or the nearest parent)',
    '      --vars YAML     Variables of the project',
    '  -q, --quiet         Print errors and results only',
    '  -d, --debug         Print details',
    '      --log-format    text or json',
    '  -h, --help          Help, also of a command: upsql build --help',
    '  -v, --version       The version',
    '',
    `${heading('First steps:')} upsql init my_project && cd my_project && upsql build`,
    '',
  );
  return lines.join('\n');
}

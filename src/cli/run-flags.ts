import type { Args } from './args.js';
import { globalOptions, type Option } from './options.js';
import { usageError } from './usage.js';

/** Defaults of dbt's flags, as run_results.json and `flags` in templates show them. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  use_colors: true,
  print: true,
  write_json: true,
  version_check: true,
  partial_parse: true,
  static_parser: true,
  populate_cache: true,
  introspect: true,
  printer_width: 80,
  log_format: 'default',
  log_level: 'info',
  indirect_selection: 'eager',
  send_anonymous_usage_stats: false,
  warn_error_options: { error: [], warn: [], silence: [] },
};

/**
 * The invocation's flags by dbt's names (`which`, `full_refresh`, `select` …), for artifacts and `flags` in templates.
 * `project` is `flags:` of dbt_project.yml, which the command line overrides.
 */
export function invocationArgs(
  command: string,
  args: Args,
  options: readonly Option[],
  project: Readonly<Record<string, unknown>> = {},
  vars: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const values: Record<string, unknown> = { which: command.split(' ').at(-1) };
  for (const option of [...globalOptions, ...options]) {
    const name = option.name.replaceAll('-', '_');
    const given =
      option.type === 'boolean'
        ? args.flag(option.name)
        : option.type === 'number'
          ? args.number(option.name)
          : option.type === 'array'
            ? listed(args.list(option.name))
            : args.text(option.name);
    const value = given ?? project[name] ?? DEFAULTS[name] ?? (option.type === 'boolean' ? false : undefined);
    if (value !== undefined) values[name === 'resource_type' ? 'resource_types' : name] = value;
  }
  values.vars = vars;
  if (args.positional.length > 0) values.macro = args.positional[0];
  return values;
}

const listed = (list: readonly string[]): readonly string[] | undefined => (list.length === 0 ? undefined : list);

/** `--threads`, checked. */
export function threadCount(args: Args): number | undefined {
  const threads = args.number('threads');
  if (threads === undefined) return undefined;
  if (Number.isInteger(threads) && threads >= 1) return threads;
  throw usageError(`--threads needs a whole number from 1 on, not ${threads}`);
}

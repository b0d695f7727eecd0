import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Command } from '../command.js';
import { optionKinds } from '../options.js';
import { usageError } from '../usage.js';

export const command: Command = {
  positional: '[name]',
  options: [
    optionKinds.flag('skip-profile-setup', 'Taken for compatibility: a new project needs no profile', 'Project:', {
      alias: ['s'],
    }),
  ],
  examples: [['upsql init shop', 'Make the folder shop with a project that builds at once']],
  async run({ args, io, output }) {
    const [name] = args.positional;
    const here = resolve(io.cwd, args.text('project-dir') ?? '.');
    if (name === undefined && args.flag('skip-profile-setup') === true && existsSync(join(here, 'dbt_project.yml'))) {
      output.log('info', 'There is a project here already, and its profile is not to be set up: nothing to do.');
      return 0;
    }
    if (name === undefined) throw usageError('init needs a name', 'For example: upsql init my_project');
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw usageError(
        `'${name}' can't be the name of a project`,
        `Use letters, digits and underscores, such as ${name.replace(/\W+/g, '_').replace(/^(?=\d)/, '_') || 'my_project'}.`,
      );
    }
    const folder = join(here, name);
    writeProject(folder, name);
    const shown = relative(io.cwd, folder) || '.';
    const { style } = output;
    output.log('info', style.green(`Made the project ${name} in ${shown}/`));
    for (const file of Object.keys(projectFiles(name)).sort()) output.log('info', `  ${join(shown, file)}`);
    output.log('info', `Next: cd ${shown} && upsql build`);
    return 0;
  },
};

/** Writes all files or none: they are laid in a hidden folder, which then takes its name. */
function writeProject(folder: string, name: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new UpsqlError(
      problem('folder-exists', `${folder} is there already and not empty`, {
        hint: 'Choose another name, or delete the folder; nothing was changed.',
      }),
    );
  }
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(join(dirname(folder), `.${name}-`));
  try {
    for (const [path, text] of Object.entries(projectFiles(name))) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      writeFileSync(join(draft, path), text);
    }
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

function projectFiles(name: string): Readonly<Record<string, string>> {
  return {
    'dbt_project.yml': `name: ${name}
version: 1.0.0
config-version: 2

# Without a profiles.yml that has this profile, the tables live in target/${name}.duckdb.
profile: ${name}

model-paths: [models]
seed-paths: [seeds]
macro-paths: [macros]
test-paths: [tests]
clean-targets: [target]

models:
  ${name}:
    staging:
      +materialized: view
    marts:
      +materialized: table
`,
    '.gitignore': 'target/\nlogs/\n',
    'seeds/raw_orders.csv': `order_id,customer,ordered_at,status,amount
1,ada,2026-01-05,paid,24.50
2,grace,2026-01-05,paid,13.00
3,ada,2026-01-06,refunded,24.50
4,edsger,2026-01-06,paid,99.90
5,grace,2026-01-07,paid,7.25
6,ada,2026-01-07,open,18.00
`,
    'models/staging/stg_orders.sql': `select
    cast(order_id as integer) as order_id,
    customer,
    cast(ordered_at as date) as order_date,
    status,
    cast(amount as decimal(12, 2)) as amount
from {{ ref('raw_orders') }}
`,
    'models/marts/daily_revenue.sql': `select
    order_date,
    count(*) as orders,
    count(distinct customer) as customers,
    sum(amount) as revenue
from {{ ref('stg_orders') }}
where status = 'paid'
group by order_date
order by order_date
`,
    'models/models.yml': `version: 2

models:
  - name: stg_orders
    description: One row an order, typed.
    columns:
      - name: order_id
        data_tests: [unique, not_null]
      - name: status
        data_tests:
          - accepted_values:
              arguments:
                values: [open, paid, refunded]

  - name: daily_revenue
    description: Paid orders by day.
    columns:
      - name: order_date
        description: The day of the order.
        data_tests: [unique, not_null]
      - name: revenue
        description: Sum of the paid amounts.
        data_tests: [not_null]
`,
    'README.md': `# ${name}

A project for [upsql](https://www.npmjs.com/package/upsql): a CSV file of orders, a model that types it, and a mart.

    upsql build                    # load the seed, build the models, run the tests
    upsql show -s daily_revenue    # look at the result

Add a model: write \`models/marts/my_metric.sql\` with a \`select\` over \`{{ ref('stg_orders') }}\`, then

    upsql build -s my_metric+
`,
  };
}

import type { CommandEntry } from '../command.js';

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}

/** All commands by purpose. A command's module is imported when it is called, never for the list. */
export const commandGroups: readonly CommandGroup[] = [
  {
    title: 'Build',
    commands: [
      {
        name: 'build',
        summary: 'Run seeds, models, snapshots and tests in the order of the graph',
        load: () => import('./build.js'),
      },
      { name: 'run', summary: 'Build the models', load: () => import('./run.js') },
      { name: 'test', summary: 'Run the data tests', load: () => import('./test.js') },
      { name: 'seed', summary: 'Load the CSV files of the project', load: () => import('./seed.js') },
      { name: 'snapshot', summary: 'Bring the snapshots up to date', load: () => import('./snapshot.js') },
      {
        name: 'retry',
        summary: 'Run again what failed or was skipped in the last run',
        load: () => import('./retry.js'),
      },
      { name: 'clone', summary: 'Copy the relations of another environment', load: () => import('./clone.js') },
      {
        name: 'source freshness',
        alias: 'snapshot-freshness',
        summary: 'Check how old the newest rows of the sources are',
        load: () => import('./source-freshness.js'),
      },
      { name: 'run-operation', summary: 'Call a macro', load: () => import('./run-operation.js') },
    ],
  },
  {
    title: 'Look',
    commands: [
      { name: 'show', summary: 'Preview the rows of a model or query', load: () => import('./show.js') },
      {
        name: 'compile',
        summary: 'Write the SQL of models, tests and analyses without running it',
        load: () => import('./compile.js'),
      },
      {
        name: 'docs generate',
        summary: 'Write the catalog and a page that shows the project',
        load: () => import('./docs-generate.js'),
      },
      { name: 'docs serve', summary: 'Show that page in a browser', load: () => import('./docs-serve.js') },
      { name: 'list', alias: 'ls', summary: 'List the nodes of the project', load: () => import('./list.js') },
      {
        name: 'lineage',
        summary: 'Show which columns a column comes from and goes to',
        load: () => import('./lineage.js'),
      },
      {
        name: 'diff',
        summary: 'Compare the rows and columns of models in two targets, schemas or states',
        load: () => import('./diff.js'),
      },
      {
        name: 'plan',
        summary: 'Show what a build would do and why, and which changes break something',
        load: () => import('./plan.js'),
      },
      { name: 'parse', summary: 'Read the project and write its manifest', load: () => import('./parse.js') },
      {
        name: 'debug',
        summary: 'Show which project, profile and warehouse are in use, and test them',
        load: () => import('./debug.js'),
      },
    ],
  },
  {
    title: 'Environments',
    commands: [
      { name: 'env list', summary: 'List the virtual environments', load: () => import('./env-list.js') },
      {
        name: 'env diff',
        summary: 'Compare an environment with what promoting it would change',
        load: () => import('./env-diff.js'),
      },
      {
        name: 'env promote',
        summary: 'Let production show what an environment has built',
        load: () => import('./env-promote.js'),
      },
      { name: 'env drop', summary: 'Drop an environment', load: () => import('./env-drop.js') },
      {
        name: 'env prune',
        summary: 'Drop what no environment needs any more',
        load: () => import('./env-prune.js'),
      },
    ],
  },
  {
    title: 'Project',
    commands: [
      { name: 'init', summary: 'Make a small working project', load: () => import('./init.js') },
      { name: 'deps', summary: 'Install the packages of packages.yml', load: () => import('./deps.js') },
      { name: 'clean', summary: 'Delete the folders of clean-targets', load: () => import('./clean.js') },
      {
        name: 'generate types',
        summary: 'Write TypeScript types of the tables, for TypeScript models',
        load: () => import('./generate-types.js'),
      },
    ],
  },
  {
    title: 'Machine learning',
    commands: [
      { name: 'ml train', summary: 'Train a model on its rows, as a new version', load: () => import('./ml-train.js') },
      { name: 'ml score', summary: 'Score rows with a trained model', load: () => import('./ml-score.js') },
      {
        name: 'ml evaluate',
        summary: 'Judge trained versions on the rows of today',
        load: () => import('./ml-evaluate.js'),
      },
      { name: 'ml list', summary: 'List the trained versions', load: () => import('./ml-list.js') },
      { name: 'ml promote', summary: 'Choose the version that scores', load: () => import('./ml-promote.js') },
    ],
  },
  {
    title: 'Data',
    commands: [
      { name: 'simulate', summary: 'Make product events and users', load: () => import('./simulate.js') },
      {
        name: 'ingest',
        summary: 'Load the files that sources declare into their tables',
        load: () => import('./ingest.js'),
      },
      { name: 'export', summary: 'Write models to CSV, Parquet or JSON files', load: () => import('./export.js') },
      {
        name: 'publish',
        summary: 'Load the exported CSV files into tables of Snowflake',
        load: () => import('./publish.js'),
      },
      { name: 'report', summary: 'Write the dashboards as one HTML page', load: () => import('./report.js') },
    ],
  },
];

export const allCommands: readonly CommandEntry[] = commandGroups.flatMap((group) => group.commands);

import { optionKinds } from '../options.js';

const GROUP = 'Diff:';

/** How rows are compared and shown; of every command that compares. */
export const comparisonOptions = [
  optionKinds.text('key', 'Columns that rows are matched by, as a,b (default: unique_key or primary key)', GROUP),
  optionKinds.number('tolerance', 'How far floats may differ: relative, below 1 absolute (default: 0)', GROUP),
  optionKinds.number('samples', 'Rows to show of each difference (default: 3)', GROUP),
  optionKinds.text('output', 'Form of the answer', GROUP, { choices: ['text', 'json'] }),
];

export { CATEGORIES, PLATFORMS } from './catalogue.js';
export { SESSION_RATE, SESSION_SECONDS } from './generate.js';
export { BEHAVIOURS, type Behaviour, DEFAULTS, FORMATS, type Format, type SimulateOptions } from './options.js';
export type { Tally } from './rows.js';
export { type SimulatedFile, type SimulateResult, simulate } from './simulate.js';

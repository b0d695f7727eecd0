export { type Diagnostic, type Frame, problem, type Severity, UpsqlError } from './diagnostic.js';
export { excerpt } from './excerpt.js';
export { didYouMean, editDistance, nearest } from './nearest.js';
export { type Place, placeAt } from './place.js';

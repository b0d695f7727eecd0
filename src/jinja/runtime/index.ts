/** All that compiled templates can use; `compile` writes code against these names. */

export { applyFilter, applyTest } from '../library/apply.js';
export { mark } from '../native.js';
export { Tuple } from '../values/collections.js';
export { compare, equals } from '../values/compare.js';
export { Float } from '../values/float.js';
export { isTruthy, iterate, listOf } from '../values/iterate.js';
export { str } from '../values/text.js';
export { Undefined } from '../values/undefined.js';
export { getAttribute, getItem, getSlice } from './attributes.js';
export { call, callNow, located } from './call.js';
export { enter, leave, leaveAsync, pause, resume, tick } from './limits.js';
export { Loop } from './loop.js';
export { addKeywords, Macro, ReturnSignal } from './macro.js';
export { setAttribute, unpack } from './namespace.js';
export { add, concat, div, floorDiv, makeDict, mod, mul, neg, pos, pow, sub } from './operators.js';
export { blockText, chars, failure, generate, isIn, kept, less } from './support.js';

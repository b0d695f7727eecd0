import { UpsqlError } from '../../diagnostics/index.js';
import { Fault, JinjaError, type Position, placeOf, type TemplateSource, wholeText } from '../error.js';
import { HostFunction, HostObject } from '../values/host.js';
import { NO_NAMED } from '../values/signature.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import { ReturnSignal } from './macro.js';

/** A call in a template; the result may be a promise. */
export function call(
  callee: unknown,
  positional: readonly unknown[],
  named: ReadonlyMap<string, unknown> | null,
  at: Position,
  source: TemplateSource,
): unknown {
  const args = { positional, named: named ?? NO_NAMED };
  let result: unknown;
  if (callee instanceof HostFunction) result = callee.call(args, placeOf(source, at));
  else if (callee instanceof HostObject) {
    result = callee.call(args, placeOf(source, at));
    if (result === undefined) throw new Fault('TypeError', `'${callee.typeName}' object is not callable`);
  } else if (callee instanceof Undefined) {
    if (!callee.lenient) callee.fail();
    return callee;
  } else throw new Fault('TypeError', `'${typeName(callee)}' object is not callable`);
  return result === undefined ? null : result;
}

/** A call in a sync render, where nothing can be waited for. */
export function callNow(
  callee: unknown,
  positional: readonly unknown[],
  named: ReadonlyMap<string, unknown> | null,
  at: Position,
  source: TemplateSource,
): unknown {
  const result = call(callee, positional, named, at, source);
  if (!(result instanceof Promise)) return result;
  // The promise is not wanted any more; its failure must not end the process.
  result.catch(() => undefined);
  const name = callee instanceof HostFunction ? `'${callee.name}'` : 'This call';
  throw new Fault(
    'WarehouseError',
    `${name} needs the warehouse, which is not available while parsing`,
    'Put it into `{% if execute %}`.',
  );
}

/** What leaves a template or a macro for an error: a `JinjaError` with the place where it arose. */
export function located(error: unknown, at: Position, source: TemplateSource, name: string | null): unknown {
  if (error instanceof ReturnSignal) return error;
  let located: unknown = error;
  if (error instanceof JinjaError) error.calledAt(placeOf(source, at));
  else located = withPlace(error, at, source);
  if (name !== null && located instanceof JinjaError) located.leaving(name);
  return located;
}

function withPlace(error: unknown, at: Position, source: TemplateSource): unknown {
  const place = placeOf(source, at);
  const text = wholeText(source);
  if (error instanceof Fault) {
    const { kind, message, hint } = error;
    return new JinjaError(kind, message, { place, ...text, ...(hint === undefined ? {} : { hint }) });
  }
  if (error instanceof UpsqlError) {
    const [first] = error.diagnostics;
    if (first === undefined || first.place !== undefined) return error;
    const { code, hint } = first;
    const more = { code, place, cause: error, exitCode: error.exitCode, ...text };
    return new JinjaError(error.name, error.message, hint === undefined ? more : { ...more, hint });
  }
  if (error instanceof RangeError) {
    const message = /call stack/i.test(error.message) ? 'Macros call each other too deeply' : 'A value is too large';
    return new JinjaError('LimitError', message, { place, ...text });
  }
  if (error instanceof Error) {
    return new JinjaError(error.name, error.message, { code: 'jinja-host', place, cause: error, ...text });
  }
  return error;
}

import { toJinja } from './convert.js';
import type { Scope } from './runtime/context.js';
import { Template } from './template.js';

/** A scope over a plain JS object; its values are converted when they are first asked for. */
export function scopeOf(context: Readonly<Record<string, unknown>>): Scope {
  const converted = new Map<string, unknown>();
  return {
    lookup(name) {
      if (!Object.hasOwn(context, name)) return undefined;
      if (!converted.has(name)) converted.set(name, toJinja(context[name]));
      return converted.get(name);
    },
  };
}

/**
 * Renders a template on plain JS values, with Jinja2's semantics and dbt's settings.
 *
 * @example renderString('{% for x in xs %}{{ x }},{% endfor %}', { xs: [1, 2] }) // '1,2,'
 */
export function renderString(template: string, context: Readonly<Record<string, unknown>> = {}): string {
  return Template.parse({ text: template, file: '<template>' }).renderSync(scopeOf(context));
}

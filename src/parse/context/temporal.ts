/** Stand-ins until the template engine has decimals and dates of its own. */
import { Dict, Float } from '../../jinja/index.js';

export function decimal(text: string): unknown {
  return new Float(Number(text));
}
export function temporal(text: string, _type: string): unknown {
  return text;
}
export function startedAt(date: Date): unknown {
  return date.toISOString();
}
export function modules(): Dict {
  return new Dict();
}

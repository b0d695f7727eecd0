// Renders what compare.py has rendered with jinja2, and tells where the two differ.

import { readFileSync } from 'node:fs';
import { HostObject, repr, Template } from '../../dist/jinja/index.js';

class StandIn extends HostObject {
  constructor(name) {
    super();
    this.name = name;
  }
  get typeName() {
    return 'StandIn';
  }
  getAttribute(name) {
    return name.startsWith('_') ? undefined : new StandIn(`${this.name}.${name}`);
  }
  getItem(key) {
    return new StandIn(`${this.name}[${repr(key)}]`);
  }
  isCallable() {
    return true;
  }
  call({ positional, named }) {
    const parts = [...positional.map(repr), ...[...named].map(([key, value]) => `${key}=${repr(value)}`)];
    return new StandIn(`${this.name}(${parts.join(', ')})`);
  }
  iterate() {
    return [new StandIn(`${this.name}#0`), new StandIn(`${this.name}#1`)];
  }
  length() {
    return 2;
  }
  isTruthy() {
    return this.name.length % 3 !== 0;
  }
  equals(other) {
    return other instanceof StandIn && other.name === this.name;
  }
  hashKey() {
    return `stand-in ${this.name}`;
  }
  repr() {
    return this.name;
  }
}

const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const start = performance.now();
let different = 0;
for (const { file, template, names, output, error } of cases) {
  const known = new Map(names.map((name) => [name, new StandIn(name)]));
  let got;
  try {
    got = Template.parse({ text: template, file }).renderSync({ lookup: (name) => known.get(name) });
  } catch (thrown) {
    got = { error: thrown.kind ?? thrown.name, message: thrown.message };
  }
  if (typeof got === 'string' ? got === output : got.error === error) continue;
  different++;
  const text = typeof got === 'string' ? got : `${got.error}: ${got.message}`;
  const wanted = output ?? `${error}`;
  let at = 0;
  while (at < text.length && text[at] === wanted[at]) at++;
  console.log(`${file}\n  jinja2: ${JSON.stringify(wanted.slice(Math.max(0, at - 40), at + 80))}`);
  console.log(`  upsql:  ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 80))}`);
}
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(`${cases.length - different} of ${cases.length} the same, in ${seconds} s`);

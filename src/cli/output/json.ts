import type { Stream } from '../io.js';
import type { Sink } from './create-output.js';
import { createStyle } from './style.js';
import { jsonValue } from './table.js';

export interface JsonFacts {
  readonly invocationId: string;
  readonly pid: number;
  readonly now?: () => Date;
}

/** One JSON object a line with `info` and `data`, laid out as dbt's structured log. */
export function jsonSink(stream: Stream, facts: JsonFacts): Sink {
  const now = facts.now ?? (() => new Date());
  const line = (level: string, name: string, code: string, msg: string, data: object, thread: string): void => {
    const info = {
      category: '',
      code,
      extra: {},
      invocation_id: facts.invocationId,
      level,
      msg,
      name,
      pid: facts.pid,
      thread,
      ts: now().toISOString(),
    };
    stream.write(`${JSON.stringify({ data, info }, jsonValue)}\n`);
  };
  return {
    style: createStyle(false),
    width: undefined,
    structured: true,
    message: ({ level, name, code, text, data, thread }) =>
      line(level, name, code, text, data ?? { msg: text }, thread ?? 'MainThread'),
    result: (text, { name, code, data } = { name: 'PrintEvent', code: 'Z052', data: { msg: text } }) =>
      line('info', name, code, text, data ?? {}, 'MainThread'),
    progress: () => {},
    close: () => {},
  };
}

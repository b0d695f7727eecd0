import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../diagnostics/index.js';
import type { LogLevel, OutputFlags } from '../flags.js';
import type { Io } from '../io.js';
import { type AnnotationOptions, diagnosticAnnotation, runAnnotations, wantsAnnotations } from './annotations.js';
import { createLogFile, type LogFile } from './log-file.js';
import { diagnosticMessage, eventMessages, type MessageOptions } from './messages.js';
import type { Look, Message, Output } from './output.js';
import { createSecrets, secretsInProfiles, secretValues } from './secrets.js';
import type { Style } from './style.js';
import { printable } from './width.js';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, none: 4 };
const DBT_WIDTH = 80;

/** What the forms of output differ in. All texts come with secrets taken out. */
export interface Sink {
  readonly style: Style;
  readonly width: number | undefined;
  readonly printerWidth?: number;
  /** Writes the data of messages, too. */
  readonly structured?: boolean;
  message(message: Message): void;
  result(text: string, event?: Pick<Message, 'name' | 'code' | 'data'>): void;
  /** A line for the CI server that reads the log, as it is. Absent where nothing reads it. */
  command?(line: string): void;
  /** Sees events before their messages are written. */
  event?: Output['event'];
  /** True for messages that this form shows in another way. */
  hides?(message: Message): boolean;
  progress(progress: Parameters<Output['progress']>[0]): void;
  close(): void;
}

/** The part that all outputs share: levels, secrets, paths, the wording of events. */
export function createOutput(
  sink: Sink,
  flags: OutputFlags,
  io: Io,
  answer: Look = sink,
  file: LogFile = createLogFile(),
): Output {
  const secrets = createSecrets(io.env);
  let options: MessageOptions = {
    style: sink.style,
    cwd: io.cwd,
    targetName: 'default',
    printerWidth: flags.printerWidth ?? sink.printerWidth ?? DBT_WIDTH,
    debug: flags.debug,
    ...(sink.width === undefined ? {} : { width: sink.width }),
  };
  let targetDir: string | undefined;
  const message = (raw: Message): void => {
    if (raw.only !== undefined && (raw.only === 'json') !== (sink.structured === true)) return;
    const safe = { ...raw, text: secrets.hide(raw.text) };
    file.write(safe);
    if (RANK[raw.level] < RANK[flags.level] || sink.hides?.(raw)) return;
    const data = sink.structured ? raw.data : undefined;
    sink.message(data === undefined ? safe : { ...safe, data: hideDeep(data, secrets.hide) });
  };
  const annotating = wantsAnnotations(io.env) && sink.command !== undefined;
  const annotate = (lines: readonly (string | undefined)[]): void => {
    for (const line of lines) if (line !== undefined) sink.command?.(secrets.hide(line));
  };
  const places = (): AnnotationOptions => {
    const { root = io.cwd } = options;
    return { workspace: io.env.GITHUB_WORKSPACE ?? io.cwd, root, targetDir };
  };
  return {
    style: sink.style,
    answer,
    debug: flags.debug,
    structured: sink.structured === true,
    result: (text, event) => sink.result(secrets.hide(text), event && hideDeep(event, secrets.hide)),
    log: (level, text) => message({ level, name: 'Note', code: 'Z050', text: printable(text), data: { msg: text } }),
    message,
    diagnostics(list, event) {
      for (const diagnostic of list) {
        if (diagnostic.place?.file.endsWith('profiles.yml')) secrets.add(secretsInProfiles(profileText(diagnostic)));
        message({ ...diagnosticMessage(diagnostic, options), ...event });
      }
      if (annotating) annotate(list.map((diagnostic) => diagnosticAnnotation(diagnostic, places())));
    },
    event(event) {
      sink.event?.(event);
      for (const each of eventMessages(event, options)) message(each);
      if (annotating && event.kind === 'run-end') annotate(runAnnotations(event.outcome, places()));
    },
    progress: (progress) => sink.progress(flags.level === 'error' || flags.level === 'none' ? null : progress),
    project(project) {
      const { target } = project;
      if (target !== undefined) secrets.add(secretValues(target.credentials));
      targetDir = project.targetDir;
      options = { ...options, root: project.root, targetName: target?.name ?? options.targetName };
      const folder =
        flags.logPath === undefined ? resolve(project.root, project.config.logPath) : resolve(io.cwd, flags.logPath);
      file.open(folder, `upsql ${flags.command}`);
    },
    close() {
      sink.close();
      file.close();
    },
  };
}

function profileText(diagnostic: Diagnostic): string {
  try {
    return diagnostic.source ?? readFileSync(diagnostic.place?.file ?? '', 'utf8');
  } catch {
    return '';
  }
}

function hideDeep<T>(value: T, hide: (text: string) => string): T {
  if (typeof value === 'string') return hide(value) as T;
  if (Array.isArray(value)) return value.map((item) => hideDeep(item, hide)) as T;
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideDeep(item, hide)])) as T;
}

import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Diagnostic, Place } from '../../diagnostics/index.js';
import type { NodeResult, RunOutcome } from '../../run/events.js';
import type { Env } from '../io.js';
import { kindName } from './summary.js';

export interface AnnotationOptions {
  /** The checkout, which paths are shown from. */
  readonly workspace: string;
  /** The project's folder, where relative places start. */
  readonly root: string;
  /** Compiled SQL and the like, which no reader of a change has before him. */
  readonly targetDir?: string | undefined;
}

/** Whether lines that GitHub shows at the changed files are wanted: in GitHub Actions. */
export function wantsAnnotations(env: Env): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/** One `::error …::` or `::warning …::` line for each failed or warned node of a run. */
export function runAnnotations(outcome: RunOutcome, options: AnnotationOptions): string[] {
  return outcome.results.flatMap((result) => {
    const isWarning = result.status === 'warn';
    if (!isWarning && !/error|fail|partial/.test(result.status)) return [];
    const title = `${kindName(result.node.resource_type)} ${result.node.name}`;
    return [annotation(isWarning ? 'warning' : 'error', title, textOf(result), placeOf(result, options))];
  });
}

/** A diagnostic of the project as such a line; undefined where it has no place in the checkout. */
export function diagnosticAnnotation(diagnostic: Diagnostic, options: AnnotationOptions): string | undefined {
  const place = inWorkspace(diagnostic, options);
  const text = diagnostic.hint === undefined ? diagnostic.message : `${diagnostic.message}\nHint: ${diagnostic.hint}`;
  return place === undefined ? undefined : annotation(diagnostic.severity, diagnostic.code, text, place);
}

function textOf({ diagnostics, message, status }: NodeResult): string {
  const [first] = diagnostics;
  if (first === undefined) return message ?? status;
  return first.hint === undefined ? first.message : `${first.message}\nHint: ${first.hint}`;
}

/** The user's own line; without one the node's file. */
function placeOf(result: NodeResult, options: AnnotationOptions): Place {
  for (const diagnostic of result.diagnostics) {
    const place = inWorkspace(diagnostic, options);
    if (place !== undefined) return place;
  }
  return { file: shown(result.node.original_file_path, options) ?? result.node.original_file_path, line: 1, column: 1 };
}

/** The first of a diagnostic's places that is a file of the checkout and no product of the run. */
function inWorkspace({ place, frames = [] }: Diagnostic, options: AnnotationOptions): Place | undefined {
  for (const candidate of [place, ...frames.map((frame) => frame.place)]) {
    if (candidate === undefined || candidate.file.startsWith('<')) continue;
    const file = shown(candidate.file, options);
    if (file !== undefined) return { ...candidate, file };
  }
  return undefined;
}

function shown(file: string, { workspace, root, targetDir }: AnnotationOptions): string | undefined {
  const path = resolve(root, file);
  if (targetDir !== undefined && path.startsWith(targetDir + sep)) return undefined;
  const near = relative(workspace, path);
  return near.startsWith('..') || isAbsolute(near) ? undefined : near.split(sep).join('/');
}

function annotation(level: 'error' | 'warning', title: string, text: string, { file, line, column }: Place): string {
  const properties = Object.entries({ file, line, col: column, title: `upsql: ${title}` })
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',');
  return `::${level} ${properties}::${escapeData(text)}`;
}

/** As GitHub's toolkit escapes the parts of a workflow command. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

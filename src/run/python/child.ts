/** The process that runs a model: lines of JSON to and from it, and what it prints. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A line of the runner; `op` tells which. */
export interface Message {
  readonly op: string;
  readonly [key: string]: unknown;
}

export interface ChildOptions {
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The first line that it gets. */
  readonly job: object;
  /** Answers a request; what it throws is the error that the model's own code gets. */
  readonly answer: (request: Message) => Promise<unknown>;
  /** Gets each line that the model prints. */
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

export type Ending =
  | { readonly kind: 'told'; readonly message: Message }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'died'; readonly how: string; readonly printed: readonly string[] };

const RUNNER = fileURLToPath(new URL('./runner.py', import.meta.url));
/** Lines that are kept for the message about a process that died. */
const LAST_LINES = 5;

/**
 * Runs the runner to its end and gives how it ended; never throws. The process is killed when `signal` aborts, and ends by
 * itself when this one does.
 */
export async function runChild(options: ChildOptions): Promise<Ending> {
  const { command, cwd, env, job, signal } = options;
  if (signal.aborted) return { kind: 'cancelled' };
  const child = spawn(command, ['-u', RUNNER], { cwd, env: { ...env, PYTHONIOENCODING: 'utf-8' } });
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await ending(child, options, job);
  } finally {
    signal.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  }
}

async function ending(
  child: ChildProcessWithoutNullStreams,
  { answer, print, signal }: ChildOptions,
  job: object,
): Promise<Ending> {
  let notStarted: string | undefined;
  const closed = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      notStarted = error.message;
      resolve('');
    });
    child.once('close', (code, signalName) => resolve(signalName ?? `exit code ${code}`));
  });
  // A process that has ended reads no more: how it ended is told below.
  child.stdin.on('error', () => undefined);
  const send = (value: object): void => {
    child.stdin.write(`${JSON.stringify(value)}\n`);
  };
  const printed: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    printed.push(line);
    if (printed.length > LAST_LINES) printed.shift();
    print(line);
  });
  send(job);
  let told: Message | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as Message;
    if (message.op === 'done' || message.op === 'failed') told = message;
    else
      await answer(message).then(
        (value) => send({ value: value ?? null }),
        (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
      );
    if (signal.aborted) break;
  }
  const how = await closed;
  if (signal.aborted) return { kind: 'cancelled' };
  if (notStarted !== undefined) return { kind: 'not-started', why: notStarted };
  return told === undefined ? { kind: 'died', how, printed } : { kind: 'told', message: told };
}

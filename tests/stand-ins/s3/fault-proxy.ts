/** In front of the S3 server: logs requests, and lets some of them go wrong as networks and servers do. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface S3Fault {
  /** A status is answered in place of the server's; `cut` closes the connection; `slow` lets bytes trickle through. */
  readonly do: number | 'cut' | 'slow';
  /** The error's name in the body, for a status: `SlowDown`. */
  readonly code?: string;
  readonly method?: string;
  /** Part of path and query. */
  readonly match?: string;
  /** For `cut`: so many bytes of the body get through before; with `after`, the server has done its work. Default 0. */
  readonly afterBytes?: number;
  readonly after?: boolean;
  /** For `slow`: how long each piece of the body waits. Default 20 ms. */
  readonly delayMs?: number;
  /** Requests that it meets. Default 1. */
  readonly times?: number;
}

export interface S3Request {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly bytes: number;
}

export interface Faults {
  add(fault: S3Fault): void;
  clear(): void;
  /** Requests that were answered, since the last time. */
  log(): readonly S3Request[];
}

export interface FaultProxy extends Faults {
  readonly port: number;
  stop(): Promise<void>;
}

/** With `tls`, clients come by https. */
export async function startFaultProxy(
  port: number,
  tls?: { readonly key: string; readonly cert: string },
): Promise<FaultProxy> {
  let faults: { fault: S3Fault; left: number }[] = [];
  let log: S3Request[] = [];
  const pick = ({ method = '', url = '' }: IncomingMessage): S3Fault | undefined => {
    const found = faults.find(
      ({ fault, left }) => left > 0 && (fault.method ?? method) === method && url.includes(fault.match ?? ''),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  };
  const answer = (from: IncomingMessage, to: ServerResponse): void => {
    const fault = pick(from);
    from.on('error', () => undefined);
    if (typeof fault?.do === 'number') refuse(from, to, fault.do, fault.code);
    else forward(from, to, port, fault, (one) => log.push(one));
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  // The server behind answers `Expect: 100-continue` itself.
  server.on('checkContinue', (from: IncomingMessage, to: ServerResponse) => {
    to.writeContinue();
    server.emit('request', from, to);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    add: (fault) => {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    clear: () => {
      faults = [];
    },
    log: () => {
      const taken = log;
      log = [];
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(from: IncomingMessage, to: ServerResponse, status: number, code = 'InternalError'): void {
  from.resume();
  from.on('end', () => {
    to.writeHead(status, { 'content-type': 'application/xml' });
    to.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>made by the test</Message></Error>`);
  });
}

function forward(
  from: IncomingMessage,
  to: ServerResponse,
  port: number,
  fault: S3Fault | undefined,
  done: (one: S3Request) => void,
): void {
  const { method = 'GET', url = '/' } = from;
  const { expect: _, ...headers } = from.headers;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers });
  const cut = (): void => {
    onward.destroy();
    from.socket.destroy();
  };
  let bytes = 0;
  const cutEarly = fault?.do === 'cut' && fault.after !== true;
  from.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (cutEarly && bytes >= (fault?.afterBytes ?? 0)) return cut();
    const free = onward.write(piece);
    const delay = fault?.do === 'slow' ? (fault.delayMs ?? 20) : 0;
    if (free && delay === 0) return;
    from.pause();
    const go = (): void => void setTimeout(() => from.resume(), delay);
    if (free) go();
    else onward.once('drain', go);
  });
  from.on('end', () => {
    if (cutEarly) return cut();
    onward.end();
  });
  from.on('close', () => {
    if (!from.complete) onward.destroy();
  });
  onward.on('error', () => from.socket.destroy());
  onward.on('response', (answer) => {
    if (fault?.do === 'cut') return cut();
    done({ method, url, status: answer.statusCode ?? 0, bytes });
    to.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(to);
  });
}

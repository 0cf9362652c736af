import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  /** By names in lower case; the last of each. */
  headers: Record<string, string>;
  body: string;
}

/** A connection that says what no HTTP client would. */
export interface RawConnection {
  socket: Socket;
  /** All that came, once the other side has closed. */
  closed: Promise<string>;
  received(): string;
}

export function openRaw(port: number): RawConnection {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.setEncoding('latin1').on('data', (data) => {
    text += String(data);
  });
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.once('end', end).once('close', end);
  });
  return { socket, closed, received: () => text };
}

/** Sends these bytes, and waits until the server closes: a message says `connection: close` where HTTP keeps connections. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer[]> {
  const { socket, closed } = openRaw(port);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return readAnswers(await closed);
}

/** The answers in what a server sent, one after another; informational ones too. */
export function readAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (!rest.startsWith('HTTP/1.1 ') || end === -1) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
    const length = Number(headers['content-length'] ?? 0);
    answers.push({ status: Number(first.split(' ')[1]), headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/** The reason in the body of an error. */
export function reasonIn({ body }: Pick<RawAnswer, 'body'>): string | undefined {
  return (JSON.parse(body) as { errors?: { extensions?: { reason?: string } }[] }).errors?.[0]?.extensions?.reason;
}

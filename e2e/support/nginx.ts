import { readFile, writeFile } from 'node:fs/promises';
import { type Lab, untilListens } from './lab.ts';

type Host = Pick<Lab, 'path' | 'start' | 'listens'>;

/** One request as nginx answered it. */
export interface Served {
  readonly client: string;
  readonly port: number;
  readonly target: string;
  readonly status: number;
  readonly bytes: number;
}

/** A real web server in a lab. */
export class Nginx {
  readonly #log: string;

  private constructor(log: string) {
    this.#log = log;
  }

  /** Serves `root` at `address`: on each of these ports with more directives, and by HTTPS where they name a certificate. */
  static async start(
    lab: Host,
    address: string,
    root: string,
    ports: Readonly<Record<number, string>>,
  ): Promise<Nginx> {
    const log = lab.path('nginx.log');
    const servers = Object.entries(ports).map(
      ([port, directives]) =>
        `server { listen ${address}:${port}${directives.includes('ssl_certificate') ? ' ssl' : ''}; root ${root}; ${directives} }`,
    );
    const config = `
      user root;
      pid ${lab.path('nginx.pid')};
      error_log ${lab.path('nginx-errors.log')};
      daemon off;
      master_process off;
      events {}
      http {
        log_format served '$remote_addr $server_port $request_uri $status $body_bytes_sent';
        access_log ${log} served;
        gzip on;
        gzip_types *;
        gzip_min_length 1;
        ${servers.join('\n')}
      }`;
    await writeFile(lab.path('nginx.conf'), config);
    const child = lab.start('nginx', ['nginx', '-c', lab.path('nginx.conf')]);
    const listens = (): Promise<boolean[]> =>
      Promise.all(Object.keys(ports).map((port) => lab.listens(address, Number(port))));
    await untilListens(child, async () => (await listens()).every(Boolean));
    return new Nginx(log);
  }

  /** All requests so far. */
  async served(): Promise<Served[]> {
    const lines = (await readFile(this.#log, 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const [client = '', port, target = '', status, bytes] = line.split(' ');
      return { client, port: Number(port), target, status: Number(status), bytes: Number(bytes) };
    });
  }
}

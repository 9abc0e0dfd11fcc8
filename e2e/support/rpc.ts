import { readFile, writeFile } from 'node:fs/promises';
import type { Child } from '../../core/lab/real/child.ts';
import { Ensemble } from './ensemble.ts';
import type { Lab } from './lab.ts';
import { ourAddresses } from './scene.ts';

const HOST = '127.0.0.1';
const PORT = 9091;
const [USER, PASSWORD] = ['me', 'pass:word'];

/** `ensemble serve` in a lab, with Transmission's protocol. What it keeps lies in the lab's folder, also over restarts. */
export class RpcServer {
  readonly #lab: Lab;
  readonly #root: string;
  #serve: Ensemble;

  private constructor(lab: Lab, root: string, serve: Ensemble) {
    this.#lab = lab;
    this.#root = root;
    this.#serve = serve;
  }

  /** Its downloads go below `root`. */
  static async open(lab: Lab, root: string): Promise<RpcServer> {
    await writeFile(lab.path('credentials'), `${USER}:${PASSWORD}\n`);
    await lab.makeFolder('rpc-state');
    await writeFile(
      lab.path('rpc-state', 'settings.json'),
      JSON.stringify({ version: 2, bind: ourAddresses(1), dht: false, lsd: false, portMap: false }),
    );
    return new RpcServer(lab, root, await serve(lab, root));
  }

  get child(): Child {
    return this.#serve.child;
  }

  /** Ends it by a signal, and starts it again. */
  async restart(): Promise<void> {
    await this.child.stop(10, 'SIGINT');
    this.#serve = await serve(this.#lab, this.#root);
  }

  /** What transmission-remote prints; rejects where it ends with a failure, or what it was told is no success. */
  async remote(...args: readonly string[]): Promise<string> {
    const out = await this.#lab.run(
      ['transmission-remote', `${HOST}:${PORT}`, '-n', `${USER}:${PASSWORD}`, ...args],
      20,
    );
    const [, said = 'success'] = /responded: "(.*)"/.exec(out) ?? [];
    if (said !== 'success' || /^(?:Error|Unexpected response)/m.test(out)) throw new Error(`${args.join(' ')}: ${out}`);
    return out;
  }

  /** Clients that are libraries; see `rpc_clients.mjs`. */
  libraries(): RpcLibraries {
    return new RpcLibraries(this.#lab, [`http://${HOST}:${PORT}/`, USER, PASSWORD]);
  }

  async kept(): Promise<string> {
    return readFile(this.#lab.path('rpc-state', 'rpc.json'), 'utf8');
  }
}

async function serve(lab: Lab, root: string): Promise<Ensemble> {
  const where = ['--port', String(PORT), '--root', root, '--state', lab.path('rpc-state')];
  const started = new Ensemble(lab, ['serve', ...where, '--rpc', lab.path('credentials')]);
  await started.child.until(() => started.last('serving') !== undefined, 'the served UI', 20);
  return started;
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers have any form, and tests look into them
type Any = any;

/** A process with such clients. */
class RpcLibraries {
  readonly #answers: { readonly answer?: Any; readonly failed?: string }[] = [];
  readonly #child: Child;
  #asked = 0;

  constructor(lab: Lab, args: readonly string[]) {
    const script = new URL('rpc_clients.mjs', import.meta.url).pathname;
    this.#child = lab.start('rpc_clients', [process.execPath, script, ...args], {
      onLine: (line) => void this.#answers.push(JSON.parse(line) as { answer?: Any; failed?: string }),
    });
  }

  ctrl(name: string, ...args: readonly unknown[]): Promise<Any> {
    return this.#call('ctrl', name, args);
  }

  sonarr(name: string, args?: object): Promise<Any> {
    return this.#call('sonarr', name, args === undefined ? [] : [args]);
  }

  async #call(of: string, name: string, args: readonly unknown[]): Promise<Any> {
    const turn = this.#asked++;
    this.#child.send(JSON.stringify({ of, name, args }));
    await this.#child.until(() => this.#answers.length > turn, `${of}'s ${name}`, 20);
    const { answer, failed } = this.#answers[turn] ?? {};
    if (failed !== undefined) throw new Error(`${of}'s ${name}: ${failed}`);
    return answer;
  }
}

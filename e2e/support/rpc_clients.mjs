// Clients of Transmission's protocol that are libraries. Each line of standard input is a call `{ "of", "name", "args" }`, each line of standard
// output its answer `{ "answer" }` or `{ "failed" }`. `ctrl`: a method of @ctrl/transmission. `sonarr`: a method of the protocol, sent as Sonarr does
// (TransmissionProxy.cs there): a GET for the session id, a POST, and both again where that was too old.
// usage: rpc_clients.mjs BASE_URL USER PASSWORD. Ends when its standard input does.
import { createInterface } from 'node:readline';
import { Transmission } from '@ctrl/transmission';

const [baseUrl = '', username = '', password = ''] = process.argv.slice(2);
const ctrl = new Transmission({ baseUrl, username, password });
const url = `${baseUrl}transmission/rpc`;
const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
/** @type {string | null} */
let id = null;

async function enter() {
  const { status, headers } = await fetch(url, { headers: { authorization, accept: 'application/json' } });
  if (status !== 409) throw new Error(`Sonarr is let in with 409, not ${status}`);
  id = headers.get('x-transmission-session-id');
}

/**
 * @param {string} method
 * @param {object | null} args
 */
async function sonarr(method, args) {
  if (id === null) await enter();
  const body = JSON.stringify({ method, ...(args === null ? {} : { arguments: args }) });
  const post = () =>
    fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'x-transmission-session-id': id ?? '' },
      body,
    });
  let response = await post();
  if (response.status === 409) {
    await enter();
    response = await post();
  }
  const { result, arguments: answer } = /** @type {{ result: string, arguments: object }} */ (await response.json());
  if (result !== 'success') throw new Error(result);
  return answer;
}

const input = createInterface({ input: process.stdin });
let turn = Promise.resolve();
input.on('line', (line) => {
  turn = turn.then(async () => {
    /** @type {{ of: string, name: string, args: unknown[] }} */
    const { of, name, args } = JSON.parse(line);
    try {
      const methods = /** @type {Record<string, (...args: unknown[]) => Promise<unknown>>} */ (
        /** @type {unknown} */ (ctrl)
      );
      const answer =
        of === 'ctrl'
          ? await methods[name]?.(...args)
          : await sonarr(name, /** @type {object | null} */ (args[0] ?? null));
      console.log(JSON.stringify({ answer }));
    } catch (error) {
      console.log(JSON.stringify({ failed: String(error) }));
    }
  });
});
input.on('close', () => process.exit(0));

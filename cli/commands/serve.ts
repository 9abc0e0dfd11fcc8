import { type Command, InvalidArgumentError } from 'commander';
import type { Endpoint } from '../../core/base/endpoint.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { canonicalIp } from '../../core/base/ip.ts';
import type { Events } from '../../core/bridge/contract.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addDhtBootstrap, addJson } from '../download-options.ts';
import { parseWhole } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import type { Reporter } from '../output/reporter.ts';
import { stateFolder } from '../state-folder.ts';
import { LEAST_PASSWORD } from '../serve/password.ts';

export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly root: readonly string[];
  readonly state?: string;
  readonly tokenFile?: string;
  readonly setPassword?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly publicUrl?: URL;
  readonly trustedProxy?: readonly string[];
  readonly rpc?: string;
  readonly allowPrograms?: boolean;
  readonly dhtBootstrap?: readonly Endpoint[];
  readonly json?: boolean;
}

export function defineServe(program: Command): Command {
  return addJson(
    addDhtBootstrap(
      program
        .command('serve')
        .description('the UI for a browser; prints a URL with a token')
        .option('--host <host>', 'name or address to listen on', '127.0.0.1')
        .option('--port <port>', 'port to listen on (default: a free one)', parseWhole(0, 65535), 0)
        .option('--root <dir...>', 'downloads go below these folders, by default into the first', [])
        .option('--state <dir>', "where catalog and settings lie (default: the platform's folder for such things)")
        .option('--token-file <file>', "a file with the URL's token in its first line, the same at each start")
        .option(
          '--set-password',
          'ask for a password (not shown; elsewhere than at a terminal: read standard input), keep its hash, and end',
        )
        .option('--tls-cert <file>', 'speak TLS with this certificate (PEM)')
        .option('--tls-key <file>', 'its key (PEM)')
        .option(
          '--public-url <url>',
          'where a reverse proxy serves it, such as https://example.org/ensemble',
          parsePublicUrl,
        )
        .option('--trusted-proxy <addresses>', 'proxies A[,B...] whose X-Forwarded-For tells who asks', parseAddresses)
        .option(
          '--allow-programs',
          'let whoever uses the UI choose programs that this machine runs when downloads are done',
        )
        .option(
          '--rpc <file>',
          "answer Transmission's remote clients at /transmission/rpc, who give the user:password of this file's first line",
        ),
    ),
  );
}

/**
 * `ensemble serve`: serves until interrupted, then leaves all swarms and rejects with the interruption, or until a client of Transmission's
 * protocol asks for its end.
 */
export async function serve(
  context: Context,
  flags: ServeFlags,
  offers: readonly (Events['offer'] | { readonly url: string })[] = [],
): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  const folder = stateFolder(context, flags);
  if (flags.setPassword === true) return setPassword(context, folder, reporter);
  const { publicUrl, trustedProxy = [] } = flags;
  const rpcCredentials = await rpcCredentialsOf(context, flags.rpc);
  let end = (): void => undefined;
  const asked = new Promise<void>((resolve) => (end = resolve));
  const ui = await context.backend.openUi({
    token: await tokenOf(context, flags.tokenFile),
    tls: await tlsOf(context, flags),
    publicUrl,
    trustedProxies: trustedProxy,
    allowPrograms: flags.allowPrograms === true,
    ...(rpcCredentials === undefined ? {} : { rpcCredentials, end: () => end() }),
    host: flags.host,
    port: flags.port,
    roots: flags.root.map((root) => resolvePath(context, root)),
    stateFolder: folder,
    ...(flags.dhtBootstrap === undefined || flags.dhtBootstrap.length === 0
      ? {}
      : { dhtBootstrap: flags.dhtBootstrap }),
    warn: (text) => reporter.message(text),
  });
  try {
    for (const offer of offers) {
      if ('url' in offer) ui.offerUrl(offer.url);
      else ui.offer(offer);
    }
    reporter.result(
      { event: 'serving', url: ui.url },
      `Ensemble is at ${ui.url}\nWhoever has this address can use it. Ctrl-C ends it.`,
    );
    const interrupted = new Promise<never>((_resolve, reject) => {
      const ended = (): void => reject(context.signal.reason as Error);
      if (context.signal.aborted) ended();
      else context.signal.addEventListener('abort', ended, { once: true });
    });
    await Promise.race([interrupted, asked]);
  } finally {
    await ui.close();
    reporter.close();
  }
}

function parsePublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (isPlain && /^https?:$/.test(url.protocol) && /^[\w./~-]*$/.test(url.pathname)) return url;
  throw new InvalidArgumentError(
    'It must be an http or https address without a query, such as https://example.org/ensemble.',
  );
}

function parseAddresses(text: string): string[] {
  return text.split(',').map((one) => {
    const ip = canonicalIp(one.trim());
    if (ip === undefined) throw new InvalidArgumentError(`"${one}" is no IP address.`);
    return ip;
  });
}

/** So short a token could be guessed. */
const LEAST_TOKEN = 16;

async function tokenOf(context: Context, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const token = (await textOf(context, name)).toString('utf8').split(/\r?\n/)[0]?.trim() ?? '';
  if (token.length >= LEAST_TOKEN && /^[\w.~-]+$/.test(token)) return token;
  throw new EnsembleError(
    'usage',
    `The first line of ${name} must be a token of ${LEAST_TOKEN} or more letters, digits, "-", "_", "." and "~".`,
  );
}

async function rpcCredentialsOf(context: Context, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const [line = ''] = (await textOf(context, name)).toString('utf8').split(/\r?\n/);
  const at = line.indexOf(':');
  if (at > 0 && line.length - at > LEAST_PASSWORD) return line;
  throw new EnsembleError(
    'usage',
    `The first line of ${name} must be USER:PASSWORD, with a password of ${LEAST_PASSWORD} or more characters.`,
  );
}

async function tlsOf(context: Context, flags: ServeFlags): Promise<{ cert: Buffer; key: Buffer } | undefined> {
  const { tlsCert, tlsKey } = flags;
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new EnsembleError('usage', '--tls-cert and --tls-key belong together: give both.');
  }
  return { cert: await textOf(context, tlsCert), key: await textOf(context, tlsKey) };
}

const MAX_TEXT = 1024 * 1024;

async function textOf(context: Context, name: string): Promise<Buffer> {
  const data = await context.backend.disk.readFile(resolvePath(context, name), MAX_TEXT);
  if (data === undefined) throw new EnsembleError('usage', `There is no file ${name}.`);
  return Buffer.from(data);
}

async function setPassword(context: Context, folder: string, reporter: Reporter): Promise<void> {
  const password = (await typedPassword(context)) ?? (await pipedPassword(context));
  await context.backend.keepPassword(folder, password);
  reporter.result({ event: 'done' }, 'The password is kept. Whoever was let in before has to come in anew.');
  reporter.close();
}

/** Typed twice, as nobody sees it; undefined: there is no terminal. */
async function typedPassword(context: Context): Promise<string | undefined> {
  const { askSecret } = context.backend;
  const password = await abortable(context, askSecret('Password: '));
  if (password === undefined) return undefined;
  const again = await abortable(context, askSecret('The same again: '));
  if (again !== password) throw new EnsembleError('usage', 'The two are not the same: nothing was changed. Try again.');
  return password;
}

async function pipedPassword({ backend }: Context): Promise<string> {
  const text = Buffer.from((await backend.readPipe('/dev/stdin', MAX_TEXT)) ?? []).toString('utf8');
  return text.split(/\r?\n/)[0] ?? '';
}

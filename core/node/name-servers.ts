import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns';
import { access, readdir, readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { BlockList } from 'node:net';
import { isLoopback } from '../base/ip.ts';
import { literalFamily } from './ip-literal.ts';

/** As many as a system's own resolver asks. */
const MAX_SERVERS = 3;
const COMMAND_TIME = 2_000;
const MAX_OUTPUT = 64 * 1024;

/** How the system of this machine tells its name servers. Each may reject: then it does not tell, or could not be asked just now. */
export interface NameServerLists {
  /** What is set for one network interface, from several places: the first that knows any counts. */
  readonly ofLink: readonly ((interfaceName: string) => Promise<readonly string[]>)[];
  /** What is set for the whole machine. */
  readonly shared: readonly (() => Promise<readonly string[]>)[];
}

/**
 * The name servers that may be asked from a local address: those of its link or, where the system tells none, those of the machine
 * that are not in the network of another link. Only of the address' family, and none on this machine: a forwarder there would ask
 * over a link of its own choice. Empty: none is known. Rejects where they cannot be asked for just now.
 */
export async function nameServersOf(
  address: string,
  lists: NameServerLists = SYSTEM,
  own: Listed = networkInterfaces(),
): Promise<readonly string[]> {
  const family = literalFamily(address);
  const link = Object.entries(own).find(([, list]) => list?.some((one) => one.address === address))?.[0];
  if (link === undefined || isLoopback(address)) return [];
  const fit = (servers: readonly string[]): readonly string[] =>
    [...new Set(servers)]
      .filter((server) => literalFamily(server) === family && !isLoopback(server) && !/^fe[89ab]/i.test(server))
      .slice(0, MAX_SERVERS);
  for (const ask of lists.ofLink) {
    const servers = fit(await ask(link).catch(notTold));
    if (servers.length > 0) return servers;
  }
  for (const ask of lists.shared) {
    const servers = await ask().catch(notTold);
    const near = fit(servers.filter((server) => !isElsewhere(server, link, own)));
    if (near.length > 0) return near;
  }
  return [];
}

/** A program that is not there, or has no answer, tells nothing. One that was too slow, or could not be started, may tell the next time. */
function notTold(error: unknown): readonly string[] {
  const { code, killed } = error as { readonly code?: unknown; readonly killed?: unknown };
  if (killed === true || (typeof code === 'string' && PASSING.has(code))) throw error;
  return [];
}

const PASSING: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

type Listed = NodeJS.Dict<readonly { readonly address: string; readonly cidr: string | null }[]>;

/** Whether a server stands in the network of another link alone. */
function isElsewhere(server: string, link: string, own: Listed): boolean {
  const isOn = (name: string): boolean => (own[name] ?? []).some(({ cidr }) => cidr !== null && contains(cidr, server));
  return !isOn(link) && Object.keys(own).some(isOn);
}

function contains(cidr: string, server: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  const family = literalFamily(network);
  if (family === 0 || literalFamily(server) !== family) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length), family === 6 ? 'ipv6' : 'ipv4');
  return list.check(server, family === 6 ? 'ipv6' : 'ipv4');
}

const SYSTEM: NameServerLists = {
  ofLink: process.platform === 'linux' ? [fromResolved, fromNetworkManager, fromResolvconf] : [],
  shared: [
    async () => nameserverLines(await readFile('/run/systemd/resolve/resolv.conf', 'utf8')),
    // Read anew from the system for each resolver.
    () => Promise.resolve(new Resolver().getServers()),
  ],
};

async function fromResolved(link: string): Promise<readonly string[]> {
  await access('/run/systemd/resolve');
  return addressesIn(await output('resolvectl', ['dns', link]));
}

async function fromNetworkManager(link: string): Promise<readonly string[]> {
  await access('/run/NetworkManager');
  const told = await output('nmcli', ['-g', 'IP4.DNS,IP6.DNS', 'device', 'show', link]);
  return addressesIn(told.replaceAll('\\:', ':'));
}

/** Both programs of this name keep a file for each link, named after it; one adds what set it, after a dot. */
async function fromResolvconf(link: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of ['/run/resolvconf/interfaces', '/run/resolvconf/interface']) {
    const names = (await readdir(folder).catch(() => [])).filter(
      (name) => name === link || name.startsWith(`${link}.`),
    );
    for (const name of names.slice(0, 10)) {
      found.push(...nameserverLines(await readFile(`${folder}/${name}`, 'utf8')));
    }
  }
  return found;
}

/** The servers that a file in the form of resolv.conf names. */
export function nameserverLines(text: string): string[] {
  return [...text.slice(0, MAX_OUTPUT).matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, server = '']) => server);
}

/** All addresses among the words of a text, without zone, port and name (`1.1.1.1:53#dns.example`). */
export function addressesIn(text: string): string[] {
  return text
    .split(/[\s|]+/)
    .map((word) => word.replace(/[%#].*$/, '').replace(/^\[(.*)\](?::\d+)?$/, '$1'))
    .map((word) => (literalFamily(word) === 0 ? word.replace(/:\d+$/, '') : word))
    .filter((word) => literalFamily(word) !== 0);
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: COMMAND_TIME, maxBuffer: MAX_OUTPUT, windowsHide: true };
    execFile(command, args, options, (error, told) => (error ? reject(error) : resolve(told)));
  });
}

import { writeFile } from 'node:fs/promises';
import type { Child } from '../../core/lab/real/child.ts';
import type { Machine } from '../../core/lab/real/machine.ts';
import { Place } from './home.ts';
import { type Lab, untilListens } from './lab.ts';

/** The line between a user and a lab: where the proxy listens, and where the user is. */
export const PROXY = '10.79.0.1';
export const USER = '10.79.0.2';
export const PROXY_PORT = 1080;

export const PROXIES = ['dante', 'microsocks', 'tinyproxy'] as const;
export type ProxyProgram = (typeof PROXIES)[number] | 'shadowsocks';

/** The two of them that ask who is there, each in its own way, are told this. */
const ACCOUNT = { user: 'me', password: 's3cret' } as const;

/** For `--proxy`. */
export function proxyUrl(program: ProxyProgram): string {
  const who = program === 'dante' || program === 'shadowsocks' ? '' : `${ACCOUNT.user}:${ACCOUNT.password}@`;
  return `${program === 'tinyproxy' ? 'http' : 'socks5'}://${who}${PROXY}:${PROXY_PORT}`;
}

const DANTE = (outer: string): string => `logoutput: stderr
internal: ${PROXY} port = ${PROXY_PORT}
external: ${outer}
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 command: bind connect udpassociate }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 command: bindreply udpreply }
`;

const TINYPROXY = (outer: string): string => `Port ${PROXY_PORT}
Listen ${PROXY}
Bind ${outer}
Timeout 600
MaxClients 100
BasicAuth ${ACCOUNT.user} ${ACCOUNT.password}
`;

/** A machine with one line, at whose other end is a lab that would forward whatever it sent beside the proxy there. */
export async function openUser(lab: Lab): Promise<Place> {
  const place = await Place.open(lab, 'user');
  await lab.run(
    [
      'sh',
      '-ec',
      `ip link add user type veth peer name eth0 netns ${place.pid}; ip addr add ${PROXY}/24 dev user; ip link set user up;` +
        'echo 1 > /proc/sys/net/ipv4/ip_forward',
    ],
    10,
  );
  await place.run(`ip addr add ${USER}/24 dev eth0; ip link set eth0 up; ip route add default via ${PROXY}`);
  return place;
}

/** Both ends of it: one is a SOCKS5 proxy of its own kind, the other reaches the world. */
const shadowsocks = (outer: string): readonly string[] => {
  const both = '-s 127.0.0.1 -p 8388 -k s3cret -m aes-128-gcm -u -t 600';
  return ['sh', '-c', `ss-server ${both} -b ${outer} & exec ss-local ${both} -b ${PROXY} -l ${PROXY_PORT}`];
};

/** Starts a proxy on a machine in the lab's namespace; it reaches the world from `outer`. Stopping it stops all that it started. */
export async function startProxy(lab: Lab, machine: Machine, program: ProxyProgram, outer: string): Promise<Child> {
  const file = lab.path(`${program}.conf`);
  if (program === 'dante' || program === 'tinyproxy')
    await writeFile(file, (program === 'dante' ? DANTE : TINYPROXY)(outer));
  const account = ['-u', ACCOUNT.user, '-P', ACCOUNT.password];
  const commands: Readonly<Record<ProxyProgram, readonly string[]>> = {
    dante: ['danted', '-f', file],
    microsocks: ['microsocks', '-i', PROXY, '-p', String(PROXY_PORT), '-b', outer, ...account],
    tinyproxy: ['tinyproxy', '-d', '-c', file],
    shadowsocks: shadowsocks(outer),
  };
  // danted's children outlive it, and it changes its user, which cancels the setting that ends it with us: so all of them end with the
  // shell that is their first process.
  const alone = ['unshare', '--pid', '--fork', 'sh', '-c', '"$@" </dev/null & cat >/dev/null', 'sh'];
  const child = machine.start(program, [...alone, ...commands[program]], { endsByInput: true });
  await untilListens(child, () => lab.listens(PROXY, PROXY_PORT));
  return child;
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';

interface LinkEvent {
  readonly address: string;
  readonly verdict: string;
  readonly kind: string;
  readonly leavesBy?: string;
  readonly make?: readonly (readonly string[])[];
}

/** Two links with a router each; their far ends lie in the same namespace, as nobody needs to answer. */
const LINKS = `
set -e
ip link set lo up
for i in 1 2; do
  ip link add wan$i type veth peer name far$i
  for end in wan$i far$i; do ip link set $end addrgenmode none; ip link set $end up; done
  ip addr add 10.$i.0.2/24 dev wan$i
  ip addr add fd0$i::2/64 dev wan$i nodad
done
ip route add default via 10.1.0.1 dev wan1
ip -6 route add default via fd01::1 dev wan1
`;
/** A tunnel is up while a program holds it. */
const TUNNEL = `
import fcntl, os, struct, sys
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"tun9", 0x1001))
os.system("ip link set tun9 up && ip addr add 10.9.0.2/32 dev tun9")
print("ready", flush=True)
sys.stdin.read()
`;
const SECOND_ROUTER = 'ip route add default via 10.2.0.1 dev wan2 metric 500';

/** Many more than what the system sends meanwhile. */
const DATAGRAMS = 20;

interop('by which link packets leave', [], true, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open();
    await lab.run(['sh', '-c', LINKS], 20);
    const held = { up: false };
    const tunnel = lab.start('tunnel', ['/usr/bin/python3', '-c', TUNNEL], { onLine: () => (held.up = true) });
    await tunnel.until(() => held.up, 'its address', 20);
  });
  afterAll(() => lab.close());

  const sh = (script: string): Promise<string> => lab.run(['sh', '-ec', script], 20);
  const tables = (): Promise<string> =>
    sh('for f in 4 6; do ip -$f rule show; ip -$f route show table all | sed "s/expires [^ ]*//"; done');
  /** The links by their addresses, without those of loopback's device. */
  const paths = async (...args: string[]): Promise<ReadonlyMap<string, LinkEvent>> => {
    const run = new Ensemble(lab, ['paths', ...args]);
    const { code } = await run.child.exit;
    expect(code, run.child.output).toBe(0);
    const links = run.events.filter((event) => event.event === 'link') as unknown as LinkEvent[];
    return new Map(links.map((link) => [link.address, link]));
  };
  /** By which link datagrams from `own` to the internet leave: 1 of each. The system sends some packets of its own. */
  const sent = async (own: string): Promise<Record<string, number>> => {
    const count = async (): Promise<number[]> => {
      const read =
        'for i in wan1 wan2; do ip -j -s link show $i | grep -o \'"tx":{"bytes":[0-9]*,"packets":[0-9]*\' | sed "s/.*://"; done';
      return (await sh(read)).trim().split('\n').map(Number);
    };
    const before = await count();
    const datagram = `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("${own}", 0)); [s.sendto(b"x", ("93.184.1.1", 9)) for _ in range(${DATAGRAMS})]`;
    await lab.run(['/usr/bin/python3', '-c', datagram], 20);
    const after = await count();
    const [wan1 = 0, wan2 = 0] = after.map((count, i) => Math.round((count - (before[i] ?? 0)) / DATAGRAMS));
    return { wan1, wan2 };
  };

  it('is told of each address, with what is missing', async () => {
    const links = await paths();
    expect(links.get('10.1.0.2')).toMatchObject({ verdict: 'own', leavesBy: 'wan1' });
    expect(links.get('fd01::2')).toMatchObject({ verdict: 'own', leavesBy: 'wan1' });
    // Its packets leave by the first link, and no table names a router of its own.
    expect(links.get('10.2.0.2')).toMatchObject({ verdict: 'elsewhere', leavesBy: 'wan1' });
    expect(links.get('10.2.0.2')?.make).toBeUndefined();
    // A tunnel needs no router's address.
    expect(links.get('10.9.0.2')).toMatchObject({ kind: 'vpn', verdict: 'elsewhere' });
    expect(links.get('10.9.0.2')?.make).toContainEqual(expect.arrayContaining(['default', 'dev', 'tun9']));
    const given = await paths('--gateway', '10.2.0.1');
    expect(given.get('10.2.0.2')?.make).toBeDefined();
  });

  it('is set right and restored to the letter', async () => {
    await sh(SECOND_ROUTER);
    await sh('for i in 1 2; do ip neigh replace 10.$i.0.1 lladdr 02:00:00:00:00:0$i dev wan$i; done');
    const before = await tables();
    expect(await sent('10.2.0.2')).toMatchObject({ wan2: 0 });

    const after = await paths('--apply', '--yes', '--gateway', 'fd02::1');
    expect(after.get('10.2.0.2')).toMatchObject({ verdict: 'own', leavesBy: 'wan2' });
    expect(after.get('fd02::2')).toMatchObject({ verdict: 'own', leavesBy: 'wan2' });
    expect(after.get('10.1.0.2')).toMatchObject({ verdict: 'own', leavesBy: 'wan1' });
    expect(await sent('10.2.0.2')).toMatchObject({ wan1: 0 });
    expect((await sent('10.2.0.2'))['wan2']).toBeGreaterThan(0);
    // What is near goes as before.
    expect(await sh('ip route get 10.1.0.9 from 10.2.0.2')).toContain('dev wan1');

    // A second time there is nothing to do; what is there is taken back alone.
    const set = await tables();
    await paths('--apply', '--yes', '--gateway', 'fd02::1');
    expect(await tables()).toBe(set);
    const undo = new Ensemble(lab, ['paths', '--undo', '--yes']);
    expect((await undo.child.exit).code).toBe(0);
    expect(await tables()).toBe(before);
  });

  it('asks nobody where there is no terminal, and says so', async () => {
    const before = await tables();
    const run = new Ensemble(lab, ['paths', '--apply', '--gateway', 'fd02::1']);
    const { code } = await run.child.exit;
    expect(code).not.toBe(0);
    expect(run.last('error')).toMatchObject({ code: 'usage' });
    expect(await tables()).toBe(before);
  });
});

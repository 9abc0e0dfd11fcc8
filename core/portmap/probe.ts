import type { MappingProtocol } from '../base/choices.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import { gatewayOf, withoutZone } from './gateways.ts';
import { LinkSocket } from './link-socket.ts';
import type { MapOutcome, MappingAsk, MappingWay, MapPorts } from './mapping.ts';
import { Pinhole } from './pinhole.ts';
import { PmpMapping } from './pmp-mapping.ts';
import { cannotAsk, doubt, noRouter } from './sentences.ts';
import { UpnpMapping } from './upnp-mapping.ts';
import { NEVER } from '../ports/wait.ts';

/** A router that answers at all does so within the first second. */
const TRIES = 4;
const TIMES = { silenceTimeout: millis(60_000), stuckTimeout: millis(60_000) };

export interface ProbeOptions {
  /** Addresses or names of interfaces; empty: all that this machine has, without loopback. */
  readonly bind: readonly string[];
  readonly gateways: readonly string[];
  readonly signal: AbortSignal;
}

/** What a router answered by one protocol. The mapping was given back. */
export interface ProbeAnswer {
  readonly protocol: MappingProtocol;
  readonly outcome: MapOutcome;
  /** Why the mapping would not suffice. */
  readonly note?: string;
}

/** What is known of the router of one address. */
export interface LinkProbe {
  readonly own: LocalAddress;
  readonly gateway?: string;
  /** It could not be asked: a sentence that says what to do. */
  readonly message?: string;
  readonly answers: readonly ProbeAnswer[];
}

/** Asks the router of each address for a port, protocol by protocol, and gives it back. Rejects with EnsembleError. */
export async function probe(ports: MapPorts, options: ProbeOptions): Promise<readonly LinkProbe[]> {
  const { bind, gateways, signal } = options;
  const all = ports.interfaces.list();
  const chosen = all.filter((own) => (bind.length === 0 ? !own.internal : isOneOf(bind, own)));
  const missing = bind.find((name) => !all.some((own) => isOneOf([name], own)));
  if (missing !== undefined) throw new EnsembleError('usage', `This machine has no address or interface ${missing}.`);
  return Promise.all(
    chosen.map(async (own) => {
      const routes = await ports.interfaces.routes(own.family);
      return probeLink(ports, own, gatewayOf(own, routes, gateways), signal);
    }),
  );
}

function isOneOf(names: readonly string[], own: LocalAddress): boolean {
  return names.some((name) => name === own.address || name === own.interfaceName);
}

async function probeLink(
  ports: MapPorts,
  own: LocalAddress,
  gateway: string | undefined,
  signal: AbortSignal,
): Promise<LinkProbe> {
  // A port that nobody has, so that nothing else is reached from outside meanwhile.
  const listener = await ports.net.listen({ address: own.address, port: 0, ...TIMES }, () => undefined);
  const { port } = listener.local;
  const ask = { tcp: port, udp: port, outer: port };
  try {
    if (gateway === undefined) return { own, message: noRouter(own.address, ask), answers: [] };
    const link = await LinkSocket.open(ports, own, gateway, { announced: () => {} });
    try {
      return { own, gateway: withoutZone(gateway), answers: await askAll(ports, link, ask, signal) };
    } finally {
      link.close();
    }
  } catch (error) {
    return { own, message: cannotAsk(own.address, gateway ?? '', messageOf(error)), answers: [] };
  } finally {
    await listener.close();
  }
}

async function askAll(ports: MapPorts, link: LinkSocket, ask: MappingAsk, signal: AbortSignal): Promise<ProbeAnswer[]> {
  const six = link.own.family === 6;
  const ways: readonly (readonly [MappingProtocol, MappingWay])[] = [
    ['pcp', new PmpMapping(ports, link, { tries: TRIES, only: 'pcp' })],
    ...(six ? [] : [['nat-pmp', new PmpMapping(ports, link, { tries: TRIES, only: 'nat-pmp' })] as const]),
    ['upnp', six ? new Pinhole(ports, link) : new UpnpMapping(ports, link)],
  ];
  const out: ProbeAnswer[] = [];
  for (const [protocol, way] of ways) {
    const outcome = await way.map(ask, signal);
    let note: string | undefined;
    if (outcome.kind === 'granted') {
      note = doubt(link.gateway, outcome.grant);
      // Given back even where the user has stopped it meanwhile.
      await way.release(outcome.grant, ask, NEVER);
    }
    out.push({ protocol, outcome, ...(note === undefined ? {} : { note }) });
  }
  return out;
}

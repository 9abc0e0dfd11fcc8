import { COLLECT_MODES, LINK_KINDS } from '../base/choices.ts';
import { canonicalIp, isUnicast, parseIp } from '../base/ip.ts';
import { integerField, type JsonFields, stringField } from '../store/records/checked-json.ts';
import type { Exchange, Figures, LinkSaid } from './claim-store.ts';

/** Addresses of a machine that are told, and taken. */
export const MAX_HOSTS = 8;
/** Most characters of each. */
const LINK = { name: 40, interfaceName: 64, proxy: 255 } as const satisfies Record<
  Exclude<keyof LinkSaid, 'kind'>,
  number
>;
const FIGURES = ['down', 'up', 'peers', 'downloaded', 'uploaded'] as const;

/** What a registration says of the exchange of pieces; undefined where it says nothing, or what is not valid, as anybody may have written it. */
export function decodeExchange(fields: JsonFields): Exchange | undefined {
  const { exchange } = fields;
  if (typeof exchange !== 'object' || exchange === null) return undefined;
  const said = exchange as JsonFields;
  const port = integerField(said, 'port', 1, 65_535);
  const collect = COLLECT_MODES.find((mode) => mode === said['collect']);
  const { hosts, collecting } = said;
  if (port === undefined || collect === undefined || typeof collecting !== 'boolean') return undefined;
  if (!Array.isArray(hosts) || hosts.length > MAX_HOSTS) return undefined;
  const all = (hosts as readonly unknown[]).map(addressOf);
  if (!all.every((host) => host !== undefined)) return undefined;
  const figures = figuresOf(said['figures']);
  const link = linkOf(said['link']);
  const more = { ...(figures !== undefined && { figures }), ...(link !== undefined && { link }) };
  return { hosts: all, port, collect, collecting, ...more };
}

/** Each but its kind a line of text, as people gave it. */
function linkOf(said: unknown): LinkSaid | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const parts = Object.entries(LINK).flatMap(([name, most]) => {
    const text = stringField(said as JsonFields, name, most) ?? '';
    return text !== '' && !/\p{Cc}/u.test(text) ? [[name, text]] : [];
  });
  const kind = LINK_KINDS.find((one) => one === (said as JsonFields)['kind']);
  if (parts.length === 0 && kind === undefined) return undefined;
  return { ...(Object.fromEntries(parts) as LinkSaid), ...(kind !== undefined && { kind }) };
}

function figuresOf(said: unknown): Figures | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const [down, up, peers, downloaded, uploaded] = FIGURES.map((name) =>
    integerField(said as JsonFields, name, 0, Number.MAX_SAFE_INTEGER),
  );
  if (down === undefined || up === undefined || peers === undefined) return undefined;
  if (downloaded === undefined || uploaded === undefined) return undefined;
  return { down, up, peers, downloaded, uploaded };
}

/** Addresses alone: a name could lead anywhere, and to somewhere else each time. */
function addressOf(host: unknown): string | undefined {
  if (typeof host !== 'string' || host.length > 64) return undefined;
  const ip = parseIp(host);
  return ip !== undefined && isUnicast(ip) ? canonicalIp(host) : undefined;
}

/** Whether a machine of this choice fetches what the others have, who chose so. */
export function collects(own: Exchange['collect'], others: Iterable<Pick<Exchange, 'collect'>>): boolean {
  if (own !== 'all') return own === 'here';
  for (const { collect } of others) if (collect === 'here') return false;
  return true;
}

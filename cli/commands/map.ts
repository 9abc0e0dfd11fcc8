import { type Command, Option } from 'commander';
import { formatEndpoint } from '../../core/base/endpoint.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import type { LinkProbe, ProbeAnswer } from '../../core/portmap/probe.ts';
import { PROTOCOL_NAMES } from '../../core/portmap/sentences.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { parseBindList } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { noAddress } from './no-address.ts';

interface MapFlags {
  readonly json?: boolean;
  readonly bind?: readonly string[];
  readonly gateway?: readonly string[];
  readonly proxy?: true;
}

export function defineMap(program: Command): Command {
  return addJson(
    program
      .command('map')
      .description("what the router of each of this machine's links answers when it is asked for a port")
      .option('--bind <addresses>', 'only these local addresses or interface names A[,B...]', parseBindList)
      .option('--gateway <addresses>', 'routers A[,B...] to ask where the routing table names none', parseBindList)
      .addOption(
        new Option('--proxy [urls]')
          .preset(true)
          .argParser(() => true)
          .hideHelp(),
      ),
  );
}

export async function map(context: Context, flags: MapFlags): Promise<void> {
  if (flags.proxy) {
    throw new EnsembleError(
      'usage',
      'A router is asked from the address that it is to send to, which a proxy cannot do, and downloads by a proxy ask none: leave --proxy out.',
    );
  }
  const reporter = chooseReporter(context, flags.json === true);
  const { signal } = context;
  const links = await context.backend.probeRouters({ bind: flags.bind ?? [], gateways: flags.gateway ?? [], signal });
  signal.throwIfAborted();
  if (links.length === 0) throw noAddress();
  for (const link of links) reporter.result(linkFields(link), linkText(link));
}

function linkFields({ own, gateway, message, answers }: LinkProbe): Record<string, unknown> {
  return {
    event: 'link',
    interface: own.interfaceName,
    address: own.address,
    ...(message === undefined ? { gateway, answers: answers.map(answerFields) } : { message }),
  };
}

function answerFields({ protocol, outcome, note }: ProbeAnswer): Record<string, unknown> {
  const { kind: result } = outcome;
  if (outcome.kind === 'refused') return { protocol, result, why: outcome.why };
  if (outcome.kind === 'silent') return { protocol, result };
  const { host, tcp: port, lifetime } = outcome.grant;
  return {
    protocol,
    result,
    ...(host === undefined ? {} : { host }),
    port,
    lifetime,
    ...(note === undefined ? {} : { note }),
  };
}

function linkText({ own, gateway, message, answers }: LinkProbe): string {
  const head = `${own.interfaceName} ${own.address}`;
  if (message !== undefined) return `${head}\n  ${message}`;
  const lines = answers.map((answer) => `  ${PROTOCOL_NAMES[answer.protocol].padEnd(8)} ${answerText(answer)}`);
  return [`${head}, router ${gateway ?? ''}`, ...lines].join('\n');
}

function answerText({ outcome, note }: ProbeAnswer): string {
  switch (outcome.kind) {
    case 'silent':
      return 'no answer';
    case 'refused':
      return `no port: ${outcome.why}`;
    case 'granted': {
      const { host, tcp, udp, lifetime } = outcome.grant;
      const where = host === undefined ? `port ${tcp}` : formatEndpoint({ host, port: tcp });
      const without = udp === tcp ? '' : ', but not for UDP';
      return `${where} for ${lifetime} s${without}; given back${note === undefined ? '' : `\n           ${note}`}`;
    }
  }
}

import { type Millis, millis } from '../../core/base/ids.ts';
import type { LinkSnapshot } from '../../core/engine/link-profiles.ts';
import { waitText } from '../../core/engine/link-rules.ts';
import { wait } from '../../core/ports/wait.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { withTimeout } from '../follow.ts';
import { chooseReporter } from '../output/choose.ts';
import { rateText, sizeText } from '../../core/base/sizes.ts';
import { withPrograms } from '../remote/programs.ts';
import type { Running, RunningFlags } from '../running.ts';

export interface WatchFlags extends RunningFlags {
  readonly json?: boolean;
  readonly timeout?: number;
}

/** So often people see it anew. */
const PERIOD: Millis = millis(2000);

/** `ensemble paths --watch`: what leaves by each link of the programs that run, until it is interrupted or its time is over. */
export async function watchPaths(outer: Context, flags: WatchFlags): Promise<void> {
  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout, `Watched for ${flags.timeout} s.`);
  try {
    await withPrograms(context, flags, async (programs) => {
      for (;;) {
        context.signal.throwIfAborted();
        for (const program of programs) {
          const { links } = await abortable(context, program.client.call('paths', null));
          for (const link of links) reporter.result(useFields(program, link), useText(link));
        }
        await wait(context.backend.clock, PERIOD, context.signal);
      }
    });
  } finally {
    cancel();
    reporter.close();
  }
}

function useFields({ name: program, pid }: Running, link: LinkSnapshot): Record<string, unknown> {
  const { name, at, address, role, wait, identities, rate, downloaded, uploaded, month } = link;
  return {
    event: 'use',
    program,
    ...(pid === undefined ? {} : { pid }),
    ...(name === undefined ? {} : { link: name }),
    at,
    ...(address === undefined ? {} : { address }),
    role,
    ...(wait === undefined ? {} : { waits: waitText(wait) }),
    identities,
    down: Math.round(rate.down),
    up: Math.round(rate.up),
    downloaded,
    uploaded,
    ...(month === undefined ? {} : { month }),
  };
}

function useText(link: LinkSnapshot): string {
  const { name, at, address, wait, identities, rate, downloaded, uploaded, month } = link;
  const where = at === '' ? 'as the system chooses' : at;
  const who = [name, address === undefined || address === at ? where : `${where} ${address}`]
    .filter(Boolean)
    .join(', ');
  const parts = [
    ...(wait === undefined ? [] : [`waits: ${waitText(wait)}`]),
    `${identities} ${identities === 1 ? 'identity' : 'identities'}`,
    `down ${rateText(rate.down)}, up ${rateText(rate.up)}`,
    `${sizeText(downloaded)} came, ${sizeText(uploaded)} left`,
    ...(month === undefined ? [] : [`${sizeText(month.used)} of ${sizeText(month.allowance)} this month`]),
  ];
  return `${who}: ${parts.join('; ')}`;
}

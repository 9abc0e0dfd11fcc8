import type { Engine } from '../core/engine/engine.ts';
import type { Role } from '../core/entry/control-places.ts';
import type { Control } from '../core/entry/open-control.ts';
import type { Context } from './context.ts';
import { linksNamed } from './links.ts';
import { dhtOptions, type DownloadFlags } from './download-options.ts';

/** Does `work` with an engine of its own, which other commands can ask meanwhile and which is closed at the end. */
export async function withEngine(
  context: Context,
  role: Role,
  flags: Pick<DownloadFlags, 'dhtBootstrap' | 'links'>,
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const { backend } = context;
  const options = dhtOptions(context, flags);
  const { dhtFolder: stateFolder } = options;
  const linkProfiles = await linksNamed(context, flags.links);
  const engine = await backend.createEngine({ ...options, ...(linkProfiles.length > 0 && { linkProfiles }) });
  let control: Promise<Control | undefined> | undefined;
  // Before it has a download there is nothing to ask: what is refused leaves nothing behind.
  const unwatch = engine.onEvent(({ type }) => {
    if (type !== 'added' || stateFolder === undefined) return;
    // Nothing waits for it, and where it cannot be had the command does without.
    control ??= backend.openControl({ stateFolder, role, engine }).catch(() => undefined);
  });
  try {
    await work(engine);
  } finally {
    unwatch();
    await (await control)?.close();
    await engine.close();
  }
}

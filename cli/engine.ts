import type { Engine } from '../core/engine/engine.ts';
import type { Role } from '../core/entry/control-places.ts';
import type { Context } from './context.ts';
import { dhtOptions, type DownloadFlags } from './download-options.ts';

/** Does `work` with an engine of its own, which other commands can ask meanwhile and which is closed at the end. */
export async function withEngine(
  context: Context,
  role: Role,
  flags: Pick<DownloadFlags, 'dhtBootstrap'>,
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const { backend } = context;
  const options = dhtOptions(context, flags);
  const { dhtFolder: stateFolder } = options;
  const engine = await backend.createEngine(options);
  // Nothing waits for it, and where it cannot be had the command does without.
  const control =
    stateFolder === undefined ? undefined : backend.openControl({ stateFolder, role, engine }).catch(() => undefined);
  try {
    await work(engine);
  } finally {
    await (await control)?.close();
    await engine.close();
  }
}

// `npm run package [-- --dir] [-- --linux|--win|--mac]`: builds the installers, or with --dir the application as a folder.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { build, install, root, say } = await import('./setup.mjs');

/**
 * The Electron folder that `ELECTRON_OVERRIDE_DIST_PATH` names; undefined: electron-builder fetches one.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ electronDist: string, electronVersion: string } | undefined}
 */
function givenElectron(env) {
  const folder = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (!folder) return undefined;
  const file = path.join(folder, 'version');
  if (!existsSync(file))
    throw new Error(`ELECTRON_OVERRIDE_DIST_PATH is ${folder}, but there is no Electron: it has no file "version".`);
  const version = readFileSync(file, 'utf8').trim().replace(/^v/, '');
  return { electronDist: path.resolve(folder), electronVersion: version };
}

/**
 * @param {readonly string[]} args
 */
async function main(args) {
  const known = ['--dir', '--linux', '--win', '--mac'];
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${known.join(', ')}.`);
  install();
  build();
  const { build: pack, Platform } = await import('electron-builder');
  const { default: base } = await import('./electron-builder.json', { with: { type: 'json' } });
  const dir = args.includes('--dir');
  const platforms = [
    ...(args.includes('--linux') ? [Platform.LINUX] : []),
    ...(args.includes('--win') ? [Platform.WINDOWS] : []),
    ...(args.includes('--mac') ? [Platform.MAC] : []),
  ];
  if (platforms.length === 0) platforms.push(Platform.current());
  const made = await pack({
    projectDir: root,
    targets: new Map(platforms.flatMap((platform) => [...platform.createTarget(dir ? 'dir' : null)])),
    publish: 'never',
    config: /** @type {import('electron-builder').Configuration} */ ({
      ...base,
      ...givenElectron(process.env),
      // The tests drive the folder over Node's inspector; in what people install it is switched off.
      electronFuses: { ...base.electronFuses, enableNodeCliInspectArguments: dir },
      // The named Electron folder may contain an application already, which does not belong into ours.
      afterPack: ({ appOutDir }) => {
        for (const name of ['app', 'default_app.asar']) {
          rmSync(path.join(appOutDir, 'resources', name), { recursive: true, force: true });
        }
      },
    }),
  });
  for (const file of made) say(path.relative(root, file));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

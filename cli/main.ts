#!/usr/bin/env node
import path from 'node:path';
import { messageOf } from '../core/base/errors.ts';
import { childOptions, optimiseLate } from '../core/entry/entry-scripts.ts';
import { loadBundle } from '../core/entry/load-bundle.ts';
import { EarlyProcessHost } from '../core/node/early-process-host.ts';
import { ForkProcessHost } from '../core/node/fork-process-host.ts';
import type { Start } from './start.ts';

optimiseLate();

/** The other bundles lie beside the folder of this one. */
const scripts = {
  identity: path.join(import.meta.dirname, '../identity.js'),
  worker: path.join(import.meta.dirname, '../worker.js'),
};

const processHost = new EarlyProcessHost(new ForkProcessHost(scripts, childOptions()));
process.on('exit', () => processHost.close());

// Others of this machine may read what was typed, and there may be a proxy's password in it.
if (process.argv.some((argument) => argument.startsWith('--proxy'))) process.title = `ensemble ${process.argv[2]}`;

// Seeds give their slots to whoever comes first, so a download's first identity starts while the program itself is still being
// read.
const [command, ...rest] = process.argv.slice(2);
if (command === 'get' && rest.length > 0 && !rest.some((argument) => argument === '-h' || argument === '--help')) {
  processHost.start('identity', 'identity 0');
}

/** The program itself, a bundle of its own. */
function readProgram(): { readonly start: Start } {
  try {
    return loadBundle(path.join(import.meta.dirname, 'program.js')) as { readonly start: Start };
  } catch (error) {
    // An incomplete installation, or a system that can open nothing more.
    process.stderr.write(`ensemble: the program cannot be read: ${messageOf(error)}\n`);
    process.exit(1);
  }
}

void readProgram().start({ scripts, processHost });

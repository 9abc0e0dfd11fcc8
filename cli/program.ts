import { Command, CommanderError } from 'commander';
import { EnsembleError } from '../core/base/errors.ts';
import { describeFault } from '../core/entry/faults.ts';
import { diskError, networkError } from '../core/ports/system-error.ts';
import { app, defineApp } from './commands/app.ts';
import { assemble, defineAssemble } from './commands/assemble.ts';
import { check, defineCheck } from './commands/check.ts';
import { completions, defineCompletions } from './commands/completions.ts';
import { create, defineCreate } from './commands/create.ts';
import { defineDht, dht } from './commands/dht.ts';
import { defineDemo, demo } from './commands/demo.ts';
import { defineGet, get } from './commands/get.ts';
import { defineIdentity, identity } from './commands/identity.ts';
import { defineImport, importTorrents } from './commands/import.ts';
import { defineLab, lab } from './commands/lab.ts';
import { defineMan, man } from './commands/man.ts';
import { defineMap, map } from './commands/map.ts';
import { definePaths, paths } from './commands/paths.ts';
import { defineSeed, seed } from './commands/seed.ts';
import { defineServe, serve } from './commands/serve.ts';
import { defineShow, show } from './commands/show.ts';
import type { Context } from './context.ts';
import { definePause, defineRemove, defineResume, pause, remove, resume } from './remote/act.ts';
import { add, defineAdd } from './remote/add.ts';
import { defineInfo, info } from './remote/info.ts';
import { defineLimit, limit } from './remote/limit.ts';
import { defineLinks, links } from './remote/links.ts';
import { defineList, list } from './remote/list.ts';
import { defineMove, move } from './remote/move.ts';
import { defineRename, rename } from './remote/rename.ts';
import { defineWatch, watch } from './remote/watch.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { configureHelp } from './help.ts';
import { addOptionsFile, applyOptionsFile } from './options-file.ts';
import { printable, safeJson } from './output/printable.ts';
import { inState } from './state-folder.ts';

/** All commands, each bound to its function. */
function define(context: Context, version: string): Command {
  const program = new Command('ensemble')
    .description('A BitTorrent client for coordinated multi-identity downloads.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out.write(text), writeErr: (text) => context.err.write(text) })
    .showHelpAfterError('(--help lists commands and options)')
    .enablePositionalOptions();
  configureHelp(program);
  program.commandsGroup('Windows:');
  defineApp(program).action((files, flags) => app(context, files, flags));
  defineServe(program).action((flags) => serve(context, flags));
  program.commandsGroup('Downloading and seeding, until it is done:');
  defineGet(program).action((source, flags) => get(inState(context, flags), source, flags));
  defineSeed(program).action((source, dir, flags) => seed(inState(context, flags), source, dir, flags));
  defineIdentity(program).action((source, flags) => identity(inState(context, flags), source, flags));
  defineAssemble(program).action((source, folders, flags) => assemble(context, source, folders, flags));
  program.commandsGroup('Torrents:');
  defineShow(program).action((source, flags) => show(inState(context, flags), source, flags));
  defineCheck(program).action((source, dir, flags) => check(inState(context, flags), source, dir, flags));
  defineCreate(program).action((name, flags) => create(context, name, flags, version));
  defineImport(program).action((folder, flags) => importTorrents(context, folder, flags));
  program.commandsGroup('Telling a program that runs, `ensemble serve` or the app, what to do:');
  defineList(program).action((texts, flags) => list(context, texts, flags));
  defineInfo(program).action((texts, flags) => info(context, texts, flags));
  defineAdd(program).action((sources, flags, command) => add(context, sources, flags, command));
  definePause(program).action((texts, flags) => pause(context, texts, flags));
  defineResume(program).action((texts, flags) => resume(context, texts, flags));
  defineRemove(program).action((texts, flags) => remove(context, texts, flags));
  defineMove(program).action((text, dir, flags) => move(context, text, dir, flags));
  defineRename(program).action((text, name, flags) => rename(context, text, name, flags));
  defineLimit(program).action((texts, flags, command) => limit(context, texts, flags, command));
  defineLinks(program).action((texts, flags, command) => links(context, texts, flags, command));
  defineWatch(program).action((text, flags) => watch(context, text, flags));
  program.commandsGroup('Looking at the network:');
  definePaths(program).action((flags) => paths(context, flags));
  defineMap(program).action((flags) => map(context, flags));
  defineDht(program).action((source, flags) => dht(context, source, flags));
  program.commandsGroup('Trying things out:');
  defineDemo(program).action((flags) => demo(context, flags));
  defineLab(program).action((what, names, flags) => lab(context, what, names, flags));
  for (const command of program.commands) addOptionsFile(command);
  program.hook('preAction', (_program, command) => applyOptionsFile(context, command));
  program.commandsGroup('Help:');
  defineCompletions(program).action((shell: string) => completions(context, program, shell));
  defineMan(program).action(() => man(context, program, version));
  return program;
}

/** Runs one command line (without `node` and script) to its end, messages included. Never rejects. */
export async function run(context: Context, args: readonly string[], version: string): Promise<ExitCode> {
  const json = args.includes('--json');
  const reported = { first: true };
  const watched: Context = { ...context, out: noticing(context, () => (reported.first = false)) };
  try {
    await define(watched, version).parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written its own message. Help and version end here too, with code 0.
      if (error.exitCode === 0) return EXIT.done;
      if (json) context.out.write(errorLine('usage', error.message.replace(/^error: /, ''), reported.first));
      return EXIT.usage;
    }
    const known = asKnown(error);
    if (known !== undefined) tellFailure(context, args, known.code, withFlags(known.message), reported.first);
    else tellFailure(context, args, 'fault', `Unexpected fault: ${describeFault(error)}`, reported.first);
    return exitCodeOf(known);
  }
}

/** The last words of a command that failed. */
export function tellFailure(
  { out, err }: Pick<Context, 'out' | 'err'>,
  args: readonly string[],
  code: string,
  text: string,
  first = false,
): void {
  if (args.includes('--json')) out.write(errorLine(code, text, first));
  // A fault bears its stack; sentences are one line, whatever names they bear.
  const lines = code === 'fault' ? text.split('\n') : [text];
  err.write(`ensemble: ${lines.map(printable).join('\n')}\n`);
}

/** Windows offer it as a button. */
function withFlags(text: string): string {
  return text.replace('replace the rest.', 'replace the rest (--reuse).');
}

/** A sentence of ours, or the system's refusal as one; undefined: a fault of the program. */
function asKnown(error: unknown): EnsembleError | undefined {
  if (error instanceof EnsembleError) return error;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || typeof code !== 'string' || syscall === undefined) return undefined;
  return path === undefined ? networkError(syscall, error) : diskError(syscall, path, error);
}

/** The last object of a command that failed. If it is also the first of the output, it has the version. */
function errorLine(code: string, message: string, first: boolean): string {
  return `${safeJson({ ...(first ? { version: 1 } : {}), event: 'error', code, message })}\n`;
}

/** The same sink, which also reports that something was written; the terminal's size may still change. */
function noticing({ out }: Context, noticed: () => void): Context['out'] {
  return {
    write: (text) => {
      noticed();
      return out.write(text);
    },
    get isTTY() {
      return out.isTTY === true;
    },
    get columns() {
      return out.columns ?? 80;
    },
    get rows() {
      return out.rows ?? 24;
    },
  };
}

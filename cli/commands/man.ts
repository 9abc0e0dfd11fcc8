import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { commandWords } from '../shell/command-words.ts';
import { manualPage } from '../shell/man.ts';

export function defineMan(program: Command): Command {
  return program.command('man').description('print the manual page: ensemble man | man -l -');
}

export function man({ backend, out }: Context, program: Command, version: string): void {
  const date = new Date(backend.clock.wall()).toISOString().slice(0, 10);
  out.write(manualPage(commandWords(program), { version, date, about: program.description() }));
}

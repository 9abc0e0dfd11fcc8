import { Argument, type Command } from 'commander';
import type { Context } from '../context.ts';
import { bashCompletions } from '../shell/bash.ts';
import { type CommandWords, commandWords } from '../shell/command-words.ts';
import { fishCompletions } from '../shell/fish.ts';
import { zshCompletions } from '../shell/zsh.ts';

const SHELLS: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

export function defineCompletions(program: Command): Command {
  return program
    .command('completions')
    .description('print what makes a shell complete commands, options and files')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(SHELLS)));
}

/** `ensemble completions SHELL`: source it, or keep it where the shell looks for such files. */
export function completions({ out }: Context, program: Command, shell: string): void {
  out.write(SHELLS[shell]?.(commandWords(program)) ?? '');
}

/** Programs of the user's, run for him: without a shell, in no folder that a torrent can write to. */
export interface Programs {
  /** Resolves to its exit code. Rejects with EnsembleError where it cannot be started or a signal ends it. `env`: variables besides ours. */
  run(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number>;
}

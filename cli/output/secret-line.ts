/** A line that is typed at a terminal which shows nothing and edits nothing itself. */
export class SecretLine {
  #text = '';

  get text(): string {
    return this.#text;
  }

  /** Takes what was typed. `interrupted`: Ctrl-C, or Ctrl-D on an empty line. */
  take(typed: string): 'more' | 'done' | 'interrupted' {
    // Arrows and the like are no part of a password.
    // oxlint-disable-next-line no-control-regex
    for (const c of typed.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|O.)/g, '')) {
      if (c === '\r' || c === '\n') return 'done';
      if (c === '\u0003') return 'interrupted';
      if (c === '\u0004') return this.#text === '' ? 'interrupted' : 'done';
      if (c === '\u007f' || c === '\b') this.#text = this.#text.replace(/.$/su, '');
      else if (c === '\u0015') this.#text = '';
      else if (c >= ' ') this.#text += c;
    }
    return 'more';
  }
}

import type { Locator, Page } from '@playwright/test';

type ClickOptions = NonNullable<Parameters<Locator['click']>[0]>;

/**
 * What a task takes: each press of a mouse button is one, a drag is one, a text that is typed in one go is one, and each key that
 * is pressed for itself is one. The other clients are counted alike (docs/testing.md).
 */
export class Effort {
  readonly #page: Page;
  #spent = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  get spent(): number {
    return this.#spent;
  }

  async click(what: Locator, options: ClickOptions = {}): Promise<void> {
    this.#spent++;
    await what.click(options);
  }

  /** A choice in a list that folds out: opened, and then chosen. */
  async choose(what: Locator, option: string): Promise<void> {
    this.#spent += 2;
    await what.selectOption(option);
  }

  /** Types into what has the focus, in place of what is selected there. */
  async type(text: string): Promise<void> {
    this.#spent++;
    await this.#page.keyboard.type(text);
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#spent++;
      await this.#page.keyboard.press(key);
    }
  }

  /** Done outside of the page, where nothing can be clicked: dropped files, a dialog of the system. */
  async outside(clicks: number, act: () => Promise<unknown>): Promise<void> {
    this.#spent += clicks;
    await act();
  }
}

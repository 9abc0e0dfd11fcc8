/** `one` for 1, else `many` with the figure in place of `#`. */
export const plural = (count: number, one: string, many: string, figure: string): string =>
  (count === 1 ? one : many).replace('#', figure);

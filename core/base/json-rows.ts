/** What programs write as JSON, before anything of it is checked. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** The objects in a list that is written as JSON; none where the text is not that. */
export function jsonRows(text: string): JsonRow[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isRow) : [];
  } catch {
    return [];
  }
}

export function isRow(value: unknown): value is JsonRow {
  return typeof value === 'object' && value !== null;
}

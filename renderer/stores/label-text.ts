/** Most characters of a category or a tag. */
export const MAX_LABEL = 100;

/** Tags as they are typed, with commas between them: each once. */
export function tagsIn(typed: string): string[] {
  return [...new Set(typed.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}

/** Whether category and tags may be used as they were typed. */
export function areLabels({ category, tags }: { readonly category: string; readonly tags: string }): boolean {
  return [category, ...tagsIn(tags)].every((label) => label.trim().length <= MAX_LABEL);
}

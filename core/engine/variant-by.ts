import * as v from 'valibot';

type Run = (
  dataset: v.UnknownDataset,
  config: v.Config<v.BaseIssue<unknown>>,
) => v.OutputDataset<unknown, v.BaseIssue<unknown>>;

/** A schema of objects that are told apart by one field, as `v.variant` takes it. */
interface Option {
  readonly type: string;
  readonly '~run': Run;
  readonly entries?: Readonly<Record<string, { readonly literal?: unknown }>>;
  readonly options?: readonly Option[];
}

/**
 * As `v.variant`, but the option is looked up: that of valibot tries one after the other, and makes an error of each that is not it, which
 * costs more than the check of a message.
 */
/* @__NO_SIDE_EFFECTS__ */
export function variantBy<const Key extends string, const Options extends v.VariantOptions<Key>>(
  key: Key,
  options: Options,
): v.VariantSchema<Key, Options, undefined> {
  const usual = v.variant(key, options);
  const known = new Map<unknown, Option>();
  for (const option of flat(options as unknown as readonly Option[])) {
    const name = option.entries?.[key]?.literal;
    // What is not told apart by one literal of this field alone is for valibot.
    if (name === undefined || known.has(name)) return usual;
    known.set(name, option);
  }
  const run: Run = (dataset, config) => {
    const { value } = dataset;
    const isObject = typeof value === 'object' && value !== null;
    const option = isObject ? known.get((value as Readonly<Record<string, unknown>>)[key]) : undefined;
    if (option === undefined) return usual['~run'](dataset, config);
    const checked = option['~run']({ value }, config);
    // What came in a message has a text of its own for it.
    if (checked.typed && checked.issues === undefined)
      (checked.value as Record<string, unknown>)[key] = option.entries?.[key]?.literal;
    return checked;
  };
  return { ...usual, '~run': run } as typeof usual;
}

/** The options, and those of variants among them. */
function flat(options: readonly Option[]): Option[] {
  return options.flatMap((option) => (option.type === 'variant' ? flat(option.options ?? []) : [option]));
}

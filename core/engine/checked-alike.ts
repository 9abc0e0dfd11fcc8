import * as v from 'valibot';
import { alike } from '../base/alike.ts';

/**
 * The same check for thousands of objects that come one after the other and differ in one field: what is alike in the one before was
 * found right there, and is shared with it. `own`: that field, and its check by itself.
 */
export function checkedAlike<T extends object, K extends string & keyof T>(
  schema: v.GenericSchema<unknown, T>,
  own: K,
  ownSchema: v.GenericSchema<unknown, T[K]>,
): v.GenericSchema<unknown, T> {
  let last: { readonly given: object; readonly checked: T } | undefined;
  return {
    ...schema,
    '~run': (dataset, config) => {
      const { value } = dataset;
      if (last !== undefined && alike(value, last.given, own)) {
        const checked = v.safeParse(ownSchema, (value as T)[own]);
        if (checked.success) return { typed: true, value: { ...last.checked, [own]: checked.output } };
      }
      const done = schema['~run'](dataset, config);
      // What a check has made V8 keeps as a dictionary: a copy takes a fifth.
      if (done.typed && done.issues === undefined)
        last = { given: { ...(value as object) }, checked: { ...done.value } };
      return done;
    },
  };
}

/** The same check for thousands of values that mostly are alike: one that is alike to the one before shares what was made of that. */
export function checkedSame<T extends object>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T> {
  let last: { readonly given: unknown; readonly checked: T } | undefined;
  return {
    ...schema,
    '~run': (dataset, config) => {
      const { value } = dataset;
      if (last !== undefined && alike(value, last.given)) return { typed: true, value: last.checked };
      const done = schema['~run'](dataset, config);
      if (done.typed && done.issues === undefined) last = { given: value, checked: { ...done.value } };
      return done;
    },
  };
}

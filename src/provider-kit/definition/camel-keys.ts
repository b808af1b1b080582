type Camel<Key extends string> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Key;

/** The same members under the names that code uses: `token_url` becomes `tokenUrl`. Values stay as they are. */
export type CamelKeys<T extends object> = { [Key in keyof T as Key extends string ? Camel<Key> : Key]: T[Key] };

export function camelKeys<T extends object>(object: T): CamelKeys<T> {
  const entries = Object.entries(object).map(([key, value]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  // What the type says, one name at a time; the compiler cannot follow a text through a regular expression.
  return Object.fromEntries(entries) as CamelKeys<T>;
}

/** What a form made from a JSON Schema holds: the object that the schema describes. */
export type FormValue = Record<string, unknown>;

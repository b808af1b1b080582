import { type FormEvent, useRef, useState } from "react";
import { ApiError } from "./api.ts";

type Texts = Record<string, string>;

export interface FormOptions<Values extends Texts> {
  initial: Values;
  /** What is wrong with a value, in words that say what to do; absent when it is right. */
  checks: { [Name in keyof Values]?: (value: string, all: Values) => string | undefined };
  /** Rejects when the server refuses: its errors land on their fields, anything else becomes `failure`. */
  onSubmit: (values: Values) => Promise<unknown>;
  /** Server pointers that are not simply `/name`. */
  pointers?: { [Name in keyof Values]?: string };
}

/**
 * A small form: a field is checked when it is left, and from then on at each change; what the server says about a
 * field stands at that field until it is changed; submitting puts the cursor into the first wrong one.
 */
export function useForm<Values extends Texts>({ initial, checks, onSubmit, pointers }: FormOptions<Values>) {
  const [values, setValues] = useState(initial);
  const [left, setLeft] = useState<ReadonlySet<keyof Values>>(new Set());
  const [refused, setRefused] = useState<{ [Name in keyof Values]?: string }>({});
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const element = useRef<HTMLFormElement>(null);

  const names = Object.keys(initial) as (keyof Values & string)[];
  const wrongWith = (name: keyof Values, all: Values) => checks[name]?.(all[name] ?? "", all);

  const focusFirstWrong = () =>
    requestAnimationFrame(() => element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setLeft(new Set(names));
    setFailure(undefined);
    if (names.some((name) => wrongWith(name, values))) {
      focusFirstWrong();
      return;
    }
    setBusy(true);
    try {
      await onSubmit(values);
    } catch (error) {
      const found = refusalsOf(error, names, pointers ?? {});
      setRefused(found);
      if (Object.keys(found).length === 0) setFailure(error);
      else focusFirstWrong();
    } finally {
      setBusy(false);
    }
  };

  return {
    values,
    busy,
    /** Anything the server said that belongs to no field. */
    failure,
    dirty: names.some((name) => values[name] !== initial[name]),
    form: { ref: element, onSubmit: submit, noValidate: true },
    /** For `<Field error>`. */
    error: (name: keyof Values): string | undefined =>
      refused[name] ?? (left.has(name) ? wrongWith(name, values) : undefined),
    /** For the input inside. */
    input: (name: keyof Values & string) => ({
      name,
      value: values[name] ?? "",
      onChange: (value: string) => {
        setValues((before) => ({ ...before, [name]: value }));
        setRefused((before) => ({ ...before, [name]: undefined }));
      },
      onBlur: () => {
        // An untouched field that is merely passed through is not scolded.
        if (values[name] !== initial[name]) setLeft((before) => new Set(before).add(name));
      },
    }),
    reset: (next: Values = initial) => {
      setValues(next);
      setLeft(new Set());
      setRefused({});
      setFailure(undefined);
    },
  };
}

function refusalsOf<Values extends Texts>(
  error: unknown,
  names: (keyof Values & string)[],
  pointers: { [Name in keyof Values]?: string },
): { [Name in keyof Values]?: string } {
  const found: { [Name in keyof Values]?: string } = {};
  if (!(error instanceof ApiError)) return found;
  for (const name of names) {
    const pointer = pointers[name] ?? `/${name}`;
    const said = error.errors.find((one) => one.pointer === pointer);
    if (said) found[name] = said.detail;
  }
  return found;
}

/** Checks that several forms share. */
export const needed = (words: string) => (value: string) => (value.trim() === "" ? words : undefined);
export const emailCheck = (value: string) =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim()) ? undefined : "Give an e-mail address, such as ana@example.org.";
export const newPasswordCheck = (value: string) =>
  value.length < 10 ? "Use at least 10 characters; a few words are easier to keep than signs." : undefined;

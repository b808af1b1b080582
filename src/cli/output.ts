/** What every command that prints a result is told. */
export interface OutputOptions {
  json?: boolean | undefined;
}

/** Prints a result: for machines exactly one JSON value, for people lines of text. */
export function print(options: OutputOptions, value: unknown, lines: () => readonly string[]): void {
  console.log(options.json ? JSON.stringify(value, null, 2) : lines().join("\n"));
}

/** A person sits in front of it: progress may be drawn, questions may be asked. */
export const isInteractive = (options: OutputOptions): boolean => !options.json && process.stdout.isTTY === true;

/** Columns as wide as what stands in them; those of figures are named and stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], figures: readonly string[] = []) {
  const width = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        figures.includes(head[column] ?? "") ? cell.padStart(width[column] ?? 0) : cell.padEnd(width[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

const units = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytesInWords(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

export const count = (amount: number): string => amount.toLocaleString("en");

/** `1 file`, `2 files`. */
export const counted = (amount: number, one: string, many = `${one}s`): string =>
  `${count(amount)} ${amount === 1 ? one : many}`;

/** `2026-11-21 07:30`, in the time zone of whoever looks. */
export function minuteOf(time: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

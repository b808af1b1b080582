import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

export interface Figure {
  name: string;
  value: number;
  unit: string;
  note?: string;
}

/** Collects figures, prints each when it is known, and writes them all down in the end. */
export function figureBook() {
  const figures: Figure[] = [];
  const machine = {
    cores: cpus().length,
    processor: cpus()[0]?.model,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  console.log(
    Object.entries(machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
  );
  return {
    /** Figures taken under much load are worth little: the load is written beside them. */
    add(name: string, value: number, unit: string, note?: string) {
      const rounded = value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
      figures.push({ name, value: rounded, unit, ...(note !== undefined && { note }) });
      const load = `load ${loadavg()[0]?.toFixed(1)}`;
      console.log(
        `${name.padEnd(58)} ${String(rounded).padStart(9)} ${unit.padEnd(9)} ${[note, load].filter(Boolean).join(", ")}`,
      );
    },
    write(path: string) {
      writeFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), machine, figures }, undefined, 2)}\n`);
    },
  };
}

export type FigureBook = ReturnType<typeof figureBook>;

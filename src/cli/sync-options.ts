// How the options of `sync add` are written.
import type { DestinationChoice, Schedule } from "#domain/syncs/sync.ts";
import { WrongUsage } from "./outcome.ts";

const hour = 60;
const day = 24 * hour;
const minutesOf: Record<string, number> = { m: 1, h: hour, d: day };

/** `manual`, `every:15m` (m, h or d), or `cron:0 3 * * * Europe/Oslo` (UTC without a zone). @throws WrongUsage */
export function parseSchedule(text: string): Schedule {
  if (text === "manual") return { kind: "manual" };
  const [, amount, unit] = /^every:(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    return { kind: "interval", minutes: Number(amount) * (minutesOf[unit] ?? 1) };
  }
  const [, cron] = /^cron:(.+)$/.exec(text) ?? [];
  const fields = cron?.trim().split(/\s+/) ?? [];
  if (fields.length === 5 || fields.length === 6) {
    return { kind: "cron", expression: fields.slice(0, 5).join(" "), zone: fields[5] ?? "UTC" };
  }
  throw new WrongUsage(
    `--schedule: "${text}" cannot be read. Write manual, every:15m, every:6h, every:1d or "cron:0 3 * * * Europe/Oslo".`,
  );
}

/** `none`, `local-folder:ROOT/FOLDER` or `store:CONNECTION-ID/FOLDER`. @throws WrongUsage */
export function parseDestination(text: string, layout: "mirror" | "ids"): DestinationChoice {
  if (text === "none") return { kind: "none" };
  const [, root, folder] = /^local-folder:([^/]+)\/(.+)$/.exec(text) ?? [];
  if (root !== undefined && folder !== undefined) return { kind: "local-folder", root, folder, layout };
  const [, connection, below] = /^store:([0-9a-f-]{36})\/(.+)$/i.exec(text) ?? [];
  if (connection !== undefined && below !== undefined) {
    return { kind: "store", connection_id: connection, folder: below, layout };
  }
  throw new WrongUsage(
    `--destination: "${text}" cannot be read. Write none, local-folder:ROOT/FOLDER or store:CONNECTION-ID/FOLDER.`,
  );
}

/** A schedule as `parseSchedule` reads it. */
export function scheduleInWords(schedule: Schedule): string {
  switch (schedule.kind) {
    case "manual":
      return "manual";
    case "interval": {
      const { minutes } = schedule;
      if (minutes % day === 0) return `every:${minutes / day}d`;
      return minutes % hour === 0 ? `every:${minutes / hour}h` : `every:${minutes}m`;
    }
    case "cron":
      return `cron:${schedule.expression} ${schedule.zone}`;
  }
}

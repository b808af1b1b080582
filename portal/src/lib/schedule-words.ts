import type { Schedule } from "./contract.ts";
import { formatCount } from "./format.ts";

/** "Every 15 min", "Every day at 06:30, Europe/Oslo", "Only by hand". */
export function scheduleWords(schedule: Schedule): string {
  if (schedule.kind === "manual") return "Only by hand";
  if (schedule.kind === "interval") return `Every ${intervalWords(schedule.minutes)}`;
  return `${cronWords(schedule.expression)}, ${schedule.zone}`;
}

/** What follows "every": "day", "6 h", "15 min". */
export function intervalWords(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? "day" : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "hour" : `${minutes / 60} h`;
  return minutes === 1 ? "minute" : `${formatCount(minutes)} min`;
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const isNumber = (text: string) => /^\d+$/.test(text);
const two = (text: string) => text.padStart(2, "0");

/** The cron expressions that people use most, in words; others as they are written. */
export function cronWords(expression: string): string {
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...more] = expression.trim().split(/\s+/);
  const asWritten = `At ${expression}`;
  if (more.length > 0 || month !== "*" || !isNumber(minute)) return asWritten;
  if (hour === "*" && day === "*" && weekday === "*") return `Every hour at ${two(minute)} past`;
  if (!isNumber(hour)) return asWritten;
  const time = `${two(hour)}:${two(minute)}`;
  if (day === "*" && weekday === "*") return `Every day at ${time}`;
  if (day === "*" && weekday === "1-5") return `Monday to Friday at ${time}`;
  if (day === "*" && isNumber(weekday)) return `Every ${weekdays[Number(weekday)] ?? weekday} at ${time}`;
  if (isNumber(day) && weekday === "*") return `On day ${day} of each month at ${time}`;
  return asWritten;
}

/** The ways of repeating that the form offers, and their cron expressions. Anything else is `written` as it is. */
export interface Rhythm {
  every: "day" | "weekdays" | "week" | "month" | "written";
  /** "06:00" */
  time: string;
  /** "1" is Monday, "0" Sunday. */
  weekday: string;
  day: string;
  expression: string;
}

const number = /^\d{1,2}$/;

export function rhythmOf(expression: string): Rhythm {
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...more] = expression.trim().split(/\s+/);
  const timed = number.test(minute) && number.test(hour) && month === "*" && more.length === 0;
  const base = {
    time: timed ? `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` : "06:00",
    weekday: number.test(weekday) ? String(Number(weekday) % 7) : "1",
    day: number.test(day) ? day : "1",
    expression,
  };
  if (timed && day === "*" && weekday === "*") return { ...base, every: "day" };
  if (timed && day === "*" && weekday === "1-5") return { ...base, every: "weekdays" };
  if (timed && day === "*" && number.test(weekday)) return { ...base, every: "week" };
  if (timed && number.test(day) && weekday === "*") return { ...base, every: "month" };
  return { ...base, every: "written" };
}

export function toCron({ every, time, weekday, day, expression }: Rhythm): string {
  if (every === "written") return expression;
  const [hour = "0", minute = "0"] = time.split(":");
  const at = `${Number(minute)} ${Number(hour)}`;
  if (every === "day") return `${at} * * *`;
  if (every === "weekdays") return `${at} * * 1-5`;
  if (every === "week") return `${at} * * ${weekday}`;
  return `${at} ${day} * *`;
}

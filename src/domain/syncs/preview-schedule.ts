import type { Clock } from "#core/clock.ts";
import { parseRule, upcomingTicks } from "#jobs/schedule-rule.ts";
import type { Schedule } from "./sync.ts";

const SHOWN = 5;

/** The next times at which a schedule would run. @throws AppError invalid_request with pointers below `/schedule` */
export const previewSchedule = ({ clock }: { clock: Clock }, schedule: Schedule): Date[] =>
  upcomingTicks(parseRule(schedule, "/schedule"), clock.now(), SHOWN);

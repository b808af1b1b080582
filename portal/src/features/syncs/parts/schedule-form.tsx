import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Schedule } from "../../../lib/contract.ts";
import { useWorkspace } from "../../../lib/session.ts";
import { useDebounced } from "../../../lib/use-debounced.ts";
import { Combobox } from "../../../ui/combobox.tsx";
import { Field } from "../../../ui/field.tsx";
import { Select, TextInput } from "../../../ui/input.tsx";
import { RadioCards } from "../../../ui/radio-cards.tsx";
import { explainError } from "../../../ui/states.tsx";
import { ticksQuery } from "../api.ts";
import { cronWords, intervalWords } from "../words.ts";
import { type Rhythm, rhythmOf, toCron } from "./rhythm.ts";

const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export interface ScheduleFormProps {
  value: Schedule;
  onChange: (schedule: Schedule) => void;
  error?: string | undefined;
  disabled?: boolean | undefined;
}

/** When a sync runs: by hand, every so often, or at set times; and what that means as the next five times. */
export function ScheduleForm({ value, onChange, error, disabled }: ScheduleFormProps) {
  const choose = (kind: Schedule["kind"]) => {
    if (kind === value.kind) return;
    if (kind === "manual") onChange({ kind });
    else if (kind === "interval") onChange({ kind, minutes: 15 });
    else onChange({ kind, expression: "0 6 * * *", zone: ownZone });
  };
  return (
    <div className="grid gap-4">
      <RadioCards
        legend="When does it run?"
        hideLegend
        value={value.kind}
        onChange={choose}
        columns={3}
        disabled={disabled}
        options={[
          { value: "manual", title: "By hand", detail: "Only when somebody presses Run now." },
          { value: "interval", title: "Every so often", detail: "Such as every 15 minutes." },
          { value: "cron", title: "At set times", detail: "Such as every day at 06:00." },
        ]}
      />
      {value.kind === "interval" && (
        <IntervalFields
          minutes={value.minutes}
          onChange={(minutes) => onChange({ kind: "interval", minutes })}
          disabled={disabled}
        />
      )}
      {value.kind === "cron" && <CronFields value={value} onChange={onChange} disabled={disabled} />}
      {error && <p className="text-xs text-bad">{error}</p>}
      {value.kind !== "manual" && <NextTimes schedule={value} />}
    </div>
  );
}

const units = { minutes: 1, hours: 60, days: 1440 } as const;
type Unit = keyof typeof units;
const unitOf = (minutes: number): Unit => (minutes % 1440 === 0 ? "days" : minutes % 60 === 0 ? "hours" : "minutes");

interface IntervalFieldsProps {
  minutes: number;
  onChange: (minutes: number) => void;
  disabled: boolean | undefined;
}

function IntervalFields({ minutes, onChange, disabled }: IntervalFieldsProps) {
  const unit = unitOf(minutes);
  const set = (amount: number, next: Unit) => onChange(Math.min(44_640, Math.max(1, Math.round(amount) * units[next])));
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Field label="Every" className="w-24">
        <TextInput
          type="number"
          min={1}
          value={String(minutes / units[unit])}
          onChange={(text) => set(Number(text) || 1, unit)}
          disabled={disabled}
        />
      </Field>
      <Select
        aria-label="Unit"
        className="w-32"
        value={unit}
        onChange={(next) => set(minutes / units[unit], next)}
        options={[
          { value: "minutes", label: "minutes" },
          { value: "hours", label: "hours" },
          { value: "days", label: "days" },
        ]}
        disabled={disabled}
      />
      <p className="pb-1.5 text-muted">Every {intervalWords(minutes)}.</p>
    </div>
  );
}

type Cron = Extract<Schedule, { kind: "cron" }>;

function CronFields({
  value,
  onChange,
  disabled,
}: {
  value: Cron;
  onChange: (value: Cron) => void;
  disabled: boolean | undefined;
}) {
  const rhythm = rhythmOf(value.expression);
  const set = (next: Rhythm) => onChange({ ...value, expression: toCron(next) });
  const zones = useMemo(() => zonesWith(value.zone), [value.zone]);
  return (
    <div className="grid gap-3">
      <div className="grid gap-3 md:grid-cols-3">
        <Field label="Repeats">
          <Select
            value={rhythm.every}
            onChange={(every) => set({ ...rhythm, every })}
            options={repeats}
            disabled={disabled}
          />
        </Field>
        {rhythm.every === "week" && (
          <Field label="On">
            <Select
              value={rhythm.weekday}
              onChange={(weekday) => set({ ...rhythm, weekday })}
              options={weekdays}
              disabled={disabled}
            />
          </Field>
        )}
        {rhythm.every === "month" && (
          <Field label="On day">
            <TextInput
              type="number"
              min={1}
              max={28}
              value={rhythm.day}
              onChange={(day) => set({ ...rhythm, day: day || "1" })}
              disabled={disabled}
            />
          </Field>
        )}
        {rhythm.every === "written" ? (
          <Field label="Cron expression" hint="Minute, hour, day, month, weekday.">
            <TextInput
              mono
              value={rhythm.expression}
              onChange={(expression) => set({ ...rhythm, expression })}
              disabled={disabled}
            />
          </Field>
        ) : (
          <Field label="At">
            <TextInput
              type="time"
              value={rhythm.time}
              onChange={(time) => set({ ...rhythm, time: time || "00:00" })}
              disabled={disabled}
            />
          </Field>
        )}
      </div>
      <Field label="Time zone" className="md:max-w-80">
        <Combobox
          value={value.zone}
          onChange={(zone) => onChange({ ...value, zone })}
          options={zones}
          disabled={disabled}
        />
      </Field>
      <p className="text-muted">
        {cronWords(value.expression)}, {value.zone} <code className="text-xs">({value.expression})</code>
      </p>
    </div>
  );
}

/** The browser's list leaves UTC out, and may not know a zone that the server does. */
const zonesWith = (zone: string) =>
  [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), zone])].map((one) => ({ value: one, label: one }));

const repeats = [
  { value: "day", label: "Every day" },
  { value: "weekdays", label: "Monday to Friday" },
  { value: "week", label: "Every week" },
  { value: "month", label: "Every month" },
  { value: "written", label: "As I write it (cron)" },
] as const;
const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].map((label, place) => ({
  value: String((place + 1) % 7),
  label,
}));

const moment = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

function NextTimes({ schedule }: { schedule: Schedule }) {
  const workspace = useWorkspace();
  const settled = useDebounced(schedule);
  const { data, error } = useQuery(ticksQuery(workspace.id, settled));
  if (error) return <p className="text-xs text-bad">{explainError(error).cause}</p>;
  return (
    <div>
      <p className="text-xs font-medium text-muted">The next times, as your clock shows them</p>
      <ol className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
        {data ? (
          data.next.slice(0, 5).map((time) => <li key={time}>{moment.format(new Date(time))}</li>)
        ) : (
          <li className="text-muted">…</li>
        )}
      </ol>
    </div>
  );
}

import type { ReactNode } from "react";
import { Field } from "../../../ui/field.tsx";
import { TextInput } from "../../../ui/input.tsx";
import { RadioCards } from "../../../ui/radio-cards.tsx";
import { HandoffForm } from "../handoff-form.tsx";
import { DestinationForm } from "../parts/destination-form.tsx";
import { ExportsForm } from "../parts/exports-form.tsx";
import { FiltersForm } from "../parts/filters-form.tsx";
import { KeptLine } from "../parts/kept-line.tsx";
import { PathPreview } from "../parts/path-preview.tsx";
import { RulesEditor } from "../parts/rules-editor.tsx";
import { ScheduleForm } from "../parts/schedule-form.tsx";
import { onDeleteOptions, partsOf } from "../words.ts";
import { type Draft, folderNameOf, type StepKey } from "./draft.ts";
import { type StepProps, Title } from "./step-parts.tsx";
import { WhatStep } from "./what-step.tsx";

export function Step({ step, ...props }: StepProps & { step: StepKey }) {
  const { draft, change, name, destination, preview, errorAt } = props;
  if (step === "what") return <WhatStep {...props} />;
  if (step === "filters") {
    return (
      <section aria-labelledby="step-filters" className="grid grid-cols-1 gap-4">
        <Title id="step-filters" text="Which files?">
          Everything below the chosen folders, unless something here leaves it out.
        </Title>
        <Chosen draft={draft}>
          <KeptLine preview={preview} />
        </Chosen>
        <FiltersForm value={draft.filters} onChange={(filters) => change({ filters })} />
        <ExportsForm value={draft.exports} onChange={(exports) => change({ exports })} preview={preview} />
      </section>
    );
  }
  if (step === "metadata") {
    return (
      <section aria-labelledby="step-metadata" className="grid grid-cols-1 gap-4">
        <Title id="step-metadata" text="What do the folders say about the files?">
          Rules read metadata out of folder paths, such as system and equipment. None is fine too.
        </Title>
        <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
          <RulesEditor
            value={draft.rules}
            onChange={(rules) => change({ rules })}
            preview={preview}
            errorAt={(pointer) => errorAt(`/rules${pointer}`)}
          />
          <Chosen draft={draft}>
            <PathPreview preview={preview} parts={partsOf(draft.rules)} />
          </Chosen>
        </div>
      </section>
    );
  }
  if (step === "destination") {
    return (
      <section aria-labelledby="step-destination" className="grid grid-cols-1 gap-4">
        <Title id="step-destination" text="Where do the files go?" />
        <DestinationForm
          value={destination}
          onChange={(destination) => change({ destination })}
          suggestedFolder={folderNameOf(name)}
          errorAt={(pointer) => errorAt(`/destination${pointer}`)}
        />
        <RadioCards
          legend="When a file is gone at the source"
          value={draft.on_delete}
          onChange={(on_delete) => change({ on_delete })}
          columns={3}
          options={onDeleteOptions}
        />
        <Field
          label="Most files in one run"
          optional
          hint="The next run goes on where this one stopped; nothing is left out."
          error={errorAt("/max_files_per_run")}
        >
          <TextInput
            type="number"
            min={1}
            className="max-w-40"
            value={draft.max_files_per_run === null ? "" : String(draft.max_files_per_run)}
            onChange={(text) =>
              change({ max_files_per_run: text === "" ? null : Math.max(1, Math.round(Number(text))) })
            }
          />
        </Field>
        <HandoffForm
          value={draft.handoff}
          onChange={(handoff) => change({ handoff })}
          destination={destination.kind}
          error={errorAt("/handoff") ?? errorAt("/handoff/connection_id")}
        />
      </section>
    );
  }
  return (
    <section aria-labelledby="step-schedule" className="grid grid-cols-1 gap-4">
      <Title id="step-schedule" text="When does it run?" />
      <ScheduleForm
        value={draft.schedule}
        onChange={(schedule) => change({ schedule })}
        error={
          errorAt("/schedule") ??
          errorAt("/schedule/expression") ??
          errorAt("/schedule/zone") ??
          errorAt("/schedule/minutes")
        }
      />
    </section>
  );
}

/** What is found at the source; before a connection is chosen there is nothing to look at. */
function Chosen({ draft, children }: { draft: Draft; children: ReactNode }) {
  if (draft.connection === "" || draft.drive === null) {
    return <p className="text-muted">Choose a connection in step 1; then the real files are looked at here.</p>;
  }
  return children;
}

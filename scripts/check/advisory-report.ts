import { z } from "zod";

const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({
      severity: z.string(),
      via: z.array(z.union([z.string(), z.object({ title: z.string(), url: z.string() })])),
    }),
  ),
});
const refusal = z.object({ message: z.string() });

/** What `npm audit --json` means for us. Anything that is not a report is a registry that did not answer. */
export function judge(output: string): { said: string; passed: boolean } {
  const answer = parse(output);
  const read = report.safeParse(answer);
  if (!read.success) {
    const because = refusal.safeParse(answer).data?.message.split(" - ")[0] ?? "no answer";
    return { said: `not checked: the registry gives no advisories (${because})`, passed: true };
  }
  const bad = Object.entries(read.data.vulnerabilities).filter(([, { severity }]) =>
    ["high", "critical"].includes(severity),
  );
  if (bad.length === 0) return { said: "no advisory of level high or critical", passed: true };
  const said = bad.map(([name, { severity, via }]) => {
    const why = via.map((one) => (typeof one === "string" ? `through ${one}` : `${one.title}, ${one.url}`));
    return `${name} (${severity}): ${why.join("; ")}`;
  });
  return { said: said.join("\n"), passed: false };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

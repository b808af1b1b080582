import { expect, it } from "vitest";
import { judge } from "./advisory-report.ts";

const report = (severity: string) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {
      leaky: { severity, via: [{ title: "Reads too much", url: "https://example.com/advisories/1" }, "deeper"] },
    },
  });

it.each(["high", "critical"])("SR-102 fails on an advisory of level %s, and says which", (severity) => {
  const { said, passed } = judge(report(severity));
  expect(said).toBe(`leaky (${severity}): Reads too much, https://example.com/advisories/1; through deeper`);
  expect(passed).toBe(false);
});

it("passes on lower levels and on no advisory", () => {
  expect(judge(report("moderate")).passed).toBe(true);
  expect(judge('{"vulnerabilities": {}}')).toEqual({ said: "no advisory of level high or critical", passed: true });
});

it.each([
  ['{"message": "405 Method Not Allowed - POST https://registry.example.com/bulk"}', "405 Method Not Allowed"],
  ["", "no answer"],
  ["<html>", "no answer"],
])("says that nothing was checked when the registry answers %j", (output, because) => {
  expect(judge(output)).toEqual({
    said: `not checked: the registry gives no advisories (${because})`,
    passed: true,
  });
});

import { expect, it } from "vitest";
import { csvLine } from "./csv.ts";

it("writes figures bare, nothing for what is not known, and quotes only what needs it", () => {
  expect(csvLine(["plain", 12, null, 'says "stop", twice', "two\nlines"])).toBe(
    'plain,12,,"says ""stop"", twice","two\nlines"\r\n',
  );
});

it("lets no name become a formula in a spreadsheet", () => {
  expect(csvLine(["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', -1])).toBe(
    `'=1+1,'+1,'-1,'@SUM(A1),"'=HYPERLINK(""x"")",-1\r\n`,
  );
});

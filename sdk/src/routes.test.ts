import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { routes as contract } from "../../src/api/contract/index.ts";
import { routesFile, routesSource } from "../generate-routes.ts";
import { routes } from "./routes.ts";

it("knows exactly the routes of the contract", () => {
  expect(Object.keys(routes).sort()).toEqual(contract.map((route) => route.name).sort());
});

it("was made from the contract as it is now (node sdk/generate-routes.ts)", () => {
  expect(readFileSync(routesFile, "utf8")).toBe(routesSource());
});

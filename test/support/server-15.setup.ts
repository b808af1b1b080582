import type { TestProject } from "vitest/node";
import { provideCluster } from "./cluster.ts";
import { postgres15 } from "./postgres-15.ts";

export const setup = (project: TestProject) => provideCluster(project, 15, postgres15);

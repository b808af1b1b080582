import type { TestProject } from "vitest/node";
import { provideCluster } from "./cluster.ts";

export const setup = (project: TestProject) => provideCluster(project, 18);

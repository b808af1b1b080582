import { join } from "node:path";

/** Where `npm start` keeps the code as it was compiled, too: a process that finds it there starts in half the time. */
export const compileCache = { NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/hawser") };

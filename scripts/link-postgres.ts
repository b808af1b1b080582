// Makes the embedded PostgreSQL ready to run where it will be run from a read-only install: an image of a container.
import { findBinaries } from "../src/db/embedded/binaries.ts";
import { chooseUser } from "../src/db/embedded/run-as.ts";

const { folder, major } = findBinaries(chooseUser("/nowhere"));
console.log(`PostgreSQL ${major} in ${folder} can be run.`);

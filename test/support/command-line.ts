// The command line as its users have it: the real program in a process of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileCache } from "./compile-cache.ts";
import { removeFolder, temporaryFolder } from "./temporary-folder.ts";

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export interface CommandLine {
  /** An installation of its own: keys, source root `documents`, destination root `files`, data. */
  folder: string;
  documents: string;
  files: string;
  keyFile: string;
  data: string;
  /** Calls a command and waits for its end. */
  hawser(...args: string[]): Promise<Ended>;
  /** The value that a command prints with `--json`. */
  json(...args: string[]): Promise<unknown>;
  /** Starts a command and leaves it running. */
  begin(...args: string[]): Running;
  end(): void;
}

export interface Running {
  /** Resolves with all output so far, when it holds this text. */
  says(text: string): Promise<string>;
  interrupt(): Promise<Ended>;
}

export function commandLine(settings: Record<string, string> = {}): CommandLine {
  const folder = temporaryFolder();
  const [documents, files, data] = ["documents", "files", "data"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const keyFile = join(folder, "hawser.key");
  mkdirSync(documents);
  mkdirSync(files);
  writeFileSync(join(folder, "hawser.env"), "");
  const started = new Set<ChildProcess>();
  const launch = (args: readonly string[]) => {
    const child = spawn(process.execPath, ["src/cli/main.ts", ...args], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...compileCache,
        HAWSER_CONFIG: join(folder, "hawser.env"),
        HAWSER_DATA: data,
        HAWSER_KEY_FILE: keyFile,
        HAWSER_SOURCE_ROOTS: `documents=${documents}`,
        HAWSER_DESTINATION_ROOTS: `files=${files}`,
        ...settings,
      },
    });
    const said = { out: "", err: "" };
    let heard = () => {};
    child.stdout.on("data", (text) => {
      said.out += text;
      heard();
    });
    child.stderr.on("data", (text) => {
      said.err += text;
    });
    started.add(child);
    const ended = new Promise<Ended>((resolve) => {
      child.once("close", (code) => {
        started.delete(child);
        heard();
        resolve({ code, ...said });
      });
    });
    return { child, said, ended, onOutput: (listener: () => void) => (heard = listener) };
  };
  const hawser = (...args: string[]) => launch(args).ended;
  return {
    folder,
    documents,
    files,
    keyFile,
    data,
    hawser,
    async json(...args) {
      const { code, out, err } = await hawser(...args, "--json");
      if (code !== 0) throw new Error(`hawser ${args.join(" ")} ended with ${code}: ${err}`);
      return JSON.parse(out);
    },
    begin(...args) {
      const { child, said, ended, onOutput } = launch(args);
      return {
        says: (text) =>
          new Promise((resolve, reject) => {
            const look = () => {
              if (said.out.includes(text)) resolve(said.out);
              else if (child.exitCode !== null) reject(new Error(`it ended without saying "${text}": ${said.err}`));
            };
            onOutput(look);
            look();
          }),
        interrupt() {
          child.kill("SIGINT");
          return ended;
        },
      };
    },
    end() {
      for (const child of started) child.kill("SIGKILL");
      removeFolder(folder);
    },
  };
}

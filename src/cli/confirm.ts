import { createInterface } from "node:readline/promises";
import { CommandFailed, WrongUsage } from "./outcome.ts";

/**
 * Asks before something is lost. Where nobody can be asked, `--yes` has to be there.
 * @throws WrongUsage, CommandFailed when the answer is not yes
 */
export async function confirm(question: string, { yes = false }: { yes?: boolean | undefined }): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new WrongUsage(`${question} Nobody can be asked here: say so with --yes.`);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailed("Nothing was done.");
  } finally {
    prompt.close();
  }
}

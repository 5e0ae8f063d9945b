// The programs under test: each is started on a port of its own, and only what was started here is ended.

import { spawn, execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
const binaries = process.env.GATEPOST_BINARIES ?? join(root, "target/debug");
const run = promisify(execFile);

/** Runs a program to its end and returns what it printed. */
export async function ran(program, args, env = {}) {
  const { stdout } = await run(join(binaries, program), args, { cwd: root, env: { ...process.env, ...env } });
  return stdout.trim();
}

/** Starts a program and waits until it has said where it listens. */
export async function started(program, args, { env = {}, says = /http:\/\/[\d.]+:\d+/ } = {}) {
  const child = spawn(join(binaries, program), args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${program} says nothing:\n${said}`)), 20_000);
    const hear = (chunk) => {
      said += chunk;
      const found = said.match(says);
      if (found) {
        clearTimeout(late);
        resolve(found[0]);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`${program} ended with ${code}:\n${said}`));
    });
  });
  const ended = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGCONT");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(hard);
  };
  const paused = () => child.kill("SIGSTOP");
  const resumed = () => child.kill("SIGCONT");
  return { url, ended, paused, resumed };
}

/** A store in a directory of its own, filled from a policy document. */
export async function storeOf(policy) {
  const directory = await mkdtemp(join(tmpdir(), "gatepost-browser-"));
  const url = `sqlite:${join(directory, "policy.db")}`;
  const document = join(directory, "policy.toml");
  await writeFile(document, policy);
  await ran("gatepost", ["store", "init", "--store", url]);
  const why = ["--reason", "the first policy", "--as", "ops"];
  await ran("gatepost", ["store", "import", document, "--store", url, ...why]);
  return { url, directory, removed: () => rm(directory, { recursive: true, force: true }) };
}

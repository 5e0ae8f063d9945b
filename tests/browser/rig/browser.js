// Debian's Chromium, and pages that are watched: whatever a page should never do fails the test that did it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const executablePath = process.env.GATEPOST_CHROMIUM ?? "/usr/bin/chromium";
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
export const NARROW = { width: 360, height: 740 };

/** Starts the browser, with a profile of its own that is gone when it is. */
export function browser() {
  assert.ok(existsSync(executablePath), `no browser at ${executablePath}: GATEPOST_CHROMIUM says where it is`);
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A page in a context of its own, and what it did that no page of the console may do: errors on its console,
 * breaches of its security policy, dialogs, requests to another host.
 */
export async function watchedPage(browser, { viewport = DESKTOP, dark = false, script = true, own = "" } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    javaScriptEnabled: script,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const misdeeds = [];
  /** Statuses of 400 and more that a test asked for; the browser reports each as an error. */
  const expected = new Set();
  if (script) {
    await context.exposeBinding("misdeed", (_, what) => misdeeds.push(what));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.misdeed(`breach of ${event.effectiveDirective} by ${event.blockedURI} ${event.sample}`);
      });
    });
  }
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const refused = message.text().match(/the server responded with a status of (\d+)/);
    if (refused && expected.has(Number(refused[1]))) return;
    misdeeds.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => misdeeds.push(`script: ${error}`));
  page.on("dialog", (dialog) => {
    misdeeds.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (own && !request.url().startsWith(own)) misdeeds.push(`asks ${request.url()}`);
  });
  return {
    page,
    /** What it did was what the test is about. */
    forgives: (pattern) => misdeeds.splice(0, misdeeds.length, ...misdeeds.filter((what) => !pattern.test(what))),
    expects: (...statuses) => statuses.forEach((status) => expected.add(status)),
    closed: async () => {
      await context.close();
      assert.deepEqual(misdeeds, []);
    },
  };
}

/** What axe-core has to say against a page, where it is serious. */
export async function seriousProblems(page) {
  await styled(page);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]) }));
}

/** By how many pixels a page is wider than its window. */
export async function overflow(page) {
  await styled(page);
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What a page says is there to be read before its style sheet is: a click that leads to it waits for neither. */
const styled = (page) => page.waitForLoadState("load");

/**
 * A page whose buttons say themselves what they do:
 *
 *     <button data-method="POST" data-path="/orgs/{org}/chats">New chat</button>
 *     <button data-method="POST" data-path="/orgs/{org}/agents/{agent}/runs"
 *             data-mode="background" data-when='{"agent": "planner"}'>Leave it running</button>
 */

import type { Capabilities, Loaded, LoadOptions, Mode, Use, Who } from "./gatepost.js";
import { Refused, load, may } from "./gatepost.js";

const CAPABILITIES = "/.well-known/gatepost/capabilities";

/** Who can change an answer, in the words of the page. */
const WHO: Record<Who, string> = {
  site_admin: "an admin of the site",
  org_admin: "an admin of the organization",
  self: "yourself",
};

/** What somebody may do who is not known, or not any more. */
const NOTHING: Capabilities = { subject: "", routes: [] };

/**
 * Enables, disables or hides each button, and asks again whenever the reader comes back to the page.
 *
 * Whoever is not let in any more, since signed out, sees none of them. Where the service cannot be asked, they stay
 * as they were: each request is decided anew anyway.
 */
export async function follow(page: Document, options: LoadOptions): Promise<void> {
  let known: Loaded | undefined;
  let asked = 0;
  let answered = 0;
  const ask = async (): Promise<void> => {
    const turn = ++asked;
    // Of two at a time the later one counts, whichever is answered first.
    const isLate = (): boolean => turn < answered;
    try {
      const loaded = await load(CAPABILITIES, { ...options, known });
      if (isLate()) return;
      // The very same where nothing has changed.
      if (loaded !== known) dress(page, loaded);
      [known, answered] = [loaded, turn];
    } catch (error) {
      if (isLate()) return;
      if (error instanceof Refused && [401, 403].includes(error.status)) {
        [known, answered] = [undefined, turn];
        dress(page, { capabilities: NOTHING });
      }
      throw error;
    }
  };
  page.addEventListener("visibilitychange", () => {
    if (page.visibilityState === "visible") ask().catch(console.error);
  });
  await ask();
}

/** Enables, disables or hides each button. */
export function dress(page: ParentNode, { capabilities }: Pick<Loaded, "capabilities">): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>("button[data-path]")) {
    const { show, sentence, remedy } = may(capabilities, useOf(button));
    button.hidden = show === "hide";
    button.disabled = show !== "enable";
    button.title = remedy ? `${sentence} To be changed by ${WHO[remedy.who]}: ${remedy.action}.` : "";
  }
}

function useOf({ dataset }: HTMLButtonElement): Use {
  const use: Use = { method: dataset["method"] ?? "GET", path: dataset["path"] ?? "" };
  const { mode, when, own } = dataset;
  // One that there is not has no row, so the button is hidden.
  if (mode) use.mode = mode as Mode;
  if (when) use.when = JSON.parse(when) as Record<string, string>;
  if (own) use.own = own === "true";
  return use;
}

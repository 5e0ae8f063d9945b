// What a page does by itself where scripts run. Without them, everything works by links and forms.
"use strict";

// A region with `data-again` holds news: which replicas have a change. It is looked at again every so many
// milliseconds, until the page that comes back has no such region any more.
const region = document.querySelector("[data-again]");
if (region) {
  region.classList.add("by-itself");
  lookAgain(region);
}

function lookAgain(region) {
  const wait = Math.max(Number(region.dataset.again) || 1000, 250);
  setTimeout(async () => {
    if (document.hidden) {
      lookAgain(region);
      return;
    }
    const news = await fetched(region.id);
    if (!news) {
      // Not logged in any more, or nobody answers: the link is there to look again by hand.
      region.classList.remove("by-itself");
      return;
    }
    take(region, news);
    if (news.dataset.again) {
      lookAgain(region);
    } else {
      delete region.dataset.again;
    }
  }, wait);
}

async function fetched(id) {
  try {
    const answer = await fetch(location.href, { redirect: "error", cache: "no-store" });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(id);
  } catch {
    return null;
  }
}

// Only what is different is put in place of what was there, so that a screen reader says only that.
function take(region, news) {
  for (const part of news.querySelectorAll("[data-part]")) {
    const old = region.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (old && old.innerHTML !== part.innerHTML) old.replaceChildren(...part.childNodes);
  }
}

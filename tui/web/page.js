"use strict";

// The terminal is textual.js; here is what the page does around it: hand the keys to it, and begin again.

const RETRY_MS = 3000;

// Only a page that answers is loaded: the browser's own page of errors would never look again.
async function comeBack() {
  try {
    const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
    if (answer.ok) {
      location.reload();
      return;
    }
  } catch {
    // The server is away; look again.
  }
  setTimeout(comeBack, RETRY_MS);
}

window.addEventListener("load", () => {
  const body = document.body;
  let isComing = false;
  const look = () => {
    if (!body.classList.contains("-closed")) return;
    if (body.dataset.comesBack !== "yes") document.querySelector("#again").focus();
    else if (!isComing) {
      isComing = true;
      setTimeout(comeBack, RETRY_MS);
    }
  };
  document.querySelector("#again").addEventListener("click", () => location.reload());
  document.querySelector(".textual-terminal:not([inert]) textarea")?.focus();
  new MutationObserver(look).observe(body, { attributeFilter: ["class"] });
  look();
});

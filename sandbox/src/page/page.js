// Keeps the lists fresh, and moves the switches. Without it the page still shows everything.
"use strict";

const live = document.getElementById("live");
const faults = document.getElementById("faults");
const said = document.getElementById("said");

function say(text) {
  if (said) said.textContent = text;
}

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error((await answer.text()) || answer.statusText);
  return answer;
}

async function stayFresh() {
  let pause = 0;
  for (;;) {
    await new Promise((done) => setTimeout(done, pause));
    try {
      const after = live.dataset.revision;
      const answer = await ask(`/sandbox/revision?after=${after}&wait_ms=20000`);
      const { revision } = await answer.json();
      pause = 250;
      if (String(revision) === after || live.contains(document.activeElement)) continue;
      const page = await (await ask(location.pathname + location.search)).text();
      const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("live");
      live.replaceChildren(...fresh.childNodes);
      live.dataset.revision = fresh.dataset.revision;
    } catch {
      pause = 3000;
    }
  }
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  return field.value === "always" ? "always" : Number(field.value);
}

// Only what was moved is sent: the others may have counted down since the page was made.
async function move(fields) {
  const switches = Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]));
  try {
    await ask("/sandbox/switches", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(switches),
    });
    say("Set.");
  } catch (wrong) {
    say(wrong.message);
  }
}

function allOff() {
  const fields = [...faults.elements].filter((field) => field.name);
  for (const field of fields) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "0";
  }
  return move(fields);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  try {
    if (button.dataset.deliver) {
      await ask(`/sandbox/webhooks/${button.dataset.deliver}/deliver`, { method: "POST" });
      button.blur();
    } else if (button.dataset.reset === "switches") {
      await allOff();
    } else if (button.dataset.reset === "everything") {
      if (!confirm("Forget all mails, SMS, payments and webhooks?")) return;
      await ask("/sandbox/reset", { method: "POST" });
      location.reload();
    }
  } catch (wrong) {
    say(wrong.message);
  }
});

if (faults) faults.addEventListener("change", (event) => move([event.target]));
if (live) stayFresh();

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

function read(form) {
  const switches = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") switches[field.name] = field.checked;
    else switches[field.name] = field.value === "always" ? "always" : Number(field.value);
  }
  return switches;
}

async function moveSwitches() {
  try {
    await ask("/sandbox/switches", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(read(faults)),
    });
    say("Set.");
  } catch (wrong) {
    say(wrong.message);
  }
}

function allOff() {
  for (const field of faults.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") field.checked = false;
    else field.value = "0";
  }
  return moveSwitches();
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

if (faults) faults.addEventListener("change", moveSwitches);
if (live) stayFresh();

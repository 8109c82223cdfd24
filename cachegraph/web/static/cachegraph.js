// What pages gain where scripts run: names that complete, and in a site of files search and facets.
"use strict";

const root = document.body.dataset.root;
const site = document.body.dataset.site === "yes";
// Of files that are opened without a server none may be read.
const reads = location.protocol !== "file:";

async function json(address) {
  const response = await fetch(address);
  return response.ok ? response.json() : [];
}

// Completion of the search box: the server knows what begins so; a site has lists of it.
const box = document.getElementById("q");
const found = document.getElementById("found");
let names;

async function suggestions(text) {
  if (!site) {
    return json(`${root}complete.json?q=${encodeURIComponent(text)}`);
  }
  if (text.startsWith("/")) {
    if (text.length < 3) return [];
    const hashes = await json(`${root.replace("index.html", "")}search/${text.slice(1, 3)}.json`);
    return hashes.filter(([hash]) => hash.startsWith(text.slice(1)))
      .slice(0, 20).map(([hash, address]) => [`/${hash}`, "hash", address]);
  }
  names ||= await json(`${root.replace("index.html", "")}search/names.json`);
  return names.filter(([name]) => name.startsWith(text) || name.includes(`/${text}`)).slice(0, 20);
}

if (box && found && reads) {
  let asked = 0;
  box.addEventListener("input", async () => {
    const number = ++asked;
    const text = box.value.trim();
    const shown = text ? await suggestions(text) : [];
    if (number !== asked) return;
    found.replaceChildren(...shown.map(([name, kind]) => {
      const option = document.createElement("option");
      option.value = name;
      option.label = kind;
      return option;
    }));
  });
  if (site) {
    box.form.hidden = false;
    box.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = box.value.trim();
      const shown = text ? await suggestions(text) : [];
      const exact = shown.find(([name]) => name === text) || shown[0];
      if (exact) location.href = root.replace("index.html", "") + exact[2];
      else box.setCustomValidity("no package, stack or hash begins so"), box.reportValidity();
    });
    box.addEventListener("input", () => box.setCustomValidity(""));
  }
}

// What scrolls can be scrolled by keys, and what does not is no stop on the way by keys.
const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
document.querySelectorAll(".scroll").forEach((one) => watcher.observe(one));

// A drawing wider than the page begins with its middle.
const centre = document.querySelector(".neighbours .centre");
if (centre) {
  const [box, around] = [centre, centre.closest(".scroll")].map((one) => one.getBoundingClientRect());
  centre.closest(".scroll").scrollLeft += box.x + box.width / 2 - around.x - around.width / 2;
}

// On a phone the facets are opened by who wants them.
if (matchMedia("(max-width: 40rem)").matches) {
  document.querySelector(".facets")?.removeAttribute("open");
}

// Pins to tick: the sum changes at once.
for (const form of document.querySelectorAll("form.pins")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// Facets of a site: the values become buttons that leave the specs that have them.
const values = reads ? document.querySelectorAll("[data-facet]") : [];
const chosen = new Map();
let rows;

function has(row, facet, value) {
  if (facet === "stack") return row.stacks.includes(value);
  if (facet === "release") {
    return row.stacks.some((key) => key.slice(0, key.lastIndexOf("/")) === value);
  }
  return Array.isArray(row[facet]) ? row[facet].includes(value) : row[facet] === value;
}

async function narrow() {
  rows ||= (await json(document.querySelector("link[rel=alternate]").href)).specs;
  const fits = new Set(rows.filter((row) => [...chosen].every(([facet, wanted]) => {
    const all = ["variants", "flags", "stack", "release"].includes(facet);
    const some = [...wanted];
    return !some.length || some[all ? "every" : "some"]((value) => has(row, facet, value));
  })).map((row) => row.hash));
  let shown = 0;
  for (const line of document.querySelectorAll("#specs tbody tr")) {
    line.hidden = !fits.has(line.id);
    shown += !line.hidden;
  }
  document.querySelector(".scope").textContent =
    `${fits.size} of ${rows.length} specs` + (shown < fits.size ? `, ${shown} on this page` : "");
}

for (const span of values) {
  const { facet, value } = span.dataset;
  const button = document.createElement("button");
  button.textContent = span.textContent;
  button.title = value;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const wanted = chosen.get(facet) || new Set();
    wanted.has(value) ? wanted.delete(value) : wanted.add(value);
    chosen.set(facet, wanted);
    button.setAttribute("aria-pressed", String(wanted.has(value)));
    button.classList.toggle("chosen", wanted.has(value));
    narrow();
  });
  span.replaceWith(button);
}

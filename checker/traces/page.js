"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const last = data.steps.length;
  const slider = document.getElementById("slider");
  const cells = new Map([...document.querySelectorAll("td[data-path]")].map((cell) => [cell.dataset.path, cell]));
  const states = [{ ...data.initial }];
  for (const step of data.steps) {
    const state = { ...states[states.length - 1] };
    for (const change of step.changes) state[change.path] = change.new;
    states.push(state);
  }
  let now = 0;

  // A long name may be broken after each of its parts, so that a cell need not be as wide as the name.
  const breakable = (text) => text.split(/(?<=_)/).flatMap((part, number) => (number ? [document.createElement("wbr"), part] : [part]));

  const node = (name, text, kind) => {
    const made = document.createElement(name);
    made.append(...breakable(text));
    if (kind) made.className = kind;
    return made;
  };

  // The same name always has the same tint, so that memory is seen at a glance.
  const tint = (value) => {
    if (["False", "True", "None", "{}"].includes(value) || /^-?\d/.test(value)) return "";
    let hash = 7;
    for (const letter of value) hash = (hash * 31 + letter.charCodeAt(0)) % 360;
    return `hsl(${hash} 65% 50% / 0.16)`;
  };

  const showCells = () => {
    const step = data.steps[now - 1];
    const changed = new Map((step ? step.changes : []).map((change) => [change.path, change]));
    for (const [path, cell] of cells) {
      const value = states[now][path];
      const change = changed.get(path);
      cell.replaceChildren();
      if (change) cell.append(node("del", change.old), " ");
      cell.append(...breakable(value));
      cell.className = change ? "new" : ["False", "None", "{}"].includes(value) ? "plain" : "";
      cell.style.setProperty("--value", tint(value) || "transparent");
    }
  };

  const places = [...document.querySelectorAll("td[data-cell]")];
  const contentAt = (number, step) => data.drawn[number].findLast((content) => content[0] <= step);

  const showPictures = () => {
    for (const cell of places) {
      const [since, texts, isSet] = contentAt(Number(cell.dataset.cell), now);
      const before = now > 0 && since === now ? contentAt(Number(cell.dataset.cell), now - 1)[1] : null;
      const gone = before && isSet ? before.filter((text) => !texts.includes(text)) : [];
      cell.className = [isSet ? "set" : "", texts.length + gone.length ? "" : "empty", before ? "new" : ""].join(" ");
      cell.title = before ? `before: ${before.join(", ") || "nothing"}` : "";
      cell.style.setProperty("--value", (!isSet && texts.length && tint(texts[0])) || "transparent");
      cell.replaceChildren(...texts.map((text) => node("span", text)), ...gone.map((text) => node("span", text, "gone")));
      if (isSet) for (const chip of cell.children) chip.style.setProperty("--value", tint(chip.textContent) || "transparent");
    }
  };

  const showStep = () => {
    const box = document.getElementById("step");
    box.replaceChildren();
    if (now === 0) {
      box.append(node("p", "The initial state", "what"));
      return;
    }
    const step = data.steps[now - 1];
    const who = [step.lane, step.actor].filter(Boolean).join(", ");
    box.append(node("p", `Step ${now}${who ? ", " + who : ""}: ${step.text}`, "what"));
    if (step.mark) box.append(node("p", step.mark === "*" ? "This step made it possible." : "Here it shows.", "mark"));
    const place = node("p", "");
    place.append(node("small", `${step.place}  ${step.who}`), " ", node("code", step.line));
    box.append(place);
    if (step.chosen.length) box.append(node("p", "chose " + step.chosen.join(", ")));
    for (const text of step.assumed) box.append(node("p", "assumed: " + text, "assumed"));
    if (!step.changes.length) box.append(node("p", "no field changed"));
    const changes = document.createElement("ul");
    for (const change of step.changes) changes.append(node("li", `${change.path}: ${change.old} \u2192 ${change.new}`));
    if (step.changes.length) box.append(changes);
  };

  const showDiagram = () => {
    for (const group of document.querySelectorAll("svg [data-step]")) {
      const number = Number(group.dataset.step);
      group.classList.toggle("now", number === now);
      group.classList.toggle("later", number > now);
    }
    for (const group of document.querySelectorAll("svg [data-to]")) {
      group.classList.toggle("later", Number(group.dataset.to) > now);
    }
    const current = document.querySelector("svg .step.now");
    const pane = document.getElementById("diagram");
    if (!current) { pane.scrollTop = 0; return; }
    const box = current.querySelector(".box").getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    if (box.top < frame.top + 50) pane.scrollTop -= frame.top + 90 - box.top;
    if (box.bottom > frame.bottom - 20) pane.scrollTop += box.bottom - frame.bottom + 60;
    const left = box.left - frame.left + pane.scrollLeft;  // in the picture
    pane.scrollLeft = left + box.width < pane.clientWidth ? 0 : left - 20;
  };

  const go = (step) => {
    now = Math.min(Math.max(step, 0), last);
    slider.value = String(now);
    slider.setAttribute("aria-valuetext", now ? `step ${now} of ${last}: ${data.steps[now - 1].text}` : "the initial state");
    document.getElementById("at").textContent = `step ${now} of ${last}`;
    showPictures();
    showCells();
    showStep();
    showDiagram();
  };

  const ways = { first: () => 0, back: () => now - 1, on: () => now + 1, last: () => last };
  const keys = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };
  for (const button of document.querySelectorAll("[data-go]")) {
    button.addEventListener("click", () => go(ways[button.dataset.go]()));
  }
  slider.addEventListener("input", () => go(Number(slider.value)));
  document.addEventListener("keydown", (event) => {
    const way = keys[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(ways[way]());
  });
  for (const group of document.querySelectorAll("svg [data-step]")) {
    group.addEventListener("click", () => go(Number(group.dataset.step)));
  }
  document.getElementById("all").addEventListener("change", (event) => {
    document.body.classList.toggle("all", event.target.checked);
  });
  const asked = () => Number((/^#step=(\d+)$/.exec(location.hash) || [0, last])[1]);
  addEventListener("hashchange", () => go(asked()));
  go(asked());
})();

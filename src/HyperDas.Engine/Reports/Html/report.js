// The explorable token selection. Without it the page still shows a picture of the first example.
(() => {
  "use strict";
  const source = document.getElementById("selection-data");
  if (!source) return;
  const examples = JSON.parse(source.textContent);
  const view = document.getElementById("selection-view");
  const picker = view.querySelector("select");
  const modes = view.querySelector(".modes");
  let example = 0, mode = 0, column = 0;

  const make = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const percent = share => (share >= 0.995 ? "100" : share >= 0.1 ? (100 * share).toFixed(0) : (100 * share).toFixed(1)) + " %";
  const shade = (element, weight) => {
    element.style.setProperty("--w", Math.max(0, Math.min(1, weight)));
    element.classList.toggle("strong", weight > 0.55);
    return element;
  };
  const shown = token => token.trim() === "" ? "␣" : token.trim();

  const weightsOf = j => examples[example].modes[mode].weights.map(row => row[j]);
  const edited = j => 1 - weightsOf(j).at(-1);

  function mostEdited() {
    const shares = examples[example].base.map((_, j) => edited(j));
    return shares.indexOf(Math.max(...shares));
  }

  function choose(nextExample, nextMode, nextColumn) {
    example = nextExample;
    mode = Math.min(nextMode, examples[example].modes.length - 1);
    column = nextColumn ?? mostEdited();
    draw();
  }

  function draw() {
    const shownExample = examples[example], result = shownExample.modes[mode];
    picker.value = String(example);
    modes.replaceChildren(...shownExample.modes.map((m, i) => {
      const button = make("button", m.name, { type: "button", "aria-pressed": String(i === mode) });
      button.addEventListener("click", () => choose(example, i));
      return button;
    }));
    const answer = view.querySelector(".answer");
    answer.replaceChildren(make("b", `“${result.original}”`), " becomes ", make("b", `“${result.intervened}”`));

    const weights = weightsOf(column);
    view.querySelector(".base").replaceChildren(...shownExample.base.map((token, j) => {
      const button = shade(make("button", shown(token), { type: "button", "aria-pressed": String(j === column), title: `${percent(edited(j))} replaced` }), edited(j));
      button.addEventListener("click", () => choose(example, mode, j));
      return button;
    }));
    view.querySelector(".source").replaceChildren(...shownExample.source.map((token, i) =>
      shade(make("i", shown(token), { title: percent(weights[i]) }), weights[i])));

    const givers = shownExample.source.map((token, i) => [shown(token), weights[i]]).filter(g => g[1] >= 0.005).sort((a, b) => b[1] - a[1]).slice(0, 5);
    view.querySelector(".says").textContent = givers.length === 0
      ? `“${shown(shownExample.base[column])}” is left as it is.`
      : `“${shown(shownExample.base[column])}” takes its part of the concept from ` + givers.map(g => `“${g[0]}” (${percent(g[1])})`).join(", ")
        + (weights.at(-1) >= 0.005 ? `; ${percent(weights.at(-1))} stays.` : ".");
    drawMatrix(shownExample, result.weights);
  }

  function drawMatrix(shownExample, weights) {
    const head = make("tr");
    head.append(make("td", undefined, { style: "background:none" }), ...shownExample.base.map(token => {
      const cell = make("th", undefined, { scope: "col" });
      cell.append(make("span", shown(token)));
      return cell;
    }));
    const rows = weights.map((row, i) => {
      const line = make("tr");
      line.append(make("th", i < shownExample.source.length ? shown(shownExample.source[i]) : "no intervention", { scope: "row" }), ...row.map((weight, j) => {
        const cell = shade(make("td", weight >= 0.005 ? weight.toFixed(2) : ""), weight);
        cell.classList.toggle("chosen", j === column);
        return cell;
      }));
      return line;
    });
    const thead = make("thead"), tbody = make("tbody");
    thead.append(head);
    tbody.append(...rows);
    view.querySelector(".matrix").replaceChildren(thead, tbody);
  }

  picker.addEventListener("change", () => choose(Number(picker.value), mode));
  view.hidden = false;
  choose(0, 0);
})();

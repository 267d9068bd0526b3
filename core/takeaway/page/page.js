"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const at = id => document.getElementById(id);
const make = (kind, parent, text = "") => {
  const made = document.createElement(kind);
  made.textContent = text;
  parent.append(made);
  return made;
};

at("themes").hidden = false;
at("theme").onchange = () => { document.documentElement.dataset.theme = at("theme").value; };

const isolated = name => { // so that one written from right to left does not turn the rest
  const made = document.createElement("bdi");
  made.textContent = name;
  return made;
};

const explore = ({ units, layers, heads, chosen, token, signed, size: [rows, columns], weights }) => {
  const LEAST = 0.01, MOST_LINES = 60, THICKEST = 22; // a share with a line; words whose lines are all drawn; pixels
  const bits = new Uint16Array(Uint8Array.from(atob(weights), char => char.charCodeAt(0)).buffer);
  const layer = at("layer"), head = at("head"), unit = at("unit"), svg = at("arcs").querySelector("svg");
  const sides = { from: at("from"), to: at("to") };
  let from, to, matrix, pinned = { side: "from", n: 0 };

  const half = value => { // a weight or a difference as float16: no infinity
    const exponent = value >> 10 & 31, fraction = (value & 1023) / 1024, sign = value >> 15 ? -1 : 1;
    return sign * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
  };
  const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
  const every = [...Array(heads).keys()];
  const weigh = (looking, looked) => { // from the pieces of a word the mean, to those of another the sum
    const of = head.value === "-1" ? every : [Number(head.value)], first = Number(layer.value) * heads;
    const one = h => sum(looking, row => sum(looked, column => half(bits[((first + h) * rows + row) * columns + column])));
    return sum(of, one) / of.length / looking.length;
  };
  const sign = weight => (signed && weight > 0 ? "+" : "");
  const share = weight => `${sign(weight)}${Math.round(100 * weight)}%`;
  const links = ({ side, n }) => (side === "from" ? matrix[n] : matrix.map(row => row[n]));

  const show = word => { // the lines of one word, and its shares beside the others
    if (svg.dataset.few) lines(word);
    for (const path of svg.children) path.classList.toggle("own", path.dataset[word.side] === String(word.n));
    const other = word.side === "from" ? "to" : "from", weights = links(word);
    for (const side of ["from", "to"]) {
      [...sides[side].children].forEach((button, n) => {
        const weight = side === other ? weights[n] : 0;
        button.lastChild.textContent = Math.abs(weight) >= LEAST ? share(weight) : "";
      });
    }
  };
  const pin = (side, n) => { // what stays shown, and is read out
    pinned = { side, n };
    show(pinned);
    for (const one of ["from", "to"]) {
      [...sides[one].children].forEach((button, place) => {
        const own = one === side && place === n;
        button.setAttribute("aria-pressed", own);
        button.tabIndex = place === (own || one === side ? n : Math.min(n, sides[one].children.length - 1)) ? 0 : -1;
      });
    }
    at("grid").querySelectorAll("tbody tr").forEach((row, place) => row.classList.toggle("own", side === "from" && place === n));
    const names = side === "from" ? to : from, own = (side === "from" ? from : to)[n].name;
    const most = links(pinned).map((weight, place) => ({ weight, name: names[place].name }))
      .filter(({ weight }) => Math.abs(weight) >= LEAST).sort((one, two) => Math.abs(two.weight) - Math.abs(one.weight)).slice(0, 3);
    const told = most.flatMap(({ weight, name }, n) => [n ? ", " : "", isolated(name), ` ${share(weight)}`]);
    const [looks, looked] = signed ? ["looks more or less at", "is looked at more or less by"] : ["looks at", "is looked at by"];
    at("said").replaceChildren(isolated(own), ` ${side === "from" ? looks : looked} `, ...(told.length ? told : ["nothing"]));
  };

  const column = (side, words) => {
    sides[side].replaceChildren(...words.map(({ name, special }, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = special ? "word special" : "word";
      button.append(isolated(name));
      button.title = name;
      make("span", button).className = "share";
      button.onmouseenter = () => show({ side, n });
      button.onmouseleave = () => show(pinned);
      button.onclick = button.onfocus = () => pin(side, n);
      return button;
    }));
  };
  const lines = word => { // all of them, or of a long text those of one word
    const count = Math.max(from.length, to.length), few = count > MOST_LINES;
    svg.dataset.few = few ? "few" : "";
    svg.setAttribute("viewBox", `0 0 100 ${count}`);
    svg.style.height = `calc(${count} * var(--row))`;
    svg.replaceChildren();
    matrix.forEach((row, n) => row.forEach((weight, m) => {
      if (Math.abs(weight) < LEAST || few && { from: n, to: m }[word.side] !== word.n) return;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path"), [start, end] = [n + 0.5, m + 0.5];
      path.setAttribute("d", `M0 ${start}C33.3 ${start} 66.7 ${end} 100 ${end}`);
      path.style.strokeWidth = `${THICKEST * Math.abs(weight)}px`;
      path.classList.add(signed && weight > 0 ? "more" : !signed && to[m].special ? "special" : "plain");
      [path.dataset.from, path.dataset.to] = [n, m];
      svg.append(path);
    }));
  };
  const cells = () => {
    const table = document.createElement("table");
    table.style.width = `calc(var(--names) + ${to.length} * var(--cell))`;
    make("col", make("colgroup", table));
    const top = table.createTHead().insertRow(), body = table.createTBody();
    make("th", top, "from \\ to").scope = "col";
    const heading = (parent, name, scope) => {
      const cell = make("th", parent);
      [cell.scope, cell.title] = [scope, name];
      cell.append(isolated(name));
    };
    to.forEach(({ name }) => heading(top, name, "col"));
    matrix.forEach((weights, n) => {
      const row = body.insertRow();
      heading(row, from[n].name, "row");
      weights.forEach((weight, m) => {
        const cell = make("td", row, weight.toFixed(2).replace("-0.00", "0.00"));
        cell.style.background = `rgba(var(--${weight < 0 ? "cold" : "hot"}), ${Math.sqrt(Math.min(1, Math.abs(weight)))})`;
        cell.tabIndex = n + m ? -1 : 0;
        cell.onclick = () => focus(n, m);
      });
    });
    at("grid").replaceChildren(table);
  };
  const focus = (n, m) => {
    const row = at("grid").querySelectorAll("tbody tr")[n], cell = row && row.querySelectorAll("td")[m];
    if (!cell) return;
    at("grid").querySelectorAll("td[tabindex='0']").forEach(other => { other.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus();
    at("said").replaceChildren(isolated(from[n].name), " looks at ", isolated(to[m].name), `: ${matrix[n][m].toFixed(4)}`);
  };
  const draw = () => {
    ({ from, to } = units[unit.value]);
    matrix = from.map(looking => to.map(looked => weigh(looking.places, looked.places)));
    pinned.n = Math.min(pinned.n, (pinned.side === "from" ? from : to).length - 1);
    column("from", from);
    column("to", to);
    lines(pinned);
    cells();
    pin(pinned.side, pinned.n);
  };

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  at("grid").addEventListener("keydown", event => {
    const step = STEPS[event.key], cell = event.target.closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    focus(cell.parentElement.rowIndex - 1 + step[0], cell.cellIndex - 1 + step[1]);
  });
  at("arcs").addEventListener("keydown", event => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const side = step[1] ? (step[1] < 0 ? "from" : "to") : pinned.side, others = sides[side].children;
    others[Math.max(0, Math.min(others.length - 1, pinned.n + step[0]))].focus();
  });

  layers.forEach((number, n) => { layer.add(new Option(number, n)); });
  head.add(new Option("mean", -1));
  every.forEach(n => head.add(new Option(n + 1, n)));
  [layer.value, head.value] = chosen;
  [sides.from.ariaLabel, sides.to.ariaLabel] = ["Looks", "Is looked at"];
  pinned.n = Math.max(0, units[unit.value].from.findIndex(({ places }) => places.includes(token)));
  at("explore").hidden = false;
  unit.onchange = () => { // the same word, or its first piece
    const { side, n } = pinned, [place] = units[unit.value === "words" ? "tokens" : "words"][side][n].places;
    pinned.n = units[unit.value][side].findIndex(({ places }) => places.includes(place));
    draw();
  };
  layer.onchange = head.onchange = draw;
  draw();
};

if (data.weights) explore(data);

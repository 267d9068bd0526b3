// The switch between the dark and the light theme. theme.js applies what it remembers before the page is painted.

import { icon } from "./dom.js";
import { sayOn } from "./language.js";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

/** The theme of the page, "dark" or "light": the chosen one, else the system's. */
export function theme() {
  return root.dataset.theme || systemTheme();
}

/** Let `button` switch the theme. Who switches back to the system's theme follows the system again. */
export function setUpTheme(button) {
  const draw = () => {
    const dark = theme() === "dark";
    button.replaceChildren(icon(dark ? "sun" : "moon"));
    sayOn(button, "label", dark ? "Switch to the light theme" : "Switch to the dark theme");
  };
  button.addEventListener("click", () => {
    const other = theme() === "dark" ? "light" : "dark";
    root.dataset.theme = other === systemTheme() ? "" : other;
    localStorage.setItem("theme", root.dataset.theme);
    draw();
  });
  system.addEventListener("change", draw);
  draw();
}

function systemTheme() {
  return system.matches ? "dark" : "light";
}

// A string select on a card: the choice is sent when its list closes, if it has changed.

import { el, emojiText, icon } from "./dom.js";
import { say } from "./language.js";
import { Listbox } from "./listbox.js";
import { attachPopup } from "./popup.js";

const OPENING_KEYS = ["ArrowDown", "ArrowUp", "Enter", " "];

/** Draws a select component (type 3) as `element`; `send(values, control)` is called with what was chosen. */
export class SelectMenu {
  #options;
  #least;
  #most;
  #placeholder;
  #chosen;
  #before;
  #send;
  #list;
  #label = el("span", { class: "chosen" });
  #button;
  #popup;

  constructor(component, send) {
    this.#options = component.options;
    this.#least = component.min_values ?? 1;
    this.#most = component.max_values ?? 1;
    this.#placeholder = component.placeholder ?? say("Make a selection");
    this.#chosen = component.options.filter((option) => option.default).map((option) => option.value);
    this.#send = send;
    this.#list = new Listbox(this.#placeholder, { multiple: this.#multiple });
    this.#list.addEventListener("pick", (event) => this.#pick(event.detail.value));
    this.#button = this.#drawButton(component);
    this.#popup = el(
      "div",
      { class: "popup", onbeforetoggle: (event) => this.#opening(event), ontoggle: (event) => this.#toggled(event) },
      this.#multiple && el("p", { class: "popup-note" }, this.#amount),
      this.#list.element,
    );
    attachPopup(this.#popup, this.#button);
    this.#write();
    this.element = el("div", { class: "select-frame" }, this.#button, this.#popup);
  }

  get #multiple() {
    return this.#most > 1;
  }

  get #amount() {
    const [least, most] = [this.#least, this.#most];
    if (least === most) return say("Choose {most}", { most });
    return least ? say("Choose {least} to {most}", { least, most }) : say("Choose up to {most}", { most });
  }

  #drawButton(component) {
    const attributes = {
      class: "select",
      type: "button",
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "data-control": component.custom_id,
      disabled: component.disabled,
      onkeydown: (event) => this.#key(event),
      onkeyup: (event) => event.key === " " && event.preventDefault(), // key down has used the space bar
    };
    return el("button", attributes, this.#label, icon("down"));
  }

  #opening(event) {
    if (event.newState !== "open") return;
    this.#before = this.#chosen;
    this.#show(this.#options.findIndex((option) => this.#chosen.includes(option.value)));
  }

  #toggled(event) {
    if (event.newState === "open") this.#list.reveal();
    else this.#closed();
  }

  #closed() {
    this.#list.hide();
    const same =
      this.#chosen.length === this.#before.length && this.#chosen.every((value) => this.#before.includes(value));
    if (this.#chosen.length < this.#least) this.#chosen = this.#before;
    else if (!same) this.#send(this.#chosen, this.#button);
    this.#write();
  }

  #show(active) {
    const items = this.#options.map((option) => ({
      label: option.label,
      detail: option.description,
      value: option.value,
      sign: option.emoji && emojiText(option.emoji),
      selected: this.#chosen.includes(option.value),
    }));
    this.#list.show(this.#button, items, Math.max(0, active));
  }

  #pick(value) {
    if (!this.#multiple) {
      this.#chosen = [value];
      this.#popup.hidePopover();
      return;
    }
    if (this.#chosen.includes(value)) this.#chosen = this.#chosen.filter((other) => other !== value);
    else if (this.#chosen.length < this.#most) this.#chosen = [...this.#chosen, value];
    this.#show(this.#options.findIndex((option) => option.value === value));
  }

  #key(event) {
    if (!this.#list.open) {
      if (!OPENING_KEYS.includes(event.key) || this.#button.disabled) return;
      event.preventDefault();
      this.#popup.showPopover();
    } else if (event.key === " ") {
      event.preventDefault();
      this.#pick(this.#list.active.value);
    } else if (event.key === "Tab" || event.key === "Escape") {
      this.#popup.hidePopover();
    } else if (!this.#list.key(event) && event.key.length === 1) {
      this.#list.jump(event.key);
    }
  }

  #write() {
    const chosen = this.#options.filter((option) => this.#chosen.includes(option.value)).map((option) => option.label);
    this.#label.textContent = chosen.join(", ") || this.#placeholder;
    this.#label.classList.toggle("placeholder", !chosen.length);
    this.#button.setAttribute("aria-label", [this.#placeholder, ...chosen].join(", "));
  }
}

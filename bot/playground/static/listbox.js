// A list of things to pick from, driven by the keyboard of the control that owns it (the ARIA combobox pattern:
// focus stays on the owner, which points at the active item). The composer and the selects on cards share it.

import { el, icon } from "./dom.js";

let lists = 0;

/**
 * Items are {label, detail?, value, sign?, selected?}. With `multiple`, items carry a tick and several may be selected.
 * Dispatches "pick" with the item as detail.
 */
export class Listbox extends EventTarget {
  #items = [];
  #active = -1;
  #owner = null;

  constructor(label, { multiple = false } = {}) {
    super();
    this.multiple = multiple;
    this.element = el("div", {
      id: `listbox-${++lists}`,
      class: "listbox",
      role: "listbox",
      "aria-label": label,
      "aria-multiselectable": multiple && "true",
      onmousedown: (event) => event.preventDefault(), // keep focus on the owner
      onclick: (event) => this.#clicked(event),
    });
  }

  get open() {
    return this.#items.length > 0;
  }

  get active() {
    return this.#items[this.#active] ?? null;
  }

  /** Show items for the control `owner`, with one of them active (-1: none). */
  show(owner, items, active = 0) {
    if (this.#owner !== owner) this.hide();
    this.#owner = owner;
    this.#items = items;
    this.element.replaceChildren(...items.map((item, index) => this.#draw(item, index)));
    owner.setAttribute("aria-expanded", String(this.open));
    owner.setAttribute("aria-controls", this.element.id);
    this.#activate(Math.min(active, items.length - 1));
  }

  hide() {
    this.#owner?.setAttribute("aria-expanded", "false");
    this.#owner?.removeAttribute("aria-activedescendant");
    this.#owner = null;
    this.#items = [];
    this.#active = -1;
    this.element.replaceChildren();
  }

  /** Handle a key pressed on the owner. Returns whether the key was used up. */
  key(event) {
    const last = this.#items.length - 1;
    const to = {
      ArrowDown: this.#active < last ? this.#active + 1 : 0,
      ArrowUp: this.#active > 0 ? this.#active - 1 : last,
    }[event.key];
    if (!this.open || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
    if (to !== undefined) this.#activate(to);
    else if (event.key === "Escape") this.hide();
    else if (this.active && !event.shiftKey && (event.key === "Enter" || event.key === "Tab")) this.#pick(this.#active);
    else return false;
    event.preventDefault();
    return true;
  }

  /** Scroll the active item into sight. */
  reveal() {
    this.element.children[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  /** Move to the next item that begins with a letter, as native selects do. */
  jump(letter) {
    const order = this.#items.map((_, index) => (this.#active + 1 + index) % this.#items.length);
    const found = order.find((index) => this.#items[index].label.toLowerCase().startsWith(letter.toLowerCase()));
    if (found !== undefined) this.#activate(found);
  }

  #draw(item, index) {
    const option = el(
      "div",
      {
        id: `${this.element.id}-${index}`,
        class: "option",
        role: "option",
        "aria-selected": String(Boolean(item.selected)),
      },
      item.sign && el("span", { class: "sign", "aria-hidden": "true" }, item.sign),
      el("bdi", { class: "label" }, item.label),
      item.detail && el("bdi", { class: "detail" }, item.detail),
      (this.multiple || item.selected) && el("span", { class: "tick" }, item.selected && icon("check")),
    );
    option.addEventListener("mousemove", () => this.#activate(index, false));
    return option;
  }

  #activate(index, scroll = true) {
    this.element.children[this.#active]?.classList.remove("active");
    this.#active = index;
    const option = this.element.children[index];
    option?.classList.add("active");
    if (scroll) this.reveal();
    if (option) this.#owner.setAttribute("aria-activedescendant", option.id);
    else this.#owner?.removeAttribute("aria-activedescendant");
  }

  #clicked(event) {
    const option = event.target.closest("[role=option]");
    if (option) this.#pick([...this.element.children].indexOf(option));
  }

  #pick(index) {
    const item = this.#items[index];
    this.#activate(index);
    this.dispatchEvent(new CustomEvent("pick", { detail: item }));
  }
}

// A modal the bot opened: a real <dialog>, with labels, checked before it is sent.

import { dots, el, icon } from "./dom.js";
import { say } from "./language.js";
import { markdown } from "./markdown.js";

const LONG_TEXT = 2; // the style of a paragraph input

// How each kind of component is drawn inside a modal: {node, read(), problem()}, where read() is what the bot gets.
const DRAW = { 3: choiceInput, 4: textInput, 21: choiceInput, 22: choiceInput, 23: checkbox };

/**
 * Show a modal. `submit(fields, done)` sends what was filled in and calls `done(problem)`, with "" when it was taken.
 * `drafts` is a Map that outlives the dialog, so that closing it by accident loses nothing.
 */
export function openModal(modal, { names, drafts, submit }) {
  const fields = [];
  const typed = drafts.get(modal.title) ?? new Map(); // text by label: discord.py makes up new ids each time
  drafts.set(modal.title, typed);
  const body = modal.components.map((component) => draw(component, fields, { names, typed }));
  const problem = el("p", { class: "problem", role: "alert" });
  const send = el("button", { class: "button primary" }, say("Submit"));
  const close = () => dialog.close();
  const form = el(
    "form",
    { novalidate: true, autocomplete: "off", onsubmit: (event) => trySubmit(event) },
    el("h2", { id: "modal-title" }, el("bdi", {}, modal.title)),
    el("button", { class: "round close", type: "button", "aria-label": say("Close"), onclick: close }, icon("close")),
    el("div", { class: "modal-body" }, body),
    problem,
    el(
      "div",
      { class: "modal-actions" },
      el("button", { class: "button secondary", type: "button", onclick: close }, say("Cancel")),
      send,
    ),
  );
  const trySubmit = (event) => {
    event.preventDefault();
    const wrong = fields.filter((field) => field.check());
    if (wrong.length) {
      wrong[0].focus();
      return;
    }
    send.replaceChildren(dots());
    submit(Object.fromEntries(fields.map((field) => [field.id, field.read()])), (reason) => {
      send.replaceChildren(say("Submit"));
      problem.textContent = reason;
      if (reason) return;
      drafts.delete(modal.title);
      close();
    });
  };
  const dialog = el(
    "dialog",
    { class: "modal", "aria-labelledby": "modal-title", onclose: () => dialog.remove() },
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
  fields[0]?.focus();
}

function draw(component, fields, context) {
  if (component.type === 10) return markdown(component.content, context.names);
  if (component.type === 1) return component.components.map((inner) => labelled(inner, inner, fields, context));
  return labelled(component.component ?? component, component, fields, context);
}

/** A field with its label, description and a place for what is wrong with it. */
function labelled(component, { label, description }, fields, context) {
  const make = DRAW[component.type];
  if (!make)
    return el(
      "p",
      { class: "missing" },
      say("This page cannot draw fields of type {type} yet.", { type: component.type }),
    );
  const id = `modal-${component.custom_id}`;
  const problem = el("p", { class: "problem", id: `${id}-problem` });
  const input = make(component, id, context.typed, label ?? component.label);
  fields.push({
    id: component.custom_id,
    read: input.read,
    focus: () => (input.node.matches("fieldset") ? input.node.querySelector("input") : input.node).focus(),
    check: () => {
      problem.textContent = input.problem();
      input.node.setAttribute("aria-invalid", String(Boolean(problem.textContent)));
      return problem.textContent;
    },
  });
  input.node.setAttribute("aria-describedby", problem.id);
  const required = component.required !== false && component.type !== 23;
  const title = [
    el("bdi", {}, label ?? component.label ?? ""),
    required && el("span", { class: "required", "aria-hidden": "true" }, " *"),
  ].filter(Boolean);
  const group = input.node.matches("fieldset");
  if (group) input.node.prepend(el("legend", {}, title));
  return el(
    "div",
    { class: "modal-field" },
    !group && el("label", { for: id }, title),
    description && el("p", { class: "muted" }, description),
    input.node,
    problem,
  );
}

function textInput(component, id, typed, label) {
  const { style, placeholder, min_length: least = 0, max_length: most = 4000, required = true } = component;
  const node = el(style === LONG_TEXT ? "textarea" : "input", {
    id,
    placeholder,
    rows: style === LONG_TEXT && 5,
    "aria-required": String(required),
    oninput: () => typed.set(label, node.value),
  });
  node.value = typed.get(label) ?? component.value ?? "";
  const problem = () => {
    const length = [...node.value].length;
    if (!node.value.trim()) return required ? say("This field is required.") : "";
    if (length < least) return say("Write at least {least} characters.", { least });
    return length > most ? say("Write at most {most} characters, not {count}.", { most, count: length }) : "";
  };
  return { node, problem, read: () => node.value };
}

/** A string select, a radio group or a checkbox group: all are a group of ticks here. */
function choiceInput(component, id) {
  const { type, options = [], required = true } = component;
  const most = type === 21 ? 1 : (component.max_values ?? (type === 22 ? options.length : 1));
  const least = component.min_values ?? (required ? 1 : 0);
  const kind = most === 1 ? "radio" : "checkbox";
  const ticks = options.map((option) =>
    el("input", { type: kind, name: id, value: option.value, checked: option.default }),
  );
  const rows = options.map((option, index) =>
    el(
      "label",
      { class: "tick-row" },
      ticks[index],
      el(
        "span",
        {},
        el("bdi", {}, option.label),
        option.description && el("small", { class: "muted" }, option.description),
      ),
    ),
  );
  const chosen = () => ticks.filter((tick) => tick.checked).map((tick) => tick.value);
  const problem = () => {
    const count = chosen().length;
    if (count === 0 && !required) return "";
    if (count < least) return least === 1 ? say("Choose one.") : say("Choose at least {least}.", { least });
    return count > most ? say("Choose at most {most}.", { most }) : "";
  };
  return { node: el("fieldset", { id }, rows), problem, read: () => (type === 21 ? (chosen()[0] ?? null) : chosen()) };
}

function checkbox(component, id) {
  const node = el("input", { id, type: "checkbox", checked: component.default });
  return { node, problem: () => "", read: () => node.checked };
}

// Pictures and files: alt text one press away, a closer look in a dialog, spoilers covered.

import { el, icon, localUrl } from "./dom.js";
import { locale, say } from "./language.js";

let captions = 0;

/** Draw a picture. `media` is an attachment or an unfurled media item, `description` its alt text. */
export function picture(media, description, { spoiler = false, small = false } = {}) {
  const url = localUrl(media.url);
  const alt = description || say("Picture without a description");
  if (!url)
    return el(
      "p",
      { class: "missing" },
      say("A picture from elsewhere is not loaded: {description}", { description: alt }),
    );
  const image = el("img", { src: url, alt, decoding: "async" });
  const open = el(
    "button",
    { class: "zoomable", type: "button", "aria-label": say("Enlarge: {description}", { description: alt }) },
    image,
  );
  const frame = el(
    "figure",
    { class: small ? "picture small" : "picture" },
    open,
    description && !small && altText(description),
  );
  image.addEventListener("error", () =>
    frame.replaceChildren(
      el("p", { class: "missing" }, say("This picture could not be loaded: {description}", { description: alt })),
    ),
  );
  open.addEventListener("click", () => {
    if (frame.classList.contains("covered")) uncover(frame);
    else zoom(image);
  });
  if (media.width && media.height && !small) reserve(frame, media);
  if (spoiler) cover(frame);
  return frame;
}

/** Give a picture its place before it is loaded, so that the history does not jump. */
function reserve(frame, { width, height }) {
  frame.classList.add("sized");
  frame.style.setProperty("--width", `${width}px`);
  frame.style.setProperty("--ratio", width / height);
}

/** Draw a file as a card with its name, size and a link. */
export function file({ url, name, size, description }) {
  const address = localUrl(url);
  const label = name ?? decodeURIComponent(address?.split("/").at(-1) ?? say("file"));
  return el(
    "div",
    { class: "file" },
    icon("file"),
    el(
      "div",
      {},
      address ? el("a", { href: address, download: label }, el("bdi", {}, label)) : el("bdi", {}, label),
      el("p", { class: "muted" }, [size !== undefined && bytes(size), description].filter(Boolean).join(" · ")),
    ),
  );
}

/** Whether an attachment is shown as a picture. */
export function isPicture({ content_type: type, filename = "" }) {
  return type ? type.startsWith("image/") : /\.(png|jpe?g|gif|webp)$/i.test(filename);
}

function altText(description) {
  const id = `alt-${++captions}`;
  const caption = el("figcaption", { id, class: "alt-text", dir: "auto", hidden: true }, description);
  const toggle = () => {
    caption.hidden = !caption.hidden;
    badge.setAttribute("aria-expanded", String(!caption.hidden));
  };
  const badge = el(
    "button",
    {
      class: "alt-badge",
      type: "button",
      "aria-label": say("ALT: describe the picture"),
      "aria-expanded": "false",
      "aria-controls": id,
      onclick: toggle,
    },
    "ALT",
  );
  return [badge, caption];
}

function cover(frame) {
  frame.classList.add("covered");
  const open = frame.querySelector(".zoomable");
  open.dataset.cover = say("Spoiler");
  open.setAttribute("aria-label", say("Spoiler: show the picture"));
}

function uncover(frame) {
  frame.classList.remove("covered");
  const open = frame.querySelector(".zoomable");
  open.setAttribute("aria-label", say("Enlarge: {description}", { description: open.querySelector("img").alt }));
}

/** Show a picture in a dialog twice as large as `image` or in its own size, whichever is more; a press fits it in. */
function zoom(image) {
  const { src: url, alt } = image;
  const dialog = el(
    "dialog",
    { class: "zoom", "aria-label": say("Picture"), onclose: () => dialog.remove() },
    el(
      "div",
      { class: "zoom-tools" },
      el(
        "a",
        { class: "button secondary", href: url, target: "_blank", rel: "noopener" },
        say("Open in a new tab"),
        icon("out"),
      ),
      el(
        "button",
        { class: "round", type: "button", "aria-label": say("Close"), onclick: () => dialog.close() },
        icon("close"),
      ),
    ),
    el(
      "div",
      { class: "zoom-stage", tabindex: 0, role: "group", "aria-label": say("Picture, scrollable") },
      el("img", { src: url, alt }),
    ),
    el("p", { class: "zoom-caption", dir: "auto" }, alt),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target.matches("img")) dialog.classList.toggle("whole");
    else if (event.target.matches("dialog, .zoom-stage")) dialog.close();
  });
  dialog.style.setProperty("--large", `${Math.max(2 * image.clientWidth, image.naturalWidth)}px`);
  document.body.append(dialog);
  dialog.showModal();
}

function bytes(size) {
  const [value, unit] =
    size < 1024 ? [size, "byte"] : size < 1048576 ? [size / 1024, "kilobyte"] : [size / 1048576, "megabyte"];
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(value);
}

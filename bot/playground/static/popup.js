// Small boxes that open next to a control, above everything else, and close by a click elsewhere or Escape.

const GAP = 6; // pixels

/** Make `popup` open and close with `button`, next to it: below where there is room, else above. */
export function attachPopup(popup, button) {
  popup.popover = "auto";
  button.popoverTargetElement = popup;
  popup.addEventListener("toggle", (event) => {
    if (event.newState === "open") place(popup, button);
  });
}

function place(popup, button) {
  const anchor = button.getBoundingClientRect();
  const below = window.innerHeight - anchor.bottom - 2 * GAP;
  const above = anchor.top - 2 * GAP;
  const { style } = popup;
  style.minWidth = `${anchor.width}px`;
  style.left = `${GAP}px`; // where it is as wide as it likes, so that its size can be measured
  const upwards = popup.offsetHeight > below && above > below;
  style.left = `${Math.max(GAP, Math.min(anchor.left, window.innerWidth - popup.offsetWidth - GAP))}px`;
  style.maxHeight = `${upwards ? above : below}px`;
  style.top = upwards ? "auto" : `${anchor.bottom + GAP}px`;
  style.bottom = upwards ? `${window.innerHeight - anchor.top + GAP}px` : "auto";
}

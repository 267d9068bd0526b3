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
  popup.style.minWidth = `${anchor.width}px`;
  const below = window.innerHeight - anchor.bottom - 2 * GAP;
  const above = anchor.top - 2 * GAP;
  const upwards = popup.offsetHeight > below && above > below;
  popup.style.maxHeight = `${upwards ? above : below}px`;
  popup.style.top = upwards ? `${anchor.top - GAP - popup.offsetHeight}px` : `${anchor.bottom + GAP}px`;
  popup.style.left = `${Math.max(GAP, Math.min(anchor.left, window.innerWidth - popup.offsetWidth - GAP))}px`;
}

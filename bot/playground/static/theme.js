// Runs before the page is painted, so that the wrong theme never flashes. switch.js remembers the choice.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";

// Runs before the page is painted, so that a remembered theme does not flash. main.js owns the switch.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";

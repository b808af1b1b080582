// Runs before the first paint, so that a manual choice of theme never flashes. Without a choice the style sheet
// follows the system by itself.
(() => {
  try {
    const chosen = localStorage.getItem("hawser-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden; the system's preference then holds.
  }
})();
